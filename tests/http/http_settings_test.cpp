// SPDX-License-Identifier: Apache-2.0
#include "http_settings.hpp"

#include <doctest/doctest.h>

using namespace symup;

namespace {

const std::string agent = "http://localhost:8126/symdb/v1/input";

std::string refusal(endpoint to, http_limits limits = {}) {
  const auto checked = check_http_settings(std::move(to), std::move(limits));
  REQUIRE_FALSE(checked.has_value());
  CHECK(checked.error().code == errc::invalid_config);
  return checked.error().message;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("only http and https URLs are taken") {
  CHECK(check_http_settings({agent, "", {}}, {}).has_value());
  CHECK(check_http_settings({"https://debugger-intake.datadoghq.com/api/v2/debugger", "", {}}, {})
            .has_value());
  for (const char* url : {"", "localhost:8126", "ftp://host/x", "file:///etc/passwd", "http://",
                          "http://host:99999/", "unix:///var/run/agent.sock"})
    CHECK_MESSAGE(contains(refusal({url, "", {}}), "http:// or https://"), url);
}

TEST_CASE("a URL is printed without credentials, query and fragment") {
  CHECK(printable_url({"https://user:hunter2@host:8080/a/b?key=hunter2#hunter2", "", {}}) ==
        "https://host:8080/a/b");
  CHECK(printable_url({agent, "", {}}) == agent);
  CHECK(printable_url({"http://localhost/x", "/run/agent.sock", {}}) ==
        "http://localhost/x at unix socket /run/agent.sock");
  CHECK_FALSE(contains(printable_url({"ftp://user:hunter2@host/", "", {}}), "hunter2"));
}

TEST_CASE("no header can forge another one or the framing") {
  const auto with = [](std::string name, std::string value) {
    return refusal({agent, "", {{std::move(name), std::move(value)}}});
  };
  CHECK(contains(with("X-A", "a\r\nX-B: b"), "X-A"));
  CHECK_FALSE(contains(with("DD-API-KEY", "0123456789abcdef\n"), "0123456789abcdef"));
  CHECK(contains(with("X A", "a"), "X A"));
  CHECK(contains(with("", "a"), "not allowed"));
  CHECK(contains(with("content-length", "1"), "set by symup"));
  CHECK(contains(with("Transfer-Encoding", "chunked"), "set by symup"));
}

TEST_CASE("limits that would mean no limit are refused by name") {
  const auto with = [](auto change) {
    http_limits limits;
    change(limits);
    return refusal({agent, "", {}}, limits);
  };
  using std::chrono::milliseconds;
  CHECK(contains(with([](auto& l) { l.max_connections = 0; }), "max_connections = 0"));
  CHECK(contains(with([](auto& l) { l.connect_timeout = milliseconds(0); }), "connect_timeout"));
  CHECK(contains(with([](auto& l) { l.stall_timeout = milliseconds(-1); }), "stall_timeout = -1"));
  CHECK(contains(with([](auto& l) { l.request_timeout = std::chrono::hours(24 * 30); }),
                 "request_timeout"));
  CHECK(contains(with([](auto& l) { l.ca_file = "/nowhere/ca.pem"; }), "/nowhere/ca.pem"));
  const std::string proxy = with([](auto& l) { l.proxy = "gopher://user:hunter2@proxy"; });
  CHECK(contains(proxy, "proxy"));
  CHECK_FALSE(contains(proxy, "hunter2"));
}

TEST_CASE("limits follow the configuration") {
  config values;
  values.max_connections = 3;
  values.stall_timeout = std::chrono::milliseconds(7);
  values.proxy = "http://proxy:3128";
  values.ca_file = "ca.pem";
  const http_limits limits = limits_of(values);
  CHECK(limits.max_connections == 3);
  CHECK(limits.stall_timeout.count() == 7);
  CHECK(limits.connect_timeout == values.connect_timeout);
  CHECK(limits.request_timeout == values.request_timeout);
  CHECK(limits.max_response_bytes == values.max_response_bytes);
  CHECK(limits.proxy == values.proxy);
  CHECK(limits.ca_file == values.ca_file);
}
