// SPDX-License-Identifier: Apache-2.0
/// `symup receive` and `symup verify` alone, without the sending side: what intake_test.py runs.
#include "cli/receive_command.hpp"
#include "cli/verify_command.hpp"

int main(int argc, char** argv) {
  CLI::App app("The receiving side of symup");
  app.require_subcommand(1);
  int exit_code = 0;
  symup::cli::add_receive_command(app, exit_code);
  symup::cli::add_verify_command(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? 0 : 2;
  }
  return exit_code;
}
