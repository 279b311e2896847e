// SPDX-License-Identifier: Apache-2.0
#include "config/config_dump.hpp"
#include "config/config_values.hpp"
#include "sample_values.hpp"
#include "symup/config_file.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <sstream>

using namespace symup;

namespace {

config_sources sample_sources() {
  config_sources sources;
  for (const auto& [key, text] : sample_values())
    if (key != "url" && key != "agent_host" && key != "agent_port") // so that the key is used
      REQUIRE(sources.apply(key, text, {source_rank::file, "file a.conf:1"}).has_value());
  return sources;
}

} // namespace

TEST_CASE("both dumps hold every option with value and origin") {
  const config_sources sources = sample_sources();
  const auto config = sources.finish();
  REQUIRE(config.has_value());
  const std::string text = dump_text(sources, *config);
  const auto json = nlohmann::json::parse(dump_json(sources, *config));
  CHECK(json.at("options").size() == config_options().size());
  for (const config_option& option : config_options()) {
    CAPTURE(option.name);
    const auto& entry = json.at("options").at(std::string(option.name));
    CHECK(entry.at("origin") == sources.origin(option.name));
    const std::size_t line = text.find("\n  " + std::string(option.name) + ' ');
    REQUIRE(line != std::string::npos);
    const std::string shown = text.substr(line + 1, text.find('\n', line + 1) - line - 1);
    CHECK(shown.find(sources.origin(option.name)) != std::string::npos);
    CHECK(shown.find(show_option(option, config->values())) != std::string::npos);
  }
  CHECK(json.at("options").at("flush_threshold").at("value") == 1024 * 1024);
  CHECK(json.at("options").at("agent_port").at("value") == 8126);
  CHECK(json.at("options").at("retry_delay").at("value") == "250ms");
  CHECK(json.at("options").at("overflow").at("value") == "reject");
  CHECK(json.at("options").at("headers").at("value") == nlohmann::json{"X-Team: blue"});
  CHECK(json.at("endpoint").at("url") == config->endpoint().url);
}

TEST_CASE("no secret is in any dump") {
  config_sources sources;
  const value_origin file{source_rank::file, "file a.conf:1"};
  REQUIRE(sources.apply("api_key", "hunter2", file).has_value());
  REQUIRE(sources.apply("site", "datadoghq.eu", file).has_value());
  for (const std::string name : {"X-Api-Key", "Authorization", "Proxy-Authorization", "Cookie",
                                 "x-auth", "MY-TOKEN", "Client-Secret", "X-Password"})
    REQUIRE(sources.apply("headers", std::string(name) + ": hunter2", file).has_value());
  REQUIRE(sources.apply("headers", "X-Team: blue", file).has_value());
  const auto direct = sources.finish();
  REQUIRE(direct.has_value());
  REQUIRE(sources.apply("url", "http://a/b?api_key=hunter2", file).has_value());
  const auto by_url = sources.finish();
  REQUIRE(by_url.has_value());
  for (const auto* config : {&*direct, &*by_url})
    for (const std::string& dump : {dump_text(sources, *config), dump_json(sources, *config)}) {
      CAPTURE(dump);
      CHECK(dump.find("hunter2") == std::string::npos);
      CHECK(dump.find("(set, not shown)") != std::string::npos);
      CHECK(dump.find("X-Team: blue") != std::string::npos);
    }
}

TEST_CASE("a value with control characters does not reach the terminal as it is") {
  config_sources sources;
  REQUIRE(sources.apply("service", "a\x1b[2Jb", {source_rank::file, "f"}).has_value());
  const auto config = sources.finish();
  REQUIRE(config.has_value());
  CHECK(dump_text(sources, *config).find('\x1b') == std::string::npos);
  CHECK(nlohmann::json::parse(dump_json(sources, *config))["options"]["service"]["value"] ==
        "a\x1b[2Jb");
}

TEST_CASE("the committed reference file is the one that the table makes") {
  std::ifstream file(SYMUP_REFERENCE_FILE);
  REQUIRE(file.is_open());
  std::stringstream committed;
  committed << file.rdbuf();
  CHECK_MESSAGE(committed.str() == reference_file(),
                "renew it: symup config --reference > config/symup.reference.conf");
}

TEST_CASE("the reference file is read and, as it is, sets nothing") {
  config_sources sources;
  const auto loaded = load_config_text(reference_file(), "reference", sources);
  REQUIRE_MESSAGE(loaded.has_value(), (loaded ? "" : loaded.error().message));
  for (const config_option& option : config_options())
    CHECK(sources.origin(option.name) == "default");
}

TEST_CASE("the reference file with every option uncommented holds the defaults") {
  std::istringstream lines(reference_file());
  std::string text;
  for (std::string line; std::getline(lines, line); text += line + '\n')
    if (line.compare(0, 3, "  ;") == 0 && line.size() > 3 && line[3] != ' ')
      line.erase(2, 1);
  config_sources sources;
  const auto loaded = load_config_text(text, "reference", sources);
  REQUIRE_MESSAGE(loaded.has_value(), (loaded ? "" : loaded.error().message));
  const auto config = sources.finish();
  REQUIRE(config.has_value());
  const auto defaults = finalize({});
  for (const config_option& option : config_options()) {
    CAPTURE(option.name);
    if (option.name != "headers") // an empty list sets nothing
      CHECK(sources.origin(option.name).find("file reference:") == 0);
    if (option.name != "runtime_id")
      CHECK(render_option(option, config->values()) == render_option(option, defaults->values()));
  }
}

TEST_CASE("the table in markdown has a row for each option and each group") {
  const std::string text = options_markdown();
  std::istringstream lines(text);
  std::size_t rows = 0;
  for (std::string line; std::getline(lines, line); ++rows)
    CHECK(std::count(line.begin(), line.end(), '|') == 6);
  CHECK(rows == 2 + 5 + config_options().size());
  CHECK(text.find("| `max_inflight_batches` | `4` | `--max-inflight` |  | ") != std::string::npos);
}
