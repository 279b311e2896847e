// SPDX-License-Identifier: Apache-2.0
#pragma once

/// `symup upload [INPUT]`: sends the scopes of a file or of standard input. Registered by main.

#include <CLI/CLI.hpp>

namespace symup::cli {

/// Adds the subcommand to `app`; when it runs, it sets `exit_code` (see exit_code.hpp).
void add_upload_command(CLI::App& app, int& exit_code);

} // namespace symup::cli
