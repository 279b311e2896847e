// SPDX-License-Identifier: Apache-2.0
#pragma once

/// RETRY BACKOFF: how long to wait before a request is sent again, and whether at all. Exponential
/// with full jitter, so that many senders that failed together do not come back together. Called by
/// the UPLOADER when response_to_outcome says retry; then the same request goes back to
/// request_to_response. Not thread-safe: one per actor.

#include "symup/config.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>

namespace symup {

class retry_backoff {
public:
  using milliseconds = std::chrono::milliseconds;

  /// `random` gives numbers in [0, 1); anything outside is clamped.
  retry_backoff(milliseconds first, milliseconds longest, std::size_t max_attempts,
                std::function<double()> random);

  /// With retry_delay, max_retry_delay and max_attempts of the configuration.
  retry_backoff(const config& values, std::function<double()> random);

  /// The wait after `attempts` (>= 1) requests have failed: anything up to first * 2^(attempts-1)
  /// and never more than `longest`, but not less than the receiver's Retry-After, itself capped at
  /// `longest`. Empty: the attempts are used up.
  [[nodiscard]] std::optional<milliseconds> delay(std::size_t attempts,
                                                  std::optional<milliseconds> retry_after) const;

private:
  milliseconds first_;
  milliseconds longest_;
  std::size_t max_attempts_;
  std::function<double()> random_;
};

} // namespace symup
