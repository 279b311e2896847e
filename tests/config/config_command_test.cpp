// SPDX-License-Identifier: Apache-2.0
#include "cli/config_command.hpp"
#include "config/config_dump.hpp"
#include "config/config_options.hpp"
#include "sample_values.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

using namespace symup;

namespace {

struct outcome {
  int exit_code;
  std::string out, err;
};

// Parses and runs as main() does.
outcome run(std::vector<std::string> arguments) {
  CLI::App app;
  cli::config_command command;
  cli::add_config_command(app, command);
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend()); // as CLI11 takes them
  reversed.emplace_back("config");
  std::ostringstream out;
  std::ostringstream err;
  try {
    app.parse(reversed);
  } catch (const CLI::ParseError& e) {
    app.exit(e, out, err);
    return {2, out.str(), err.str()};
  }
  const int code = run_config_command(command, out, err);
  return {code, out.str(), err.str()};
}

// The variables symup reads, unset for the time of a test.
struct clean_environment {
  clean_environment() {
    for (const config_option& option : config_options())
      if (!option.environment.empty())
        unsetenv(std::string(option.environment).c_str());
  }
};

} // namespace

TEST_CASE("every option but the key has a flag that sets it") {
  const clean_environment clean;
  for (const config_option& option : config_options()) {
    if (option.flag.empty())
      continue;
    CAPTURE(option.name);
    const std::string name(option.name);
    const std::string flag(option.flag);
    if (name == "site")
      setenv("DD_API_KEY", "hunter2", 1);
    const outcome result = run({"--json", flag, sample_values().at(name)});
    REQUIRE_MESSAGE(result.exit_code == 0, result.err);
    const auto entry = nlohmann::json::parse(result.out).at("options").at(name);
    CHECK(entry.at("origin") == "command line " + flag);
    unsetenv("DD_API_KEY");
  }
}

TEST_CASE("flags take the forms one expects") {
  const clean_environment clean;
  const auto value = [](const std::vector<std::string>& arguments, const char* name) {
    std::vector<std::string> all = arguments;
    all.emplace_back("--json");
    const outcome result = run(all);
    REQUIRE_MESSAGE(result.exit_code == 0, result.err);
    return nlohmann::json::parse(result.out).at("options").at(name).at("value");
  };
  CHECK(value({"--flush-threshold=512K"}, "flush_threshold") == 512 * 1024);
  CHECK(value({"--flush-threshold", "-1"}, "flush_threshold") == -1);
  CHECK(value({"--env", ""}, "env") == "");
  CHECK(
      value({"--header", "A: b, c", "--header", "D: [e]", "--header=F: [g,h]"}, "headers").size() ==
      3);
  CHECK(value({"--header", "A: [b,c]"}, "headers") == nlohmann::json{"A: [b,c]"});
  CHECK(value({"--service", "[a,b]"}, "service") == "[a,b]");
  CHECK(value({"--service", "-x"}, "service") == "-x");
}

TEST_CASE("the file gives way to the environment, and that to the flags") {
  const clean_environment clean;
  setenv("DD_SERVICE", "environment", 1);
  const outcome result = run({"--json", "--version", "flag"});
  unsetenv("DD_SERVICE");
  REQUIRE(result.exit_code == 0);
  const auto options = nlohmann::json::parse(result.out).at("options");
  CHECK(options.at("service").at("origin") == "environment DD_SERVICE");
  CHECK(options.at("version").at("origin") == "command line --version");
  const outcome with_file = run({"--config", SYMUP_REFERENCE_FILE});
  CHECK(with_file.exit_code == 0);
}

TEST_CASE("a wrong configuration ends with 2 and one line on stderr") {
  const clean_environment clean;
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"--workers", "many"},
                                                    {"--site", "datadoghq.eu"},
                                                    {"--config", "/nowhere"},
                                                    {"--header", "none"},
                                                    {"--url", "x"}}) {
    const outcome result = run(arguments);
    CHECK(result.exit_code == 2);
    CHECK(result.out.empty());
    CHECK(result.err.find("symup config: ") == 0);
    CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
  }
  CHECK(run({"--workers", "1", "--workers", "2"}).exit_code == 2);
  CHECK(run({"--no-such-flag"}).exit_code == 2);
}

TEST_CASE("an API key on the command line is refused and not repeated") {
  const clean_environment clean;
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--api-key", "hunter2"}, {"--api-key=hunter2"}}) {
    const outcome result = run(arguments);
    CAPTURE(result.err);
    CHECK(result.exit_code == 2);
    CHECK(result.err.find("DD_API_KEY") != std::string::npos);
    CHECK((result.out + result.err).find("hunter2") == std::string::npos);
  }
  CHECK(run({"--help"}).out.find("--api-key") == std::string::npos);
}

TEST_CASE("the key of the environment is shown nowhere") {
  const clean_environment clean;
  setenv("DD_API_KEY", "hunter2", 1);
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{},
        {"--json"},
        {"--site", "datadoghq.eu"},
        {"--site", "datadoghq.eu", "--json"},
        {"--site", "not a site"},
        {"--reference"},
        {"--markdown"},
        {"--help"},
        {"--header", "DD-API-KEY: hunter2", "--site", "datadoghq.eu"}}) {
    const outcome result = run(arguments);
    CHECK_FALSE((result.out + result.err).empty());
    CHECK((result.out + result.err).find("hunter2") == std::string::npos);
  }
  setenv("DD_API_KEY", "hunter2 hunter2", 1);
  const outcome malformed = run({"--site", "datadoghq.eu"});
  CHECK(malformed.exit_code == 2);
  CHECK(malformed.err.find("hunter2") == std::string::npos);
  unsetenv("DD_API_KEY");
}

TEST_CASE("the generated texts are printed whole") {
  CHECK(run({"--reference"}).out == reference_file());
  CHECK(run({"--markdown"}).out == options_markdown());
  CHECK(run({"--reference", "--markdown"}).exit_code == 2);
}
