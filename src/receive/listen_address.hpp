// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Where the intake listens, read from the text of `--listen`. Used by intake_server. A value.

#include "symup/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace symup::receive {

struct listen_address {
  std::string host;        ///< without the brackets of an IPv6 address
  std::uint16_t port = 0;  ///< 0 = pick one
  std::string unix_socket; ///< set: path of the socket; host and port mean nothing
};

/// "HOST:PORT", "[IPv6]:PORT" or "unix:///PATH".
[[nodiscard]] expected<listen_address> parse_listen_address(std::string_view text);

/// The URL a client uses, with the port that was picked.
[[nodiscard]] std::string url_of(const listen_address& address);

/// Removes a socket file that nobody listens on any more; leaves every other file alone.
void remove_stale_socket(const std::string& path);

} // namespace symup::receive
