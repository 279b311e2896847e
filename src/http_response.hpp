// SPDX-License-Identifier: Apache-2.0
#pragma once

/// HTTP RESPONSE: how one exchange ended, as a value. request_to_response makes it,
/// response_to_outcome reads it.

#include <cstdint>
#include <optional>
#include <string>

namespace symup {

enum class response_kind : std::uint8_t {
  answered,         ///< there is a status
  transport_failed, ///< connecting, sending or receiving failed before there was one
  timed_out,        ///< the connect, stall or request timeout passed before there was one
  cancelled,        ///< by cancel() or by the end of the engine
};

struct http_response {
  response_kind kind = response_kind::cancelled;
  int status = 0;                         ///< 200 ... 999; 0 = none
  std::string transport_error;            ///< for people; set unless answered
  std::optional<std::string> retry_after; ///< the header's value as it came
  std::string body;                       ///< cut at max_response_bytes; secrets blotted out
  std::uint64_t sent_bytes = 0;           ///< of the request's body, on the last connection tried
};

} // namespace symup
