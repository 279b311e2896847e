// SPDX-License-Identifier: Apache-2.0
#pragma once

/// An actor system without threads whose clock stands still until a test moves it: messages are
/// handled in run(), timers fire in advance(). Neighbours of the actor under test are stand-ins.

#include "supervisor.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace symup::testing {

class virtual_system {
public:
  virtual_system() : system(system_config), self(system, true) {}
  ~virtual_system() {
    for (const auto& actor : to_kill)
      caf::anon_send_exit(actor, caf::exit_reason::kill);
    run();
  }

  void run() { scheduler().run(); }
  void advance(std::chrono::milliseconds time) {
    scheduler().clock().advance_time(time);
    run();
  }
  caf::scheduler::test_coordinator& scheduler() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  }
  /// Actors must be gone before the system is.
  template <class Handle>
  Handle owned(Handle handle) {
    to_kill.push_back(caf::actor_cast<caf::strong_actor_ptr>(handle));
    return handle;
  }

  struct testing_config : caf::actor_system_config {
    testing_config() { set("scheduler.policy", caf::atom("testing")); }
  };
  testing_config system_config;
  caf::actor_system system;
  caf::scoped_actor self;

private:
  std::vector<caf::strong_actor_ptr> to_kill;
};

/// A way out that sends nothing: the test answers each request itself.
struct recorded_transport {
  struct request {
    std::uint64_t id;
    http_request content;
    http_engine::completion done;
  };
  std::deque<request> open;
  std::vector<std::uint64_t> cancelled;

  [[nodiscard]] actors::transport make() {
    return {[this](std::uint64_t id, http_request content, http_engine::completion done) {
              open.push_back({id, std::move(content), std::move(done)});
            },
            [this](std::uint64_t id) {
              cancelled.push_back(id);
              for (auto at = open.begin(); at != open.end(); ++at) {
                if (at->id == id) {
                  auto chosen = std::move(*at);
                  open.erase(at);
                  http_response response;
                  response.kind = response_kind::cancelled;
                  chosen.done(id, response);
                  return;
                }
              }
            },
            nullptr};
  }

  /// Answers the oldest open request.
  void answer(int status, std::optional<std::string> retry_after = std::nullopt) {
    auto first = std::move(open.front());
    open.pop_front();
    http_response response;
    response.kind = response_kind::answered;
    response.status = status;
    response.retry_after = std::move(retry_after);
    first.done(first.id, response);
  }
};

[[nodiscard]] inline std::string body_of(const http_request& request) {
  std::string text;
  for (const auto& piece : request.body)
    text += piece.bytes;
  return text;
}

} // namespace symup::testing
