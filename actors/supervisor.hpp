// SPDX-License-Identifier: Apache-2.0
#pragma once

/// SUPERVISOR: owns a pipeline's actors. Spawns the shared ones (ENCODERs, COMPRESSORs, UPLOADER)
/// once and an INTAKE with its BATCHER for each upload; watches them, replaces workers that died,
/// drains the pipeline and ends it. Asked by the pipeline's front end. Runs on the scheduler.

#include "batcher.hpp"
#include "compressor.hpp"
#include "encoder.hpp"
#include "intake.hpp"
#include "messages.hpp"
#include "uploader.hpp"

#include "symup/config.hpp"
#include "symup/pipeline.hpp"

#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>

namespace symup::actors {

/// What an upload's front end needs.
struct begun_upload {
  std::uint64_t key = 0;
  intake_actor intake;
  std::shared_ptr<upload_gate> gate;
  group_limits groups;
};

/// What is asked for.
struct begin_message {
  std::shared_ptr<const upload_identity> identity;
  std::function<void(const receipt&)> on_done;
  bool fed_by_messages = false;
  /// Called once, on the supervisor's thread. Not a request: CAF notes each thread that makes an
  /// actor to ask with, under a spinlock that all workers take, and there may be a thousand.
  std::function<void(expected<begun_upload>)> answer;
};

using supervisor_actor = caf::typed_actor<
    // Begins an upload, or fails with errc::rejected or errc::shut_down.
    caf::reacts_to<begin_atom, begin_message>,
    // Lets nothing new begin and answers when all uploads have ended. When the time (milliseconds)
    // is over it aborts those that are left.
    caf::replies_to<drain_atom, std::int64_t>::with<report_message>,
    // INTERNAL: an upload has ended.
    caf::reacts_to<ended_atom, std::uint64_t, receipt_message>,
    // INTERNAL: the drain's deadline.
    caf::reacts_to<tick_atom>>;

struct supervisor_options {
  finalized_config config;
  std::shared_ptr<memory_budget> budget;
  std::shared_ptr<buffer_pool> tape_buffers;
  std::shared_ptr<tape_turns> turns;
  std::shared_ptr<buffer_pool> json_buffers;
  std::shared_ptr<pipeline_counters> counters;
  std::shared_ptr<level_control> levels; ///< null: the level is fixed
  std::string endpoint_name;
  /// Makes the way out; called again if the UPLOADER had to be replaced.
  std::function<expected<transport>()> make_transport;
  std::function<double()> random; ///< in [0, 1)
  std::function<std::chrono::system_clock::time_point()> wall_clock;
};

struct supervisor_state {
  static inline constexpr const char* name = "supervisor";
  struct open_upload {
    intake_actor intake;
    batcher_actor batcher;
    std::shared_ptr<upload_gate> gate;
    std::string upload_id;
  };

  std::optional<supervisor_options> options;
  std::shared_ptr<encoder_pool> encoders;
  std::shared_ptr<compressor_pool> compressors;
  std::map<caf::actor_addr, std::size_t> encoder_index, compressor_index;
  uploader_actor uploader;
  caf::actor_addr uploader_address;
  std::map<std::uint64_t, open_upload> uploads;
  std::map<caf::actor_addr, caf::strong_actor_ptr> children; // all that are alive
  std::uint64_t last_key = 0;
  bool draining = false;
  bool stopping = false;
  shutdown_report report;
  std::vector<caf::typed_response_promise<report_message>> drainers;
};

supervisor_actor::behavior_type
supervisor(supervisor_actor::stateful_pointer<supervisor_state> self, supervisor_options options);

} // namespace symup::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(symup::actors::begin_message)
