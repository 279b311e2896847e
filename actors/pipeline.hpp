// SPDX-License-Identifier: Apache-2.0
#pragma once

/// PIPELINE: what stands behind symup::pipeline: starts the SUPERVISOR in an actor system (its own
/// or the host's), begins uploads, shuts down. Not an actor; called on the host's threads.

#include "supervisor.hpp"

#include "symup/caf.hpp"
#include "symup/config.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>

namespace symup {

/// Makes the way out of a pipeline.
using transport_maker = std::function<expected<actors::transport>()>;

/// A pipeline whose requests go another way than HTTP, for the command's dry run and for tests.
[[nodiscard]] expected<pipeline> start_pipeline_over(const finalized_config& config,
                                                     transport_maker make_transport);

class pipeline_impl {
public:
  /// @param host  the host's actor system; null = make one
  pipeline_impl(const finalized_config& config, caf::actor_system* host,
                transport_maker make_transport);
  /// Ends all actors and waits until they are gone. Not to be called from an actor.
  ~pipeline_impl();
  pipeline_impl(const pipeline_impl&) = delete;
  pipeline_impl& operator=(const pipeline_impl&) = delete;

  [[nodiscard]] expected<std::shared_ptr<upload_impl>> begin(upload_options options);
  [[nodiscard]] expected<upload_actor> begin_for_actors(upload_options options);
  [[nodiscard]] pipeline_stats stats() const;
  shutdown_report shutdown(std::chrono::milliseconds deadline);

private:
  [[nodiscard]] expected<upload_identity> identify(const upload_options& options) const;
  [[nodiscard]] expected<actors::begun_upload>
  ask_begin(upload_options& options, upload_identity identity, bool fed_by_messages);

  const finalized_config config_;
  std::shared_ptr<memory_budget> budget_;
  std::shared_ptr<buffer_pool> tape_buffers_;
  std::shared_ptr<tape_turns> turns_;
  std::shared_ptr<buffer_pool> json_buffers_;
  std::shared_ptr<pipeline_counters> counters_;
  std::shared_ptr<level_control> levels_; // of compression_level = auto
  // Only if the actor system is our own; the config must outlive the system.
  std::unique_ptr<caf::actor_system_config> own_config_;
  std::unique_ptr<caf::actor_system> own_system_;
  caf::actor_system* system_;
  actors::supervisor_actor supervisor_;
};

} // namespace symup
