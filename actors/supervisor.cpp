// SPDX-License-Identifier: Apache-2.0
#include "supervisor.hpp"

#include "weak_handle.hpp"

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>

#include <utility>

namespace symup::actors {

namespace {

using self_pointer = supervisor_actor::stateful_pointer<supervisor_state>;

// -- shared actors ---

template <class Handle>
Handle watched(self_pointer self, Handle child) {
  self->monitor(child);
  self->state.children[child.address()] = caf::actor_cast<caf::strong_actor_ptr>(child);
  return child;
}

void spawn_encoder(self_pointer self, std::size_t index) {
  auto& state = self->state;
  auto child =
      watched(self, self->spawn(encoder, encoder_options{index, state.encoders, state.compressors,
                                                         state.options->tape_buffers,
                                                         state.options->json_buffers}));
  state.encoder_index[child.address()] = index;
  state.encoders->set(index, child);
}

void spawn_compressor(self_pointer self, std::size_t index) {
  auto& state = self->state;
  auto child = watched(
      self, self->spawn(compressor,
                        compressor_options{index, state.options->config.values().compression_level,
                                           state.options->levels, state.compressors,
                                           state.options->json_buffers}));
  state.compressor_index[child.address()] = index;
  state.compressors->set(index, child);
}

// Without a transport there is no uploader, and no upload can begin.
void spawn_uploader(self_pointer self) {
  auto& state = self->state;
  auto& options = *state.options;
  auto transport = options.make_transport();
  if (!transport)
    return;
  state.uploader = watched(
      self,
      self->spawn(uploader, uploader_options{options.endpoint_name, std::move(*transport),
                                             retry_backoff(options.config.values(), options.random),
                                             options.wall_clock}));
  state.uploader_address = state.uploader.address();
}

// -- uploads ---

batcher_options make_batcher_options(self_pointer self, std::uint64_t key,
                                     const begin_message& message,
                                     const std::shared_ptr<upload_gate>& gate) {
  auto& state = self->state;
  const auto& config = state.options->config.values();
  batcher_options options;
  options.key = key;
  options.identity = *message.identity;
  options.limits.flush_threshold = config.flush_threshold;
  options.limits.max_batch_bytes = config.max_batch_bytes;
  options.limits.split_roots = config.split_roots;
  options.limits.envelope_bytes = envelope_bytes(options.identity);
  options.limits.framing_bytes = framing_bytes(options.identity);
  options.max_inflight_batches = config.max_inflight_batches;
  options.gate = gate;
  options.budget = state.options->budget;
  options.counters = state.options->counters;
  options.levels = state.options->levels;
  options.uploader = state.uploader;
  options.ended = [me = weak_handle<supervisor_actor>(self)](std::uint64_t ended_key,
                                                             const receipt& result) {
    me.send(ended_atom::value, ended_key, receipt_message{std::make_shared<receipt>(result)});
  };
  return options;
}

group_limits make_group_limits(const config& values) {
  // Room beside a fragment for the envelope and the framing, see finalize().
  constexpr std::size_t reserve = 32 * 1024;
  group_limits limits;
  limits.fragment_bytes = values.fragment_bytes;
  limits.max_head_bytes = values.max_batch_bytes - values.fragment_bytes - reserve;
  limits.group_per_root = values.flush_threshold <= 0;
  return limits;
}

begun_upload begin_upload(self_pointer self, const begin_message& message) {
  auto& state = self->state;
  const auto& config = state.options->config.values();
  const auto key = ++state.last_key;
  auto gate = std::make_shared<upload_gate>(config.max_inflight_groups, message.on_done);
  const auto groups = make_group_limits(config);
  auto batches =
      watched(self, self->spawn(batcher, make_batcher_options(self, key, message, gate)));

  intake_options options;
  options.key = key;
  options.groups = groups;
  options.overflow = config.overflow;
  options.flush_interval = config.flush_interval;
  options.fed_by_messages = message.fed_by_messages;
  options.gate = gate;
  options.budget = state.options->budget;
  options.tape_buffers = state.options->tape_buffers;
  options.turns = state.options->turns;
  options.encoders = state.encoders;
  options.batcher = batches;
  auto entry = watched(self, self->spawn(intake, std::move(options)));

  state.uploads[key] = {entry, batches, gate, message.identity->upload_id};
  ++state.options->counters->uploads_open;
  return {key, entry, gate, groups};
}

expected<begun_upload> handle_begin(self_pointer self, const begin_message& message) {
  auto& state = self->state;
  if (state.draining)
    return fail(errc::shut_down, "the pipeline is shut down");
  if (!state.uploader)
    return fail(errc::internal, "the HTTP engine could not be started");
  const auto max_uploads = state.options->config.values().max_uploads;
  if (state.uploads.size() >= max_uploads)
    return fail(errc::rejected,
                std::to_string(max_uploads) + " uploads are open already (max_uploads)");
  return begin_upload(self, message);
}

// -- draining ---

void answer_drainers(self_pointer self) {
  auto& state = self->state;
  if (!state.draining || !state.uploads.empty())
    return;
  const auto report = std::make_shared<shutdown_report>(std::exchange(state.report, {}));
  for (auto& drainer : std::exchange(state.drainers, {}))
    drainer.deliver(report_message{report});
}

void handle_ended(self_pointer self, std::uint64_t key, const receipt_message& message) {
  auto& state = self->state;
  const auto found = state.uploads.find(key);
  if (found == state.uploads.end())
    return;
  self->send(found->second.intake, ended_atom::value, message);
  if (state.draining) {
    const auto& result = *message.result;
    (result.error ? state.report.aborted : state.report.delivered).push_back(result);
  }
  state.uploads.erase(found);
  answer_drainers(self);
}

void abort_all(self_pointer self) {
  const auto reason = std::make_shared<error>(error{
      errc::shut_down, "the pipeline was shut down before the upload was complete", std::nullopt});
  for (auto& [key, open] : self->state.uploads) {
    open.gate->fail(*reason);
    self->send(open.intake, abort_atom::value, error_message{reason});
  }
}

// -- watching ---

// Ends an upload one of whose actors died.
void bury(self_pointer self, const caf::actor_addr& source) {
  for (auto& [key, open] : self->state.uploads) {
    if (open.intake.address() != source && open.batcher.address() != source)
      continue;
    receipt result;
    result.upload_id = open.upload_id;
    result.error = error{errc::internal, "an actor of the upload died", std::nullopt};
    open.gate->fail(*result.error);
    open.gate->complete(result);
    self->send_exit(open.intake, caf::exit_reason::kill);
    self->send_exit(open.batcher, caf::exit_reason::kill);
    self->state.options->budget->forget(key);
    handle_ended(self, key, {std::make_shared<receipt>(result)});
    return;
  }
}

void replace_worker(self_pointer self, const caf::actor_addr& source) {
  auto& state = self->state;
  if (const auto found = state.encoder_index.find(source); found != state.encoder_index.end()) {
    const auto index = found->second;
    state.encoder_index.erase(found);
    spawn_encoder(self, index);
  } else if (const auto other = state.compressor_index.find(source);
             other != state.compressor_index.end()) {
    const auto index = other->second;
    state.compressor_index.erase(other);
    spawn_compressor(self, index);
  } else if (source == state.uploader_address) {
    spawn_uploader(self);
  } else {
    bury(self, source);
  }
}

void handle_down(self_pointer self, const caf::down_msg& message) {
  auto& state = self->state;
  state.children.erase(message.source);
  if (state.stopping) {
    if (state.children.empty())
      self->quit();
    return;
  }
  replace_worker(self, message.source);
}

// Ends all children; the last one's end is the supervisor's.
void stop(self_pointer self) {
  auto& state = self->state;
  if (std::exchange(state.stopping, true))
    return;
  state.draining = true;
  for (const auto& [address, child] : state.children)
    caf::anon_send_exit(child, caf::exit_reason::user_shutdown);
  if (state.children.empty())
    self->quit();
}

} // namespace

supervisor_actor::behavior_type supervisor(self_pointer self, supervisor_options options) {
  auto& state = self->state;
  state.options = std::move(options);
  state.encoders = std::make_shared<encoder_pool>();
  state.compressors = std::make_shared<compressor_pool>();
  self->set_down_handler([self](caf::down_msg& message) { handle_down(self, message); });
  self->set_exit_handler([self](caf::exit_msg&) { stop(self); });
  for (std::size_t i = 0; i < state.options->config.values().workers; ++i) {
    spawn_compressor(self, i);
    spawn_encoder(self, i);
  }
  spawn_uploader(self);
  return {
      [self](begin_atom, const begin_message& message) {
        message.answer(handle_begin(self, message));
      },
      [self](drain_atom, std::int64_t milliseconds) {
        auto& state = self->state;
        auto answer = self->make_response_promise<report_message>();
        state.draining = true;
        state.drainers.push_back(answer);
        if (!state.uploads.empty())
          self->delayed_send(supervisor_actor(self), std::chrono::milliseconds(milliseconds),
                             tick_atom::value);
        answer_drainers(self);
        return answer;
      },
      [self](ended_atom, std::uint64_t key, const receipt_message& message) {
        handle_ended(self, key, message);
      },
      [self](tick_atom) { abort_all(self); },
  };
}

} // namespace symup::actors
