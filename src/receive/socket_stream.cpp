// SPDX-License-Identifier: Apache-2.0
#include "receive/socket_stream.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace symup::receive {

socket_stream::socket_stream(int socket, std::chrono::milliseconds stall_timeout)
    : socket_(socket), stall_timeout_(stall_timeout) {}

socket_stream::~socket_stream() {
  ::close(socket_);
}

bool socket_stream::wait(short events, std::chrono::milliseconds patience) const {
  pollfd entry{socket_, events, 0};
  int ready = 0;
  do
    ready = ::poll(&entry, 1, static_cast<int>(patience.count()));
  while (ready < 0 && errno == EINTR);
  return ready > 0;
}

bool socket_stream::fill() {
  ssize_t size = 0;
  do
    size = ::recv(socket_, buffer_.data(), buffer_.size(), 0);
  while (size < 0 && errno == EINTR);
  next_ = 0;
  last_ = size > 0 ? static_cast<std::size_t>(size) : 0;
  return size > 0;
}

bool socket_stream::wait_for_request(std::chrono::milliseconds patience) {
  return next_ < last_ || (wait(POLLIN, patience) && fill());
}

void socket_stream::linger() {
  constexpr std::size_t most = 64U << 20U;
  constexpr std::chrono::seconds longest(5);
  const auto end = std::chrono::steady_clock::now() + longest;
  ::shutdown(socket_, SHUT_WR);
  std::size_t swallowed = 0;
  while (swallowed < most && std::chrono::steady_clock::now() < end &&
         wait(POLLIN, std::min(stall_timeout_, std::chrono::milliseconds(longest))) && fill())
    swallowed += last_;
}

bool socket_stream::is_readable() const {
  return next_ < last_ || wait(POLLIN, stall_timeout_);
}

bool socket_stream::is_writable() const {
  return !muted_ && wait(POLLOUT, stall_timeout_);
}

ssize_t socket_stream::read(char* bytes, std::size_t size) {
  if (next_ == last_ && (!is_readable() || !fill()))
    return -1;
  const std::size_t count = std::min(size, last_ - next_);
  std::memcpy(bytes, buffer_.data() + next_, count);
  next_ += count;
  return static_cast<ssize_t>(count);
}

ssize_t socket_stream::write(const char* bytes, std::size_t size) {
  if (!is_writable())
    return -1;
  ssize_t sent = 0;
  do
    sent = ::send(socket_, bytes, size, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent;
}

void socket_stream::get_remote_ip_and_port(std::string& ip, int& port) const {
  ip.clear();
  port = 0;
}

void socket_stream::get_local_ip_and_port(std::string& ip, int& port) const {
  ip.clear();
  port = 0;
}

} // namespace symup::receive
