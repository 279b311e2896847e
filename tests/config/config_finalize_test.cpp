// SPDX-License-Identifier: Apache-2.0
#include "config/config_options.hpp"
#include "symup/config.hpp"
#include "symup/version.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <string>

using namespace symup;

namespace {

std::string message_of(config values) {
  const auto result = finalize(std::move(values));
  if (result)
    return "no error";
  CHECK(result.error().code == errc::invalid_config);
  return result.error().message;
}

config with_url(const std::string& url) {
  config values;
  values.url = url;
  return values;
}

config direct() {
  config values;
  values.site = "datadoghq.eu";
  values.api_key = "hunter2hunter2";
  return values;
}

} // namespace

TEST_CASE("the default flush threshold is 2 MiB") {
  CHECK(config{}.flush_threshold == 2'097'152);
  CHECK(finalize({})->values().flush_threshold == 2'097'152);
}

TEST_CASE("the other defaults of the contract") {
  const config defaults;
  CHECK(defaults.max_batch_bytes == 10 * 1024 * 1024);
  CHECK(defaults.fragment_bytes == 256 * 1024);
  CHECK(defaults.max_inflight_batches == 4);
  CHECK(defaults.event_layout == event_layout::flat);
  CHECK(defaults.split_roots == split_policy::when_needed);
  CHECK(defaults.overflow == overflow_policy::wait);
}

TEST_CASE("a config as it comes goes to the agent on this machine") {
  const auto result = finalize({});
  REQUIRE(result.has_value());
  CHECK(result->endpoint() == endpoint{"http://localhost:8126/symdb/v1/input", "", {}});
}

TEST_CASE("automatic values become numbers") {
  const auto result = finalize({});
  REQUIRE(result.has_value());
  CHECK(result->values().workers >= 1);
  CHECK(result->values().max_inflight_groups == 2 * result->values().workers + 2);
  CHECK(result->values().runtime_id.size() == 36);
  CHECK(result->values().runtime_id != finalize({})->values().runtime_id);
  config own;
  own.runtime_id = "\"me\"\n"; // any text: it goes through a JSON serializer
  own.workers = 5;
  CHECK(finalize(own)->values().runtime_id == "\"me\"\n");
  CHECK(finalize(own)->values().max_inflight_groups == 12);
}

TEST_CASE("finalizing again changes nothing") {
  const auto once = finalize(direct());
  REQUIRE(once.has_value());
  const auto twice = finalize(once->values());
  REQUIRE(twice.has_value());
  CHECK(twice->endpoint() == once->endpoint());
  CHECK(twice->values().runtime_id == once->values().runtime_id);
}

TEST_CASE("a URL is taken as it is, or gets the agent's path") {
  const struct {
    const char* given;
    const char* url;
  } cases[] = {
      {"http://agent:8126", "http://agent:8126/symdb/v1/input"},
      {"http://agent:8126/", "http://agent:8126/symdb/v1/input"},
      {"https://agent", "https://agent/symdb/v1/input"},
      {"HTTP://agent/", "http://agent/symdb/v1/input"},
      {"http://agent/x", "http://agent/x"},
      {"http://agent/x/", "http://agent/x/"},
      {"http://agent/x?a=b", "http://agent/x?a=b"},
      {"http://agent/x#f", "http://agent/x"},
      {"http://agent?a=b", "http://agent/symdb/v1/input?a=b"},
      {"http://127.0.0.1:1/x/../y", "http://127.0.0.1:1/x/../y"},
      {"http://[::1]:8126", "http://[::1]:8126/symdb/v1/input"},
  };
  for (const auto& c : cases) {
    CAPTURE(std::string(c.given));
    const auto result = finalize(with_url(c.given));
    REQUIRE(result.has_value());
    CHECK(result->endpoint() == endpoint{c.url, "", {}});
  }
}

TEST_CASE("a unix URL names the agent's socket") {
  const auto result = finalize(with_url("unix:///var/run/datadog/apm.socket"));
  REQUIRE(result.has_value());
  CHECK(result->endpoint() ==
        endpoint{"http://localhost/symdb/v1/input", "/var/run/datadog/apm.socket", {}});
}

TEST_CASE("a URL that cannot be an endpoint is refused") {
  for (const std::string url :
       {"localhost:8126", "agent", "ftp://agent/", "file:///etc/passwd", "HTTPS:/", "http://",
        "http:///x", "http://a b/", "http://a\n/", "http://a:0/", "http://a:65536/", "http://a:x/",
        "unix://run/x", "unix://", "unix:///", "unix:/run/x", "tcp://a:1", "javascript:alert(1)",
        "http://[::1/"}) {
    CAPTURE(url);
    const std::string message = message_of(with_url(url));
    CAPTURE(message);
    CHECK(message.find("url = ") == 0);
  }
  CHECK(message_of(with_url("ftp://agent/")) ==
        "url = \"ftp://agent/\" does not begin with http://, https:// or unix://");
  CHECK(message_of(with_url("unix:///" + std::string(107, 'x'))).find("107 bytes") !=
        std::string::npos);
  CHECK(finalize(with_url("unix:///" + std::string(106, 'x'))).has_value());
}

TEST_CASE("credentials in a URL are refused and not repeated") {
  for (const std::string url :
       {"http://user:hunter2@agent/", "http://hunter2@agent", "https://:hunter2@a"}) {
    const std::string message = message_of(with_url(url));
    CHECK(message.find("credentials") != std::string::npos);
    CHECK(message.find("hunter2") == std::string::npos);
    config values;
    values.proxy = url;
    CHECK(message_of(values).find("proxy") == 0);
    CHECK(message_of(values).find("hunter2") == std::string::npos);
  }
  CHECK(message_of(with_url("ftp://agent/?key=hunter2")).find("hunter2") == std::string::npos);
}

TEST_CASE("a url goes before a site, a site before the agent's host") {
  config values = direct();
  values.agent_host = "agent";
  CHECK(finalize(values)->endpoint().url == "https://debugger-intake.datadoghq.eu/api/v2/debugger");
  values.url = "http://x/y";
  CHECK(finalize(values)->endpoint() == endpoint{"http://x/y", "", {}});
  values = config{};
  values.agent_host = "agent";
  values.agent_port = 9;
  CHECK(finalize(values)->endpoint().url == "http://agent:9/symdb/v1/input");
}

TEST_CASE("a direct upload carries the key and says who sends") {
  const auto result = finalize(direct());
  REQUIRE(result.has_value());
  CHECK(result->endpoint().headers ==
        std::vector<http_header>{{"DD-API-KEY", "hunter2hunter2"},
                                 {"DD-EVP-ORIGIN", "symup"},
                                 {"DD-EVP-ORIGIN-VERSION", std::string(library_version)}});
}

TEST_CASE("the key goes to the site only") {
  config values;
  values.api_key = "hunter2hunter2";
  CHECK(finalize(values)->endpoint().headers.empty());
  values.url = "http://elsewhere/";
  CHECK(finalize(values)->endpoint().headers.empty());
}

TEST_CASE("a site needs the key, and both must be well-formed") {
  config values = direct();
  values.api_key.clear();
  CHECK(message_of(values).find("DD_API_KEY") != std::string::npos);
  for (const std::string key : {"hunter2\n", "hunter2 hunter2", "hunter2\xff"}) {
    values = direct();
    values.api_key = key;
    const std::string message = message_of(values);
    CHECK(message.find("api_key") == 0);
    CHECK(message.find("hunter2") == std::string::npos);
  }
  for (const std::string site : {"a/b", "a b", "evil.example#", "a@b", ".eu", "a:1", "[::1]"}) {
    CAPTURE(site);
    values = direct();
    values.site = site;
    CHECK(message_of(values).find("site = ") == 0);
  }
}

TEST_CASE("the agent's host is a name or an address") {
  const struct {
    const char* host;
    const char* url;
  } good[] = {{"agent.svc", "http://agent.svc:8126/symdb/v1/input"},
              {"dd_agent", "http://dd_agent:8126/symdb/v1/input"},
              {"10.0.0.1", "http://10.0.0.1:8126/symdb/v1/input"},
              {"fd00::1", "http://[fd00::1]:8126/symdb/v1/input"}};
  for (const auto& g : good) {
    config values;
    values.agent_host = g.host;
    CHECK(finalize(values)->endpoint().url == g.url);
  }
  for (const std::string host : {"http://agent", "agent:8126", "a/b", "a@b", "", "a b", "-x"}) {
    CAPTURE(host);
    config values;
    values.agent_host = host;
    CHECK(message_of(values).find("agent_host = ") == 0);
  }
}

TEST_CASE("the user's headers are sent, but cannot break or bend the request") {
  config values;
  values.headers = {{"X-A", "b"}, {"x-a", ""}};
  CHECK(finalize(values)->endpoint().headers == values.headers);
  for (const std::string name :
       {"Content-Type", "content-length", "HOST", "Transfer-Encoding", "Content-Encoding", "Expect",
        "Connection", "", "a b", "a\r\nb", "a:", "\xc3\xa4"}) {
    CAPTURE(name);
    config bad;
    bad.headers = {{name, "hunter2"}};
    const std::string message = message_of(bad);
    CHECK(message.find("headers ") == 0);
    CHECK(message.find("hunter2") == std::string::npos);
  }
  const std::string null("a\0b", 3);
  for (const std::string& value :
       {std::string("hunter2\r\nX: y"), std::string("hunter2\n"), null}) {
    config bad;
    bad.headers = {{"X-Token", value}};
    const std::string message = message_of(bad);
    CHECK(message.find("X-Token") != std::string::npos);
    CHECK(message.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("a direct upload's own headers cannot be given twice") {
  config values = direct();
  values.headers = {{"dd-api-key", "other"}};
  CHECK(message_of(values).find("dd-api-key") != std::string::npos);
  values = config{};
  values.headers = {{"DD-API-KEY", "of an own intake"}};
  CHECK(finalize(values).has_value());
}

TEST_CASE("values outside their range are refused wherever they come from") {
  const struct {
    const char* name;
    std::function<void(config&)> spoil;
  } cases[] = {
      {"compression_level", [](config& c) { c.compression_level = -1; }},
      {"compression_level", [](config& c) { c.compression_level = 13; }},
      {"max_inflight_batches", [](config& c) { c.max_inflight_batches = 0; }},
      {"max_uploads", [](config& c) { c.max_uploads = 0; }},
      {"max_connections", [](config& c) { c.max_connections = 0; }},
      {"max_attempts", [](config& c) { c.max_attempts = 0; }},
      {"agent_port", [](config& c) { c.agent_port = 0; }},
      {"workers", [](config& c) { c.workers = static_cast<std::size_t>(-1); }},
      {"fragment_bytes", [](config& c) { c.fragment_bytes = 0; }},
      {"memory_limit", [](config& c) { c.memory_limit = static_cast<std::size_t>(-1); }},
      {"connect_timeout", [](config& c) { c.connect_timeout = config::milliseconds(0); }},
      {"stall_timeout", [](config& c) { c.stall_timeout = config::milliseconds(-1); }},
      {"request_timeout", [](config& c) { c.request_timeout = config::milliseconds::max(); }},
      {"flush_interval", [](config& c) { c.flush_interval = config::milliseconds(-1); }},
      {"event_layout", [](config& c) { c.event_layout = static_cast<event_layout>(7); }},
      {"service", [](config& c) { c.service.assign(1025, 'x'); }},
      {"env", [](config& c) { c.env = "\xff"; }},
      {"language", [](config& c) { c.language.clear(); }},
      {"ca_file", [](config& c) { c.ca_file = std::string("a\0b", 3); }},
      {"proxy", [](config& c) { c.proxy = "proxy:3128"; }},
      {"proxy", [](config& c) { c.proxy = "socks5://proxy"; }},
  };
  for (const auto& c : cases) {
    CAPTURE(std::string(c.name));
    config values;
    c.spoil(values);
    const std::string message = message_of(values);
    CAPTURE(message);
    CHECK(message.find(std::string(c.name) + " = ") == 0);
  }
}

TEST_CASE("a fragment fits every batch") {
  config values;
  values.fragment_bytes = 1024 * 1024;
  values.max_batch_bytes = 1024 * 1024 + 64 * 1024;
  CHECK(finalize(values).has_value());
  --values.max_batch_bytes;
  CHECK(message_of(values).find("fragment_bytes + 64KiB, here 1088KiB") != std::string::npos);
}

TEST_CASE("memory holds at least four fragments") {
  config values;
  values.memory_limit = 4 * values.fragment_bytes;
  CHECK(finalize(values).has_value());
  --values.memory_limit;
  CHECK(message_of(values).find("memory_limit = \"1048575\"") == 0);
}

TEST_CASE("retries do not wait longer than the longest wait") {
  config values;
  values.retry_delay = values.max_retry_delay + config::milliseconds(1);
  CHECK(message_of(values).find("max_retry_delay = \"30s\" is less than retry_delay") == 0);
}
