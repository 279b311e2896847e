// SPDX-License-Identifier: Apache-2.0
#pragma once

/// INTAKE: the way into the pipeline for one upload. Fed with groups by the upload's front end on
/// producers' threads (which has taken a credit for each), or with scopes by a host's actors.
/// Feeds the ENCODERs, as memory allows; each answer that comes back is a credit. Runs on the
/// scheduler.

#include "batcher.hpp"
#include "encoder.hpp"
#include "messages.hpp"

#include "scope_to_group.hpp"
#include "symup/caf.hpp"

#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace symup::actors {

using intake_actor = upload_actor::extend<
    // A group for which the sender has taken a credit.
    caf::reacts_to<submit_atom, group_message>,
    // Nothing comes after the group named in the message.
    caf::reacts_to<finish_atom, end_message>,
    // Send what was submitted up to the group of this sequence.
    caf::reacts_to<flush_atom, std::uint64_t>,
    // The upload is given up for this reason.
    caf::reacts_to<abort_atom, error_message>,
    // The upload has ended: answer who still waits, then quit.
    caf::reacts_to<ended_atom, receipt_message>,
    // INTERNAL: others wait for the turn of the tape that is being filled: hand it over.
    caf::reacts_to<relieve_atom>,
    // INTERNAL: look for the turn that a large tape needs; true: nobody has called for a while.
    caf::reacts_to<turn_atom, bool>,
    // INTERNAL: the memory for the first waiting group is there.
    caf::reacts_to<granted_atom>,
    // INTERNAL: flush_interval has passed.
    caf::reacts_to<tick_atom>>;

struct intake_options {
  std::uint64_t key = 0; ///< of the upload, within the pipeline
  group_limits groups;
  overflow_policy overflow = overflow_policy::wait;
  std::chrono::milliseconds flush_interval{0};
  bool fed_by_messages = false; ///< by a host's actors; else by an upload's front end
  std::shared_ptr<upload_gate> gate;
  std::shared_ptr<memory_budget> budget;
  std::shared_ptr<buffer_pool> tape_buffers;
  std::shared_ptr<tape_turns> turns;
  std::shared_ptr<encoder_pool> encoders;
  batcher_actor batcher;
};

struct intake_state {
  static inline constexpr const char* name = "intake";
  /// Leaves the line, lest a turn is kept for it.
  ~intake_state();

  using ok_promise = caf::typed_response_promise<caf::ok_atom>;
  using result_promise = caf::typed_response_promise<upload_result_message>;

  std::optional<intake_options> options;
  std::deque<group_message> waiting; // for memory; each has its credit
  bool memory_asked = false;
  // Only for scopes that come as messages:
  std::shared_ptr<tape_filler> filler;
  tape_turn turn; // for the next large tape
  bool waits_for_turn = false;
  bool turn_timer_runs = false;
  std::optional<group_writer> writer;
  std::deque<group_message> without_credit;
  std::vector<ok_promise> producers; // held until there is credit again, and a turn
  std::vector<result_promise> finishers;
  bool finished = false;
  receipt_message result;
};

intake_actor::behavior_type intake(intake_actor::stateful_pointer<intake_state> self,
                                   intake_options options);

} // namespace symup::actors
