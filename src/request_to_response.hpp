// SPDX-License-Identifier: Apache-2.0
#pragma once

/// REQUEST TO RESPONSE: sends HTTP requests, many at once. An engine belongs to one endpoint and
/// runs libcurl's multi interface on one thread of its own, which sleeps while there is nothing to
/// do. The UPLOADER starts requests and is told their end by a callback; response_to_outcome then
/// says what that end means. Requests above max_connections wait here, in order, not in libcurl,
/// where the waiting would count against their timeout.
///
/// curl_global_init and curl_global_cleanup are the host's: called before the first engine is made
/// and after the last is gone.

#include "http_request.hpp"
#include "http_response.hpp"
#include "http_settings.hpp"
#include "symup/config.hpp"
#include "symup/error.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

namespace symup {

class http_engine {
public:
  /// Told the end of a request, once for every start, on the engine's thread. Must not block and
  /// must not throw: it posts a message and returns. It may start and cancel requests, and let go
  /// of the engine. The body's pieces are released before it is called.
  using completion = std::function<void(std::uint64_t id, http_response response)>;

  /// Errors: as check_http_settings, and out_of_memory (also if no thread can be made).
  static expected<std::unique_ptr<http_engine>> make(endpoint to, http_limits limits);

  /// As stop().
  ~http_engine();
  http_engine(const http_engine&) = delete;
  http_engine& operator=(const http_engine&) = delete;

  /// Sends a request as soon as a connection is free. `id` names it for cancel and completion; it
  /// should be unique among the requests not completed yet. Any thread. After stop(), or without
  /// memory, `done` is called before start returns.
  void start(std::uint64_t id, http_request request, completion done) noexcept;

  /// Ends a request that waits or runs: it completes soon, as cancelled unless it was done already.
  /// An unknown id is ignored. Any thread. Without memory the request runs on to its own end.
  void cancel(std::uint64_t id) noexcept;

  /// Cancels everything, completes everything and ends the thread. From a completion it cannot
  /// wait: then the rest completes after stop returns. Any thread, but not two at once.
  void stop() noexcept;

private:
  class loop;
  http_engine(std::shared_ptr<loop> work, std::thread thread) noexcept;

  std::shared_ptr<loop> loop_; // shared with the thread, which may outlive the engine: see stop()
  std::thread thread_;
};

} // namespace symup
