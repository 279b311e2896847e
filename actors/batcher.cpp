// SPDX-License-Identifier: Apache-2.0
#include "batcher.hpp"

#include "weak_handle.hpp"

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>

#include <utility>

namespace symup::actors {

namespace {

using self_pointer = batcher_actor::stateful_pointer<batcher_state>;

void advance(self_pointer self);

// -- the end ---

receipt make_receipt(const batcher_state& state, std::chrono::steady_clock::time_point now) {
  auto result = state.result; // attempts, retries and compressed bytes were counted there
  const auto& options = *state.options;
  result.upload_id = options.identity.upload_id;
  result.service = options.identity.service;
  result.version = options.identity.version;
  result.scopes = state.ledger->accepted_roots();
  result.json_bytes = state.ledger->accepted_json_bytes();
  result.batches = state.ledger->accepted_batches();
  result.final = state.ledger->complete();
  result.duration = std::chrono::duration_cast<std::chrono::milliseconds>(now - state.started);
  result.left_out = state.cutter->omitted_leaves();
  if (state.end) {
    result.scopes_added = state.end->roots;
    result.left_out += state.end->left_out;
    result.first_left_out = state.end->first_left_out;
  }
  if (!result.final)
    result.error = state.failure;
  return result;
}

void conclude(self_pointer self) {
  auto& state = self->state;
  if (std::exchange(state.concluded, true))
    return;
  const auto result = make_receipt(state, self->clock().now());
  auto& counters = *state.options->counters;
  --counters.uploads_open;
  ++(result.error ? counters.uploads_failed : counters.uploads_complete);
  state.options->budget->forget(state.options->key);
  state.options->ended(state.options->key, result);
  state.options->gate->complete(result);
  self->quit();
}

// Stops the upload; it is concluded when nothing of it is on its way any more.
void give_up(self_pointer self, const error& reason) {
  auto& state = self->state;
  if (state.failure || state.ledger->complete())
    return;
  state.failure = reason;
  state.options->gate->fail(reason);
  for (auto& [sequence, waiting] : state.pending)
    waiting.credit.deliver(to_caf(reason));
  state.pending.clear();
  state.ledger->drop_waiting();
  self->send(state.options->uploader, cancel_atom::value, state.options->key);
}

// -- sending ---

// Whether fragments wait because the receiver is slower than they come. Memory is short for other
// reasons too: only what batches on their way hold of it says something about the receiver.
bool is_held_back(const batcher_state& state) {
  const auto& options = *state.options;
  return (!state.pending.empty() && !state.ledger->has_room()) ||
         (options.budget->is_short() &&
          options.counters->compressed_bytes_on_their_way > options.budget->limit() / 8);
}

// Before the ledger knows of the answer, and so has room again.
void tell_levels(self_pointer self, std::uint64_t accepted_bytes) {
  const auto& state = self->state;
  if (const auto& levels = state.options->levels)
    levels->answered(accepted_bytes, is_held_back(state), self->clock().now());
}

void handle_result(self_pointer self, std::uint32_t number, const batch_result& result) {
  auto& state = self->state;
  auto& counters = *state.options->counters;
  const auto bytes = std::exchange(state.attachment_bytes[number], 0);
  state.attachment_bytes.erase(number);
  const auto retries = result.attempts > 0 ? result.attempts - 1 : 0;
  state.result.attempts += result.attempts;
  state.result.retries += retries;
  counters.attempts += result.attempts;
  counters.retries += retries;
  auto& ledger = *state.ledger;
  const auto roots_before = ledger.accepted_roots();
  tell_levels(self, result.fate == batch_fate::accepted ? bytes : 0);
  counters.compressed_bytes_on_their_way -= bytes;

  if (result.fate == batch_fate::accepted) {
    ledger.accepted(number);
    state.result.compressed_bytes += bytes;
    counters.scopes_accepted += ledger.accepted_roots() - roots_before;
    counters.compressed_bytes_accepted += bytes;
    ++counters.batches_accepted;
  } else if (result.fate == batch_fate::too_large && !state.failure && ledger.split(number)) {
    state.cutter->lower_limit(bytes);
  } else {
    ledger.lost(number);
    give_up(self, result.error.value_or(error{errc::internal, "a batch failed", std::nullopt}));
  }
  state.options->gate->update([&](upload_progress& progress) {
    progress.scopes_accepted = ledger.accepted_roots();
    progress.batches_accepted = ledger.accepted_batches();
    progress.compressed_bytes_accepted = state.result.compressed_bytes;
    progress.retries = state.result.retries;
  });
}

void send_batches(self_pointer self) {
  auto& state = self->state;
  while (auto next = state.ledger->next()) {
    auto request = make_request(state.options->identity, next->content, next->number);
    state.attachment_bytes[next->number] = request.attachment_bytes;
    state.options->counters->compressed_bytes_on_their_way += request.attachment_bytes;
    const auto number = next->number;
    if (state.options->levels)
      state.options->levels->sent(self->clock().now());
    self->request(state.options->uploader, caf::infinite, upload_atom::value,
                  request_message{state.options->key, number,
                                  std::make_shared<http_request>(std::move(request.http))})
        .then(
            [self, number](const result_message& message) {
              handle_result(self, number, *message.result);
              advance(self);
            },
            [self, number](const caf::error& e) {
              handle_result(self, number, batch_result{batch_fate::failed, 0, from_caf(e)});
              advance(self);
            });
  }
}

// -- taking ---

// While as many batches are on their way as may be, the next one is filled but not closed, if there
// is memory for it. Their answers come here and bring on what was not taken.
bool may_take(const batcher_state& state, const scope_fragment& next) {
  return state.ledger->has_room() ||
         (!state.cutter->closes_before(next) && !state.options->budget->is_short());
}

void take_next(self_pointer self, batcher_state::pending_fragment&& next) {
  auto& state = self->state;
  state.options->gate->update(
      [&](upload_progress& p) { p.json_bytes += next.fragment->deflate.json_bytes; });
  if (auto closed = state.cutter->add(std::move(next.fragment)))
    state.ledger->push(std::move(*closed));
  next.credit.deliver(caf::ok_atom::value);
}

void flush_if_asked(self_pointer self) {
  auto& state = self->state;
  if (state.flush_sequence == 0 || state.next_sequence <= state.flush_sequence ||
      !state.ledger->has_room())
    return;
  state.flush_sequence = 0;
  if (auto closed = state.cutter->flush())
    state.ledger->push(std::move(*closed));
}

void close_if_finished(self_pointer self) {
  auto& state = self->state;
  if (!state.end || state.last_batch_closed || state.next_sequence <= state.end->last_sequence)
    return;
  state.last_batch_closed = true;
  if (auto last = state.cutter->finish())
    state.ledger->push(std::move(*last));
}

void tell_budget(self_pointer self) {
  auto& state = self->state;
  const auto bytes = state.ledger->has_room() ? state.cutter->flushable_bytes() : 0;
  state.options->budget->set_open_batch(
      state.options->key, bytes,
      [me = weak_handle<batcher_actor>(self)] { me.send(relieve_atom::value); });
}

// Does all that can be done now. Called after anything has changed.
void advance(self_pointer self) {
  auto& state = self->state;
  if (state.failure) {
    if (state.ledger->inflight().empty())
      conclude(self);
    return;
  }
  for (auto next = state.pending.find(state.next_sequence);
       next != state.pending.end() && may_take(state, *next->second.fragment);
       next = state.pending.find(state.next_sequence)) {
    auto fragment = std::move(next->second);
    state.pending.erase(next);
    ++state.next_sequence;
    take_next(self, std::move(fragment));
    flush_if_asked(self);
  }
  flush_if_asked(self);
  close_if_finished(self);
  send_batches(self);
  tell_budget(self);
  if (state.last_batch_closed && state.ledger->open_batches() == 0)
    conclude(self);
}

} // namespace

batcher_state::~batcher_state() {
  if (!options || concluded)
    return;
  failure =
      error{errc::shut_down, "the pipeline ended before the upload was complete", std::nullopt};
  options->gate->fail(*failure);
  options->gate->complete(make_receipt(*this, std::chrono::steady_clock::now()));
  for (const auto& [number, bytes] : attachment_bytes)
    options->counters->compressed_bytes_on_their_way -= bytes;
  --options->counters->uploads_open;
  ++options->counters->uploads_failed;
}

batcher_actor::behavior_type batcher(self_pointer self, batcher_options options) {
  auto& state = self->state;
  state.cutter.emplace(options.limits);
  state.ledger.emplace(options.max_inflight_batches);
  state.options = std::move(options);
  state.started = self->clock().now();
  return {
      [self](take_atom, fragment_message& message) {
        auto& state = self->state;
        auto credit = self->make_response_promise<caf::ok_atom>();
        if (state.failure) {
          credit.deliver(to_caf(*state.failure));
          return credit;
        }
        const auto sequence = message.fragment->sequence;
        state.pending.emplace(sequence,
                              batcher_state::pending_fragment{std::move(message.fragment), credit});
        advance(self);
        return credit;
      },
      [self](finish_atom, const end_message& message) {
        self->state.end = message.end;
        advance(self);
      },
      [self](flush_atom, std::uint64_t sequence) {
        self->state.flush_sequence = sequence;
        advance(self);
      },
      [self](relieve_atom) {
        self->state.flush_sequence = self->state.next_sequence - 1;
        advance(self);
      },
      [self](abort_atom, const error_message& message) {
        give_up(self, *message.reason);
        advance(self);
      },
  };
}

} // namespace symup::actors
