// SPDX-License-Identifier: Apache-2.0
#pragma once

/// CONFIG COMMAND: `symup config` prints the effective configuration and where each value came
/// from, or the generated reference file or table. main() adds and runs it. Main thread.

#include "cli/config_flags.hpp"

#include <iosfwd>

namespace symup::cli {

struct config_command {
  parsed_flags flags;
  bool json = false;
  bool reference = false;
  bool markdown = false;
};

/// Adds the subcommand `config`. `command` must live at its address until it is run.
CLI::App* add_config_command(CLI::App& app, config_command& command);

/// Prints to `out`, errors to `err`. Returns the exit code: 0, or 2 if the configuration is wrong.
[[nodiscard]] int run_config_command(const config_command& command, std::ostream& out,
                                     std::ostream& err);

} // namespace symup::cli
