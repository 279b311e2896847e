// SPDX-License-Identifier: Apache-2.0
#pragma once

/// SCOPE GROUP: what one message carries from a producer to the ENCODER: scopes that make about
/// one fragment of JSON. A group begins with a leaf (a symbol or the head of a scope) and may begin
/// and end inside a root scope; then it carries the heads of the scopes that are open where it
/// begins, so that it can be encoded without its neighbours.

#include "memory_budget.hpp"
#include "scope_tape.hpp"
#include "tape_turns.hpp"

#include <cstdint>
#include <string>

namespace symup {

/// Which list of a scope was written last.
enum class scope_phase : std::uint8_t { head, symbols, scopes };

struct scope_group {
  std::uint64_t sequence = 0; ///< 1, 2, ... within the upload
  scope_tape tape;
  std::string open_scopes; ///< heads of the open scopes as tape records, outermost first
  scope_phase parent_phase = scope_phase::head; ///< of the innermost of them
  std::uint64_t roots = 0;                      ///< root scopes that end in this group
  std::uint64_t leaves = 0;                     ///< scopes and symbols that begin in it
  bool ends_at_root = true;                     ///< no scope is open at its end
  memory_hold memory;                           ///< what it has taken from the budget
  tape_turn turn;                               ///< of a large tape, until it is compressed
};

} // namespace symup
