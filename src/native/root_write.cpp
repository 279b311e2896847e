// SPDX-License-Identifier: Apache-2.0
#include "native/root_write.hpp"

#include "native/json_object.hpp"
#include "scope_tape.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace symup::native {

namespace {

constexpr std::size_t max_nesting = 64;        // closures within closures
constexpr std::size_t max_nested_types = 1024; // looked at behind a type for what limits it

// The lines of one scope: those of all instances of a template together.
struct scope_lines {
  std::vector<line_range> lines;
  std::int64_t end_line = 0;
  std::uint64_t instances = 0;
  bool has_code = false, is_inlined = false;
};

class root_writer {
public:
  root_writer(extraction& shared, scope_sink& out, const write_progress& progress,
              binary_summary& summary)
      : shared_(shared), out_(out), progress_(progress), summary_(summary) {}

  expected<void> run(const std::string& root_specifics);

private:
  using entry = entity_table::entity_map::value_type;

  void unite_lines();
  void sort_into_parents();
  expected<void> write_root(const std::string& name, const std::string& specifics);
  expected<void> write_globals(const std::vector<const entry*>& members);
  expected<void> write(const entry& from, bool attached, std::size_t depth);
  expected<void> begin(const entry& from, const tape_record& record, bool attached);
  expected<void> rest_of(tape_reader& reader);
  expected<void> check(bool ok);
  void limit_types(const std::vector<const entry*>& members);
  std::int64_t end_of(const entry& from, std::int64_t own_end) const;
  std::string specifics_of(const entry& from, const tape_record& record) const;

  extraction& shared_;
  scope_sink& out_;
  const write_progress& progress_;
  binary_summary& summary_;
  entity_table::entity_map entities_;
  std::unordered_map<entity_key, scope_lines, entity_key_hash> lines_;
  std::map<std::string, std::vector<const entry*>> roots_;
  std::unordered_map<entity_key, std::vector<const entry*>, entity_key_hash> children_;
  std::unordered_map<entity_key, std::int64_t, entity_key_hash> limits_; // of types of one root
};

bool stands_before(const entity_table::entity_map::value_type* a,
                   const entity_table::entity_map::value_type* b) {
  return std::tie(a->second.start_line, a->second.name, a->first) <
         std::tie(b->second.start_line, b->second.name, b->first);
}

void root_writer::unite_lines() {
  entity_table::lines_map lines;
  shared_.entities.take(entities_, lines);
  for (auto& [exact, function] : lines) {
    auto& scope = lines_[function.merged];
    scope.lines = union_of(scope.lines, union_of(function.common, function.in_parts));
    scope.end_line = std::max(scope.end_line, function.end_line);
    ++scope.instances;
    scope.has_code |= function.has_code;
    scope.is_inlined |= function.is_inlined;
  }
}

void root_writer::sort_into_parents() {
  for (const auto& item : entities_) {
    const auto& parent = item.second.parent;
    if (!parent.empty() && entities_.count(parent) != 0)
      children_[parent].push_back(&item);
    else
      roots_[item.second.root].push_back(&item);
  }
  for (auto& [key, members] : children_)
    std::sort(members.begin(), members.end(), stands_before);
  for (auto& [name, members] : roots_)
    std::sort(members.begin(), members.end(), stands_before);
}

expected<void> root_writer::check(bool ok) {
  if (!ok)
    return fail(errc::cancelled, "the sink takes no more scopes");
  return {};
}

expected<void> root_writer::run(const std::string& root_specifics) {
  unite_lines();
  sort_into_parents();
  for (const auto& [name, members] : roots_)
    if (auto written = write_root(name, root_specifics); !written)
      return written;
  return {};
}

expected<void> root_writer::write_root(const std::string& name, const std::string& specifics) {
  const auto& members = roots_.at(name);
  const bool go = shared_.language == source_language::go;
  const bool by_file = !go && shared_.language != source_language::rust &&
                       shared_.options.root != binary_root::namespace_;
  scope_head head;
  head.scope_type = go ? "package" : "module";
  head.name = name;
  head.source_file = by_file ? std::string_view(name) : std::string_view();
  head.language_specifics = specifics;
  if (auto ok = check(out_.begin_scope(head)); !ok)
    return ok;
  ++summary_.roots;
  ++summary_.scopes;
  if (auto written = write_globals(members); !written)
    return written;
  limit_types(members);
  for (const auto* const member : members)
    if (member->second.kind != entity_kind::variable)
      if (auto written = write(*member, false, 0); !written)
        return written;
  return check(out_.end_scope());
}

expected<void> root_writer::write_globals(const std::vector<const entry*>& members) {
  std::string piece;
  for (const auto* const member : members) {
    if (member->second.kind != entity_kind::variable)
      continue;
    if (auto read = shared_.pieces.read(member->second.piece, piece); !read)
      return read;
    tape_reader reader(piece);
    if (auto written = rest_of(reader); !written)
      return written;
  }
  return {};
}

// A class reaches to its last method, but not into what stands behind it.
void root_writer::limit_types(const std::vector<const entry*>& members) {
  limits_.clear();
  for (std::size_t i = 0; i < members.size(); ++i) {
    const auto& type = members[i]->second;
    if (type.kind != entity_kind::type)
      continue;
    const auto inner = type.name + "::"; // nested types stand within
    const auto end = std::min(members.size(), i + max_nested_types);
    for (auto j = i + 1; j < end; ++j) {
      const auto& next = members[j]->second;
      if (next.own_file == type.own_file && next.start_line > type.start_line &&
          next.name.compare(0, inner.size(), inner) != 0) {
        limits_[members[i]->first] = next.start_line - 1;
        break;
      }
    }
  }
}

std::int64_t root_writer::end_of(const entry& from, std::int64_t own_end) const {
  auto end = std::max(from.second.start_line, own_end);
  if (const auto found = lines_.find(from.first); found != lines_.end())
    end = std::max(end, found->second.end_line);
  if (from.second.kind != entity_kind::type || from.second.start_line == 0)
    return end;
  auto reach = from.second.methods_line;
  if (const auto found = children_.find(from.first); found != children_.end())
    for (const auto* const child : found->second)
      if (child->second.extends_parent && child->second.own_file == from.second.own_file)
        if (const auto lines = lines_.find(child->first); lines != lines_.end())
          reach = std::max(reach, lines->second.end_line);
  const auto limit = limits_.find(from.first);
  return std::max(end, limit == limits_.end() ? reach : std::min(limit->second, reach));
}

std::string root_writer::specifics_of(const entry& from, const tape_record& record) const {
  const auto found = lines_.find(from.first);
  if (found == lines_.end())
    return std::string(record.language_specifics);
  json_object specifics(record.language_specifics);
  if (found->second.is_inlined)
    specifics.add("inlined", found->second.has_code ? "partly" : "always");
  if (found->second.instances > 1)
    specifics.add("template_instances", found->second.instances);
  return specifics.finish();
}

expected<void> root_writer::begin(const entry& from, const tape_record& record, bool attached) {
  const bool is_type = from.second.kind == entity_kind::type;
  const auto specifics = specifics_of(from, record);
  std::vector<line_range> lines;
  scope_head head;
  head.scope_type = record.scope_type;
  if (!attached && head.scope_type == "method")
    head.scope_type = "function"; // its class is not kept
  head.name = attached ? std::string_view(from.second.name) : record.name;
  head.source_file = record.source_file;
  head.start_line = record.start_line;
  head.end_line = end_of(from, record.end_line);
  head.language_specifics = specifics;
  if (const auto found = lines_.find(from.first); found != lines_.end())
    lines = intersection(found->second.lines, {{head.start_line, head.end_line}});
  head.has_injectible_lines = !lines.empty();
  head.injectible_lines = lines.data();
  head.injectible_line_count = lines.size();
  ++summary_.scopes;
  ++(is_type ? summary_.classes : summary_.functions);
  if ((summary_.scopes & 0xFFU) == 0 && progress_ && !progress_(summary_.scopes))
    return fail(errc::cancelled, "told to stop");
  return check(out_.begin_scope(head));
}

// The symbols and inner scopes of a piece, up to the end of the scope they lie in.
expected<void> root_writer::rest_of(tape_reader& reader) {
  tape_record record;
  std::size_t depth = 0;
  while (reader.next(record)) {
    bool ok = true;
    if (record.event == tape_event::symbol) {
      ++summary_.symbols;
      ok = out_.add_symbol(
          {record.name, record.type, record.symbol_type,
           record.has_line ? std::optional<std::int64_t>(record.line) : std::nullopt,
           record.language_specifics});
    } else if (record.event == tape_event::begin_scope) {
      ++depth;
      ++summary_.scopes;
      scope_head head;
      head.scope_type = record.scope_type;
      head.name = record.name;
      head.source_file = record.source_file;
      head.start_line = record.start_line;
      head.end_line = record.end_line;
      head.language_specifics = record.language_specifics;
      ok = out_.begin_scope(head);
    } else if (depth == 0) {
      return {};
    } else {
      --depth;
      ok = out_.end_scope();
    }
    if (!ok)
      return check(false);
  }
  return {};
}

expected<void> root_writer::write(const entry& from, bool attached, std::size_t depth) {
  std::string piece;
  if (auto read = shared_.pieces.read(from.second.piece, piece); !read)
    return read;
  tape_reader reader(piece);
  tape_record record;
  if (!reader.next(record) || record.event != tape_event::begin_scope)
    return {};
  if (auto begun = begin(from, record, attached); !begun)
    return begun;
  if (auto rest = rest_of(reader); !rest)
    return rest;
  if (const auto found = children_.find(from.first);
      found != children_.end() && depth < max_nesting)
    for (const auto* const child : found->second)
      if (auto written = write(*child, true, depth + 1); !written)
        return written;
  return check(out_.end_scope());
}

} // namespace

expected<void> write_roots(extraction& shared, const std::string& root_specifics, scope_sink& out,
                           const write_progress& progress, binary_summary& summary) {
  return root_writer(shared, out, progress, summary).run(root_specifics);
}

} // namespace symup::native
