// SPDX-License-Identifier: Apache-2.0
#include "valve.hpp"

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace symup::testing {

namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

} // namespace

valve::valve(int target_port) : target_port_(target_port) {
  listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  REQUIRE(::bind(listening_, reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(::listen(listening_, 64) == 0);
  REQUIRE(::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  wake_read_ = ends[0];
  wake_write_ = ends[1];
  thread_ = std::thread([this] { run(); });
}

valve::~valve() {
  ending_ = true;
  (void)!::write(wake_write_, "x", 1);
  thread_.join();
  for (const auto& c : connections_) {
    ::close(c.from);
    ::close(c.to);
  }
  for (const int fd : {listening_, wake_read_, wake_write_})
    ::close(fd);
}

void valve::open() {
  open_ = true;
  (void)!::write(wake_write_, "x", 1);
}

void valve::accept_one() {
  const int from = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
  const int to = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(target_port_);
  const int yes = 1;
  for (const int fd : {from, to})
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (from >= 0 && ::connect(to, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    connections_.push_back({from, to});
}

// One read, written out whole; false at the end of the stream.
bool valve::relay(int from, int to) {
  std::array<char, 64 * 1024> bytes;
  const auto got = ::recv(from, bytes.data(), bytes.size(), 0);
  for (ssize_t sent = 0; sent < got;) {
    const auto more =
        ::send(to, bytes.data() + sent, static_cast<std::size_t>(got - sent), MSG_NOSIGNAL);
    if (more <= 0)
      return false;
    sent += more;
  }
  return got > 0;
}

void valve::run() {
  while (!ending_) {
    std::vector<pollfd> polled = {{wake_read_, POLLIN, 0}, {listening_, POLLIN, 0}};
    if (open_) {
      for (const auto& c : connections_) {
        polled.push_back({c.from, POLLIN, 0});
        polled.push_back({c.to, POLLIN, 0});
      }
    }
    ::poll(polled.data(), polled.size(), -1);
    if (polled[0].revents != 0) {
      char byte;
      (void)!::read(wake_read_, &byte, 1);
    }
    std::vector<connection> left;
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      const auto& c = connections_[i];
      const auto at = 2 + 2 * i;
      const bool alive =
          at >= polled.size() || ((polled[at].revents == 0 || relay(c.from, c.to)) &&
                                  (polled[at + 1].revents == 0 || relay(c.to, c.from)));
      if (alive) {
        left.push_back(c);
      } else {
        ::close(c.from);
        ::close(c.to);
      }
    }
    connections_ = std::move(left);
    if (polled[1].revents != 0)
      accept_one();
  }
}

} // namespace symup::testing
