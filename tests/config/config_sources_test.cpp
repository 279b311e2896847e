// SPDX-License-Identifier: Apache-2.0
#include "config/config_options.hpp"
#include "config/config_values.hpp"
#include "sample_values.hpp"
#include "symup/config_sources.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>

using namespace symup;

namespace {

struct given {
  std::map<std::string, std::string> file, environment, command_line;
};

config_sources sources_of(const given& g) {
  config_sources sources;
  // Not in the order of precedence: the order of reading must not matter.
  for (const auto& [key, text] : g.command_line)
    REQUIRE(sources.apply(key, text, {source_rank::command_line, "command line"}).has_value());
  REQUIRE(sources
              .load_environment([&g](const char* name) -> const char* {
                const auto found = g.environment.find(name);
                return found == g.environment.end() ? nullptr : found->second.c_str();
              })
              .has_value());
  for (const auto& [key, text] : g.file)
    REQUIRE(sources.apply(key, text, {source_rank::file, "file a.conf"}).has_value());
  return sources;
}

} // namespace

TEST_CASE("setting any option changes the finalized config") {
  for (const config_option& option : config_options()) {
    CAPTURE(option.name);
    given g;
    if (option.name == "site")
      g.file["api_key"] = "0123456789abcdef";
    const std::string name(option.name);
    const auto before = sources_of(g).finish();
    g.command_line[name] = sample_values().at(name);
    const config_sources sources = sources_of(g);
    const auto after = sources.finish();
    REQUIRE(before.has_value());
    REQUIRE(after.has_value());
    CHECK(render_option(option, after->values()) == sample_values().at(name));
    CHECK(render_option(option, after->values()) != render_option(option, before->values()));
    for (const config_option& other : config_options())
      if (other.name != option.name && other.name != "runtime_id" &&
          !(option.name == "workers" && other.name == "max_inflight_groups"))
        CHECK(render_option(other, after->values()) == render_option(other, before->values()));
    CHECK(sources.origin(name).find("command line") == 0);
  }
}

TEST_CASE("the command line goes before the environment, and that before the file") {
  given g;
  CHECK(sources_of(g).origin("service") == "default");
  g.file["service"] = "of the file";
  CHECK(sources_of(g).finish()->values().service == "of the file");
  CHECK(sources_of(g).origin("service") == "file a.conf");
  g.environment["DD_SERVICE"] = "of the environment";
  CHECK(sources_of(g).finish()->values().service == "of the environment");
  CHECK(sources_of(g).origin("service") == "environment DD_SERVICE");
  g.command_line["service"] = "of the command line";
  CHECK(sources_of(g).finish()->values().service == "of the command line");
  CHECK(sources_of(g).origin("service") == "command line");
}

TEST_CASE("an empty environment variable is not set") {
  given g;
  g.file["service"] = "shop";
  g.environment["DD_SERVICE"] = "";
  CHECK(sources_of(g).finish()->values().service == "shop");
}

TEST_CASE("an empty text of a higher source takes a value away") {
  given g;
  g.file["env"] = "prod";
  g.command_line["env"] = "";
  CHECK(sources_of(g).finish()->values().env.empty());
}

TEST_CASE("headers of one source add up, those of a higher source replace them") {
  config_sources sources;
  for (const std::string text : {"A: 1", "B: 2"})
    REQUIRE(sources.apply("headers", text, {source_rank::file, "file a.conf"}).has_value());
  CHECK(sources.finish()->endpoint().headers == std::vector<http_header>{{"A", "1"}, {"B", "2"}});
  REQUIRE(sources.apply("headers", "C: 3", {source_rank::command_line, "--header"}).has_value());
  CHECK(sources.finish()->endpoint().headers == std::vector<http_header>{{"C", "3"}});
}

TEST_CASE("a bad value is refused when it is applied, and nothing changes") {
  config_sources sources;
  CHECK_FALSE(sources.apply("workers", "many", {source_rank::file, "file a.conf:3"}).has_value());
  CHECK(sources.origin("workers") == "default");
  const auto bad = sources.load_environment([](const char* name) -> const char* {
    return std::string_view(name) == "DD_TRACE_AGENT_PORT" ? "http" : nullptr;
  });
  REQUIRE_FALSE(bad.has_value());
  CHECK(bad.error().message == "agent_port = \"http\" (environment DD_TRACE_AGENT_PORT) cannot be "
                               "read; allowed: a whole number from 1 to 65535");
}

TEST_CASE("an unknown key is refused, with the one that was meant, without its value") {
  config_sources sources;
  const auto typo = sources.apply("apikey", "hunter2", {source_rank::file, "file a.conf:3"});
  REQUIRE_FALSE(typo.has_value());
  CHECK(typo.error().code == errc::invalid_config);
  CHECK(typo.error().message == "unknown option apikey (file a.conf:3); did you mean api_key?");
  CHECK(sources.apply("colour", "x", {source_rank::file, "f"}).error().message ==
        "unknown option colour (f); `symup config` lists all options");
}

TEST_CASE("an error of the whole says where the value came from") {
  given g;
  g.environment["DD_TRACE_AGENT_URL"] = "ftp://x/";
  CHECK(sources_of(g).finish().error().message ==
        "url = \"ftp://x/\" (environment DD_TRACE_AGENT_URL) does not begin with http://, https:// "
        "or unix://");
  g = {};
  g.file["max_batch_bytes"] = "100K";
  CHECK(sources_of(g).finish().error().message.find(
            "max_batch_bytes = \"100KiB\" (file a.conf) ") == 0);
}

TEST_CASE("the highest source decides where uploads go") {
  const std::string agent = "http://localhost:8126/symdb/v1/input";
  const std::string eu = "https://debugger-intake.datadoghq.eu/api/v2/debugger";
  const std::string us = "https://debugger-intake.datadoghq.com/api/v2/debugger";
  const std::string error = "error";
  const struct {
    const char* what;
    given g;
    std::string url;
  } cases[] = {
      {"nothing set", {}, agent},
      {"DD_SITE alone is the agent's", {{}, {{"DD_SITE", "datadoghq.eu"}}, {}}, agent},
      {"DD_API_KEY alone", {{}, {{"DD_API_KEY", "k"}}, {}}, agent},
      {"both", {{}, {{"DD_SITE", "datadoghq.eu"}, {"DD_API_KEY", "k"}}, {}}, eu},
      {"key of the file", {{{"api_key", "k"}}, {{"DD_SITE", "datadoghq.eu"}}, {}}, eu},
      {"site of the file without key", {{{"site", "datadoghq.eu"}}, {}, {}}, error},
      {"site of the command line without key", {{}, {}, {{"site", "datadoghq.eu"}}}, error},
      {"and DD_SITE beside",
       {{}, {{"DD_SITE", "datadoghq.com"}}, {{"site", "datadoghq.eu"}}},
       error},
      {"DD_SITE does not hide the file's site",
       {{{"site", "datadoghq.eu"}}, {{"DD_SITE", "datadoghq.com"}}, {}},
       error},
      {"DD_SITE before the file's site",
       {{{"site", "datadoghq.eu"}}, {{"DD_SITE", "datadoghq.com"}, {"DD_API_KEY", "k"}}, {}},
       us},
      {"site of the command line with key",
       {{},
        {{"DD_API_KEY", "k"}, {"DD_TRACE_AGENT_URL", "http://x/y"}},
        {{"site", "datadoghq.eu"}}},
       eu},
      {"url and site at one rank",
       {{},
        {{"DD_API_KEY", "k"}, {"DD_TRACE_AGENT_URL", "http://x/y"}, {"DD_SITE", "datadoghq.eu"}},
        {}},
       "http://x/y"},
      {"url and host at one rank",
       {{}, {{"DD_TRACE_AGENT_URL", "http://x/y"}, {"DD_AGENT_HOST", "a"}}, {}},
       "http://x/y"},
      {"site and host at one rank",
       {{}, {{"DD_API_KEY", "k"}, {"DD_AGENT_HOST", "a"}, {"DD_SITE", "datadoghq.eu"}}, {}},
       eu},
      {"host before the file's url",
       {{{"url", "http://x/y"}}, {{"DD_AGENT_HOST", "a"}}, {}},
       "http://a:8126/symdb/v1/input"},
      {"host before the file's site without key",
       {{{"site", "datadoghq.eu"}}, {{"DD_AGENT_HOST", "a"}}, {}},
       "http://a:8126/symdb/v1/input"},
      {"port before the file's url",
       {{{"url", "http://x/y"}}, {{"DD_TRACE_AGENT_PORT", "9"}}, {}},
       "http://localhost:9/symdb/v1/input"},
      {"host of the command line before all",
       {{}, {{"DD_API_KEY", "k"}, {"DD_SITE", "datadoghq.eu"}}, {{"agent_host", "a"}}},
       "http://a:8126/symdb/v1/input"},
      {"url of the command line before a site without key",
       {{{"site", "datadoghq.eu"}}, {}, {{"url", "http://x/y"}}},
       "http://x/y"},
      {"an empty url is none",
       {{}, {{"DD_AGENT_HOST", "a"}}, {{"url", ""}}},
       "http://a:8126/symdb/v1/input"},
  };
  for (const auto& c : cases) {
    CAPTURE(std::string(c.what));
    const auto result = sources_of(c.g).finish();
    CHECK((result ? result->endpoint().url : error) == c.url);
    if (!result)
      CHECK(result.error().message.find("DD_API_KEY") != std::string::npos);
    else // the endpoint follows from the values alone
      CHECK(finalize(result->values())->endpoint() == result->endpoint());
  }
}

TEST_CASE("an origin says so if the value has no effect") {
  given g;
  g.environment["DD_SITE"] = "datadoghq.eu";
  CHECK(sources_of(g).origin("site") == "environment DD_SITE, not used without an API key");
  g.environment["DD_API_KEY"] = "k";
  CHECK(sources_of(g).origin("site") == "environment DD_SITE");
  g.command_line["url"] = "http://x/y";
  CHECK(sources_of(g).origin("url") == "command line");
  CHECK(sources_of(g).origin("site") == "environment DD_SITE, not used: url goes before it");
  CHECK(sources_of(g).origin("api_key") == "environment DD_API_KEY, not used: url goes before it");
}
