// SPDX-License-Identifier: Apache-2.0
#include "compressor.hpp"

#include <caf/stateful_actor.hpp>

#include <utility>

namespace symup::actors {

namespace {

expected<fragment_ptr> make_fragment(compressor_state& state, encoded_group& group) {
  if (!state.compressor) {
    auto made = fragment_compressor::make(state.options->level);
    if (!made)
      return fail(std::move(made.error()));
    state.compressor = std::move(*made);
  }
  auto deflate = state.compressor->compress(group.json.view());
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
        state.options->pool->done(state.options->index);
        if (!fragment)
          return to_caf(fragment.error());
        return self->delegate(batcher, take_atom::value, fragment_message{std::move(*fragment)});
      },
  };
}

} // namespace symup::actors
