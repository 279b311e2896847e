// SPDX-License-Identifier: Apache-2.0
#pragma once

/// One accepted connection as cpp-httplib's parser wants to see it. Own, because the intake needs
/// what httplib's does not have: buffered reads across the requests of a connection, an answer
/// that gets lost, a close in mid-body, and poll() instead of select(). Used by connection_server;
/// one stream, one thread.

#include <httplib.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <string>

namespace symup::receive {

class socket_stream final : public httplib::Stream {
public:
  /// Owns the socket. No single read or write waits longer than `stall_timeout`.
  socket_stream(int socket, std::chrono::milliseconds stall_timeout);
  ~socket_stream() override;
  socket_stream(const socket_stream&) = delete;
  socket_stream& operator=(const socket_stream&) = delete;

  /// True when the next request has begun to arrive; false on close or after `patience`.
  [[nodiscard]] bool wait_for_request(std::chrono::milliseconds patience);
  /// From here on nothing is written: the other side sees a close instead of an answer.
  void mute() noexcept { muted_ = true; }
  [[nodiscard]] bool muted() const noexcept { return muted_; }
  /// Says goodbye, then swallows what the other side still sends, for a bounded time and size:
  /// closing with unread bytes would destroy the answer on its way.
  void linger();

  bool is_readable() const override;
  bool is_writable() const override;
  ssize_t read(char* bytes, std::size_t size) override;
  ssize_t write(const char* bytes, std::size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  /// Not told: httplib refuses numbers that select() cannot take, and uses it for nothing else.
  int socket() const override { return -1; }

private:
  [[nodiscard]] bool wait(short events, std::chrono::milliseconds patience) const;
  [[nodiscard]] bool fill();

  int socket_;
  std::chrono::milliseconds stall_timeout_;
  bool muted_ = false;
  std::array<char, 65536> buffer_;
  std::size_t next_ = 0, last_ = 0;
};

} // namespace symup::receive
