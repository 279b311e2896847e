// SPDX-License-Identifier: Apache-2.0
#include "cli/verify_command.hpp"

#include "receive/verify.hpp"

#include <cstdio>
#include <memory>
#include <string>

namespace symup::cli {

namespace {

struct verify_arguments {
  std::string folder;
  bool json = false;
};

int run(const verify_arguments& arguments) {
  const auto report = receive::verify(arguments.folder);
  if (!report.has_value()) {
    std::fprintf(stderr, "symup verify: %s\n", report.error().message.c_str());
    return 2;
  }
  const std::string text = arguments.json ? to_json(*report) : to_text(*report);
  std::fputs(text.c_str(), stdout);
  return report->violations.empty() ? 0 : 3;
}

} // namespace

void add_verify_command(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<verify_arguments>();
  CLI::App* command =
      app.add_subcommand("verify", "Check that stored uploads are complete and correct");
  command->add_option("DIR", arguments->folder, "Folder that `symup receive --store` wrote")
      ->required()
      ->check(CLI::ExistingDirectory);
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback([arguments, &exit_code] { exit_code = run(*arguments); });
}

} // namespace symup::cli
