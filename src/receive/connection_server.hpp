// SPDX-License-Identifier: Apache-2.0
#pragma once

/// cpp-httplib's server with the connections in our own hands: it knows which are open (so that
/// stopping does not wait for idle ones), keeps httplib from decoding bodies itself, and lets a
/// handler close instead of answer. The intake server owns one. Connections run on httplib's
/// thread pool, stop() comes from any other thread.

#include "receive/socket_stream.hpp"

#include <httplib.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_set>

namespace symup::receive {

/// The request being served on this thread, as far as httplib must not see it or cannot tell it.
struct exchange {
  explicit exchange(socket_stream& connection) : stream(connection) {}
  socket_stream& stream;
  std::size_t content_types = 0; ///< how often the header came
  std::string content_type;
  bool content_encoding = false; ///< the header came
  bool close = false;            ///< set by a handler: no further request on this connection
  /// The other side gets no answer, its connection just ends.
  void drop_answer() {
    stream.mute();
    close = true;
  }
};

class connection_server final : public httplib::Server {
public:
  connection_server(std::chrono::milliseconds keep_alive, std::chrono::milliseconds stall_timeout);

  /// The exchange of the handler that calls.
  [[nodiscard]] static exchange& current();

  /// Ends the accept loop, wakes all waiting, lets requests being answered end.
  void stop_all();
  /// Waits that long, or until the server is being stopped.
  void delay(std::chrono::milliseconds time);

private:
  bool process_and_close_socket(int socket) override;
  [[nodiscard]] bool enter(int socket);
  void leave(int socket);
  [[nodiscard]] bool stopping();

  std::chrono::milliseconds keep_alive_, stall_timeout_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;
  std::unordered_set<int> open_;
};

} // namespace symup::receive
