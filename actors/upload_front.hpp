// SPDX-License-Identifier: Apache-2.0
#pragma once

/// UPLOAD FRONT: what stands behind symup::upload: writes a producer's scopes to groups on the
/// producer's thread, takes a turn for each large tape and a credit for each group, and posts it to
/// the INTAKE. The only place where a thread waits for the pipeline. Not an actor.

#include "supervisor.hpp"

#include "scope_to_group.hpp"
#include "symup/pipeline.hpp"
#include "tape_turns.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

namespace symup {

class upload_impl final : public scope_sink, public std::enable_shared_from_this<upload_impl> {
public:
  upload_impl(const actors::begun_upload& begun, std::string id, overflow_policy overflow,
              std::shared_ptr<memory_budget> budget, std::shared_ptr<buffer_pool> tape_buffers,
              std::shared_ptr<tape_turns> turns);

  /// Lets flush_interval and the turns reach this front. Needs the shared pointer, so not in the
  /// constructor.
  void listen();

  expected<void> add(const scope& root);
  expected<void> flush();
  void end();
  void cancel();
  /// The handle goes away: cancels, unless the upload was ended.
  void abandon();
  [[nodiscard]] receipt wait() const { return gate_->wait(); }
  [[nodiscard]] const std::string& id() const noexcept { return id_; }
  [[nodiscard]] upload_progress progress() const { return gate_->progress(); }
  [[nodiscard]] std::optional<error> failure() const { return gate_->failure(); }

  // As scope_sink: holds the lock from the start of a root scope to its end.
  bool begin_scope(const scope_head& head) override;
  bool add_symbol(const symbol_view& symbol) override;
  bool end_scope() override;

private:
  expected<void> add_under_lock(const scope& root);
  bool hand_over(scope_group&& group);
  tape_turn take_turn();
  tape_turn wait_for_turn();
  void hand_over_tape();
  void flush_by_timer();
  bool cut_without_waiting();
  void hand_over_if_asked();
  expected<void> open_or_reason() const;
  [[nodiscard]] bool is_full() const;
  bool checked(bool written);
  void leave_root();
  void give_up(error reason);

  std::shared_ptr<upload_gate> gate_;
  actors::intake_actor intake_;
  const std::string id_;
  const group_limits limits_;
  const overflow_policy overflow_;
  const std::shared_ptr<memory_budget> budget_;
  const std::shared_ptr<tape_turns> turns_;
  std::shared_ptr<tape_filler> filler_;  // set by listen()
  std::atomic<bool> inside_root_{false}; // of the sink
  std::mutex mutex_;                     // guards all below
  group_writer writer_;
  std::unique_lock<std::mutex> sink_lock_; // held while the sink is inside a root scope
  bool has_credit_ = false;                // taken ahead for the next group
  bool ended_ = false;
};

} // namespace symup
