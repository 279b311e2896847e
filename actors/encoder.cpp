// SPDX-License-Identifier: Apache-2.0
#include "encoder.hpp"

#include <caf/stateful_actor.hpp>

#include <new>
#include <utility>

namespace symup::actors {

namespace {

json_message encode(const encoder_options& options, scope_group& group) {
  auto encoded = std::make_shared<encoded_group>();
  encoded->json = options.json_buffers->take();
  encoded->edges = encode_group(group, encoded->json);
  encoded->sequence = group.sequence;
  encoded->roots = group.roots;
  encoded->leaves = group.leaves;
  encoded->ends_at_root = group.ends_at_root;
  encoded->memory = std::move(group.memory);
  options.tape_buffers->give_back(group.tape.take_buffer());
  encoded->turn = std::move(group.turn);
  encoded->memory.resize(encoded->json.capacity());
  return {std::move(encoded)};
}

} // namespace

encoder_actor::behavior_type encoder(encoder_actor::stateful_pointer<encoder_state> self,
                                     encoder_options options) {
  self->state.options = std::move(options);
  return {
      [self](encode_atom, group_message& message,
             const batcher_actor& batcher) -> caf::result<caf::ok_atom> {
        const auto& options = *self->state.options;
        json_message encoded;
        try {
          encoded = encode(options, *message.group);
        } catch (const std::bad_alloc&) {
          options.pool->done(options.index);
          return to_caf({errc::out_of_memory, "no memory to encode scopes", std::nullopt});
        }
        options.pool->done(options.index);
        return self->delegate(options.compressors->pick(), compress_atom::value, std::move(encoded),
                              batcher);
      },
  };
}

} // namespace symup::actors
