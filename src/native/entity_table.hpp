// SPDX-License-Identifier: Apache-2.0
#pragma once

/// ENTITY TABLE: who describes what. Workers claim an entity before they encode it; the best
/// description wins, and among equals the one that comes first in the file, so the outcome does
/// not depend on which worker was quicker. Lines of functions are gathered beside the claims, with
/// operations whose order does not matter. ROOT WRITE takes the outcome. Locked by shards.

#include "native/entity_key.hpp"
#include "native/piece_store.hpp"
#include "symup/scope.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace symup::native {

enum class entity_kind : std::uint8_t { type, function, variable };

/// How good a description is: lower is better.
enum class description : std::uint8_t {
  concrete = 0, ///< code of its own (or: the definition of a type)
  inlined = 1,  ///< only copies inlined into others
  part = 2,     ///< only a part split off, or a deleting destructor
};

/// Where a claim comes from; lower wins among equals.
struct claim_rank {
  description quality = description::concrete;
  std::uint64_t order = 0; ///< unit and offset of the claiming entry
  std::uint32_t bytes = 0; ///< of a type's description: the longest tells most and comes first
  bool operator<(const claim_rank& other) const noexcept {
    return std::tie(quality, other.bytes, order) < std::tie(other.quality, bytes, other.order);
  }
};

/// The description that won so far.
struct entity {
  claim_rank rank;
  entity_kind kind = entity_kind::function;
  std::string root;     ///< name of its root scope
  entity_key parent;    ///< entity it lies in, if that one is kept; empty = the root
  std::string name;     ///< as it stands within its parent
  std::string own_file; ///< source_file; tells whether it extends its parent's lines
  std::int64_t start_line = 0;
  std::int64_t methods_line = 0; ///< last line a type names for a method; GCC's may be elsewhere
  bool extends_parent = false;   ///< its text stands within its parent's
  piece_place piece;
};

/// What all instances of one function together have.
struct function_lines {
  entity_key merged;                ///< entity the lines belong to
  std::vector<line_range> common;   ///< in every whole instance
  std::vector<line_range> in_parts; ///< in parts split off
  std::int64_t end_line = 0;
  bool whole = false; ///< `common` was set
  bool has_code = false, is_inlined = false;
};

/// Lines sorted and unique -> ranges.
[[nodiscard]] std::vector<line_range> ranges_of(const std::vector<std::int32_t>& lines);
[[nodiscard]] std::vector<line_range> intersection(const std::vector<line_range>& a,
                                                   const std::vector<line_range>& b);
[[nodiscard]] std::vector<line_range> union_of(const std::vector<line_range>& a,
                                               const std::vector<line_range>& b);

class entity_table {
public:
  /// Whether a description of this rank would win now: false spares the encoding.
  bool would_win(const entity_key& key, const claim_rank& rank);
  /// Takes a description; keeps the better one.
  void put(const entity_key& key, entity&& described);

  struct instance {
    std::vector<line_range> lines;
    std::int64_t end_line = 0;
    bool has_code = false; ///< not inlined
    bool is_part = false;
  };
  /// Adds the lines of one instance (or of several, intersected already).
  void add_instance(const entity_key& exact, const entity_key& merged, instance&& added);

  using entity_map = std::unordered_map<entity_key, entity, entity_key_hash>;
  using lines_map = std::unordered_map<entity_key, function_lines, entity_key_hash>;
  /// Takes everything out; after the last put.
  void take(entity_map& entities, lines_map& lines);

  [[nodiscard]] std::uint64_t size() const noexcept { return size_.load(); }

private:
  struct shard {
    std::mutex mutex;
    entity_map entities;
    lines_map lines;
  };
  shard& shard_of(const entity_key& key) { return shards_[key.high % shards_.size()]; }

  std::array<shard, 64> shards_;
  std::atomic<std::uint64_t> size_{0};
};

} // namespace symup::native
