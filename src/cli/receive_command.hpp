// SPDX-License-Identifier: Apache-2.0
#pragma once

/// `symup receive`: runs the strict intake of src/receive/intake_server.hpp until SIGINT or
/// SIGTERM. Registered by main.

#include <CLI/CLI.hpp>

namespace symup::cli {

/// Adds the subcommand to `app`; when it runs, it sets `exit_code`: 0 ended by a signal, 2 the
/// address, the folder or the faults cannot be used. Violations do not change it: they are the
/// senders' affair, and `verify` judges what was stored.
void add_receive_command(CLI::App& app, int& exit_code);

} // namespace symup::cli
