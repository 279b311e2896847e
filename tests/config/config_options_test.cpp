// SPDX-License-Identifier: Apache-2.0
#include "config/config_options.hpp"
#include "config/config_values.hpp"
#include "sample_values.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace symup;

namespace {

const config_option& option(std::string_view name) {
  const config_option* found = find_option(name);
  REQUIRE_MESSAGE(found != nullptr, std::string(name));
  return *found;
}

} // namespace

TEST_CASE("the flag of an option is its name with dashes, but for the three of the contract") {
  for (const config_option& o : config_options()) {
    std::string flag = "--" + std::string(o.name);
    std::replace(flag.begin(), flag.end(), '_', '-');
    if (o.name == "max_inflight_batches")
      flag = "--max-inflight";
    if (o.name == "headers")
      flag = "--header";
    if (o.name == "api_key")
      flag = "";
    CHECK(o.flag == flag);
  }
}

TEST_CASE("the environment variables are these and no others") {
  std::set<std::string_view> variables;
  for (const config_option& o : config_options())
    if (!o.environment.empty())
      variables.insert(o.environment);
  CHECK(variables == std::set<std::string_view>{"DD_TRACE_AGENT_URL", "DD_AGENT_HOST",
                                                "DD_TRACE_AGENT_PORT", "DD_SITE", "DD_API_KEY",
                                                "DD_SERVICE", "DD_VERSION", "DD_ENV"});
  CHECK(option("url").environment == "DD_TRACE_AGENT_URL");
  CHECK(option("agent_host").environment == "DD_AGENT_HOST");
  CHECK(option("agent_port").environment == "DD_TRACE_AGENT_PORT");
  CHECK(option("site").environment == "DD_SITE");
  CHECK(option("api_key").environment == "DD_API_KEY");
}

TEST_CASE("every option has one sample, one line of help, and a default within its range") {
  CHECK(sample_values().size() == config_options().size());
  for (const config_option& o : config_options()) {
    CAPTURE(o.name);
    CHECK(sample_values().count(std::string(o.name)) == 1);
    CHECK_FALSE(o.help.empty());
    CHECK(o.help.find('\n') == std::string_view::npos);
    CHECK(check_range(o, config{}, "").has_value());
    CHECK(option(o.name).field == o.field);
  }
}

TEST_CASE("what is rendered is read back as the same") {
  for (const config_option& o : config_options()) {
    CAPTURE(o.name);
    config written;
    REQUIRE(parse_option(o, sample_values().at(std::string(o.name)), "", written).has_value());
    const std::string text = render_option(o, written);
    CHECK(text != render_option(o, config{}));
    config read;
    REQUIRE(parse_option(o, text, "", read).has_value());
    CHECK(render_option(o, read) == text);
  }
}

TEST_CASE("sizes take K, M and G as powers of 1024") {
  const struct {
    const char* text;
    std::int64_t bytes;
  } cases[] = {{"0", 0},        {"-1", -1},         {"2097152", 2097152}, {"2048K", 2097152},
               {"2M", 2097152}, {"2MiB", 2097152},  {"2mib", 2097152},    {"1k", 1024},
               {"1KiB", 1024},  {"1G", 1073741824}, {"-1K", -1024}};
  for (const auto& c : cases) {
    CAPTURE(std::string(c.text));
    config values;
    REQUIRE(parse_option(option("flush_threshold"), c.text, "", values).has_value());
    CHECK(values.flush_threshold == c.bytes);
  }
}

TEST_CASE("times take ms, s, m and h") {
  const struct {
    const char* text;
    std::int64_t milliseconds;
  } cases[] = {{"0", 0},       {"500ms", 500},   {"5s", 5000},
               {"2m", 120000}, {"2min", 120000}, {"1h", 3600000}};
  for (const auto& c : cases) {
    CAPTURE(std::string(c.text));
    config values;
    REQUIRE(parse_option(option("flush_interval"), c.text, "", values).has_value());
    CHECK(values.flush_interval.count() == c.milliseconds);
  }
}

TEST_CASE("bad text is refused with the option, the text, its origin and what is allowed") {
  const struct {
    const char* name;
    const char* text;
  } cases[] = {
      {"flush_threshold", ""},
      {"flush_threshold", "x"},
      {"flush_threshold", "2X"},
      {"flush_threshold", "2 M"},
      {"flush_threshold", " 2M"},
      {"flush_threshold", "2MB"},
      {"flush_threshold", "1.5M"},
      {"flush_threshold", "0x10"},
      {"flush_threshold", "2G"},
      {"flush_threshold", "99999999999999999999"},
      {"flush_threshold", "9223372036854775807G"},
      {"fragment_bytes", "-1"},
      {"fragment_bytes", "255"},
      {"fragment_bytes", "65MiB"},
      {"workers", "-1"},
      {"workers", "two"},
      {"workers", "2K"},
      {"workers", "257"},
      {"max_inflight_batches", "0"},
      {"max_attempts", "0"},
      {"agent_port", "0"},
      {"agent_port", "65536"},
      {"agent_port", "8126 "},
      {"compression_level", "0"},
      {"compression_level", "13"},
      {"compression_level", "6.0"},
      {"compression_level", "automatic"},
      {"connect_timeout", "5"},
      {"connect_timeout", "0"},
      {"connect_timeout", "5 s"},
      {"connect_timeout", "-5s"},
      {"connect_timeout", "5us"},
      {"connect_timeout", "2h"},
      {"connect_timeout", "9223372036854775807h"},
      {"event_layout", ""},
      {"event_layout", "Flat"},
      {"event_layout", "flat "},
      {"overflow", "block"},
      {"language", ""},
      {"agent_host", ""},
  };
  for (const auto& c : cases) {
    CAPTURE(std::string(c.name));
    CAPTURE(std::string(c.text));
    config values;
    const auto result = parse_option(option(c.name), c.text, "file a.conf:7", values);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code == errc::invalid_config);
    const std::string& message = result.error().message;
    CAPTURE(message);
    CHECK(message.find(std::string(c.name) + " = \"" + c.text + "\" (file a.conf:7) ") == 0);
    CHECK(message.find("; allowed: " + allowed_values(option(c.name))) != std::string::npos);
    CHECK(render_option(option(c.name), values) == render_option(option(c.name), config{}));
  }
}

TEST_CASE("an error reads as a sentence") {
  config values;
  CHECK(parse_option(option("compression_level"), "13", "command line --compression-level", values)
            .error()
            .message == "compression_level = \"13\" (command line --compression-level) is out of "
                        "range; allowed: auto or a whole number from 1 to 12");
  CHECK(parse_option(option("event_layout"), "round", "", values).error().message ==
        "event_layout = \"round\" cannot be read; allowed: flat or nested");
}

TEST_CASE("a text longer than the table allows is refused and not repeated in full") {
  config values;
  const std::string text(1025, 'x');
  const auto result = parse_option(option("service"), text, "", values);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().message.size() < 250);
  CHECK(parse_option(option("service"), text.substr(1), "", values).has_value());
}

TEST_CASE("control characters of a value do not reach the terminal") {
  config values;
  const auto result = parse_option(option("overflow"), "\x1b[2Jx\xff", "", values);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().message.find('\x1b') == std::string::npos);
  CHECK(result.error().message.find('\xff') == std::string::npos);
}

TEST_CASE("headers add up, keep colons in their value and lose blanks around it") {
  config values;
  REQUIRE(parse_option(option("headers"), "A: b:c ", "", values).has_value());
  REQUIRE(parse_option(option("headers"), "D:e", "", values).has_value());
  CHECK(values.headers == std::vector<http_header>{{"A", "b:c"}, {"D", "e"}});
  for (int i = 2; i < 64; ++i)
    REQUIRE(parse_option(option("headers"), "X: y", "", values).has_value());
  CHECK_FALSE(parse_option(option("headers"), "X: y", "", values).has_value());
}

TEST_CASE("a near miss of an option's name is recognised") {
  CHECK(nearest_option("flush_treshold") == "flush_threshold");
  CHECK(nearest_option("flush-threshold") == "flush_threshold");
  CHECK(nearest_option("apikey") == "api_key");
  CHECK(nearest_option("max-inflight") == "max_inflight_batches");
  CHECK(nearest_option("header") == "headers");
  CHECK(nearest_option("level").empty());
  CHECK(nearest_option("").empty());
  CHECK(nearest_option(std::string(100000, 'a')).empty());
}
