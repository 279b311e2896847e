// SPDX-License-Identifier: Apache-2.0
#pragma once

/// SCOPE FRAGMENT: what the COMPRESSOR makes of a group and the BATCHER puts into batches.
/// Immutable once it is shared; it keeps its memory counted until the last batch lets go of it.

#include "group_to_json.hpp"
#include "json_to_fragment.hpp"
#include "memory_budget.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace symup {

struct scope_fragment {
  std::uint64_t sequence = 0; ///< that of its group
  deflate_fragment deflate;
  fragment_edges edges;
  std::uint64_t roots = 0;
  std::uint64_t leaves = 0;
  bool ends_at_root = true;
  memory_hold memory;

  /// The bytes it holds while it waits.
  [[nodiscard]] std::size_t held_bytes() const noexcept {
    return sizeof(scope_fragment) + deflate.buffer.size() + edges.reopen.size() +
           edges.close.size();
  }
};

using fragment_ptr = std::shared_ptr<const scope_fragment>;

} // namespace symup
