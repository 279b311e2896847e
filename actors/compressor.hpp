// SPDX-License-Identifier: Apache-2.0
#pragma once

/// COMPRESSOR: turns a group's JSON into a DEFLATE fragment. A pool of them, shared by all uploads.
/// Fed by the ENCODERs; hands on to the BATCHER of the group's upload, which answers in its place.
/// Runs on the scheduler; nearly all of a pipeline's CPU time is spent here.

#include "batcher.hpp"
#include "messages.hpp"
#include "worker_pool.hpp"

#include "buffer_pool.hpp"
#include "json_to_fragment.hpp"
#include "level_control.hpp"

#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstddef>
#include <memory>
#include <optional>

namespace symup::actors {

using compressor_actor = caf::typed_actor<
    // Compresses, then delegates to the batcher.
    caf::replies_to<compress_atom, json_message, batcher_actor>::with<caf::ok_atom>>;

using compressor_pool = worker_pool<compressor_actor>;

struct compressor_options {
  std::size_t index = 0;                 ///< in the pool
  int level = 6;                         ///< if `levels` is null
  std::shared_ptr<level_control> levels; ///< of compression_level = auto
  std::shared_ptr<compressor_pool> pool;
  std::shared_ptr<buffer_pool> json_buffers;
};

struct compressor_state {
  static inline constexpr const char* name = "compressor";
  std::optional<compressor_options> options;
  std::optional<fragment_compressor> compressor; // made with the first work
  int level = 0;                                 // of the compressor
};

compressor_actor::behavior_type
compressor(compressor_actor::stateful_pointer<compressor_state> self, compressor_options options);

} // namespace symup::actors
