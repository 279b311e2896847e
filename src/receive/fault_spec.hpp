// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Faults the intake injects on purpose, from `--fail SPEC`: a comma-separated list of
///   503[:RATE][:retry-after=SECONDS|date]   answer with that status (400 ... 599), store nothing
///   delay=50ms[:RATE]                       answer that much later (ms or s)
///   close[:RATE]                            close the connection in mid-body
///   accept-then-close[:RATE]                store the batch, lose the answer
///   limit=1M                                413 for bodies above (K, M or G: powers of 1024)
///   seed=N                                  of the random numbers; 1 without
/// RATE is 0 ... 1, without it the fault strikes always. The server draws once per request.

#include "symup/error.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace symup::receive {

/// What is to happen to one request.
struct fault {
  std::chrono::milliseconds delay{0};
  int status = 0;          ///< 0 = none
  std::string retry_after; ///< value of the header; "" = none; "date" = a date one second ahead
  bool close = false;
  bool accept_then_close = false;
  std::optional<std::uint64_t> limit; ///< largest body that is not answered with 413
};

/// One entry of the list.
struct fault_entry {
  fault effect;
  double rate = 1;
};

struct fault_spec {
  std::vector<fault_entry> entries;
  std::uint64_t seed = 1;
};

/// "" is no faults. The error names the entry and what is allowed.
[[nodiscard]] expected<fault_spec> parse_fault_spec(std::string_view text);

/// Draws the faults of one request after the other; the n-th draw depends only on the spec. Any
/// thread.
class fault_source {
public:
  explicit fault_source(fault_spec spec);
  [[nodiscard]] fault draw();

private:
  fault_spec spec_;
  std::mutex mutex_;
  std::mt19937_64 random_;
};

/// The moment as an HTTP date, "Sat, 31 Jan 2026 12:00:00 GMT", whatever the locale.
[[nodiscard]] std::string http_date(std::chrono::system_clock::time_point moment);

} // namespace symup::receive
