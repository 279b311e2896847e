// SPDX-License-Identifier: Apache-2.0
#pragma once

/// ENCODER: writes a group's scopes as JSON. A pool of them, shared by all uploads.
/// Fed by the INTAKEs; hands on to a COMPRESSOR. Runs on the scheduler.

#include "batcher.hpp"
#include "compressor.hpp"
#include "messages.hpp"
#include "worker_pool.hpp"

#include "buffer_pool.hpp"

#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstddef>
#include <memory>
#include <optional>

namespace symup::actors {

using encoder_actor = caf::typed_actor<
    // Encodes, then delegates to a compressor, which delegates to the batcher.
    caf::replies_to<encode_atom, group_message, batcher_actor>::with<caf::ok_atom>>;

using encoder_pool = worker_pool<encoder_actor>;

struct encoder_options {
  std::size_t index = 0; ///< in the pool
  std::shared_ptr<encoder_pool> pool;
  std::shared_ptr<compressor_pool> compressors;
  std::shared_ptr<buffer_pool> tape_buffers; ///< where a group's tape goes when it is read
  std::shared_ptr<buffer_pool> json_buffers;
};

struct encoder_state {
  static inline constexpr const char* name = "encoder";
  std::optional<encoder_options> options;
};

encoder_actor::behavior_type encoder(encoder_actor::stateful_pointer<encoder_state> self,
                                     encoder_options options);

} // namespace symup::actors
