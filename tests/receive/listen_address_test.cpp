// SPDX-License-Identifier: Apache-2.0
#include "receive/listen_address.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace symup;
using namespace symup::receive;

TEST_CASE("host and port, an IPv6 address and a Unix socket are understood") {
  const auto plain = parse_listen_address("localhost:8126").value();
  CHECK(plain.host == "localhost");
  CHECK(plain.port == 8126);
  CHECK(url_of(plain) == "http://localhost:8126");
  const auto ipv6 = parse_listen_address("[::1]:0").value();
  CHECK(ipv6.host == "::1");
  CHECK(ipv6.port == 0);
  CHECK(url_of(ipv6) == "http://[::1]:0");
  const auto local = parse_listen_address("unix:///run/apm.socket").value();
  CHECK(local.unix_socket == "/run/apm.socket");
  CHECK(url_of(local) == "unix:///run/apm.socket");
}

TEST_CASE("every other address is refused with what is allowed") {
  for (const std::string bad :
       {"", "localhost", ":80", "localhost:", "localhost:x", "localhost:-1", "localhost:65536",
        "localhost:80x", "::1:80", "unix://", "unix://x", "http://localhost:80"}) {
    CAPTURE(bad);
    const auto address = parse_listen_address(bad);
    REQUIRE_FALSE(address.has_value());
    CHECK(address.error().code == errc::invalid_config);
    CHECK(address.error().message.find("allowed are HOST:PORT") != std::string::npos);
  }
  CHECK_FALSE(parse_listen_address("unix:///" + std::string(107, 'x')).has_value());
  CHECK(parse_listen_address("unix:///" + std::string(106, 'x')).has_value());
}
