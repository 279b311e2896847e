// SPDX-License-Identifier: Apache-2.0
#include "cli/config_flags.hpp"

#include "config/config_options.hpp"
#include "config/config_values.hpp"
#include "symup/config_file.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <cstdlib>

namespace symup::cli {
namespace {

std::string help_of(const config_option& option) {
  std::string help(option.help);
  if (option.kind == value_kind::word)
    help += " (" + allowed_range(option) + ')';
  if (const std::string value = render_option(option, config{}); !value.empty())
    help += " [" + value + ']';
  if (!option.environment.empty())
    help += " (" + std::string(option.environment) + ')';
  return help;
}

void add_flag(CLI::App& app, const config_option& option, parsed_flags& flags) {
  const std::string name(option.name);
  const std::string flag(option.flag);
  CLI::Option* added = nullptr;
  if (option.kind == value_kind::headers)
    added = app.add_option_function<std::vector<std::string>>(
                   flag,
                   [&flags, name, flag](const std::vector<std::string>& texts) {
                     for (const std::string& text : texts)
                       flags.values.push_back({name, flag, text});
                   },
                   help_of(option))
                ->allow_extra_args(false); // one text behind each --header
  else
    added = app.add_option_function<std::string>(
        flag,
        [&flags, name, flag](const std::string& text) {
          flags.values.push_back({name, flag, text});
        },
        help_of(option));
  added->group(std::string(option.group))->type_name(std::string(option.value_name));
}

// A key on the command line shows in the list of processes. CLI11 would print it once more in its
// error about an unknown flag.
void refuse_api_key(CLI::App& app) {
  app.add_option_function<std::string>("--api-key",
                                       [](const std::string&) {
                                         throw CLI::ValidationError(
                                             "--api-key",
                                             "the API key is never taken from the command line: "
                                             "set DD_API_KEY, or api_key in a config file");
                                       })
      ->group("");
}

} // namespace

void add_config_flags(CLI::App& app, parsed_flags& flags) {
  app.add_option_function<std::string>(
         "--config", [&flags](const std::string& path) { flags.config_file = path; },
         "Config file with a symup { ... } group; gives way to environment and flags")
      ->group("Configuration")
      ->type_name("FILE");
  for (const config_option& option : config_options())
    if (!option.flag.empty())
      add_flag(app, option, flags);
  refuse_api_key(app);
}

expected<config_sources> load(const parsed_flags& flags) {
  return load(flags, [](const char* variable) -> const char* { return std::getenv(variable); });
}

expected<config_sources> load(const parsed_flags& flags,
                              const config_sources::environment_lookup& environment) {
  config_sources sources;
  if (flags.config_file)
    if (auto loaded = load_config_file(*flags.config_file, sources); !loaded)
      return fail(std::move(loaded.error()));
  if (auto loaded = sources.load_environment(environment); !loaded)
    return fail(std::move(loaded.error()));
  for (const parsed_flag& flag : flags.values)
    if (auto taken = sources.apply(flag.option, flag.text,
                                   {source_rank::command_line, "command line " + flag.flag});
        !taken)
      return fail(std::move(taken.error()));
  return sources;
}

std::string temporary_dir() {
  const char* const set = std::getenv("TMPDIR");
  return set != nullptr && *set != '\0' ? set : "/tmp";
}

} // namespace symup::cli
