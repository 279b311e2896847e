// SPDX-License-Identifier: Apache-2.0
#include "intake.hpp"

#include "weak_handle.hpp"

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>

#include <utility>

namespace symup::actors {

namespace {

using self_pointer = intake_actor::stateful_pointer<intake_state>;

void pump(self_pointer self);

void forgo_turn(intake_state& state) {
  if (std::exchange(state.waits_for_turn, false))
    state.options->turns->leave(state.filler);
  state.turn.end();
}

// -- groups on their way ---

void give_up(self_pointer self, const error& reason) {
  auto& state = self->state;
  state.options->gate->fail(reason);
  state.options->budget->forget(state.options->key);
  state.waiting.clear();
  state.without_credit.clear();
  if (state.writer) {
    state.writer->discard();
    forgo_turn(state);
  }
  for (auto& producer : std::exchange(state.producers, {}))
    producer.deliver(to_caf(reason));
  self->send(state.options->batcher, abort_atom::value,
             error_message{std::make_shared<error>(reason)});
}

// A group has its place in a batch, or has failed: its credit is free again.
void answered(self_pointer self, std::size_t json_bytes) {
  self->state.options->budget->leave(self->state.options->key, json_bytes);
  self->state.options->gate->give_credit();
  pump(self);
}

void dispatch(self_pointer self, group_message message) {
  auto& state = self->state;
  const auto json_bytes = message.group->tape.json_bytes();
  message.group->memory.adopt(json_bytes);
  state.options->gate->admitted();
  self->request(state.options->encoders->pick(), caf::infinite, encode_atom::value,
                std::move(message), state.options->batcher)
      .then([self, json_bytes](caf::ok_atom) { answered(self, json_bytes); },
            [self, json_bytes](const caf::error& e) {
              answered(self, json_bytes);
              give_up(self, from_caf(e));
            });
}

bool admit_first(self_pointer self) {
  auto& state = self->state;
  return state.options->budget->admit(
      state.options->key, state.waiting.front().group->tape.json_bytes(),
      [me = weak_handle<intake_actor>(self)] { me.send(granted_atom::value); });
}

void dispatch_first(self_pointer self) {
  auto message = std::move(self->state.waiting.front());
  self->state.waiting.pop_front();
  dispatch(self, std::move(message));
}

// Of a host's actor.
bool take_credit_for_first(self_pointer self) {
  auto& state = self->state;
  const auto& options = *state.options;
  if (state.without_credit.empty() || !options.gate->try_take_credit(options.budget->is_short()))
    return false;
  state.waiting.push_back(std::move(state.without_credit.front()));
  state.without_credit.pop_front();
  return true;
}

// Lets groups go on as far as credit and memory reach.
void pump(self_pointer self) {
  auto& state = self->state;
  do {
    while (!state.waiting.empty() && !state.memory_asked) {
      if (admit_first(self))
        dispatch_first(self);
      else
        state.memory_asked = true;
    }
  } while (take_credit_for_first(self));
  if (state.without_credit.empty() && !state.waits_for_turn) {
    for (auto& producer : std::exchange(state.producers, {}))
      producer.deliver(caf::ok_atom::value);
  }
}

// -- scopes that come as messages ---

// Producers are not answered while it waits, so they wait too.
void look_for_turn(self_pointer self, bool in_vain) {
  auto& state = self->state;
  if (!state.waits_for_turn)
    return;
  auto [answer, turn] = state.options->turns->look(state.filler, in_vain);
  state.turn = std::move(turn);
  state.waits_for_turn =
      answer == tape_turns::answer::wait_first || answer == tape_turns::answer::wait_behind;
  if (state.waits_for_turn && !std::exchange(state.turn_timer_runs, true))
    self->delayed_send(intake_actor(self), tape_turns::patience(answer), turn_atom::value, true);
}

// Without a turn the writer makes a small group; the next one may be large.
tape_turn take_turn(self_pointer self) {
  auto& state = self->state;
  const bool can_wait = state.options->overflow == overflow_policy::wait;
  if (state.turn || state.waits_for_turn)
    return std::move(state.turn);
  if (auto turn = state.options->turns->try_take(state.filler, can_wait))
    return turn;
  if (can_wait) {
    state.waits_for_turn = true;
    state.options->turns->join(state.filler);
    look_for_turn(self, false);
  }
  return std::move(state.turn);
}

void make_writer(self_pointer self) {
  auto& state = self->state;
  const weak_handle<intake_actor> me(self);
  state.filler = std::make_shared<tape_filler>([me] { me.send(relieve_atom::value); },
                                               [me] { me.send(turn_atom::value, false); });
  state.writer.emplace(
      state.options->groups, state.options->budget, state.options->tape_buffers,
      [self](scope_group&& group) {
        self->state.without_credit.push_back({std::make_shared<scope_group>(std::move(group))});
        return true;
      },
      [self] { return take_turn(self); });
}

std::optional<error> refusal(const intake_state& state, const std::vector<scope>& scopes) {
  if (auto failure = state.options->gate->failure())
    return failure;
  if (state.finished)
    return error{errc::closed, "the upload was finished already", std::nullopt};
  for (const auto& each : scopes) {
    if (auto checked = check_scope(each, state.options->groups.max_depth); !checked)
      return checked.error();
  }
  if (state.options->overflow == overflow_policy::reject && !state.without_credit.empty())
    return error{errc::rejected, "the pipeline is full", std::nullopt};
  return std::nullopt;
}

caf::result<caf::ok_atom> add_scopes(self_pointer self, const std::vector<scope>& scopes) {
  auto& state = self->state;
  if (auto why = refusal(state, scopes))
    return to_caf(*why);
  for (const auto& each : scopes)
    state.writer->write(each);
  pump(self);
  auto answer = self->make_response_promise<caf::ok_atom>();
  if (state.without_credit.empty() && !state.waits_for_turn)
    answer.deliver(caf::ok_atom::value);
  else
    state.producers.push_back(answer);
  return answer;
}

void finish(self_pointer self) {
  auto& state = self->state;
  if (std::exchange(state.finished, true))
    return;
  state.writer->cut();
  forgo_turn(state);
  pump(self);
  auto end = std::make_shared<upload_end>();
  end->last_sequence = state.writer->groups();
  end->roots = state.writer->roots();
  end->left_out = state.writer->omitted().leaves;
  end->first_left_out = state.writer->omitted().first;
  self->send(state.options->batcher, finish_atom::value, end_message{std::move(end)});
}

upload_result_message result_of(const receipt_message& ended) {
  return {ended.result};
}

void handle_ended(self_pointer self, const receipt_message& result) {
  auto& state = self->state;
  state.result = result;
  for (auto& finisher : std::exchange(state.finishers, {}))
    finisher.deliver(result_of(result));
  // Actors that have not asked for the end yet still get their answer.
  if (!state.options->fed_by_messages || state.finished)
    self->quit();
}

void arm_flush_timer(self_pointer self) {
  const auto interval = self->state.options->flush_interval;
  if (interval.count() > 0)
    self->delayed_send(intake_actor(self), interval, tick_atom::value);
}

void flush_by_timer(self_pointer self) {
  auto& state = self->state;
  if (!state.options->fed_by_messages) {
    state.options->gate->flush_front();
  } else if (!state.finished) {
    state.writer->cut();
    pump(self);
    self->send(state.options->batcher, flush_atom::value, state.writer->groups());
  }
  arm_flush_timer(self);
}

} // namespace

intake_state::~intake_state() {
  if (waits_for_turn)
    options->turns->leave(filler);
}

intake_actor::behavior_type intake(self_pointer self, intake_options options) {
  self->state.options = std::move(options);
  if (self->state.options->fed_by_messages)
    make_writer(self);
  arm_flush_timer(self);
  return {
      [self](add_scopes_atom, const scopes_message& message) {
        return add_scopes(self, *message.scopes);
      },
      [self](finish_upload_atom) {
        auto& state = self->state;
        auto answer = self->make_response_promise<upload_result_message>();
        if (state.result.result) {
          answer.deliver(result_of(state.result));
          self->quit();
        } else {
          state.finishers.push_back(answer);
          finish(self);
        }
        return answer;
      },
      [self](cancel_upload_atom) {
        self->state.finished = true;
        give_up(self, {errc::cancelled, "the upload was cancelled", std::nullopt});
        if (self->state.result.result)
          self->quit();
      },
      [self](submit_atom, group_message& message) {
        self->state.waiting.push_back(std::move(message));
        pump(self);
      },
      [self](finish_atom, const end_message& message) {
        self->send(self->state.options->batcher, finish_atom::value, message);
      },
      [self](flush_atom, std::uint64_t sequence) {
        self->send(self->state.options->batcher, flush_atom::value, sequence);
      },
      [self](abort_atom, const error_message& message) { give_up(self, *message.reason); },
      [self](ended_atom, const receipt_message& result) { handle_ended(self, result); },
      [self](relieve_atom) {
        if (auto& writer = self->state.writer) {
          writer->cut();
          self->state.turn.end();
          pump(self);
        }
      },
      [self](turn_atom, bool by_timer) {
        if (by_timer)
          self->state.turn_timer_runs = false;
        look_for_turn(self, by_timer);
        pump(self);
      },
      [self](granted_atom) {
        auto& state = self->state;
        state.memory_asked = false;
        // Else the upload was given up meanwhile and the budget has forgotten it.
        if (!state.waiting.empty() && state.options->budget->claim(state.options->key))
          dispatch_first(self);
        pump(self);
      },
      [self](tick_atom) { flush_by_timer(self); },
  };
}

} // namespace symup::actors
