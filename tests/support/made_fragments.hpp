// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Fragments for tests of what comes after compression.

#include "json_to_fragment.hpp"
#include "scope_fragment.hpp"
#include "scope_to_group.hpp"

#include <memory>
#include <string>
#include <vector>

namespace symup::testing {

/// A fragment that is `bytes` large when compressed and holds one root scope; not real DEFLATE.
inline fragment_ptr fragment_of_size(std::size_t bytes, std::uint64_t sequence = 1,
                                     bool ends_at_root = true) {
  auto made = std::make_shared<scope_fragment>();
  made->sequence = sequence;
  made->deflate.buffer = shared_bytes::copy_of(std::string(bytes, 'x'));
  made->deflate.json_bytes = bytes * 10;
  made->edges.join = ",";
  made->roots = 1;
  made->leaves = 1;
  made->ends_at_root = ends_at_root;
  return made;
}

/// Real fragments of these root scopes.
inline std::vector<fragment_ptr> fragments_of(const std::vector<scope>& roots,
                                              group_limits limits = {}) {
  std::vector<fragment_ptr> result;
  auto compressor = fragment_compressor::make(6);
  group_writer writer(limits, nullptr, nullptr, [&](scope_group&& group) {
    byte_buffer json;
    auto made = std::make_shared<scope_fragment>();
    made->edges = encode_group(group, json);
    made->deflate = *compressor->compress(json.view());
    made->sequence = group.sequence;
    made->roots = group.roots;
    made->leaves = group.leaves;
    made->ends_at_root = group.ends_at_root;
    result.push_back(std::move(made));
    return true;
  });
  for (const auto& root : roots)
    writer.write(root);
  writer.cut();
  return result;
}

} // namespace symup::testing
