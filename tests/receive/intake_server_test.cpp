// SPDX-License-Identifier: Apache-2.0
#include "batch_fixture.hpp"
#include "receive/intake_server.hpp"

#include <doctest/doctest.h>
#include <httplib.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

using namespace symup;
using namespace symup::receive;
using namespace symup::receive::test;

namespace {

int post(const intake_server& server, const std::string& body) {
  httplib::Client client("127.0.0.1", server.port());
  const auto result = client.Post("/symdb/v1/input", body, content_type);
  return result ? result->status : 0;
}

std::string uuid_of(int number) {
  std::string text = "00000000-0000-4000-8000-000000000000";
  const std::string digits = std::to_string(number);
  return text.replace(text.size() - digits.size(), digits.size(), digits);
}

} // namespace

TEST_CASE("a server in memory checks, counts and remembers without a folder") {
  std::vector<std::string> lines;
  intake_options options;
  options.on_violation = [&lines](const std::string& line) { lines.push_back(line); };
  auto server = intake_server::start(std::move(options)).value();
  CHECK(server.port() > 0);
  CHECK(server.url() == "http://127.0.0.1:" + std::to_string(server.port()));
  const auto first = multipart(make_batch(attachment(1, false)));
  CHECK(post(server, first) == 202);
  CHECK(post(server, first) == 202);
  CHECK(server.taken().incomplete().size() == 1);
  CHECK(post(server, multipart(make_batch(attachment(2, true)))) == 202);
  CHECK(post(server, multipart(make_batch(attachment(3, false)))) == 400);
  CHECK(server.taken().incomplete().empty());
  server.stop();
  const auto counts = server.counts();
  CHECK(counts.accepted == 3);
  CHECK(counts.resent == 1);
  CHECK(counts.violations == 1);
  CHECK(counts.bytes > 3 * first.size());
  const auto batches = server.taken().batches_of(upload_id);
  REQUIRE(batches.size() == 2);
  CHECK(batches[1].final);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("upload " + upload_id + " batch 3: upload.after_final: ") == 0);
}

TEST_CASE("stopping twice and stopping with idle connections end at once") {
  auto server = intake_server::start({}).value();
  httplib::Client client("127.0.0.1", server.port());
  client.set_keep_alive(true);
  REQUIRE(client.Post("/symdb/v1/input", multipart(make_batch(attachment(1, true))), content_type));
  server.stop();
  server.stop();
  CHECK_FALSE(client.Post("/symdb/v1/input", "x", content_type));
}

TEST_CASE("many uploads side by side are kept apart") {
  auto server = intake_server::start({}).value();
  constexpr int threads = 4;
  constexpr int uploads_each = 10;
  std::atomic<int> wrong{0};
  std::vector<std::thread> senders;
  for (int t = 0; t < threads; ++t)
    senders.emplace_back([&server, &wrong, t] {
      httplib::Client client("127.0.0.1", server.port());
      client.set_keep_alive(true);
      for (int i = 0; i < uploads_each; ++i)
        for (int number = 1; number <= 3; ++number) {
          auto whole = attachment(number, number == 3);
          whole["upload_id"] = uuid_of(t * uploads_each + i);
          const auto body = multipart(make_batch(whole));
          const auto result = client.Post("/symdb/v1/input", body, content_type);
          wrong += result && result->status == 202 ? 0 : 1;
        }
    });
  for (auto& sender : senders)
    sender.join();
  CHECK(wrong == 0);
  CHECK(server.taken().uploads() == threads * uploads_each);
  CHECK(server.taken().incomplete().empty());
}

TEST_CASE("the same batch sent from many threads at once is taken in once") {
  auto server = intake_server::start({}).value();
  const auto body = multipart(make_batch(attachment(1, true)));
  std::vector<std::thread> senders;
  std::atomic<int> accepted{0};
  for (int t = 0; t < 8; ++t)
    senders.emplace_back([&] { accepted += post(server, body) == 202 ? 1 : 0; });
  for (auto& sender : senders)
    sender.join();
  CHECK(accepted == 8);
  CHECK(server.counts().resent == 7);
  CHECK(server.taken().batches_of(upload_id).size() == 1);
}

TEST_CASE("an address that cannot be used is an error") {
  auto server = intake_server::start({}).value();
  intake_options options;
  options.listen = "127.0.0.1:" + std::to_string(server.port());
  const auto second = intake_server::start(std::move(options));
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == errc::io_failed);
  CHECK(second.error().message.find(server.url()) != std::string::npos);
}
