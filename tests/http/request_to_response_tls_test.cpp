// SPDX-License-Identifier: Apache-2.0
// The engine and TLS, with a certificate made for the occasion by the openssl command.
#include "test_client.hpp"
#include "test_server.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

using namespace symup;

namespace {

bool make_certificate(const std::string& certificate, const std::string& key) {
  const std::string command =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
      "-subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout '" +
      key + "' -out '" + certificate + "' >/dev/null 2>&1";
  return std::system(command.c_str()) == 0;
}

} // namespace

TEST_CASE("a server must have a certificate that is trusted and its own") {
  const scratch_directory directory;
  const std::string certificate = directory.file("ca.pem");
  const std::string key = directory.file("key.pem");
  if (!make_certificate(certificate, key)) {
    MESSAGE("skipped: there is no openssl command");
    return;
  }
  test_server server({"--certificate", certificate, "--key", key});
  const std::string by_name = "https://localhost:" + server.port() + "/echo/tls";
  const std::string by_number = "https://127.0.0.1:" + server.port() + "/echo";
  http_limits trusting;
  trusting.ca_file = certificate;
  const http_request request = large_request(1'000'000);

  test_client trusted(by_name, trusting);
  const auto seen = trusted.send_for_json(request);
  CHECK(server.stored("tls") == joined(request));
  CHECK(trusted.send_for_json(request).at("connection") == seen.at("connection"));

  test_client untrusted(by_name);
  const http_response refused = untrusted.send(request);
  CHECK(refused.kind == response_kind::transport_failed);
  CHECK(refused.transport_error.find("certificate") != std::string::npos);
  CHECK(refused.sent_bytes == 0);

  test_client misnamed(by_number, trusting);
  CHECK(misnamed.send(request).kind == response_kind::transport_failed);

  // Plain text to a TLS port and the reverse end as errors, too.
  test_client plain("http://localhost:" + server.port() + "/echo");
  CHECK(plain.send(small_request()).kind == response_kind::transport_failed);
  test_client tls("https://127.0.0.1:" + test_server::shared().port() + "/echo", trusting);
  CHECK(tls.send(small_request()).kind == response_kind::transport_failed);
}
