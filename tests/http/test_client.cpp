// SPDX-License-Identifier: Apache-2.0
#include "test_client.hpp"

#include <curl/curl.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <strings.h>

using namespace symup;

namespace {

// The host's duty, and here the test program is the host.
struct libcurl {
  libcurl() { curl_global_init(CURL_GLOBAL_DEFAULT); }
  ~libcurl() { curl_global_cleanup(); }
} const for_the_whole_program;

constexpr std::chrono::seconds patience(60);

} // namespace

http_engine::completion answers::collect() {
  return [this](std::uint64_t id, http_response response) {
    const std::lock_guard<std::mutex> lock(mutex_);
    by_id_[id].push_back(std::move(response));
    ++count_;
    arrived_.notify_all();
  };
}

http_response answers::wait_for(std::uint64_t id) {
  std::unique_lock<std::mutex> lock(mutex_);
  REQUIRE(arrived_.wait_for(lock, patience, [&] { return by_id_.count(id) > 0; }));
  return by_id_[id].front();
}

void answers::wait_for_all(std::size_t count) {
  std::unique_lock<std::mutex> lock(mutex_);
  REQUIRE(arrived_.wait_for(lock, patience, [&] { return count_ >= count; }));
}

std::map<std::uint64_t, std::vector<http_response>> answers::all() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return by_id_;
}

test_client::test_client(const std::string& url, http_limits limits)
    : test_client(endpoint{url, "", {}}, std::move(limits)) {}

test_client::test_client(endpoint to, http_limits limits) {
  auto made = http_engine::make(std::move(to), std::move(limits));
  REQUIRE_MESSAGE(made.has_value(), made.error().message);
  engine = std::move(*made);
}

http_response test_client::send(http_request request) {
  engine->start(++last_id, std::move(request), got.collect());
  return got.wait_for(last_id);
}

nlohmann::json test_client::send_for_json(http_request request) {
  const http_response response = send(std::move(request));
  REQUIRE_MESSAGE(response.status == 200, response.transport_error);
  return nlohmann::json::parse(response.body);
}

http_request small_request(std::string text) {
  auto owner = std::make_shared<const std::string>(std::move(text));
  const std::string_view bytes = *owner;
  return make_http_request("text/plain", {{std::move(owner), bytes}});
}

http_request large_request(std::size_t bytes, std::size_t piece_bytes) {
  std::mt19937_64 random(bytes);
  std::vector<body_piece> pieces;
  while (bytes > 0) {
    auto piece = std::make_shared<std::string>(std::min(bytes, piece_bytes), '\0');
    for (char& c : *piece)
      c = static_cast<char>(random());
    bytes -= piece->size();
    const std::string_view view = *piece;
    pieces.push_back({std::move(piece), view});
  }
  return make_http_request("application/octet-stream", std::move(pieces));
}

std::string joined(const http_request& request) {
  std::string all;
  for (const body_piece& piece : request.body)
    all += piece.bytes;
  return all;
}

std::vector<std::string> header_values(const nlohmann::json& seen, const std::string& name) {
  std::vector<std::string> values;
  for (const auto& header : seen.at("headers"))
    if (strcasecmp(header.at(0).get<std::string>().c_str(), name.c_str()) == 0)
      values.push_back(header.at(1));
  return values;
}
