// SPDX-License-Identifier: Apache-2.0
#include "response_to_outcome.hpp"

#include <doctest/doctest.h>

#include <simdjson.h>

#include <string>

using namespace symup;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::system_clock;

namespace {

const std::string where = "http://agent:8126/symdb/v1/input";

// Sun, 06 Nov 1994 08:49:37 GMT, the date of HTTP's own examples.
const system_clock::time_point date = system_clock::from_time_t(784111777);

http_response answered(int status, std::string body = {}) {
  http_response response;
  response.kind = response_kind::answered;
  response.status = status;
  response.body = std::move(body);
  return response;
}

outcome of(const http_response& response) {
  return response_to_outcome(response, where, 2, date);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("each status has its next step") {
  for (const int status : {200, 201, 202, 204, 299})
    CHECK_MESSAGE(of(answered(status)).step == next_step::done, status);
  for (const int status : {408, 425, 429, 500, 502, 503, 504, 507, 599})
    CHECK_MESSAGE(of(answered(status)).step == next_step::retry, status);
  for (const int status :
       {300, 301, 302, 304, 307, 308, 400, 401, 403, 404, 407, 409, 414, 431, 501, 600, 999})
    CHECK_MESSAGE(of(answered(status)).step == next_step::fatal, status);
  CHECK(of(answered(413)).step == next_step::split);
}

TEST_CASE("no answer is worth another try") {
  http_response response;
  response.kind = response_kind::transport_failed;
  response.transport_error = "Connection refused";
  const outcome failed = of(response);
  CHECK(failed.step == next_step::retry);
  CHECK(failed.failure.code == errc::transport);
  CHECK(failed.failure.message == where + ": Connection refused");
  REQUIRE(failed.failure.upload);
  CHECK(failed.failure.upload->status == 0);
  CHECK(failed.failure.upload->retryable);
  CHECK(failed.failure.upload->attempts == 2);

  response.kind = response_kind::timed_out;
  CHECK(of(response).step == next_step::retry);
  CHECK(of(response).failure.code == errc::timeout);
}

TEST_CASE("cancelled is a local error") {
  const outcome cancelled = of(http_response{});
  CHECK(cancelled.step == next_step::fatal);
  CHECK(cancelled.failure.code == errc::cancelled);
  CHECK(category(cancelled.failure.code) == "cancelled");
  CHECK_FALSE(cancelled.failure.upload);
}

TEST_CASE("an error names place, status, reason and the answer's beginning") {
  const outcome refused = of(answered(403, R"({"errors":["API key is invalid"]})"));
  CHECK(refused.failure.code == errc::http_status);
  CHECK(refused.failure.message ==
        where + R"( answered 403 Forbidden: {"errors":["API key is invalid"]})");
  REQUIRE(refused.failure.upload);
  CHECK(refused.failure.upload->status == 403);
  CHECK_FALSE(refused.failure.upload->retryable);
  CHECK(of(answered(799)).failure.message == where + " answered 799");
  CHECK(of(answered(413)).failure.code == errc::payload_too_large);
}

TEST_CASE("an answer cannot disturb a log line") {
  const std::string message = of(answered(400, "a\r\n\x1b[31mb\x7f\xc2\x9b"
                                               "c\0d\n\n"))
                                  .failure.message;
  for (const char c : message)
    CHECK(static_cast<unsigned char>(c) >= 0x20);
  CHECK_FALSE(contains(message, "\xc2\x9b"));
  CHECK(contains(message, "a   [31mb ?c"));
}

TEST_CASE("a long answer is cut between characters") {
  for (std::size_t shift = 0; shift < 4; ++shift) {
    std::string body(shift, 'a');
    while (body.size() < 1000)
      body += "\xF0\x9F\x98\x80";
    const std::string message = of(answered(400, body)).failure.message;
    CHECK(simdjson::validate_utf8(message));
    CHECK(message.size() < where.size() + 250);
    CHECK(contains(message, "\xF0\x9F\x98\x80..."));
  }
}

TEST_CASE("an answer that is no text makes a message that is") {
  std::string body;
  for (int byte = 255; byte >= 0; --byte)
    body += static_cast<char>(byte);
  CHECK(simdjson::validate_utf8(of(answered(400, body)).failure.message));
  CHECK(simdjson::validate_utf8(of(answered(400, std::string(1000, '\x80'))).failure.message));
}

TEST_CASE("Retry-After is read in seconds and in HTTP's three date forms") {
  const auto now = date - seconds(90);
  CHECK(parse_retry_after("0", now) == seconds(0));
  CHECK(parse_retry_after("120", now) == seconds(120));
  CHECK(parse_retry_after("  7\t", now) == seconds(7));
  CHECK(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now) == seconds(90));
  CHECK(parse_retry_after("Sunday, 06-Nov-94 08:49:37 GMT", now) == seconds(90));
  CHECK(parse_retry_after("Sun Nov  6 08:49:37 1994", now) == seconds(90));
  CHECK(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now - milliseconds(1)) == seconds(91));
}

TEST_CASE("a date that has passed means at once") {
  CHECK(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", date + seconds(5)) == seconds(0));
}

TEST_CASE("an absurd Retry-After neither overflows nor counts when it is no value") {
  CHECK(parse_retry_after("99999999999999999999999999", date) > std::chrono::hours(24));
  CHECK(parse_retry_after("Fri, 31 Dec 9999 23:59:59 GMT", date) > std::chrono::hours(24));
  for (const char* value : {"", " ", "-5", "1.5", "soon", "12:00", "5 s", "+5", "0x10"})
    CHECK_MESSAGE(parse_retry_after(value, date) == std::nullopt, value);
}

TEST_CASE("Retry-After belongs to retries") {
  http_response response = answered(503);
  response.retry_after = "3";
  CHECK(of(response).retry_after == seconds(3));
  response.retry_after = "nonsense";
  CHECK(of(response).retry_after == std::nullopt);
  CHECK(of(response).step == next_step::retry);
  response.status = 403;
  response.retry_after = "3";
  CHECK(of(response).retry_after == std::nullopt);
}
