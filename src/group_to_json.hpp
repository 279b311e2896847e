// SPDX-License-Identifier: Apache-2.0
#pragma once

/// GROUP -> JSON: one linear pass over a group's tape. The ENCODER's whole work; its result goes
/// to the COMPRESSOR. Pure; any thread.

#include "byte_buffer.hpp"
#include "scope_group.hpp"

#include <string>

namespace symup {

/// The texts that go with a fragment wherever it stands in a batch. None is part of its JSON.
struct fragment_edges {
  std::string reopen; ///< in front of it at the start of a batch: "" at a root scope
  std::string join;   ///< between it and the fragment before it in the same batch
  std::string close;  ///< behind it at the end of a batch: "" at a root scope
};

/// Appends the group's JSON to `json` (commas between root scopes included) and returns its edges.
[[nodiscard]] fragment_edges encode_group(const scope_group& group, byte_buffer& json);

} // namespace symup
