// SPDX-License-Identifier: Apache-2.0
#pragma once

/// `symup extract BINARY`: prints the scopes of a native binary as NDJSON, the lines that `upload`
/// reads. Registered by main.

#include <CLI/CLI.hpp>

namespace symup::cli {

/// Adds the subcommand to `app`; when it runs, it sets `exit_code` (see exit_code.hpp).
void add_extract_command(CLI::App& app, int& exit_code);

} // namespace symup::cli
