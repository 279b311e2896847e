// SPDX-License-Identifier: Apache-2.0
#include "compressor.hpp"

#include <caf/stateful_actor.hpp>

#include <chrono>
#include <string_view>
#include <utility>

namespace symup::actors {

namespace {

expected<void> choose_compressor(compressor_state& state) {
  const auto& options = *state.options;
  const int level = options.levels ? options.levels->level() : options.level;
  if (state.level == level)
    return {};
  auto made = fragment_compressor::make(level);
  if (!made)
    return fail(std::move(made.error()));
  state.compressor = std::move(*made);
  state.level = level;
  return {};
}

expected<deflate_fragment> compress(compressor_state& state, std::string_view json) {
  const auto started = std::chrono::steady_clock::now();
  auto deflate = state.compressor->compress(json);
  if (deflate && state.options->levels)
    state.options->levels->compressed(state.level, json.size(), deflate->buffer.size(),
                                      std::chrono::steady_clock::now() - started);
  return deflate;
}

expected<fragment_ptr> make_fragment(compressor_state& state, encoded_group& group) {
  if (auto chosen = choose_compressor(state); !chosen)
    return fail(std::move(chosen.error()));
  auto deflate = compress(state, group.json.view());
  if (!deflate)
    return fail(std::move(deflate.error()));
  auto fragment = std::make_shared<scope_fragment>();
  fragment->sequence = group.sequence;
  fragment->deflate = std::move(*deflate);
  fragment->edges = std::move(group.edges);
  fragment->roots = group.roots;
  fragment->leaves = group.leaves;
  fragment->ends_at_root = group.ends_at_root;
  fragment->memory = std::move(group.memory);
  fragment->memory.resize(fragment->held_bytes());
  return fragment;
}

} // namespace

compressor_actor::behavior_type
compressor(compressor_actor::stateful_pointer<compressor_state> self, compressor_options options) {
  self->state.options = std::move(options);
  return {
      [self](compress_atom, json_message& message,
             const batcher_actor& batcher) -> caf::result<caf::ok_atom> {
        auto& state = self->state;
        auto fragment = make_fragment(state, *message.group);
        state.options->json_buffers->give_back(std::move(message.group->json));
        message.group->turn.end();
        state.options->pool->done(state.options->index);
        if (!fragment)
          return to_caf(fragment.error());
        return self->delegate(batcher, take_atom::value, fragment_message{std::move(*fragment)});
      },
  };
}

} // namespace symup::actors
