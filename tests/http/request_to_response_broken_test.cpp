// SPDX-License-Identifier: Apache-2.0
// The engine and servers that do what they should not.
#include "response_to_outcome.hpp"
#include "stuck_resolver.hpp"
#include "test_client.hpp"
#include "test_server.hpp"

#include <doctest/doctest.h>

#include <utility>

using namespace symup;
using std::chrono::milliseconds;

namespace {

test_server& server() {
  return test_server::shared();
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// More than the buffers of both sockets take.
http_request unbuffered_request() {
  return large_request(16 * 1024 * 1024, 1024 * 1024);
}

} // namespace

TEST_CASE("a status comes with the answer's body") {
  for (const int status : {200, 202, 204, 400, 403, 413, 429, 500, 503}) {
    test_client client(server().url("status/" + std::to_string(status)));
    const http_response response = client.send(small_request());
    CHECK(response.kind == response_kind::answered);
    CHECK(response.status == status);
    if (status != 204)
      CHECK(response.body == "status " + std::to_string(status));
    CHECK_FALSE(response.retry_after);
  }
}

TEST_CASE("Retry-After is handed on as it came") {
  test_client seconds(server().url("retry-after/17"));
  CHECK(seconds.send(small_request()).retry_after == "17");
  test_client date(server().url("retry-after/Sun,%2006%20Nov%201994%2008:49:37%20GMT"));
  CHECK(date.send(small_request()).retry_after == "Sun, 06 Nov 1994 08:49:37 GMT");
  test_client absurd(server().url("retry-after/" + std::string(5000, '9')));
  CHECK_FALSE(absurd.send(small_request()).retry_after);
}

TEST_CASE("a redirect is not followed") {
  test_client client(server().url("redirect/echo"));
  CHECK(client.send(small_request()).status == 307);
}

TEST_CASE("an answer before the end of the body gives its status") {
  for (const int status : {413, 503}) {
    test_client client(server().url("early/" + std::to_string(status)));
    const http_response response = client.send(unbuffered_request());
    CHECK(response.kind == response_kind::answered);
    CHECK(response.status == status);
    CHECK(response.sent_bytes < 16 * 1024 * 1024);
    CHECK(client.send(small_request()).status == status);
  }
}

TEST_CASE("an answer with a reset behind it gives its status or a transport error") {
  test_client client(server().url("rude/413"));
  for (int i = 0; i < 10; ++i) {
    const http_response response = client.send(unbuffered_request());
    CHECK(response.status == (response.kind == response_kind::answered ? 413 : 0));
    CHECK(response.kind != response_kind::timed_out);
  }
}

TEST_CASE("a success is none when the body was not sent whole") {
  test_client client(server().url("rude/202"));
  const http_response response = client.send(unbuffered_request());
  CHECK(response.kind == response_kind::transport_failed);
  CHECK(response.status == 0);
  CHECK_FALSE(response.transport_error.empty());
}

TEST_CASE("a connection closed in mid-body is a transport error") {
  test_client client(server().url("close-mid-body"));
  const http_response response = client.send(unbuffered_request());
  CHECK(response.kind == response_kind::transport_failed);
  CHECK(response.status == 0);
  CHECK_FALSE(response.transport_error.empty());
}

TEST_CASE("half an answer is an answer") {
  test_client client(server().url("half-answer/503"));
  const http_response response = client.send(small_request());
  CHECK(response.kind == response_kind::answered);
  CHECK(response.status == 503);
  CHECK(response.body == "half of it");
  test_client accepted(server().url("half-answer/202"));
  CHECK(accepted.send(small_request()).status == 202);
}

TEST_CASE("an answer of a gigabyte costs little and ends soon") {
  http_limits limits;
  limits.max_response_bytes = 1000;
  test_client client(server().url("big-answer/1073741824"), limits);
  const http_response response = client.send(small_request());
  CHECK(response.status == 200);
  CHECK(response.body == std::string(1000, 'x'));
  CHECK(std::stoull(server().wait_for("sent ")) < 64 * 1024 * 1024);
}

TEST_CASE("an answer a little too long keeps the connection") {
  test_client client(server().url("big-answer/500000"));
  CHECK(client.send(small_request()).body.size() == http_limits{}.max_response_bytes);
  server().wait_for("sent 500000");
}

TEST_CASE("headers without end are a failure, soon") {
  test_client client(server().url("endless-headers"));
  const http_response response = client.send(small_request());
  CHECK(response.body.empty());
  CHECK(std::stoull(server().wait_for("sent ")) < 64 * 1024 * 1024);
}

TEST_CASE("secrets that a server repeats do not get through") {
  const std::string key = "0123456789abcdef0123456789abcdef";
  for (std::size_t kept : {std::size_t(64 * 1024), std::size_t(100), std::size_t(150)}) {
    http_limits limits;
    limits.max_response_bytes = kept;
    test_client client(endpoint{server().url("repeat-headers"), "", {{"DD-API-KEY", key}}}, limits);
    const http_response response = client.send(small_request());
    CHECK(response.status == 403);
    CHECK(response.body.size() <= kept);
    CHECK_FALSE(contains(response.body, "0123"));
    const outcome end = response_to_outcome(response, "there", 1, {});
    CHECK_FALSE(contains(end.failure.message, "0123"));
  }
}

TEST_CASE("a refused connection is a transport error") {
  test_client client("http://127.0.0.1:1/x");
  const http_response response = client.send(small_request());
  CHECK(response.kind == response_kind::transport_failed);
  CHECK(contains(response.transport_error, "127.0.0.1"));
  CHECK(response.sent_bytes == 0);
}

TEST_CASE("an unknown host is a transport error that names it") {
  test_client client("http://nonexistent.invalid/x");
  const http_response response = client.send(small_request());
  CHECK(response.kind == response_kind::transport_failed);
  CHECK(contains(response.transport_error, "nonexistent.invalid"));
}

TEST_CASE("a missing Unix socket is a transport error") {
  test_client client(endpoint{"http://localhost/x", "/nowhere/agent.sock", {}});
  CHECK(client.send(small_request()).kind == response_kind::transport_failed);
}

TEST_CASE("a name server that does not answer delays neither timeout nor cancel") {
  stuck_resolver resolver;
  http_limits limits;
  limits.connect_timeout = milliseconds(400);
  limits.stall_timeout = milliseconds(50); // does not count while connecting
  {
    test_client client("http://stuck.invalid/x", limits);
    for (int i = 0; i < 2; ++i) {
      const auto begin = std::chrono::steady_clock::now();
      const http_response response = client.send(small_request());
      CHECK(response.kind == response_kind::timed_out);
      CHECK(contains(response.transport_error, "Resolving timed out"));
      // not after 50 ms; libcurl's clock may be a little ahead
      CHECK(std::chrono::steady_clock::now() - begin >= limits.connect_timeout - milliseconds(50));
    }
  }
  test_client client("http://stuck.invalid/x");
  client.engine->start(1, small_request(), client.got.collect());
  resolver.wait_for_lookup();
  client.engine->cancel(1);
  CHECK(client.got.wait_for(1).kind == response_kind::cancelled);
  client.engine->start(2, small_request(), client.got.collect());
  client.engine->stop();
  CHECK(client.got.all().at(2).front().kind == response_kind::cancelled);
}

TEST_CASE("a receiver that stops reading is a stall") {
  http_limits limits;
  limits.stall_timeout = milliseconds(300);
  test_client client(server().url("never-read/stall"), limits);
  const auto begin = std::chrono::steady_clock::now();
  const http_response response = client.send(unbuffered_request());
  CHECK(response.kind == response_kind::timed_out);
  CHECK(response.transport_error == "no byte was sent or received for 300 ms");
  CHECK(response.sent_bytes > 0);
  CHECK(std::chrono::steady_clock::now() - begin >= limits.stall_timeout);
}

TEST_CASE("an answer that does not come is a stall, one that does not end too") {
  http_limits limits;
  limits.stall_timeout = milliseconds(300);
  for (const char* path : {"never-answer/stalled", "stall-in-answer/stalled"}) {
    test_client client(server().url(path), limits);
    const http_response response = client.send(small_request());
    CHECK(response.kind == response_kind::timed_out);
    CHECK(response.status == 0);
    CHECK(response.sent_bytes == 5);
  }
}

TEST_CASE("the request timeout ends what does not stall") {
  http_limits limits;
  limits.request_timeout = milliseconds(300);
  test_client client(server().url("never-answer/slow"), limits);
  const http_response response = client.send(small_request());
  CHECK(response.kind == response_kind::timed_out);
  CHECK(contains(response.transport_error, "timed out"));
}

TEST_CASE("a connection closed while idle is not used again") {
  test_client client(server().url("close-idle/idle"));
  for (int i = 0; i < 10; ++i) {
    CHECK(client.send(small_request()).status == 200);
    server().wait_for("closed idle");
  }
}

TEST_CASE("a request lost on a kept connection is sent again, whole, however often that happens") {
  test_client client(server().url("drop-second/resent"));
  int connection = client.send_for_json(small_request()).at("connection");
  for (std::size_t i = 1; i <= 20; ++i) {
    const http_request request = large_request(20'000 * i, 7000);
    const int other = client.send_for_json(request).at("connection");
    CHECK(std::exchange(connection, other) != other);
    CHECK(server().stored("resent") == joined(request));
  }
}
