// SPDX-License-Identifier: Apache-2.0
#include "upload_front.hpp"

#include <caf/send.hpp>

#include <new>
#include <utility>

namespace symup {

using namespace actors;

namespace {
constexpr const char* full = "the pipeline is full (overflow is reject)";

// However the wait ends, no turn is kept for who does not look any more.
class place_in_line {
public:
  place_in_line(tape_turns& turns, const std::shared_ptr<tape_filler>& filler)
      : turns_(turns), filler_(filler) {
    turns_.join(filler_);
  }
  ~place_in_line() { turns_.leave(filler_); }
  place_in_line(const place_in_line&) = delete;
  place_in_line& operator=(const place_in_line&) = delete;

private:
  tape_turns& turns_;
  const std::shared_ptr<tape_filler>& filler_;
};
} // namespace

upload_impl::upload_impl(const begun_upload& begun, std::string id, overflow_policy overflow,
                         std::shared_ptr<memory_budget> budget,
                         std::shared_ptr<buffer_pool> tape_buffers,
                         std::shared_ptr<tape_turns> turns)
    : gate_(begun.gate), intake_(begun.intake), id_(std::move(id)), limits_(begun.groups),
      overflow_(overflow), budget_(std::move(budget)), turns_(std::move(turns)),
      writer_(
          begun.groups, budget_, std::move(tape_buffers),
          [this](scope_group&& group) { return hand_over(std::move(group)); },
          [this] { return take_turn(); }) {}

void upload_impl::listen() {
  gate_->set_front([weak = weak_from_this()] {
    if (auto self = weak.lock())
      self->flush_by_timer();
  });
  filler_ = std::make_shared<tape_filler>(
      [weak = weak_from_this()] {
        if (auto self = weak.lock())
          self->hand_over_tape();
      },
      [gate = gate_] { gate->call(); });
}

// A producer waits here and for its turn, and nowhere else.
bool upload_impl::hand_over(scope_group&& group) {
  if (!std::exchange(has_credit_, false) && !gate_->wait_for_credit(budget_->is_short()))
    return false;
  gate_->update([&](upload_progress& p) { p.scopes_added += group.roots; });
  caf::anon_send(intake_, submit_atom::value,
                 group_message{std::make_shared<scope_group>(std::move(group))});
  return true;
}

tape_turn upload_impl::take_turn() {
  const bool can_wait = overflow_ == overflow_policy::wait;
  auto turn = turns_->try_take(filler_, can_wait);
  return turn || !can_wait ? std::move(turn) : wait_for_turn();
}

tape_turn upload_impl::wait_for_turn() {
  const place_in_line place(*turns_, filler_);
  for (bool in_vain = false;;) {
    auto [answer, turn] = turns_->look(filler_, in_vain);
    if (answer == tape_turns::answer::taken || answer == tape_turns::answer::refused)
      return std::move(turn);
    const auto wake_up = gate_->wait_for_call(tape_turns::patience(answer));
    if (wake_up == upload_gate::wake_up::over)
      return {};
    in_vain = wake_up == upload_gate::wake_up::in_vain;
  }
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
  return overflow_ == overflow_policy::reject && !has_credit_ &&
         !gate_->has_credit(budget_->is_short());
}

expected<void> upload_impl::add(const scope& root) {
  auto added = add_under_lock(root);
  if (filler_->asked())
    hand_over_tape();
  return added;
}

expected<void> upload_impl::add_under_lock(const scope& root) {
  const std::lock_guard lock(mutex_);
  if (auto open = open_or_reason(); !open)
    return open;
  auto json_bytes = check_scope(root, limits_.max_depth);
  if (!json_bytes)
    return fail(std::move(json_bytes.error()));
  try {
    if (overflow_ == overflow_policy::reject)
      writer_.take_turn_for(*json_bytes); // before it is taken: the scope may be refused as a whole
    const bool will_cut = limits_.group_per_root ||
                          writer_.pending_json_bytes() + *json_bytes > writer_.group_json_bytes();
    if (will_cut && is_full())
      return fail(errc::rejected, full);
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

// Called by the INTAKE.
void upload_impl::flush_by_timer() {
  if (const std::unique_lock lock(mutex_, std::try_to_lock); lock && cut_without_waiting())
    caf::anon_send(intake_, flush_atom::value, writer_.groups());
}

// Others wait for this tape's turn. Called on their threads, and on the producer's own when it has
// been asked: it holds the lock as long as it is inside a root scope of the sink.
void upload_impl::hand_over_tape() {
  if (inside_root_)
    return;
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock)
    return;
  try {
    if (gate_->failed())
      writer_.discard();
    else
      (void)cut_without_waiting();
  } catch (const std::bad_alloc&) { // not the business of the thread that asked
    give_up({errc::out_of_memory, "no memory to hand over scopes", std::nullopt});
  }
}

// Neither for the producer nor for credit. Returns whether all that was added is on its way.
bool upload_impl::cut_without_waiting() {
  if (ended_ || !writer_.at_root())
    return false;
  if (writer_.pending_json_bytes() == 0)
    return true;
  if (!gate_->try_take_credit(budget_->is_short()))
    return false;
  has_credit_ = true;
  return writer_.cut();
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
  leave_root();
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
  if (!written && writer_.failure())
    give_up(*writer_.failure());
  if (!written || writer_.at_root())
    leave_root();
  return written;
}

void upload_impl::leave_root() {
  if (!sink_lock_.owns_lock())
    return;
  inside_root_ = false;
  sink_lock_.unlock();
  if (filler_->asked())
    hand_over_tape();
}

void upload_impl::hand_over_if_asked() {
  if (sink_lock_.owns_lock() && filler_->asked())
    writer_.cut_before_next_leaf();
}

bool upload_impl::begin_scope(const scope_head& head) {
  if (!sink_lock_.owns_lock()) {
    sink_lock_ = std::unique_lock(mutex_);
    inside_root_ = true;
  }
  if (ended_ || gate_->failed())
    return checked(false);
  hand_over_if_asked();
  return checked(writer_.begin_scope(head));
}

bool upload_impl::add_symbol(const symbol_view& symbol) {
  hand_over_if_asked();
  return checked(sink_lock_.owns_lock() && writer_.add_symbol(symbol));
}

bool upload_impl::end_scope() {
  return checked(sink_lock_.owns_lock() && writer_.end_scope());
}

} // namespace symup
