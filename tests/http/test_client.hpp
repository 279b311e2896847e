// SPDX-License-Identifier: Apache-2.0
#pragma once

/// An engine under test and what it answered.

#include "request_to_response.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

/// Collects what completions say. Waits are bounded; a wait in vain fails the test.
class answers {
public:
  symup::http_engine::completion collect();
  symup::http_response wait_for(std::uint64_t id);
  void wait_for_all(std::size_t count);
  [[nodiscard]] std::map<std::uint64_t, std::vector<symup::http_response>> all() const;

private:
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::map<std::uint64_t, std::vector<symup::http_response>> by_id_;
  std::size_t count_ = 0;
};

struct test_client {
  explicit test_client(const std::string& url, symup::http_limits limits = {});
  explicit test_client(symup::endpoint to, symup::http_limits limits = {});

  /// Sends, waits, returns the answer.
  symup::http_response send(symup::http_request request);
  nlohmann::json send_for_json(symup::http_request request);

  answers got; // before the engine, which calls into it to its end
  std::unique_ptr<symup::http_engine> engine;
  std::uint64_t last_id = 1'000'000;
};

/// A request whose body is one piece.
symup::http_request small_request(std::string text = "hello");

/// So many bytes that do not repeat soon, in pieces of that size.
symup::http_request large_request(std::size_t bytes, std::size_t piece_bytes = 64 * 1024);

/// The pieces one behind the other.
std::string joined(const symup::http_request& request);

/// The values of all headers of that name in what /echo described.
std::vector<std::string> header_values(const nlohmann::json& seen, const std::string& name);
