// SPDX-License-Identifier: Apache-2.0

/// The command `symup`: parses the command line and runs one subcommand.

#include "cli/config_command.hpp"
#include "cli/exit_code.hpp"
#include "cli/extract_command.hpp"
#include "cli/receive_command.hpp"
#include "cli/upload_command.hpp"
#include "cli/verify_command.hpp"

#include "symup/version.hpp"

#include <CLI/CLI.hpp>
#include <curl/curl.h>

#include <csignal>
#include <iostream>
#include <string>

int main(int argc, char** argv) {
  using namespace symup::cli;
  std::signal(SIGPIPE, SIG_IGN); // a reader that went away is an error of its write
  curl_global_init(CURL_GLOBAL_DEFAULT);

  CLI::App app{"Turns symbol scopes into accepted SymDB uploads", "symup"};
  app.set_version_flag("--version", "symup " + std::string(symup::library_version));
  app.require_subcommand(1);
  int exit_code = exit_ok;
  add_upload_command(app, exit_code);
  add_extract_command(app, exit_code);
  add_receive_command(app, exit_code);
  add_verify_command(app, exit_code);
  config_command config;
  auto* config_app = add_config_command(app, config);
  config_app->callback([&] { exit_code = run_config_command(config, std::cout, std::cerr); });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    exit_code = app.exit(e) == 0 ? exit_ok : exit_usage;
  }
  curl_global_cleanup();
  return exit_code;
}
