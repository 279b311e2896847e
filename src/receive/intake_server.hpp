// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The strict SymDB intake over HTTP, for trying out and testing: `symup receive` runs one, tests
/// and benchmarks start one in-process. It reads a body raw, splits it (multipart_parse), hands the
/// parts to intake and answers 202, or 400 with the violations as text. Own threads; all functions
/// may be called from any thread.

#include "receive/fault_spec.hpp"
#include "receive/intake.hpp"
#include "symup/error.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace symup::receive {

struct intake_options {
  std::string listen = "127.0.0.1:0"; ///< HOST:PORT, [IPv6]:PORT (port 0 = pick), unix:///PATH
  std::filesystem::path store_dir;    ///< empty = check, but store nothing
  fault_spec faults;                  ///< injected on purpose
  bool discard = false;               ///< read bodies, answer 202, look at nothing
  std::size_t max_body = 50U << 20U;  ///< bytes; larger ones are answered with 413
  std::size_t threads = 64;           ///< also the most connections served at once
  batch_limits limits;
  std::chrono::milliseconds keep_alive{15'000};    ///< for the next request of a connection
  std::chrono::milliseconds stall_timeout{10'000}; ///< without a byte
  /// One line for each violation; called on the server's threads, one at a time.
  std::function<void(const std::string& line)> on_violation;
};

struct intake_counts {
  std::uint64_t accepted = 0;   ///< batches answered with 202, or that lost that answer on purpose
  std::uint64_t resent = 0;     ///< of them, batches accepted before
  std::uint64_t violations = 0; ///< requests answered with 400
  std::uint64_t faults = 0;     ///< requests that met an injected fault
  std::uint64_t bytes = 0;      ///< of bodies read
};

class intake_server {
public:
  /// Listening when it returns. Fails on a bad address (invalid_config) or when the folder or the
  /// address cannot be used (io_failed).
  static expected<intake_server> start(intake_options options);

  intake_server(intake_server&&) noexcept;
  intake_server& operator=(intake_server&&) noexcept;
  ~intake_server(); ///< stops

  [[nodiscard]] int port() const noexcept;               ///< 0 for a Unix socket
  [[nodiscard]] const std::string& url() const noexcept; ///< "http://127.0.0.1:8126"
  [[nodiscard]] intake_counts counts() const noexcept;
  /// What was taken in so far.
  [[nodiscard]] const symup::receive::intake& taken() const noexcept;

  /// Answers what has arrived, closes all connections, joins the threads. May be called again.
  void stop();

private:
  class state;
  explicit intake_server(std::unique_ptr<state> state);
  std::unique_ptr<state> state_;
};

} // namespace symup::receive
