// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A benchmark's configuration: KEY=VALUE as in the config file, over the defaults.

#include "symup/config_sources.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace symup::bench {

[[nodiscard]] inline finalized_config make_config(const std::vector<std::string>& settings,
                                                  const std::string& url) {
  config_sources sources;
  std::vector<std::string> all = {"service=bench", "version=1", "url=" + url};
  all.insert(all.end(), settings.begin(), settings.end());
  for (const auto& setting : all) {
    const auto equals = setting.find('=');
    auto applied = sources.apply(setting.substr(0, equals), setting.substr(equals + 1),
                                 {source_rank::command_line, "bench"});
    if (!applied) {
      std::fprintf(stderr, "%s\n", applied.error().message.c_str());
      std::exit(2);
    }
  }
  auto config = sources.finish();
  if (!config) {
    std::fprintf(stderr, "%s\n", config.error().message.c_str());
    std::exit(2);
  }
  return *config;
}

} // namespace symup::bench
