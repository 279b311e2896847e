// SPDX-License-Identifier: Apache-2.0
#include "native/unit_read.hpp"

#include <dwarf.h>

#include <algorithm>
#include <map>

namespace symup::native {

namespace {

// Sorted and without repetitions.
void normalise(std::vector<std::int32_t>& lines) {
  std::sort(lines.begin(), lines.end());
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
}

// It calls the destructor and frees: no copy of the destructor's body.
bool is_deleting_destructor(die_attributes& entry) {
  return entry.text(attribute::linkage_name).find("D0E") != std::string_view::npos;
}

} // namespace

// Adds the live code of an entry; false if there is none or the budget is used up (then it is 0).
bool unit_reader::add_ranges(die_attributes& entry, std::uint32_t instance, std::uint32_t depth,
                             std::uint64_t& entry_address) {
  const auto first = intervals_.size();
  const auto add = [&](std::uint64_t begin, std::uint64_t end) {
    if (begin < end && shared_.elf.is_code(begin))
      intervals_.push_back({begin, end, 0, instance, depth});
  };
  const auto low = entry.address(attribute::low_pc);
  if (auto* const ranges = entry.get(attribute::ranges); ranges != nullptr) {
    auto die = entry.die();
    Dwarf_Addr base = 0, begin = 0, end = 0;
    for (std::ptrdiff_t at = 0; (at = dwarf_ranges(&die, at, &base, &begin, &end)) > 0;) {
      if (range_budget_ == 0 || --range_budget_ == 0)
        return false;
      add(begin, end);
    }
  } else if (auto* const high = entry.get(attribute::high_pc); low && high != nullptr) {
    Dwarf_Addr end = 0;
    Dwarf_Word size = 0;
    if (dwarf_formaddr(high, &end) == 0)
      add(*low, end);
    else if (dwarf_formudata(high, &size) == 0 && size <= UINT64_MAX - *low)
      add(*low, *low + size);
  }
  if (first == intervals_.size())
    return false;
  entry_address = entry.address(attribute::entry_pc).value_or(intervals_[first].begin);
  return true;
}

// Collects the functions with live code and the copies inlined into them, with their code. What is
// not kept matters only within what is: there its rows are nobody's.
bool unit_reader::find_instances(unit_view& view, std::string& why) {
  const auto& nodes = view.nodes();
  struct place {
    std::uint32_t depth = 0;  // within code; 0 = not in any
    bool within_kept = false; // rows here would be a kept function's
  };
  std::vector<place> places(nodes.size());
  die_attributes entry;
  for (std::uint32_t i = 1; i < nodes.size(); ++i) {
    const auto& node = nodes[i];
    const bool inlined = node.tag == DW_TAG_inlined_subroutine;
    if (node.tag != DW_TAG_subprogram)
      places[i] = places[node.parent];
    if ((node.tag != DW_TAG_subprogram && !inlined) || !node.has_code || node.declaration ||
        (inlined && places[i].depth == 0))
      continue;
    if ((i & 0xFFU) == 0 && shared_.stop.load(std::memory_order_relaxed))
      return true;
    const auto die = view.die_of(node);
    if (!entry.read(die, view.bounds))
      continue;
    auto& declared = declarations_.function(
        inlined ? entry.reference(attribute::abstract_origin).value_or(die) : die);
    ++places[i].depth;
    if (inlined && !declared.kept && !places[i].within_kept)
      continue;
    const auto first = intervals_.size();
    std::uint64_t entry_address = 0;
    if (!add_ranges(entry, no_instance, places[i].depth, entry_address)) {
      if (range_budget_ == 0) {
        why = "its range lists are too many";
        return false;
      }
      places[i] = {};
      continue;
    }
    if (!declared.kept && !inlined) {
      shared_.left_out.fetch_add(1, std::memory_order_relaxed);
      intervals_.resize(first);
      continue;
    }
    add_instance(view, entry, declared, inlined, first, entry_address);
    places[i].within_kept = true;
  }
  return true;
}

// Notes the instance whose code lies in the intervals from `first` on.
void unit_reader::add_instance(unit_view& view, die_attributes& entry,
                               function_declaration& declared, bool inlined, std::size_t first,
                               std::uint64_t entry_address) {
  std::uint32_t instance = no_instance;
  if (declared.kept) {
    instance = static_cast<std::uint32_t>(instances_.size());
    function_instance made;
    made.declaration = &declared;
    made.die = entry.die();
    made.order = order_of(view, made.die);
    if (inlined)
      made.quality = description::inlined;
    else if (is_deleting_destructor(entry) ||
             std::binary_search(shared_.split_off_parts.begin(), shared_.split_off_parts.end(),
                                intervals_[first].begin))
      made.quality = description::part;
    instances_.push_back(made);
  }
  const auto entry_view = entry.number(attribute::entry_view).value_or(0);
  for (auto at = first; at < intervals_.size(); ++at) {
    intervals_[at].instance = instance;
    if (intervals_[at].begin == entry_address)
      intervals_[at].begin_view = static_cast<std::uint32_t>(entry_view & 0xFFFFU);
  }
}

// Go names no file and no line for most functions: both are those of their rows.
void unit_reader::learn_from_rows(const std::vector<std::uint32_t>& files) {
  for (const auto quality : {description::concrete, description::inlined})
    for (std::size_t i = 0; i < instances_.size(); ++i) {
      const auto& instance = instances_[i];
      auto& declared = *instance.declaration;
      if (instance.quality != quality)
        continue;
      if (declared.path == no_path)
        declared.path = files[i];
      if (declared.line != 0)
        continue;
      for (std::size_t at = 0; at < instance.row_count; ++at) {
        const auto line = rows_[instance.first_row + at].line;
        declared.line = declared.line == 0 ? line : std::min<std::int64_t>(declared.line, line);
      }
    }
}

expected<void> unit_reader::read_functions(unit_view& view) {
  std::vector<std::uint32_t> files(instances_.size());
  for (std::size_t i = 0; i < instances_.size(); ++i)
    files[i] = instances_[i].declaration->path;
  if (!assign_rows(view, shared_.paths, intervals_, files, shared_.stop, rows_))
    return {}; // told to stop
  for (std::size_t at = 0; at < rows_.size();) {
    auto& instance = instances_[rows_[at].instance];
    instance.first_row = at;
    while (at < rows_.size() && rows_[at].instance == rows_[instance.first_row].instance)
      ++at;
    instance.row_count = at - instance.first_row;
  }
  if (shared_.language == source_language::go)
    learn_from_rows(files);

  // Where each file's functions begin: none reaches into the next.
  std::map<std::uint32_t, std::vector<std::int64_t>> starts;
  std::unordered_map<entity_key, std::vector<std::uint32_t>, entity_key_hash> same;
  for (std::uint32_t i = 0; i < instances_.size(); ++i) {
    const auto& declared = *instances_[i].declaration;
    if (!declared.is_closure && !declared.is_local)
      starts[declared.path].push_back(declared.line);
    same[declared.exact].push_back(i);
  }
  for (auto& [path, lines] : starts)
    std::sort(lines.begin(), lines.end());
  for (const auto& [key, members] : same) {
    if (shared_.stop.load(std::memory_order_relaxed))
      return {};
    const auto& declared = *instances_[members.front()].declaration;
    const auto& lines = starts[declared.path];
    const auto next = std::upper_bound(lines.begin(), lines.end(), declared.line);
    for (const auto member : members)
      note_lines(instances_[member],
                 next == lines.end() || declared.line == 0 ? max_line : *next - 1);
    const auto best = *std::min_element(members.begin(), members.end(), [&](auto a, auto b) {
      return claim_rank{instances_[a].quality, instances_[a].order, 0} <
             claim_rank{instances_[b].quality, instances_[b].order, 0};
    });
    if (auto put_ = put_function(instances_[best]); !put_)
      return put_;
  }
  return {};
}

// Tells the table the lines of an instance.
void unit_reader::note_lines(function_instance& instance, std::int64_t limit) {
  const auto& declared = *instance.declaration;
  instance.last_line = limit;
  entity_table::instance added;
  added.has_code = instance.quality != description::inlined;
  added.is_part = instance.quality == description::part;
  added.end_line = declared.line;
  std::vector<std::int32_t> lines;
  for (std::size_t at = 0; at < instance.row_count; ++at) {
    const auto& row = rows_[instance.first_row + at];
    if (row.line < declared.line || row.line > limit)
      continue; // of a default member initialiser or macro elsewhere
    added.end_line = std::max<std::int64_t>(added.end_line, row.line);
    if (row.is_statement)
      lines.push_back(row.line);
  }
  normalise(lines);
  added.lines = ranges_of(lines);
  shared_.entities.add_instance(declared.exact, declared.merged, std::move(added));
}

expected<void> unit_reader::put_function(const function_instance& instance) {
  const auto& declared = *instance.declaration;
  if (declared.line == 0)
    return {}; // Go: inlined, and not a row is left of it
  shared_.described.fetch_add(1, std::memory_order_relaxed);
  entity described;
  described.rank = {instance.quality, instance.order, 0};
  if (!shared_.entities.would_win(declared.merged, described.rank))
    return {};
  described.kind = entity_kind::function;
  described.root = declared.root;
  described.parent = declared.parent;
  described.name = declared.name;
  described.start_line = declared.line;
  described.extends_parent = declared.stands_in_class || declared.is_closure;
  if (declared.path != no_path)
    described.own_file = shared_.paths.at(declared.path).path;
  tape_.clear();
  build_function(instance, tape_);
  return put(declared.merged, std::move(described), tape_);
}

} // namespace symup::native
