// SPDX-License-Identifier: Apache-2.0
// The engine and servers that do what they should.
#include "stuck_resolver.hpp"
#include "test_client.hpp"
#include "test_server.hpp"

#include <doctest/doctest.h>

#include <future>
#include <set>
#include <thread>

using namespace symup;

namespace {

test_server& server() {
  return test_server::shared();
}

http_limits connections(std::size_t count) {
  http_limits limits;
  limits.max_connections = count;
  return limits;
}

} // namespace

TEST_CASE("a body of many pieces arrives byte for byte") {
  http_request request = large_request(12 * 1024 * 1024 + 17, 12'345);
  request.body.insert(request.body.begin(), body_piece{});
  request.body.insert(request.body.begin() + 500, 3, body_piece{});
  request.body.emplace_back();
  test_client client(server().url("echo/many-pieces"));
  const auto seen = client.send_for_json(request);
  CHECK(header_values(seen, "Content-Length") ==
        std::vector<std::string>{std::to_string(request.body_bytes)});
  CHECK(server().stored("many-pieces") == joined(request));
  CHECK(client.got.all().begin()->second.front().sent_bytes == request.body_bytes);
}

TEST_CASE("the same request can be sent again") {
  const http_request request = large_request(300'000, 1000);
  test_client client(server().url("echo/again"));
  client.send_for_json(request);
  const std::string first = server().stored("again");
  client.send_for_json(request);
  CHECK(server().stored("again") == first);
  CHECK(first == joined(request));
}

TEST_CASE("an empty body has a length of zero") {
  test_client client(server().url("echo"));
  const auto seen = client.send_for_json(make_http_request("text/plain", {}));
  CHECK(header_values(seen, "Content-Length") == std::vector<std::string>{"0"});
}

TEST_CASE("a request has the headers it should and no others") {
  const endpoint to{server().url("echo?a=b"), "", {{"DD-API-KEY", "secret"}, {"X-Empty", ""}}};
  test_client client(to);
  http_request request = large_request(3 * 1024 * 1024);
  request.content_type = "multipart/form-data; boundary=abc";
  const auto seen = client.send_for_json(request);
  std::set<std::string> names;
  for (const auto& header : seen.at("headers"))
    CHECK(names.insert(header.at(0).get<std::string>()).second);
  // In particular no Expect, Transfer-Encoding, Content-Encoding, Accept-Encoding or Cookie.
  CHECK(names == std::set<std::string>{"Host", "User-Agent", "Accept", "Content-Type",
                                       "Content-Length", "DD-API-KEY", "X-Empty"});
  CHECK(header_values(seen, "Content-Type") ==
        std::vector<std::string>{"multipart/form-data; boundary=abc"});
  CHECK(header_values(seen, "DD-API-KEY") == std::vector<std::string>{"secret"});
  CHECK(header_values(seen, "X-Empty") == std::vector<std::string>{""});
  CHECK(header_values(seen, "User-Agent").front().rfind("symup/", 0) == 0);
  CHECK(seen.at("target") == "/echo?a=b");
}

TEST_CASE("requests one after the other share a connection") {
  test_client client(server().url("echo"));
  const int connection = client.send_for_json(small_request()).at("connection");
  for (int i = 2; i <= 50; ++i) {
    const auto seen = client.send_for_json(small_request());
    CHECK(seen.at("connection") == connection);
    CHECK(seen.at("request") == i);
  }
}

TEST_CASE("200 requests use 8 connections at once, and no more") {
  test_server own; // which lets requests pass only in groups of 8
  test_client client(own.url("barrier"), connections(8));
  for (std::uint64_t id = 0; id < 200; ++id)
    client.engine->start(id, large_request(20'000), client.got.collect());
  client.got.wait_for_all(200);
  const auto all = client.got.all();
  CHECK(all.size() == 200);
  for (const auto& [id, responses] : all) {
    CHECK(responses.size() == 1);
    CHECK(responses.front().transport_error.empty());
    CHECK(responses.front().status == 202);
  }
  test_client last(own.url("echo"));
  const auto seen = last.send_for_json(small_request());
  CHECK(seen.at("connections") == 8 + 1);
  CHECK(seen.at("most_running") == 8);
}

TEST_CASE("time in the queue does not count against the timeout") {
  http_limits limits = connections(1);
  limits.request_timeout = std::chrono::milliseconds(300);
  test_client client(server().url("never-answer/queue"), limits);
  // Each runs into its own timeout, so the last waits three times as long.
  const auto begin = std::chrono::steady_clock::now();
  for (std::uint64_t id = 0; id < 4; ++id)
    client.engine->start(id, small_request(), client.got.collect());
  client.got.wait_for_all(4);
  CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(4 * 300));
  for (const auto& [id, responses] : client.got.all()) {
    CHECK(responses.front().kind == response_kind::timed_out);
    CHECK(responses.front().sent_bytes == 5); // so it was sent: the timeout is its own
  }
}

TEST_CASE("a running and a waiting request can be cancelled") {
  test_client client(server().url("never-answer/cancel"), connections(1));
  client.engine->start(1, small_request(), client.got.collect());
  client.engine->start(2, small_request(), client.got.collect());
  client.engine->start(3, small_request(), client.got.collect());
  server().wait_for("holding cancel");
  client.engine->cancel(2);
  CHECK(client.got.wait_for(2).kind == response_kind::cancelled);
  CHECK(client.got.all().size() == 1);
  const auto begin = std::chrono::steady_clock::now();
  client.engine->cancel(1);
  CHECK(client.got.wait_for(1).kind == response_kind::cancelled);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(2));
  server().wait_for("holding cancel"); // 3 has taken the place of 1
  client.engine->cancel(1);            // known no more
  client.engine->cancel(3);
  client.got.wait_for_all(3);
  for (const auto& [id, responses] : client.got.all())
    CHECK(responses.size() == 1);
}

TEST_CASE("a request is released before its completion is called") {
  test_client client(server().url("echo"));
  auto owner = std::make_shared<const std::string>("hello");
  const std::weak_ptr<const std::string> observer = owner;
  const std::string_view bytes = *owner;
  std::promise<bool> is_gone;
  client.engine->start(
      1, make_http_request("text/plain", {{std::move(owner), bytes}}),
      [&](std::uint64_t, const http_response&) { is_gone.set_value(observer.expired()); });
  CHECK(is_gone.get_future().get());
}

TEST_CASE("stop completes what runs and what waits") {
  test_client client(server().url("never-answer/stop"), connections(5));
  for (std::uint64_t id = 0; id < 20; ++id)
    client.engine->start(id, large_request(100'000), client.got.collect());
  for (int i = 0; i < 5; ++i)
    server().wait_for("holding stop");
  client.engine->stop();
  const auto all = client.got.all(); // without waiting
  CHECK(all.size() == 20);
  for (const auto& [id, responses] : all) {
    CHECK(responses.size() == 1);
    CHECK(responses.front().kind == response_kind::cancelled);
  }
  client.engine->start(20, small_request(), client.got.collect());
  CHECK(client.got.all().at(20).front().kind == response_kind::cancelled);
  client.engine->cancel(20);
  client.engine->stop();
}

TEST_CASE("the end of an engine completes what runs") {
  answers got;
  {
    auto engine = http_engine::make({server().url("never-answer/end"), "", {}}, {});
    REQUIRE(engine);
    (*engine)->start(1, small_request(), got.collect());
    server().wait_for("holding end");
  }
  CHECK(got.all().at(1).front().kind == response_kind::cancelled);
}

TEST_CASE("a completion may let go of the engine") {
  auto made = http_engine::make({server().url("echo"), "", {}}, {});
  REQUIRE(made);
  auto engine = std::make_shared<std::unique_ptr<http_engine>>(std::move(*made));
  std::promise<void> ended;
  answers got;
  (*engine)->start(1, small_request(), [&ended, &got, engine](std::uint64_t, const http_response&) {
    (*engine)->start(2, small_request(), got.collect());
    engine->reset();
    ended.set_value();
  });
  ended.get_future().get();
  CHECK(got.wait_for(2).kind == response_kind::cancelled);
}

TEST_CASE("many threads can start and cancel") {
  test_client client(server().url("echo"), connections(4));
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t)
    threads.emplace_back([&client, t] {
      for (std::uint64_t i = 0; i < 50; ++i) {
        client.engine->start(t * 50 + i, small_request(), client.got.collect());
        if (i % 3 == 0)
          client.engine->cancel(t * 50 + i);
      }
    });
  for (std::thread& thread : threads)
    thread.join();
  client.got.wait_for_all(200);
  const auto all = client.got.all();
  CHECK(all.size() == 200);
  for (const auto& [id, responses] : all) {
    CHECK(responses.size() == 1);
    const bool was_cancelled = responses.front().kind == response_kind::cancelled;
    CHECK((responses.front().status == 200 || (was_cancelled && id % 50 % 3 == 0)));
  }
}

TEST_CASE("an agent is reached through its Unix socket") {
  const scratch_directory directory;
  const std::string path = directory.file("agent.sock");
  test_server agent({"--unix", path});
  test_client client(endpoint{"http://localhost/echo/unix", path, {}});
  const http_request request = large_request(1'000'000);
  const auto seen = client.send_for_json(request);
  CHECK(header_values(seen, "Host") == std::vector<std::string>{"localhost"});
  CHECK(agent.stored("unix") == joined(request));
}

TEST_CASE("a proxy is used when configured, and never by the environment") {
  // A server is proxy enough to see that it is asked: with the whole URL as target.
  http_limits limits;
  limits.proxy = server().url("");
  test_client through("http://intake.invalid/echo", limits);
  CHECK(through.send_for_json(small_request()).at("target") == "http://intake.invalid/echo");

  setenv("http_proxy", "http://127.0.0.1:1", 1);
  test_client direct(server().url("echo"));
  CHECK(direct.send(small_request()).status == 200);
  setenv("no_proxy", "*", 1);
  unsetenv("http_proxy");
  limits.proxy = "http://127.0.0.1:1";
  test_client refused(server().url("echo"), limits);
  CHECK(refused.send(small_request()).kind == response_kind::transport_failed);
  unsetenv("no_proxy");
}
