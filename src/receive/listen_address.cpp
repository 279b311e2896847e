// SPDX-License-Identifier: Apache-2.0
#include "receive/listen_address.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace symup::receive {

namespace {

constexpr std::string_view unix_scheme = "unix://";
constexpr std::size_t max_path = sizeof(sockaddr_un::sun_path) - 1;

tl::unexpected<error> bad(std::string_view text, const std::string& why) {
  return fail(errc::invalid_config, "listen address \"" + std::string(text) + "\": " + why +
                                        "; allowed are HOST:PORT, [IPv6]:PORT with a port from 0 "
                                        "to 65535, and unix:///PATH");
}

} // namespace

expected<listen_address> parse_listen_address(std::string_view text) {
  listen_address address;
  if (text.substr(0, unix_scheme.size()) == unix_scheme) {
    address.unix_socket = text.substr(unix_scheme.size());
    if (address.unix_socket.empty() || address.unix_socket.front() != '/')
      return bad(text, "the socket's path must be absolute");
    if (address.unix_socket.size() > max_path)
      return bad(text, "the socket's path is longer than " + std::to_string(max_path) + " bytes");
    return address;
  }
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0)
    return bad(text, "there is no host and port");
  auto host = text.substr(0, colon);
  const auto port = text.substr(colon + 1);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return bad(text, "an IPv6 address needs brackets");
  const auto [end, problem] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (port.empty() || problem != std::errc() || end != port.data() + port.size())
    return bad(text, "the port is no number from 0 to 65535");
  address.host = host;
  return address;
}

std::string url_of(const listen_address& address) {
  if (!address.unix_socket.empty())
    return std::string(unix_scheme) + address.unix_socket;
  const bool is_ipv6 = address.host.find(':') != std::string::npos;
  return "http://" + (is_ipv6 ? '[' + address.host + ']' : address.host) + ':' +
         std::to_string(address.port);
}

void remove_stale_socket(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode))
    return;
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0)
    return;
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), name.sun_path);
  const bool refused =
      ::connect(probe, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0 &&
      errno == ECONNREFUSED;
  ::close(probe);
  if (refused)
    ::unlink(path.c_str());
}

} // namespace symup::receive
