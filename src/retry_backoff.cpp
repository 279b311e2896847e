// SPDX-License-Identifier: Apache-2.0
#include "retry_backoff.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace symup {

retry_backoff::retry_backoff(milliseconds first, milliseconds longest, std::size_t max_attempts,
                             std::function<double()> random)
    : first_(first), longest_(longest), max_attempts_(max_attempts), random_(std::move(random)) {}

retry_backoff::retry_backoff(const config& values, std::function<double()> random)
    : retry_backoff(values.retry_delay, values.max_retry_delay, values.max_attempts,
                    std::move(random)) {}

std::optional<retry_backoff::milliseconds>
retry_backoff::delay(std::size_t attempts, std::optional<milliseconds> retry_after) const {
  if (attempts >= max_attempts_)
    return std::nullopt;
  // In floating point, where a large exponent saturates instead of overflowing.
  const auto cap = static_cast<double>(longest_.count());
  const double doubled = std::ldexp(static_cast<double>(first_.count()),
                                    static_cast<int>(std::clamp<std::size_t>(attempts, 1, 64)) - 1);
  const double share = std::clamp(random_(), 0.0, 1.0);
  const milliseconds jittered(static_cast<milliseconds::rep>(share * std::min(doubled, cap)));
  return std::max(jittered, std::min(retry_after.value_or(milliseconds(0)), longest_));
}

} // namespace symup
