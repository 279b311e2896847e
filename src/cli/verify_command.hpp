// SPDX-License-Identifier: Apache-2.0
#pragma once

/// `symup verify DIR [--json]`: are the stored uploads complete and correct? Registered by main;
/// the work is src/receive/verify.hpp.

#include <CLI/CLI.hpp>

namespace symup::cli {

/// Adds the subcommand to `app`; when it runs, it sets `exit_code`: 0 complete and correct,
/// 2 the folder is no store, 3 violations.
void add_verify_command(CLI::App& app, int& exit_code);

} // namespace symup::cli
