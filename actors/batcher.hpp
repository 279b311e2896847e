// SPDX-License-Identifier: Apache-2.0
#pragma once

/// BATCHER: puts the fragments of one upload in order and into batches, and has these sent.
/// One per upload. Fed by the COMPRESSORs; feeds the UPLOADER. Runs on the scheduler.
///
/// Its answer to a fragment is the credit that lets the INTAKE go on. While too many batches are
/// on their way it keeps its answers back, and so the producer stands still.

#include "messages.hpp"
#include "uploader.hpp"

#include "batch_to_request.hpp"
#include "fragments_to_batch.hpp"
#include "level_control.hpp"
#include "pipeline_counters.hpp"
#include "upload_gate.hpp"
#include "upload_ledger.hpp"

#include <caf/fwd.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <optional>

namespace symup::actors {

using batcher_actor = caf::typed_actor<
    // The fragment of a group; answered when it has its place in a batch.
    caf::replies_to<take_atom, fragment_message>::with<caf::ok_atom>,
    // Nothing comes after the named group: send the rest, the last batch as final.
    caf::reacts_to<finish_atom, end_message>,
    // Send what there is up to the group of this sequence, the newest fragment excepted.
    caf::reacts_to<flush_atom, std::uint64_t>,
    // Memory is short: send what can be sent now.
    caf::reacts_to<relieve_atom>,
    // The upload has failed or was cancelled: stop sending, report.
    caf::reacts_to<abort_atom, error_message>>;

/// What a batcher is made of.
struct batcher_options {
  std::uint64_t key = 0; ///< of the upload, within the pipeline
  upload_identity identity;
  batch_limits limits;
  std::size_t max_inflight_batches = 4;
  std::shared_ptr<upload_gate> gate;
  std::shared_ptr<memory_budget> budget;
  std::shared_ptr<pipeline_counters> counters;
  std::shared_ptr<level_control> levels; ///< null: the level is fixed
  uploader_actor uploader;
  /// Called once, when the receipt is there.
  std::function<void(std::uint64_t key, const receipt&)> ended;
};

struct batcher_state {
  static inline constexpr const char* name = "batcher";
  /// Whoever waits for the receipt gets one, even if the actor is killed.
  ~batcher_state();

  using promise = caf::typed_response_promise<caf::ok_atom>;
  struct pending_fragment {
    fragment_ptr fragment;
    promise credit;
  };

  std::optional<batcher_options> options;
  std::optional<batch_cutter> cutter;
  std::optional<upload_ledger> ledger;
  std::map<std::uint64_t, pending_fragment> pending; // by sequence: not in a batch yet
  std::uint64_t next_sequence = 1;
  std::uint64_t flush_sequence = 0; // flush when this one is in a batch
  std::shared_ptr<const upload_end> end;
  bool last_batch_closed = false;
  bool concluded = false;
  std::optional<error> failure;
  receipt result;
  std::map<std::uint32_t, std::uint64_t> attachment_bytes; // of batches on their way
  std::chrono::steady_clock::time_point started;
};

batcher_actor::behavior_type batcher(batcher_actor::stateful_pointer<batcher_state> self,
                                     batcher_options options);

} // namespace symup::actors
