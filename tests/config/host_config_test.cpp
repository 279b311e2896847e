// SPDX-License-Identifier: Apache-2.0
#include "symup/caf.hpp"

#include <caf/actor_system_config.hpp>

#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <vector>

using namespace symup;

namespace {

// As a host would write it.
struct host : caf::actor_system_config {
  host() { symup.add_to(custom_options_); }
  host_options symup;
};

struct parsed {
  bool accepted; ///< by CAF
  expected<void> loaded;
  config_sources sources;
};

parsed parse(const std::string& file, std::vector<std::string> arguments) {
  host cfg;
  std::istringstream text(file);
  parsed result{!cfg.parse(std::move(arguments), text), {}, {}};
  result.loaded = cfg.symup.load(cfg.content, result.sources);
  return result;
}

} // namespace

TEST_CASE("a host's command line sets symup's options, over its file") {
  const auto p = parse("symup {\n flush_threshold = 1048576\n workers = 3\n connect_timeout = 7s\n"
                       " headers = [\"A: b\"]\n}\n",
                       {"--symup.flush_threshold=512K", "--symup.headers=C: d",
                        "--symup.headers=E: f", "--symup.stall_timeout=9s"});
  REQUIRE(p.accepted);
  REQUIRE_MESSAGE(p.loaded.has_value(), (p.loaded ? "" : p.loaded.error().message));
  const auto config = p.sources.finish();
  REQUIRE(config.has_value());
  CHECK(config->values().flush_threshold == 512 * 1024);
  CHECK(config->values().workers == 3);
  CHECK(config->values().connect_timeout.count() == 7000);
  CHECK(config->values().stall_timeout.count() == 9000);
  CHECK(config->values().headers == std::vector<http_header>{{"C", "d"}, {"E", "f"}});
  CHECK(p.sources.origin("flush_threshold") == "command line --symup.flush_threshold");
  CHECK(p.sources.origin("workers") == "host's configuration");
  CHECK(p.sources.origin("max_uploads") == "default");
}

TEST_CASE("the environment stands between a host's file and its command line") {
  auto p =
      parse("symup {\n service = \"file\"\n version = \"file\"\n}\n", {"--symup.version=line"});
  REQUIRE(p.loaded.has_value());
  REQUIRE(p.sources.load_environment([](const char*) { return "1"; }).has_value());
  CHECK(p.sources.origin("service") == "environment DD_SERVICE");
  CHECK(p.sources.origin("version") == "command line --symup.version");
}

TEST_CASE("a host's file may use a section, and no value of it is dropped") {
  const auto p =
      parse("[symup]\nflush_threshold = 1048576\nworkers = \"3\"\nservice = \"s\"\n", {});
  REQUIRE(p.accepted);
  REQUIRE(p.loaded.has_value());
  const auto config = p.sources.finish();
  CHECK(config->values().flush_threshold == 1048576);
  CHECK(config->values().workers == 3);
  CHECK(config->values().service == "s");
}

TEST_CASE("wrong values of a host's file and command line are errors") {
  const struct {
    const char* file;
    std::vector<std::string> arguments;
    const char* message;
  } cases[] = {
      {"symup {\n a = 1\n}\n", {}, "unknown option a (host's configuration)"},
      {"symup {\n workers = true\n}\n", {}, "is of CAF's type boolean"},
      {"[symup]\nworkers = true\n", {}, "is of CAF's type boolean"},
      {"symup {\n service = 5\n}\n", {}, "not a text in double quotes"},
      {"symup {\n workers {\n x = 1\n }\n}\n", {}, "is of CAF's type dictionary"},
      {"symup {\n connect_timeout = 5us\n}\n", {}, "connect_timeout = \"5000ns\""},
      {"symup = 5\n", {}, "not a group"},
      {"", {"--symup.workers=many"}, "workers = \"many\" (command line --symup.workers)"},
  };
  for (const auto& c : cases) {
    CAPTURE(std::string(c.file));
    const auto p = parse(c.file, c.arguments);
    CHECK(p.accepted);
    REQUIRE_FALSE(p.loaded.has_value());
    CAPTURE(p.loaded.error().message);
    CHECK(p.loaded.error().code == errc::invalid_config);
    CHECK(p.loaded.error().message.find(c.message) != std::string::npos);
  }
}

TEST_CASE("a host's command line takes no API key, its file does") {
  CHECK_FALSE(parse("", {"--symup.api_key=hunter2"}).accepted);
  const auto p = parse("symup {\n api_key = \"hunter2\"\n site = \"datadoghq.eu\"\n}\n", {});
  REQUIRE(p.loaded.has_value());
  CHECK(p.sources.finish()->values().api_key == "hunter2");
}

TEST_CASE("settings without symup's group set nothing") {
  config_sources sources;
  CHECK(load_config(caf::settings{}, sources).has_value());
  CHECK(sources.finish().has_value());
}
