// SPDX-License-Identifier: Apache-2.0
#pragma once

/// HOST CONFIG: symup's options inside a host's own caf::actor_system_config: its config file may
/// hold a `symup { ... }` group and its command line takes --symup.flush_threshold=1MiB. Used by
/// hosts that embed the pipeline, on the thread that parses their configuration; CONFIG SOURCES
/// takes the values.
///
///     struct my_config : caf::actor_system_config {
///       symup::host_options symup;
///       my_config() { symup.add_to(custom_options_); }
///     };
///     my_config cfg;
///     if (auto err = cfg.parse(argc, argv)) ...
///     symup::config_sources sources;
///     auto loaded = cfg.symup.load(cfg.content, sources);
///     auto config = sources.finish();
///
/// What CAF's parser drops before a host sees it (a group that is not closed, a second group) is
/// found only by load_config_file on the same file.

#include "config_sources.hpp"

#include <caf/fwd.hpp>

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace symup {

/// Takes the group `symup` of settings that the host has parsed, all at the rank of a file.
[[nodiscard]] expected<void> load_config(const caf::settings& content, config_sources& sources);

/// The options on the host's command line. It must live as long as the config_option_set it was
/// added to, at the same address.
class host_options {
public:
  host_options() = default;
  host_options(const host_options&) = delete;
  host_options& operator=(const host_options&) = delete;

  /// Adds --symup.NAME for each option but api_key. All are texts of any kind to CAF; symup checks
  /// them. --symup.headers may be repeated.
  void add_to(caf::config_option_set& options);

  /// Takes what stood on the host's command line, at that rank, and the rest by load_config.
  [[nodiscard]] expected<void> load(const caf::settings& content, config_sources& sources) const;

private:
  struct flag {
    std::string_view name;
    bool repeatable;
    std::vector<std::string> texts;
  };
  friend struct flag_access; // CAF's callbacks, in the source
  std::deque<flag> flags_;   // addresses stay
};

} // namespace symup
