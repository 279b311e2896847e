// SPDX-License-Identifier: Apache-2.0
#pragma once

/// CONFIG FLAGS: the command line's part of the configuration, made from the table of options.
/// main() adds them to each subcommand that needs a configuration, CLI11 fills parsed_flags, load()
/// puts file, environment and command line together. Main thread, before any other is started.

#include "symup/config_sources.hpp"

#include <CLI/App.hpp>

#include <optional>
#include <string>
#include <vector>

namespace symup::cli {

struct parsed_flag {
  std::string option; ///< name in the table, "flush_threshold"
  std::string flag;   ///< as on the command line, "--flush-threshold"
  std::string text;
};

struct parsed_flags {
  std::optional<std::string> config_file;
  std::vector<parsed_flag> values; ///< in the order of the table; checked by load()
};

/// Adds a flag for each option that has one, and --config FILE, with groups and help. `flags` must
/// live at its address until the command line is parsed. --api-key is refused without being shown.
void add_config_flags(CLI::App& app, parsed_flags& flags);

/// Reads the config file, the process's environment (only this file does) and the flags.
/// Errors are errc::invalid_config.
[[nodiscard]] expected<config_sources> load(const parsed_flags& flags);

/// The same with an environment of the caller's.
[[nodiscard]] expected<config_sources> load(const parsed_flags& flags,
                                            const config_sources::environment_lookup& environment);

/// Where temporary files go: $TMPDIR or /tmp.
[[nodiscard]] std::string temporary_dir();

} // namespace symup::cli
