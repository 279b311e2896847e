// SPDX-License-Identifier: Apache-2.0
#include "cli/config_command.hpp"

#include "config/config_dump.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <ostream>

namespace symup::cli {
namespace {

constexpr int exit_ok = 0;
constexpr int exit_configuration = 2;

} // namespace

CLI::App* add_config_command(CLI::App& app, config_command& command) {
  CLI::App* config =
      app.add_subcommand("config", "Print the effective configuration and where it came from");
  CLI::Option* json = config->add_flag("--json", command.json, "Print one JSON object");
  CLI::Option* reference = config->add_flag("--reference", command.reference,
                                            "Print a config file with every option's default");
  CLI::Option* markdown =
      config->add_flag("--markdown", command.markdown, "Print the table of all options");
  json->excludes(reference)->excludes(markdown);
  reference->excludes(markdown);
  add_config_flags(*config, command.flags);
  return config;
}

int run_config_command(const config_command& command, std::ostream& out, std::ostream& err) {
  if (command.reference) {
    out << reference_file();
    return exit_ok;
  }
  if (command.markdown) {
    out << options_markdown();
    return exit_ok;
  }
  const auto sources = load(command.flags);
  if (!sources) {
    err << "symup config: " << sources.error().message << '\n';
    return exit_configuration;
  }
  const auto config = sources->finish();
  if (!config) {
    err << "symup config: " << config.error().message << '\n';
    return exit_configuration;
  }
  out << (command.json ? dump_json(*sources, *config) : dump_text(*sources, *config));
  return exit_ok;
}

} // namespace symup::cli
