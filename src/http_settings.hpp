// SPDX-License-Identifier: Apache-2.0
#pragma once

/// HTTP SETTINGS: where requests go and within what limits, checked once so that nothing of it can
/// fail, leak or forge a header later. Made on the thread that makes the engine, then read-only.

#include "symup/config.hpp"
#include "symup/error.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace symup {

/// How an engine may behave; meanings and defaults as in `config`.
struct http_limits {
  using milliseconds = std::chrono::milliseconds;

  std::size_t max_connections = config{}.max_connections;
  milliseconds connect_timeout = config{}.connect_timeout;
  milliseconds stall_timeout = config{}.stall_timeout;
  milliseconds request_timeout = config{}.request_timeout;
  std::size_t max_response_bytes = config{}.max_response_bytes;
  std::string proxy;
  std::string ca_file;
};

[[nodiscard]] http_limits limits_of(const config& values);

/// What every transfer of an engine is set up from. Only check_http_settings makes it.
struct http_settings {
  endpoint to;
  http_limits limits;
  std::vector<std::string> header_lines; ///< of `to`, in libcurl's notation
  std::vector<std::string> secrets;      ///< never to be shown, longest first
};

/// Errors: invalid_config for a URL that is not http:// or https://, a proxy that is no http(s)
/// URL, a header that is malformed or belongs to the engine (Content-Length, ...), a ca_file that
/// cannot be read, a limit that is not positive. No message shows a header's value or credentials.
[[nodiscard]] expected<http_settings> check_http_settings(endpoint to, http_limits limits);

/// The endpoint for messages: without credentials, query and fragment.
[[nodiscard]] std::string printable_url(const endpoint& to);

} // namespace symup
