// SPDX-License-Identifier: Apache-2.0
#pragma once

/// WEAK HANDLE: how callbacks from outside of CAF (the HTTP engine's thread, the memory budget)
/// reach an actor without keeping it alive. Any thread.

#include <caf/actor_cast.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/send.hpp>

#include <utility>

namespace symup::actors {

template <class Handle>
class weak_handle {
public:
  template <class Self>
  explicit weak_handle(Self* self) : target_(self->ctrl()) {}

  /// Posts a message, or does nothing if the actor is gone.
  template <class... Parts>
  void send(Parts&&... parts) const {
    if (auto alive = target_.lock())
      caf::anon_send(caf::actor_cast<Handle>(alive), std::forward<Parts>(parts)...);
  }

private:
  caf::weak_actor_ptr target_;
};

} // namespace symup::actors
