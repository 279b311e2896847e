// SPDX-License-Identifier: Apache-2.0
#include "upload_front.hpp"

#include <caf/send.hpp>

#include <new>
#include <utility>

namespace symup {

using namespace actors;

namespace {
constexpr const char* full = "the pipeline is full (overflow is reject)";
}

upload_impl::upload_impl(const begun_upload& begun, std::string id, overflow_policy overflow,
                         std::shared_ptr<memory_budget> budget,
                         std::shared_ptr<buffer_pool> tape_buffers)
  : gate_(begun.gate), intake_(begun.intake), id_(std::move(id)), limits_(begun.groups),
    overflow_(overflow), budget_(std::move(budget)),
    writer_(begun.groups, budget_, std::move(tape_buffers),
            [this](scope_group&& group) { return hand_over(std::move(group)); }) {}

void upload_impl::listen_to_timer() {
  gate_->set_front([weak = weak_from_this()] {
    if (auto self = weak.lock())
      self->flush_by_timer();
  });
}

// The one place where a producer waits.
bool upload_impl::hand_over(scope_group&& group) {
  if (!std::exchange(has_credit_, false) && !gate_->wait_for_credit(budget_->is_short()))
    return false;
  gate_->update([&](upload_progress& p) { p.scopes_added += group.roots; });
  caf::anon_send(intake_, submit_atom::value,
                 group_message{std::make_shared<scope_group>(std::move(group))});
  return true;
}

expected<void> upload_impl::open_or_reason() const {
  if (auto reason = gate_->failure())
    return fail(*reason);
  if (ended_)
    return fail(errc::closed, "the upload was finished already");
  return {};
}

// A producer that does not want to wait would have to.
bool upload_impl::is_full() const {
  return overflow_ == overflow_policy::reject && !has_credit_ && !gate_->has_credit(budget_->is_short());
}

expected<void> upload_impl::add(const scope& root) {
  const std::lock_guard lock(mutex_);
  if (auto open = open_or_reason(); !open)
    return open;
  auto json_bytes = check_scope(root, limits_.max_depth);
  if (!json_bytes)
    return fail(std::move(json_bytes.error()));
  const bool will_cut = limits_.group_per_root ||
                        writer_.pending_json_bytes() + *json_bytes > limits_.fragment_bytes;
  if (will_cut && is_full())
    return fail(errc::rejected, full);
  try {
    if (writer_.write(root))
      return {};
  } catch (const std::bad_alloc&) {
    give_up({errc::out_of_memory, "no memory to take a scope", std::nullopt});
  }
  return fail(gate_->failure().value_or(error{errc::internal, "a scope was not taken", {}}));
}

expected<void> upload_impl::flush() {
  const std::lock_guard lock(mutex_);
  if (auto open = open_or_reason(); !open)
    return open;
  if (is_full() && writer_.pending_json_bytes() > 0)
    return fail(errc::rejected, full);
  if (!writer_.cut())
    return fail(gate_->failure().value_or(error{errc::internal, "nothing was flushed", {}}));
  caf::anon_send(intake_, flush_atom::value, writer_.groups());
  return {};
}

// Called by the INTAKE: must not wait, neither for the producer nor for credit.
void upload_impl::flush_by_timer() {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock || ended_ || !writer_.at_root())
    return;
  if (writer_.pending_json_bytes() > 0) {
    if (!gate_->try_take_credit(budget_->is_short()))
      return;
    has_credit_ = true;
    if (!writer_.cut())
      return;
  }
  caf::anon_send(intake_, flush_atom::value, writer_.groups());
}

void upload_impl::end() {
  if (sink_lock_.owns_lock()) {
    give_up({errc::invalid_scope, "the upload was ended within a root scope", std::nullopt});
    return;
  }
  const std::lock_guard lock(mutex_);
  if (std::exchange(ended_, true))
    return;
  has_credit_ = true; // the last group needs none: nothing follows, and end() must not wait
  if (!writer_.cut())
    return;
  auto end = std::make_shared<upload_end>();
  end->last_sequence = writer_.groups();
  end->roots = writer_.roots();
  end->left_out = writer_.omitted().leaves;
  end->first_left_out = writer_.omitted().first;
  caf::anon_send(intake_, finish_atom::value, end_message{std::move(end)});
}

void upload_impl::cancel() {
  give_up({errc::cancelled, "the upload was cancelled", std::nullopt});
}

void upload_impl::abandon() {
  if (sink_lock_.owns_lock())
    sink_lock_.unlock();
  const std::lock_guard lock(mutex_);
  if (!ended_)
    cancel();
}

// Any thread, also while a producer waits with the lock held.
void upload_impl::give_up(error reason) {
  gate_->fail(reason);
  caf::anon_send(intake_, abort_atom::value,
                 error_message{std::make_shared<error>(std::move(reason))});
}

// -- scope_sink ---

bool upload_impl::checked(bool written) {
  if (!written) {
    if (writer_.failure())
      give_up(*writer_.failure());
    if (sink_lock_.owns_lock())
      sink_lock_.unlock();
  } else if (writer_.at_root() && sink_lock_.owns_lock()) {
    sink_lock_.unlock();
  }
  return written;
}

bool upload_impl::begin_scope(const scope_head& head) {
  if (!sink_lock_.owns_lock())
    sink_lock_ = std::unique_lock(mutex_);
  if (ended_ || gate_->failed())
    return checked(false);
  return checked(writer_.begin_scope(head));
}

bool upload_impl::add_symbol(const symbol_view& symbol) {
  return checked(sink_lock_.owns_lock() && writer_.add_symbol(symbol));
}

bool upload_impl::end_scope() { return checked(sink_lock_.owns_lock() && writer_.end_scope()); }

} // namespace symup
