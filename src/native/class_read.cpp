// SPDX-License-Identifier: Apache-2.0
#include "native/json_object.hpp"
#include "native/unit_read.hpp"

#include <dwarf.h>

#include <algorithm>

namespace symup::native {

namespace {

constexpr std::size_t max_flattened = 16; // anonymous members within anonymous members

bool is_record(int tag) noexcept {
  return tag == DW_TAG_class_type || tag == DW_TAG_structure_type || tag == DW_TAG_union_type ||
         tag == DW_TAG_interface_type;
}

struct field {
  std::string name, type, specifics;
  std::string_view symbol_type;
  std::int64_t line = 0;
};

std::int64_t line_of(die_attributes& entry) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(
      entry.number(attribute::decl_line).value_or(0), static_cast<std::uint64_t>(max_line)));
}

// Most fields are public: only what differs is said. Rust says what is public.
std::string field_specifics(die_attributes& entry, std::uint64_t default_access) {
  const auto number = entry.number(attribute::accessibility).value_or(default_access);
  const auto access = access_word(number);
  if (access.empty() || (number == DW_ACCESS_public && default_access != 0))
    return "";
  return json_object()
      .add("access_modifiers", std::vector<std::string>{std::string(access)})
      .finish();
}

} // namespace

struct unit_reader::type_body {
  std::vector<field> fields;
  std::vector<std::string> super_classes;
  std::int64_t last_line = 0;
  std::int64_t methods_line = 0;
  std::uint32_t path = no_path; // of the type
  bool has_variants = false;
  std::uint64_t default_access = 0; ///< in DWARF's numbers; 0 = the language has none
};

void unit_reader::name_by_typedefs(unit_view& view) {
  die_attributes entry;
  for (const auto& node : view.nodes()) {
    if (node.tag != DW_TAG_typedef || !entry.read(view.die_of(node), view.bounds))
      continue;
    auto type = entry.reference(attribute::type);
    if (!type || type->cu != view.bounds.cu)
      continue;
    const std::string name(entry.text(attribute::name));
    die_attributes target;
    if (!name.empty() && target.read(*type, view.bounds) && is_record(target.tag()) &&
        !target.has(attribute::name))
      declarations_.name_by_typedef(*type, name);
  }
}

expected<void> unit_reader::read_types(unit_view& view) {
  if (view.language == source_language::c)
    name_by_typedefs(view);
  const auto& nodes = view.nodes();
  for (std::uint32_t node = 1; node < nodes.size(); ++node) {
    if (!is_record(nodes[node].tag) || nodes[node].declaration)
      continue;
    if ((node & 0xFFU) == 0 && shared_.stop.load(std::memory_order_relaxed))
      return {};
    if (auto read = read_type(view, node); !read)
      return read;
  }
  return {};
}

expected<void> unit_reader::read_type(unit_view& view, std::uint32_t node) {
  const auto die = view.die_of(view.nodes()[node]);
  const auto& declared = declarations_.type(die);
  if (!declared.kept) {
    if (view.nodes()[node].has_name && declarations_.is_wanted(view))
      shared_.left_out.fetch_add(1, std::memory_order_relaxed);
    return {};
  }
  shared_.described.fetch_add(1, std::memory_order_relaxed);
  entity described;
  // Units leave out members they do not use.
  const auto& place = view.nodes()[node];
  described.rank = {description::concrete, order_of(view, die), place.end - place.offset};
  if (!shared_.entities.would_win(declared.key, described.rank))
    return {};
  described.kind = entity_kind::type;
  described.root = declared.root;
  described.parent = declared.parent;
  described.name = declared.qualified;
  described.start_line = declared.line;
  if (declared.path != no_path)
    described.own_file = shared_.paths.at(declared.path).path;

  die_attributes entry;
  if (!entry.read(die, view.bounds))
    return {};
  type_body body;
  body.last_line = declared.line;
  body.path = declared.path;
  if (shared_.language == source_language::cpp)
    body.default_access = entry.tag() == DW_TAG_class_type ? DW_ACCESS_private : DW_ACCESS_public;
  read_fields(view, die, body, 0);
  described.methods_line = body.methods_line;
  json_object specifics;
  const int tag = entry.tag();
  specifics.add("kind", tag == DW_TAG_union_type   ? "union"
                        : body.has_variants        ? "enum"
                        : tag == DW_TAG_class_type ? "class"
                                                   : "struct");
  if (!body.super_classes.empty())
    specifics.add("super_classes", body.super_classes);
  const auto text = specifics.finish();

  tape_.clear();
  scope_head head;
  head.scope_type = tag == DW_TAG_class_type || tag == DW_TAG_interface_type ? "class" : "struct";
  head.name = declared.qualified;
  head.source_file = described.own_file;
  head.start_line = declared.line;
  head.end_line = declared.line == 0 ? 0 : body.last_line; // Rust tells no line
  head.language_specifics = text;
  tape_.begin_scope(head);
  for (const auto& field : body.fields)
    tape_.add_symbol({field.name, field.type, field.symbol_type,
                      field.line != 0 ? std::optional<std::int64_t>(field.line) : std::nullopt,
                      field.specifics});
  tape_.end_scope();
  return put(declared.key, std::move(described), tape_);
}

void unit_reader::read_fields(unit_view& view, const Dwarf_Die& type, type_body& body,
                              std::size_t depth) {
  die_walk walk(type, view.bounds);
  while (walk.next()) {
    auto& child = walk.entry();
    switch (child.tag()) {
    case DW_TAG_variant_part:
      body.has_variants = true;
      continue; // its variants hold the members
    case DW_TAG_variant:
      continue;
    case DW_TAG_member:
    case DW_TAG_variable:
      read_field(view, child, body, depth);
      break;
    case DW_TAG_inheritance:
      if (depth == 0)
        body.super_classes.push_back(names_.type_of(child, view.language));
      break;
    case DW_TAG_subprogram:
      if (depth == 0 && !child.flag(attribute::artificial) && stands_in(view, child, body.path))
        body.methods_line = std::max(body.methods_line, line_of(child));
      break;
    default:
      break;
    }
    walk.skip_children();
  }
}

// Whether an entry is declared in a file; yes if the file is not known.
bool unit_reader::stands_in(unit_view& view, die_attributes& entry, std::uint32_t path) {
  const auto file = entry.number(attribute::decl_file);
  return path == no_path || (file && view.path_id(*file, shared_.paths) == path);
}

void unit_reader::read_field(unit_view& view, die_attributes& entry, type_body& body,
                             std::size_t depth) {
  if (entry.flag(attribute::artificial))
    return;
  const bool is_static = entry.tag() == DW_TAG_variable || entry.flag(attribute::external);
  const auto name = entry.text(attribute::name);
  if (name.empty()) {
    // An anonymous union or struct: its members read as the parent's.
    const auto type = entry.reference(attribute::type);
    origin_chain target;
    if (depth >= max_flattened || !type || !target.follow(*type, session_) ||
        target.with(attribute::name) != nullptr)
      return;
    for (std::size_t i = 0; i < target.size(); ++i) // a type unit has it behind a signature
      if (auto& link = target.at(i);
          is_record(link.entry.tag()) && !link.entry.has(attribute::declaration))
        return read_fields(*link.view, link.entry.die(), body, depth + 1);
    return;
  }
  if (name.substr(0, 6) == "_vptr." || name.substr(0, 6) == "_vptr$")
    return;
  // GCC gives a static member the place of its definition, which may be another file.
  const auto line = stands_in(view, entry, body.path) ? line_of(entry) : 0;
  body.last_line = std::max(body.last_line, line);
  body.fields.push_back({std::string(name), names_.type_of(entry, view.language),
                         field_specifics(entry, body.default_access),
                         is_static ? "static_field" : "field", line});
}

expected<void> unit_reader::read_globals(unit_view& view) {
  const auto& nodes = view.nodes();
  for (const auto& node : nodes) {
    if (node.tag != DW_TAG_variable || node.declaration)
      continue;
    origin_chain chain;
    if (!chain.follow(view.die_of(node), session_))
      continue;
    auto& last = chain.last();
    const auto name = chain.text(attribute::name);
    const auto path = chain.path_id(shared_.paths);
    if (name.empty() || !declarations_.is_wanted(*last.view) || chain.flag(attribute::artificial) ||
        (chain.with(attribute::location) == nullptr &&
         chain.with(attribute::const_value) == nullptr))
      continue;
    const bool go = shared_.language == source_language::go;
    if (!go &&
        (path == no_path || !shared_.paths.at(path).kept || last.entry.tag() == DW_TAG_member))
      continue;
    if (!names_.ensure_index(*last.view))
      continue;
    const auto outer =
        last.view->nodes()[last.view->parent_of(last.view->offset_of(last.entry.die()))];
    if (is_record(outer.tag))
      continue; // a static field; its class has it
    const auto& scope = names_.enclosing_scope(*last.view, last.entry.die());
    entity described;
    if (!declarations_.place_global(*last.view, name, scope, path, described.root))
      continue;
    described.kind = entity_kind::variable;
    described.name = scope.empty() || go ? std::string(name) : scope + "::" + std::string(name);
    described.start_line = static_cast<std::int64_t>(
        std::min<std::uint64_t>(chain.number(attribute::decl_line, 0), max_line));
    described.rank = {description::concrete, order_of(view, view.die_of(node)), 0};
    const auto key = key_hasher()
                         .text("variable")
                         .text(described.name)
                         .number(path == no_path ? 0 : shared_.paths.at(path).hash)
                         .number(static_cast<std::uint64_t>(described.start_line))
                         .finish();
    shared_.described.fetch_add(1, std::memory_order_relaxed);
    if (!shared_.entities.would_win(key, described.rank))
      continue;
    const auto type = chain.reference(attribute::type);
    const auto type_text = type ? names_.spelled(*type) : std::string();
    tape_.clear();
    tape_.add_symbol({described.name, type_text, "static_field", described.start_line, ""});
    if (auto put_ = put(key, std::move(described), tape_); !put_)
      return put_;
  }
  return {};
}

} // namespace symup::native
