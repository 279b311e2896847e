// SPDX-License-Identifier: Apache-2.0
#include "native/json_object.hpp"
#include "native/unit_read.hpp"

#include <dwarf.h>

#include <algorithm>

namespace symup::native {

namespace {

bool is_go_argument(die_attributes& entry) { // results are marked
  return !entry.flag(attribute::variable_parameter);
}

} // namespace

// Symbols and blocks of a function in the order of its entries.
struct unit_reader::block {
  struct variable {
    std::string name, type, specifics;
    std::string_view symbol_type;
    std::int64_t line = 0;
  };
  std::vector<variable> variables;
  std::vector<block> blocks;
  std::vector<address_range> code;
  std::int64_t first_line = max_line, last_line = 0; // of own rows and variables

  void cover(std::int64_t line) {
    if (line <= 0)
      return;
    first_line = std::min(first_line, line);
    last_line = std::max(last_line, line);
  }
};

std::string unit_reader::function_specifics(origin_chain& chain,
                                            const function_declaration& declared) {
  json_object specifics;
  auto& last = chain.last();
  if (const auto type = chain.reference(attribute::type))
    specifics.add("return_type", names_.spelled(*type));
  else if (shared_.language == source_language::c || shared_.language == source_language::cpp)
    specifics.add("return_type", "void");
  auto linkage = last.entry.text(attribute::linkage_name);
  if (linkage.empty())
    linkage = chain.text(attribute::linkage_name);
  if (!linkage.empty() && !declared.is_merged)
    specifics.add("linkage_name", linkage);
  if (shared_.language == source_language::go)
    specifics.add("go_qualified_name", chain.text(attribute::name));
  std::vector<std::string> modifiers;
  const auto access = access_word(chain.number(attribute::accessibility, declared.default_access));
  if (!access.empty())
    modifiers.emplace_back(access);
  const bool c_family =
      shared_.language == source_language::c || shared_.language == source_language::cpp;
  const auto self = declared.is_method && c_family ? this_parameter(chain) : std::nullopt;
  const bool is_static = declared.is_method ? !self : !chain.flag(attribute::external);
  if (c_family && is_static && !declared.is_closure)
    modifiers.emplace_back("static");
  if (chain.number(attribute::virtuality, 0) != 0)
    modifiers.emplace_back("virtual");
  if (chain.flag(attribute::is_explicit))
    modifiers.emplace_back("explicit");
  if (is_const_method(self))
    modifiers.emplace_back("const");
  if (!modifiers.empty())
    specifics.add("access_modifiers", modifiers);
  return specifics.finish();
}

// The parameter "this" of a method's declaration; nothing for a static one.
std::optional<Dwarf_Die> unit_reader::this_parameter(origin_chain& chain) {
  if (const auto named = chain.reference(attribute::object_pointer))
    return named;
  auto& last = chain.last(); // clang names it only where the method is defined
  die_walk walk(last.entry.die(), last.view->bounds);
  while (walk.next()) {
    if (walk.entry().tag() == DW_TAG_formal_parameter)
      return walk.entry().flag(attribute::artificial) ? std::optional(walk.entry().die())
                                                      : std::nullopt;
    walk.skip_children();
  }
  return std::nullopt;
}

// Whether "this" points to a constant.
bool unit_reader::is_const_method(std::optional<Dwarf_Die> self) {
  die_attributes entry;
  bool was_pointer = false;
  for (int step = 0; self && step < 6; ++step) { // this, its origin, [const], pointer, const
    auto* const view = session_.view_of(self->cu);
    if (view == nullptr || !entry.read(*self, view->bounds))
      return false;
    if (was_pointer)
      return entry.tag() == DW_TAG_const_type;
    was_pointer = entry.tag() == DW_TAG_pointer_type;
    self = entry.has(attribute::type) ? entry.reference(attribute::type)
                                      : entry.reference(attribute::abstract_origin);
  }
  return false;
}

void unit_reader::build_function(const function_instance& instance, scope_tape& tape) {
  const auto& declared = *instance.declaration;
  origin_chain chain;
  if (!chain.follow(instance.die, session_))
    return;
  // What is only inlined is described by its abstract instance, whole.
  auto& described = instance.quality == description::concrete || chain.size() == 1
                        ? chain.first()
                        : *abstract_instance(chain);
  block function;
  read_body(*described.view, described.entry.die(), instance, function);
  const auto specifics = function_specifics(chain, declared);
  scope_head head;
  head.scope_type = declared.is_closure ? "closure" : declared.is_method ? "method" : "function";
  head.name = declared.qualified;
  if (declared.path != no_path)
    head.source_file = shared_.paths.at(declared.path).path;
  head.start_line = head.end_line = declared.line;
  head.language_specifics = specifics;
  tape.begin_scope(head);
  write_block(function, tape);
  tape.end_scope();
}

// The link that holds the arguments and locals of an inlined copy.
origin_chain::link* unit_reader::abstract_instance(origin_chain& chain) {
  for (std::size_t i = 1; i < chain.size(); ++i)
    if (chain.at(i).entry.has(attribute::inlined))
      return &chain.at(i);
  return &chain.at(std::min<std::size_t>(1, chain.size() - 1));
}

void unit_reader::read_body(unit_view& view, const Dwarf_Die& die,
                            const function_instance& instance, block& function) {
  const auto& declared = *instance.declaration;
  const bool concrete = instance.quality == description::concrete;
  struct level {
    block* into;
    std::size_t depth;
  };
  std::vector<level> open{{&function, 0}};
  auto inlined_code = concrete ? block_code() : code_of_inlined_blocks(instance);
  die_walk walk(die, view.bounds);
  while (walk.next()) {
    auto& child = walk.entry();
    while (walk.depth() <= open.back().depth)
      open.pop_back();
    auto& into = *open.back().into;
    switch (child.tag()) {
    case DW_TAG_lexical_block:
      if (walk.depth() >= max_entry_depth)
        break;
      // Pointers to blocks stay valid: only the innermost one's list grows.
      into.blocks.emplace_back();
      into.blocks.back().code =
          concrete ? code_of_block(child) : std::move(inlined_code[child.die().addr]);
      open.push_back({&into.blocks.back(), walk.depth()});
      continue;
    case DW_TAG_formal_parameter:
    case DW_TAG_variable:
      read_variable(view, child, declared, concrete, into);
      break;
    case DW_TAG_GNU_formal_parameter_pack:
      continue; // holds parameters
    default:
      break;
    }
    walk.skip_children();
  }
  for (std::size_t at = 0; at < instance.row_count; ++at) {
    const auto& row = rows_[instance.first_row + at];
    if (row.line >= declared.line && row.line <= instance.last_line)
      cover_blocks(function, row);
  }
}

std::vector<address_range> unit_reader::code_of_block(die_attributes& entry) {
  std::uint64_t ignored = 0;
  const auto first = intervals_.size();
  add_ranges(entry, no_instance, 0, ignored);
  std::vector<address_range> code;
  for (auto at = first; at < intervals_.size(); ++at)
    code.push_back({intervals_[at].begin, intervals_[at].end});
  intervals_.resize(first);
  return code;
}

// By the block of the abstract instance: where the blocks of an inlined copy or a part lie.
unit_reader::block_code unit_reader::code_of_inlined_blocks(const function_instance& instance) {
  block_code code;
  auto* const view = session_.view_of(instance.die.cu);
  if (view == nullptr)
    return code;
  die_walk walk(instance.die, view->bounds);
  while (walk.next()) {
    auto& child = walk.entry();
    if (child.tag() == DW_TAG_lexical_block) {
      if (const auto origin = child.reference(attribute::abstract_origin))
        code[origin->addr] = code_of_block(child);
      continue;
    }
    walk.skip_children();
  }
  return code;
}

void unit_reader::cover_blocks(block& from, const own_row& row) {
  auto* at = &from;
  while (at != nullptr) {
    block* inner = nullptr;
    for (auto& candidate : at->blocks) {
      const bool within = std::any_of(
          candidate.code.begin(), candidate.code.end(), [&](const address_range& range) {
            return range.begin <= row.address && row.address < range.end;
          });
      if (within) {
        candidate.cover(row.line);
        inner = &candidate;
        break;
      }
    }
    at = inner;
  }
}

void unit_reader::read_variable(unit_view& view, die_attributes& entry,
                                const function_declaration& declared, bool concrete, block& into) {
  origin_chain chain;
  if (!chain.follow(entry.die(), session_))
    return;
  const auto name = chain.text(attribute::name);
  // The object of a lambda is the compiler's affair, not the programmer's.
  const bool self = (name == "this" && !declared.is_closure) || name == "self";
  if (name.empty() || (chain.flag(attribute::artificial) && !self))
    return;
  if (view.language == source_language::go && (name.front() == '.' || name.front() == '~'))
    return; // a dictionary of types, a result without a name
  bool argument = entry.tag() == DW_TAG_formal_parameter;
  if (!argument && (entry.flag(attribute::declaration) || chain.flag(attribute::external)))
    return; // extern int x; within a function
  if (argument && view.language == source_language::go)
    argument = is_go_argument(entry);
  block::variable made;
  made.name = name;
  made.symbol_type = argument ? "arg" : "local";
  if (const auto type = chain.reference(attribute::type))
    made.type = names_.spelled(*type);
  const auto path = chain.path_id(shared_.paths);
  if (path == declared.path || path == no_path)
    made.line = static_cast<std::int64_t>(
        std::min<std::uint64_t>(chain.number(attribute::decl_line, 0), max_line));
  if (concrete && chain.with(attribute::location) == nullptr &&
      chain.with(attribute::const_value) == nullptr)
    made.specifics = json_object().add_true("optimized_out").finish();
  into.cover(made.line);
  into.variables.push_back(std::move(made));
}

void unit_reader::write_block(const block& from, scope_tape& tape) {
  for (const auto& variable : from.variables)
    tape.add_symbol({variable.name, variable.type, variable.symbol_type,
                     variable.line != 0 ? std::optional<std::int64_t>(variable.line) : std::nullopt,
                     variable.specifics});
  for (const auto& inner : from.blocks)
    write_inner(inner, tape);
}

// A block without variables gives way to those within it.
void unit_reader::write_inner(const block& inner, scope_tape& tape) {
  if (inner.variables.empty()) {
    for (const auto& deeper : inner.blocks)
      write_inner(deeper, tape);
    return;
  }
  scope_head head;
  head.scope_type = "local";
  head.start_line = inner.last_line == 0 ? 0 : inner.first_line;
  head.end_line = inner.last_line;
  tape.begin_scope(head);
  write_block(inner, tape);
  tape.end_scope();
}

} // namespace symup::native
