// SPDX-License-Identifier: Apache-2.0
#include "uploader.hpp"

#include "weak_handle.hpp"

#include "response_to_outcome.hpp"

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>

#include <utility>

namespace symup::actors {

namespace {

using self_pointer = uploader_actor::stateful_pointer<uploader_state>;

result_message make_result(batch_fate fate, std::uint32_t attempts,
                           std::optional<error> why = std::nullopt) {
  return {std::make_shared<batch_result>(batch_result{fate, attempts, std::move(why)})};
}

error cancelled_error() {
  return {errc::cancelled, "the upload was cancelled", std::nullopt};
}

// Hands a batch to the engine. Its completion runs on the engine's thread and holds no strong
// reference, so that it never keeps the actor alive.
void start(self_pointer self, std::uint64_t id, uploader_state::job& job) {
  ++job.attempts;
  job.running = true;
  self->state.options->transport.start(
      id, *job.message.request,
      [me = weak_handle<uploader_actor>(self)](std::uint64_t done_id, http_response response) {
        me.send(answer_atom::value, done_id,
                response_message{std::make_shared<http_response>(std::move(response))});
      });
}

void answer(self_pointer self, std::uint64_t id, result_message result) {
  const auto found = self->state.jobs.find(id);
  found->second.answer.deliver(std::move(result));
  self->state.jobs.erase(found);
}

// What a failed try is followed by: a pause and another, or the end.
void try_again(self_pointer self, std::uint64_t id, outcome what) {
  auto& job = self->state.jobs.at(id);
  if (const auto pause = self->state.options->backoff.delay(job.attempts, what.retry_after))
    self->delayed_send(uploader_actor(self), *pause, retry_atom::value, id);
  else
    answer(self, id, make_result(batch_fate::failed, job.attempts, std::move(what.failure)));
}

void handle_answer(self_pointer self, std::uint64_t id, const http_response& response) {
  const auto found = self->state.jobs.find(id);
  if (found == self->state.jobs.end())
    return;
  auto& job = found->second;
  job.running = false;
  auto what = response_to_outcome(response, self->state.options->endpoint_name, job.attempts,
                                  self->state.options->wall_clock());
  if (what.step == next_step::done)
    answer(self, id, make_result(batch_fate::accepted, job.attempts));
  else if (job.cancelled)
    answer(self, id, make_result(batch_fate::failed, job.attempts, cancelled_error()));
  else if (what.step == next_step::split)
    answer(self, id, make_result(batch_fate::too_large, job.attempts, std::move(what.failure)));
  else if (what.step == next_step::retry)
    try_again(self, id, std::move(what));
  else
    answer(self, id, make_result(batch_fate::failed, job.attempts, std::move(what.failure)));
}

void cancel_upload(self_pointer self, std::uint64_t key) {
  std::vector<std::uint64_t> paused;
  for (auto& [id, job] : self->state.jobs) {
    if (job.message.key != key)
      continue;
    job.cancelled = true;
    if (job.running)
      self->state.options->transport.cancel(id); // its answer comes with the completion
    else
      paused.push_back(id);
  }
  for (const auto id : paused)
    answer(self, id,
           make_result(batch_fate::failed, self->state.jobs.at(id).attempts, cancelled_error()));
}

} // namespace

uploader_state::~uploader_state() {
  if (options)
    options->transport = {}; // ends the engine's thread first
  for (auto& [id, open] : jobs)
    open.answer.deliver(make_result(
        batch_fate::failed, open.attempts,
        error{errc::shut_down, "the uploader ended before the batch was sent", std::nullopt}));
}

uploader_actor::behavior_type uploader(self_pointer self, uploader_options options) {
  self->state.options = std::move(options);
  return {
      [self](upload_atom, request_message& message) {
        const auto id = ++self->state.last_id;
        auto promise = self->make_response_promise<result_message>();
        auto& job = self->state.jobs[id];
        job.message = std::move(message);
        job.answer = promise;
        start(self, id, job);
        return promise;
      },
      [self](cancel_atom, std::uint64_t key) { cancel_upload(self, key); },
      [self](answer_atom, std::uint64_t id, const response_message& message) {
        handle_answer(self, id, *message.response);
      },
      [self](retry_atom, std::uint64_t id) {
        const auto found = self->state.jobs.find(id);
        if (found != self->state.jobs.end()) // else it was cancelled meanwhile
          start(self, id, found->second);
      },
  };
}

} // namespace symup::actors
