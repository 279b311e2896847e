// SPDX-License-Identifier: Apache-2.0
#include "receive/connection_server.hpp"

#include <memory>

#include <sys/socket.h>

namespace symup::receive {

namespace {

thread_local exchange* served_here = nullptr;

/// httplib would parse multipart and inflate by itself, laxly; without the headers it hands the
/// body over as it came.
void hide_from_httplib(httplib::Request& request, exchange& served) {
  served.content_types = request.get_header_value_count("Content-Type");
  served.content_type = request.get_header_value("Content-Type");
  served.content_encoding = request.has_header("Content-Encoding");
  request.headers.erase("Content-Type");
  request.headers.erase("Content-Encoding");
}

} // namespace

connection_server::connection_server(std::chrono::milliseconds keep_alive,
                                     std::chrono::milliseconds stall_timeout)
    : keep_alive_(keep_alive), stall_timeout_(stall_timeout) {
  set_post_routing_handler([](const httplib::Request&, httplib::Response& response) {
    if (!current().close)
      return;
    response.headers.erase("Keep-Alive");
    response.headers.erase("Connection");
    response.set_header("Connection", "close");
  });
}

exchange& connection_server::current() {
  return *served_here;
}

bool connection_server::enter(int socket) {
  const std::lock_guard lock(mutex_);
  if (!stopping_)
    open_.insert(socket);
  return !stopping_;
}

void connection_server::leave(int socket) {
  const std::lock_guard lock(mutex_);
  open_.erase(socket);
}

bool connection_server::stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

bool connection_server::process_and_close_socket(int socket) {
  // On the heap: the buffer is large for a thread's stack.
  const auto stream = std::make_unique<socket_stream>(socket, stall_timeout_);
  if (!enter(socket))
    return false;
  bool served = false;
  bool go_on = true;
  while (go_on && stream->wait_for_request(keep_alive_)) {
    exchange now(*stream);
    served_here = &now;
    bool closed = false;
    served = process_request(*stream, stopping(), closed, [&now](httplib::Request& request) {
      hide_from_httplib(request, now);
    });
    served_here = nullptr;
    if (now.close && !stream->muted())
      stream->linger();
    go_on = served && !closed && !now.close && !stopping();
  }
  leave(socket); // before the stream closes it and the number is given away again
  return served;
}

void connection_server::stop_all() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const int socket : open_)
      ::shutdown(socket, SHUT_RD);
  }
  stopped_.notify_all();
  stop();
}

void connection_server::delay(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  stopped_.wait_for(lock, time, [this] { return stopping_; });
}

} // namespace symup::receive
