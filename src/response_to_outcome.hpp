// SPDX-License-Identifier: Apache-2.0
#pragma once

/// RESPONSE TO OUTCOME: decides what the end of an HTTP exchange means for the batch that was
/// sent. Called by the UPLOADER with what request_to_response gave it; retry_backoff then says how
/// long to wait for a retry. Pure functions, any thread.

#include "http_response.hpp"
#include "symup/error.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace symup {

enum class next_step : std::uint8_t {
  done,  ///< accepted
  retry, ///< send the same bytes again, later
  split, ///< too large for the receiver: cut the batch in two
  fatal, ///< sending it again cannot help
};

struct outcome {
  next_step step = next_step::fatal;
  /// For retry: what the receiver asked for, >= 0, not yet capped. Empty = it did not say.
  std::optional<std::chrono::milliseconds> retry_after;
  /// Unless done: what to report should this be the last word (attempts used up, batch cannot be
  /// cut). Category upload_failed with `upload` set, or errc::cancelled.
  error failure;
};

/// `where` is the endpoint's printable_url, `attempts` counts the requests sent for this batch with
/// this one, `now` is what a date in Retry-After is compared with.
///
///     2xx                                                     done
///     no answer, timeout, 408, 425, 429, 5xx but 501          retry
///     413                                                     split
///     everything else (1xx, 3xx, other 4xx, 501, cancelled)   fatal
[[nodiscard]] outcome response_to_outcome(const http_response& response, std::string_view where,
                                          std::uint32_t attempts,
                                          std::chrono::system_clock::time_point now);

/// A Retry-After value: seconds, or a date in one of HTTP's three forms (a past one gives 0). Empty
/// if it is neither.
[[nodiscard]] std::optional<std::chrono::milliseconds>
parse_retry_after(std::string_view value, std::chrono::system_clock::time_point now);

} // namespace symup
