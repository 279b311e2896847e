// SPDX-License-Identifier: Apache-2.0
#pragma once

/// SCOPE -> GROUP: checks scopes, writes them to tapes and cuts these into groups. Used by an
/// upload on the producer's thread, and by the INTAKE for scopes that come as messages. A group
/// ends at a root scope unless a single root is larger than a fragment. Not thread-safe.

#include "scope_group.hpp"
#include "symup/error.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace symup {

class buffer_pool;

/// Checks a root scope with all it holds. Says which scope breaks which rule; else returns about
/// how many bytes of JSON it makes.
/// @param max_depth  scopes that may be nested, the root included
[[nodiscard]] expected<std::size_t> check_scope(const scope& root, std::size_t max_depth);

struct group_limits {
  std::size_t fragment_bytes = 256 * 1024;      ///< JSON of one group
  std::size_t max_head_bytes = 5 * 1024 * 1024; ///< JSON of a scope's head with those around it
  std::size_t max_depth = 512;                  ///< nested scopes
  bool group_per_root = false;                  ///< flush_threshold <= 0: a batch for each root
};

/// What was left out because no batch can hold it.
struct left_out {
  std::uint64_t leaves = 0;
  std::string first; ///< names the first of them
};

class group_writer final : public scope_sink {
public:
  /// Takes a finished group; returns false to say stop (the upload failed or was cancelled).
  using group_taker = std::function<bool(scope_group&&)>;

  /// Gets the turn for a large tape, or an empty one: then groups stay small for now. May wait.
  using turn_taker = std::function<tape_turn()>;

  /// Up to this size a tape needs no turn, so that each upload can always get on.
  static constexpr std::size_t small_tape = 8 * 1024;

  /// @param budget  where tapes count their memory; may be null
  /// @param tapes   buffers of large tapes; may be null
  /// @param turns   null: tapes may grow as they like
  group_writer(group_limits limits, std::shared_ptr<memory_budget> budget,
               std::shared_ptr<buffer_pool> tapes, group_taker take, turn_taker turns = nullptr);

  /// Writes a whole root scope that check_scope() found right.
  bool write(const scope& root);

  bool begin_scope(const scope_head& head) override;
  bool add_symbol(const symbol_view& symbol) override;
  bool end_scope() override;

  /// Hands over what there is. To flush or to end an upload, between root scopes only.
  bool cut();
  /// Hands over what there is as soon as a group may end: before the next leaf.
  void cut_before_next_leaf() noexcept { cut_is_due_ = true; }
  /// The upload has failed: lets go of what was written. Nothing may be written after it.
  void discard() noexcept;

  /// The rule that was broken, if a call returned false because of its argument.
  [[nodiscard]] const std::optional<error>& failure() const noexcept { return failure_; }
  [[nodiscard]] std::uint64_t groups() const noexcept { return sequence_; }
  [[nodiscard]] std::uint64_t roots() const noexcept { return roots_; }
  [[nodiscard]] const left_out& omitted() const noexcept { return omitted_; }
  [[nodiscard]] bool at_root() const noexcept { return open_.empty() && omitted_depth_ == 0; }
  /// JSON bytes that a group may have before it is cut, as things are.
  [[nodiscard]] std::size_t group_json_bytes() const noexcept;
  /// Takes the turn that so much more JSON needs, if it needs one and has none.
  void take_turn_for(std::size_t json_bytes);
  /// JSON bytes that wait for the group to be full.
  [[nodiscard]] std::size_t pending_json_bytes() const noexcept { return tape_.json_bytes(); }

private:
  struct open_scope {
    bool before_group; // its head lies in open_scopes_, not on the tape
    std::size_t offset, size;
    std::size_t json_bytes; // of the head
    scope_phase phase;
  };

  bool open(const scope_head& checked);
  bool refuse(std::string what);
  bool make_room(std::size_t json_bytes);
  void take_turn();
  void grow_tape(std::size_t bytes);
  void count_tape();
  bool cut_somewhere();
  bool cut_at_root_start();
  bool cut_here();
  bool emit(scope_group&& group);
  scope_group take_group();
  void omit(std::string name);

  const group_limits limits_;
  std::shared_ptr<memory_budget> budget_;
  std::shared_ptr<buffer_pool> tapes_;
  group_taker take_;
  turn_taker turns_;

  scope_tape tape_;
  tape_turn turn_;     // if the tape is a large one
  memory_hold memory_; // what the turn does not hold
  std::vector<open_scope> open_;
  std::size_t open_json_bytes_ = 0;
  std::string open_scopes_; // heads that the current group begins within
  scope_phase parent_phase_ = scope_phase::head;
  // Where the current root scope begins on the tape, as long as others lie before it.
  std::size_t root_offset_ = 0, root_json_bytes_ = 0;
  std::uint64_t root_leaves_ = 0;
  std::uint64_t group_roots_ = 0, group_leaves_ = 0;

  bool cut_is_due_ = false;
  std::size_t omitted_depth_ = 0; // > 0: inside a scope that is left out
  std::uint64_t sequence_ = 0;
  std::uint64_t roots_ = 0;
  left_out omitted_;
  std::optional<error> failure_;
};

} // namespace symup
