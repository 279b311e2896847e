// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What can go wrong, as values. Every function of the public interface that can fail returns
/// `symup::expected<T>`; none throws. The categories keep the two worlds apart that an operator
/// treats differently: `upload_failed` is the network's or the intake's doing, everything else is
/// local.

#include <tl/expected.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace symup {

/// Stable codes: numbers are never reused or changed, so they may be logged and alerted on.
enum class errc : std::uint8_t {
  /// A setting is unknown, has the wrong type or a value outside its range.
  invalid_config = 10,

  /// A scope breaks a rule of the wire format (root type, line order, nesting, ...).
  invalid_scope = 20,
  /// A scope or symbol is larger than a batch may be.
  leaf_too_large = 21,
  /// A line of a scope file is not a valid root scope.
  invalid_line = 22,
  /// A file cannot be opened, read or written.
  io_failed = 23,
  /// A binary holds no debug information and none was found for it.
  no_debug_info = 24,
  /// A binary is damaged or uses a format symup does not read.
  unsupported_binary = 25,

  /// Compression failed.
  encoding_failed = 30,

  /// The pipeline is full and `overflow` is `reject`.
  rejected = 40,
  /// Memory could not be allocated.
  out_of_memory = 41,

  /// The upload was cancelled by its owner.
  cancelled = 50,
  /// The pipeline was shut down before the upload was complete.
  shut_down = 51,
  /// The upload was finished already; nothing can be added.
  closed = 52,

  /// The intake answered with a status that is not a success.
  http_status = 60,
  /// No answer: connecting, sending or receiving failed.
  transport = 61,
  /// No answer in time (connect, stall or total timeout).
  timeout = 62,
  /// The intake refuses a body that cannot be made smaller (413 on a single fragment).
  payload_too_large = 63,

  /// A bug in symup.
  internal = 90,
};

/// The word for a code, as it stands in `--json` and in logs: "invalid_config", ...
[[nodiscard]] std::string_view to_string(errc code) noexcept;

/// The word for the group a code belongs to: "configuration", "invalid_input", "encoding",
/// "overload", "cancelled", "upload_failed" or "internal".
[[nodiscard]] std::string_view category(errc code) noexcept;

/// What is known of an HTTP exchange that failed for good.
struct upload_failure {
  int status = 0;             ///< HTTP status; 0 if there was no answer
  bool retryable = false;     ///< the last failure was worth another try, but attempts ran out
  std::uint32_t attempts = 0; ///< requests sent for this batch
};

struct error {
  errc code = errc::internal;
  std::string message;                  ///< what, where, what is allowed; never holds a secret
  std::optional<upload_failure> upload; ///< set for the category "upload_failed"
};

/// "upload_failed/http_status: 403 Forbidden ..."
[[nodiscard]] std::string to_string(const error& e);

template <class T>
using expected = tl::expected<T, error>;

/// Makes the error branch of an `expected`.
[[nodiscard]] inline tl::unexpected<error> fail(errc code, std::string message) {
  return tl::unexpected<error>(error{code, std::move(message), std::nullopt});
}

[[nodiscard]] inline tl::unexpected<error> fail(error e) {
  return tl::unexpected<error>(std::move(e));
}

} // namespace symup
