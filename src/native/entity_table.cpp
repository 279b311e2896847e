// SPDX-License-Identifier: Apache-2.0
#include "native/entity_table.hpp"

#include <algorithm>

namespace symup::native {

std::vector<line_range> ranges_of(const std::vector<std::int32_t>& lines) {
  std::vector<line_range> ranges;
  for (const auto line : lines) {
    if (!ranges.empty() && ranges.back().end + 1 >= line)
      ranges.back().end = line;
    else
      ranges.push_back({line, line});
  }
  return ranges;
}

std::vector<line_range> intersection(const std::vector<line_range>& a,
                                     const std::vector<line_range>& b) {
  std::vector<line_range> common;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const auto start = std::max(a[i].start, b[j].start);
    const auto end = std::min(a[i].end, b[j].end);
    if (start <= end)
      common.push_back({start, end});
    if (a[i].end < b[j].end)
      ++i;
    else
      ++j;
  }
  return common;
}

std::vector<line_range> union_of(const std::vector<line_range>& a,
                                 const std::vector<line_range>& b) {
  std::vector<line_range> all(a);
  all.insert(all.end(), b.begin(), b.end());
  std::sort(all.begin(), all.end(),
            [](const line_range& x, const line_range& y) { return x.start < y.start; });
  std::vector<line_range> merged;
  for (const auto& range : all) {
    if (!merged.empty() && merged.back().end + 1 >= range.start)
      merged.back().end = std::max(merged.back().end, range.end);
    else
      merged.push_back(range);
  }
  return merged;
}

bool entity_table::would_win(const entity_key& key, const claim_rank& rank) {
  auto& shard = shard_of(key);
  const std::lock_guard<std::mutex> lock(shard.mutex);
  const auto found = shard.entities.find(key);
  return found == shard.entities.end() || rank < found->second.rank;
}

void entity_table::put(const entity_key& key, entity&& described) {
  auto& shard = shard_of(key);
  const std::lock_guard<std::mutex> lock(shard.mutex);
  const auto [at, is_new] = shard.entities.try_emplace(key);
  if (is_new)
    size_.fetch_add(1, std::memory_order_relaxed);
  if (is_new || described.rank < at->second.rank)
    at->second = std::move(described);
}

void entity_table::add_instance(const entity_key& exact, const entity_key& merged,
                                instance&& added) {
  auto& shard = shard_of(exact);
  const std::lock_guard<std::mutex> lock(shard.mutex);
  auto& kept = shard.lines[exact];
  if (kept.merged.empty() || merged < kept.merged) // units that disagree must not race
    kept.merged = merged;
  kept.end_line = std::max(kept.end_line, added.end_line);
  if (added.is_part) {
    kept.in_parts = union_of(kept.in_parts, added.lines);
  } else {
    kept.common = kept.whole ? intersection(kept.common, added.lines) : std::move(added.lines);
    kept.whole = true;
  }
  kept.has_code |= added.has_code;
  kept.is_inlined |= !added.has_code;
}

void entity_table::take(entity_map& entities, lines_map& lines) {
  for (auto& shard : shards_) {
    const std::lock_guard<std::mutex> lock(shard.mutex);
    entities.merge(shard.entities);
    lines.merge(shard.lines);
    shard.entities.clear();
    shard.lines.clear();
  }
}

} // namespace symup::native
