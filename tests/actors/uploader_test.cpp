// SPDX-License-Identifier: Apache-2.0
#include "uploader.hpp"

#include "virtual_system.hpp"

#include <doctest/doctest.h>

using namespace symup;
using namespace symup::actors;
using namespace std::chrono_literals;

namespace {

struct fixture : testing::virtual_system {
  testing::recorded_transport wire;
  uploader_actor sender = owned(system.spawn(
      uploader, uploader_options{"http://agent/symdb", wire.make(),
                                 retry_backoff(1000ms, 8000ms, 4, [] { return 0.5; }),
                                 [] { return std::chrono::system_clock::time_point(0s); }}));

  auto send(std::uint64_t key, std::string text) {
    auto body = std::make_shared<std::string>(std::move(text));
    auto request =
        std::make_shared<http_request>(make_http_request("multipart/form-data", {{body, *body}}));
    auto handle = self->request(sender, caf::infinite, upload_atom::value,
                                request_message{key, 1, std::move(request)});
    run();
    return handle;
  }
  template <class Handle>
  batch_result result_of(Handle& handle) {
    batch_result result;
    handle.receive([&](const result_message& m) { result = *m.result; },
                   [](const caf::error&) { FAIL("no result"); });
    return result;
  }
};

} // namespace

TEST_CASE_FIXTURE(fixture, "a success is told with the number of requests it took") {
  auto sent = send(1, "body");
  REQUIRE(wire.open.size() == 1);
  wire.answer(202);
  run();
  const auto result = result_of(sent);
  CHECK(result.fate == batch_fate::accepted);
  CHECK(result.attempts == 1);
}

TEST_CASE_FIXTURE(fixture, "a batch is sent again with the same bytes, later each time") {
  auto sent = send(1, "body");
  wire.answer(503);
  run();
  CHECK(wire.open.empty());
  advance(499ms); // half of 1 s
  CHECK(wire.open.empty());
  advance(1ms);
  REQUIRE(wire.open.size() == 1);
  CHECK(testing::body_of(wire.open.front().content) == "body");
  wire.answer(429);
  run();
  advance(999ms);
  CHECK(wire.open.empty());
  advance(1ms);
  wire.answer(200);
  run();
  CHECK(result_of(sent).attempts == 3);
}

TEST_CASE_FIXTURE(fixture, "Retry-After is waited for") {
  auto sent = send(1, "body");
  wire.answer(429, "7");
  run();
  advance(6999ms);
  CHECK(wire.open.empty());
  advance(1ms);
  REQUIRE(wire.open.size() == 1);
  wire.answer(200);
  run();
  CHECK(result_of(sent).fate == batch_fate::accepted);
}

TEST_CASE_FIXTURE(fixture,
                  "tries are bounded, and the failure says that another might have helped") {
  auto sent = send(1, "body");
  for (int i = 0; i < 4; ++i) {
    REQUIRE(wire.open.size() == 1);
    wire.answer(500);
    run();
    advance(10s);
  }
  CHECK(wire.open.empty());
  const auto result = result_of(sent);
  CHECK(result.fate == batch_fate::failed);
  REQUIRE(result.error);
  CHECK(result.error->code == errc::http_status);
  REQUIRE(result.error->upload);
  CHECK(result.error->upload->status == 500);
  CHECK(result.error->upload->retryable);
  CHECK(result.error->upload->attempts == 4);
}

TEST_CASE_FIXTURE(fixture, "what cannot succeed is not tried again") {
  for (const int status : {301, 400, 401, 403, 404, 501}) {
    CAPTURE(status);
    auto sent = send(1, "body");
    wire.answer(status);
    run();
    const auto result = result_of(sent);
    CHECK(result.fate == batch_fate::failed);
    CHECK(result.attempts == 1);
    CHECK_FALSE(result.error->upload->retryable);
  }
  advance(60s);
  CHECK(wire.open.empty());
}

TEST_CASE_FIXTURE(fixture, "413 is told as too large") {
  auto sent = send(1, "body");
  wire.answer(413);
  run();
  CHECK(result_of(sent).fate == batch_fate::too_large);
}

TEST_CASE_FIXTURE(fixture,
                  "cancelling an upload breaks off what runs and what waits, of it alone") {
  auto running = send(1, "a");
  auto paused = send(1, "b");
  auto other = send(2, "c");
  std::swap(wire.open[0], wire.open[1]);
  wire.answer(503); // of "b"
  run();
  self->send(sender, cancel_atom::value, std::uint64_t{1});
  run();
  CHECK(wire.cancelled.size() == 1);
  CHECK(result_of(running).error->code == errc::cancelled);
  CHECK(result_of(paused).error->code == errc::cancelled);
  advance(60s);
  REQUIRE(wire.open.size() == 1);
  wire.answer(200);
  run();
  CHECK(result_of(other).fate == batch_fate::accepted);
}

TEST_CASE_FIXTURE(fixture, "an uploader that is killed still answers what it had taken") {
  auto running = send(1, "a");
  caf::anon_send_exit(sender, caf::exit_reason::kill);
  run();
  CHECK(result_of(running).error->code == errc::shut_down);
}
