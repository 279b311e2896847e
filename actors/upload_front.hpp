// SPDX-License-Identifier: Apache-2.0
#pragma once

/// UPLOAD FRONT: what stands behind symup::upload: writes a producer's scopes to groups on the
/// producer's thread, takes a credit for each and posts it to the INTAKE. The only place where a
/// thread waits for the pipeline. Not an actor.

#include "supervisor.hpp"

#include "scope_to_group.hpp"
#include "symup/pipeline.hpp"

#include <memory>
#include <mutex>
#include <string>

namespace symup {

class upload_impl final : public scope_sink, public std::enable_shared_from_this<upload_impl> {
public:
  upload_impl(const actors::begun_upload& begun, std::string id, overflow_policy overflow,
              std::shared_ptr<memory_budget> budget, std::shared_ptr<buffer_pool> tape_buffers);

  /// Lets flush_interval reach this front. Needs the shared pointer, so not in the constructor.
  void listen_to_timer();

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
  bool hand_over(scope_group&& group);
  void flush_by_timer();
  expected<void> open_or_reason() const;
  [[nodiscard]] bool is_full() const;
  bool checked(bool written);
  void give_up(error reason);

  std::shared_ptr<upload_gate> gate_;
  actors::intake_actor intake_;
  const std::string id_;
  const group_limits limits_;
  const overflow_policy overflow_;
  const std::shared_ptr<memory_budget> budget_;
  std::mutex mutex_; // guards all below
  group_writer writer_;
  std::unique_lock<std::mutex> sink_lock_; // held while the sink is inside a root scope
  bool has_credit_ = false;                // taken ahead for the next group
  bool ended_ = false;
};

} // namespace symup
