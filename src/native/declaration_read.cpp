// SPDX-License-Identifier: Apache-2.0
#include "native/declaration_read.hpp"

#include <dwarf.h>

#include <algorithm>

namespace symup::native {

namespace {

bool is_type_tag(int tag) noexcept {
  return tag == DW_TAG_class_type || tag == DW_TAG_structure_type || tag == DW_TAG_union_type ||
         tag == DW_TAG_interface_type || tag == DW_TAG_enumeration_type;
}

bool starts_with(std::string_view text, std::string_view prefix) noexcept {
  return text.substr(0, prefix.size()) == prefix;
}

constexpr std::string_view unnamed_namespace = "(anonymous namespace)";

entity_key go_key(std::string_view name) {
  return key_hasher().text("function").text(name).finish();
}

// "main.max[go.shape.int_0]" -> "main.max[...]"
std::string without_go_arguments(std::string_view name) {
  std::string out;
  std::size_t depth = 0;
  for (const char c : name) {
    if (c == '[' && depth++ == 0)
      out += "[...";
    if (c == ']' && depth != 0)
      --depth;
    if (depth == 0)
      out += c;
  }
  return out;
}

std::string_view first_component(std::string_view qualified) noexcept {
  return qualified.substr(0, qualified.find("::"));
}

} // namespace

std::string_view go_package_of(std::string_view name) noexcept {
  const auto bracket = std::min(name.find('['), name.size()); // type arguments hold paths too
  const auto slash = name.substr(0, bracket).rfind('/');
  const auto dot = name.find('.', slash == std::string_view::npos ? 0 : slash);
  return dot == std::string_view::npos ? std::string_view{} : name.substr(0, dot);
}

// What stands around a declaration in its unit.
struct declarations::surroundings {
  unit_view* view = nullptr;
  std::uint32_t type = 0;     // innermost class around, if nothing but blocks is between; 0 = none
  std::uint32_t function = 0; // innermost function anywhere around; 0 = none
  std::uint32_t node = 0;     // innermost node of any kind
};

void declarations::clear() {
  functions_.clear();
  types_.clear();
  typedef_names_.clear();
}

void declarations::name_by_typedef(const Dwarf_Die& type, std::string name) {
  typedef_names_.try_emplace(type.addr, std::move(name));
}

declarations::surroundings declarations::around(unit_view& view, const Dwarf_Die& die) {
  surroundings found;
  if (!names_.ensure_index(view))
    return found;
  found.view = &view;
  const auto& nodes = view.nodes();
  auto node = view.parent_of(view.offset_of(die));
  found.node = node;
  if (is_type_tag(nodes[node].tag))
    found.type = node;
  for (; node != 0; node = nodes[node].parent)
    if (nodes[node].tag == DW_TAG_subprogram) {
      found.function = node;
      break;
    }
  return found;
}

bool declarations::is_closure_type(unit_view& view, std::uint32_t node) {
  const auto& nodes = view.nodes();
  if (nodes[node].has_name || view.language != source_language::cpp ||
      !is_type_tag(nodes[node].tag))
    return false;
  die_attributes entry;
  for (auto at = node + 1; at < nodes.size() && nodes[at].offset < nodes[node].end; ++at)
    if (nodes[at].parent == node && nodes[at].tag == DW_TAG_subprogram &&
        entry.read(view.die_of(nodes[at]), view.bounds) &&
        starts_with(entry.text(attribute::name), "operator()"))
      return true;
  return false;
}

bool declarations::keeps_go_package(std::string_view package) const {
  const auto& options = shared_.options;
  const std::string name(package);
  const auto fits = [&](const std::string& pattern) { return matches_path(pattern, name); };
  if (std::any_of(options.exclude.begin(), options.exclude.end(), fits))
    return false;
  if (options.all)
    return true;
  if (std::any_of(options.include.begin(), options.include.end(), fits))
    return true;
  return name == "main" || (!shared_.go_module.empty() && matches_path(shared_.go_module, name));
}

std::string declarations::root_of(const unit_view& view, std::uint32_t path,
                                  const std::string& scope) {
  if (shared_.language == source_language::rust)
    return scope;
  if (shared_.language == source_language::go)
    return std::string(go_package_of(scope));
  switch (shared_.options.root) {
  case binary_root::namespace_:
    return scope.empty() ? "(global namespace)" : scope;
  case binary_root::unit:
    return normalised_path(view.comp_dir, view.name, shared_.options);
  case binary_root::file:
    break;
  }
  return shared_.paths.at(path).path;
}

bool declarations::place_global(const unit_view& view, std::string_view name,
                                const std::string& scope, std::uint32_t path, std::string& root) {
  if (shared_.language == source_language::go) {
    const auto package = go_package_of(name);
    if (package.empty() || !keeps_go_package(package) ||
        name.find_first_of(":*([ ") != std::string_view::npos)
      return false;
    root = std::string(package);
    return true;
  }
  root = root_of(view, path, scope);
  return !root.empty();
}

// -- types ---

const type_declaration& declarations::type(const Dwarf_Die& die) {
  static const type_declaration none;
  if (const auto found = types_.find(die.addr); found != types_.end())
    return found->second ? *found->second : none;
  std::unique_ptr<type_declaration> kept;
  if (depth_ < max_chain) { // variants within enums
    ++depth_;
    auto made = make_type(die);
    --depth_;
    if (made.kept)
      kept = std::make_unique<type_declaration>(std::move(made));
  }
  const auto& slot = types_.insert_or_assign(die.addr, std::move(kept)).first->second;
  return slot ? *slot : none;
}

type_declaration declarations::make_type(const Dwarf_Die& die) {
  type_declaration made;
  origin_chain chain;
  if (!chain.follow(die, session_))
    return made;
  auto& last = chain.last();
  made.path = chain.path_id(shared_.paths);
  made.line = static_cast<std::int64_t>(std::min<std::uint64_t>(
      chain.number(attribute::decl_line, 0), static_cast<std::uint64_t>(max_line)));
  const bool by_file =
      shared_.language == source_language::cpp || shared_.language == source_language::c;
  if (by_file && (made.path == no_path || !shared_.paths.at(made.path).kept))
    return made;
  if (!is_wanted(*last.view))
    return made;
  const auto outer = around(*last.view, last.entry.die());
  if (outer.view == nullptr)
    return made;
  const auto scope = names_.scope_name(*last.view, outer.node);
  auto own = std::string(chain.text(attribute::name));
  if (own.empty()) {
    const auto given = typedef_names_.find(die.addr);
    if (given == typedef_names_.end())
      return made;
    own = given->second;
  } else {
    own = names_.own_name(chain);
  }
  const auto qualified = scope.empty() ? own : scope + "::" + own;
  if (shared_.language == source_language::rust) {
    made.kept = shared_.options.all || shared_.rust_crates.count(first_component(scope)) != 0;
    if (scope.empty() || own.front() == '{' || own.find("::{") != std::string::npos)
      made.kept = false; // {closure_env#0}, <X as Y>::{vtable_type}
  } else if (shared_.language == source_language::go) {
    const auto package = go_package_of(own);
    made.kept = own.find_first_of("*(){} ") == std::string::npos && own.front() != '[' &&
                !package.empty() && package.find('[') == std::string_view::npos &&
                keeps_go_package(package);
  } else {
    made.kept = true;
  }
  if (!made.kept)
    return made;
  if (outer.type != 0 && shared_.language == source_language::rust)
    made.parent = type(outer.view->die_of(outer.view->nodes()[outer.type])).key;
  const bool merged = merges(qualified);
  const bool local = outer.function != 0 ||
                     qualified.find(unnamed_namespace) != std::string::npos ||
                     last.view->language == source_language::c;
  key_hasher key;
  key.text(merged ? "template type" : "type");
  made.qualified = merged ? without_template_arguments(qualified) : qualified;
  key.text(made.qualified);
  if (local || merged)
    key.number(made.path == no_path ? 0 : shared_.paths.at(made.path).hash)
        .number(static_cast<std::uint64_t>(made.line));
  made.key = key.finish();
  made.root = shared_.language == source_language::go ? std::string(go_package_of(own))
                                                      : root_of(*last.view, made.path, scope);
  return made;
}

// -- functions ---

function_declaration& declarations::function(const Dwarf_Die& die) {
  if (const auto found = functions_.find(die.addr); found != functions_.end())
    return found->second ? *found->second : not_kept_;
  std::unique_ptr<function_declaration> kept;
  if (depth_ < max_chain) { // closures within closures
    ++depth_;
    auto made = make_function(die);
    --depth_;
    if (made.kept)
      kept = std::make_unique<function_declaration>(std::move(made));
  }
  const auto& slot = functions_.insert_or_assign(die.addr, std::move(kept)).first->second;
  return slot ? *slot : not_kept_;
}

function_declaration declarations::make_function(const Dwarf_Die& die) {
  function_declaration made;
  origin_chain chain;
  if (!chain.follow(die, session_) || !is_wanted(*chain.last().view))
    return made;
  auto& last = chain.last();
  made.path = chain.path_id(shared_.paths);
  // Most of what is inlined belongs to others: sort it out before any name is made.
  const bool by_file = shared_.language != source_language::go;
  const bool kept_path = made.path != no_path && shared_.paths.at(made.path).kept;
  if (by_file && made.path != no_path && !kept_path)
    return made;
  const auto outer = around(*last.view, last.entry.die());
  if (outer.view == nullptr)
    return made;
  if (outer.type != 0 && is_closure_type(*outer.view, outer.type)) {
    if (starts_with(chain.text(attribute::name), "operator()"))
      place_closure(chain, made, outer);
    return made;
  }
  if ((by_file && !kept_path) || !keep_function(chain, made, false))
    return made;
  name_function(chain, made, outer);
  if (made.name.empty())
    return made;
  made.kept = true;
  made.is_local = outer.function != 0;
  key_function(chain, made);
  place_function(chain, made, outer);
  return made;
}

bool declarations::keep_function(origin_chain& chain, function_declaration& made,
                                 bool artificial_allowed) {
  if (!artificial_allowed && chain.flag(attribute::artificial))
    return false;
  if (chain.number(attribute::defaulted, 0) != 0 || chain.flag(attribute::deleted))
    return false;
  made.line = static_cast<std::int64_t>(std::min<std::uint64_t>(
      chain.number(attribute::decl_line, 0), static_cast<std::uint64_t>(max_line)));
  return made.line != 0 || shared_.language == source_language::go;
}

void declarations::name_function(origin_chain& chain, function_declaration& made,
                                 const surroundings& outer) {
  auto own = normalised_arguments(chain.text(attribute::name));
  if (own.empty())
    return;
  const auto& scope = names_.scope_name(*outer.view, outer.node);
  const auto qualified =
      scope.empty() || shared_.language == source_language::go ? own : scope + "::" + own;
  if (shared_.language == source_language::go) {
    made.name = made.qualified = shared_.options.templates == template_policy::merge
                                     ? without_go_arguments(qualified)
                                     : qualified;
    made.is_merged = made.qualified != qualified;
    made.exact = go_key(qualified);
    return;
  }
  made.is_merged = merges(qualified);
  made.name = made.is_merged ? without_template_arguments(own) : own;
  made.qualified = made.is_merged ? without_template_arguments(qualified) : qualified;
  // The full name is what tells instances apart; key_function replaces it.
  key_hasher exact;
  exact.text("function").text(qualified);
  made.exact = exact.finish();
}

void declarations::key_function(origin_chain& chain, function_declaration& made) {
  auto& last = chain.last();
  const auto path_hash = made.path == no_path ? 0 : shared_.paths.at(made.path).hash;
  const auto line = static_cast<std::uint64_t>(made.line);
  const bool rust = shared_.language == source_language::rust;
  // Of the declaration, so that the copies of constructors and destructors fold into one.
  const auto linkage =
      rust ? chain.text(attribute::linkage_name) : last.entry.text(attribute::linkage_name);
  if (!linkage.empty() && (rust || chain.flag(attribute::external)))
    made.exact = key_hasher().text("linkage").text(linkage).finish();
  else if (shared_.language != source_language::go)
    made.exact = key_hasher()
                     .key(made.exact)
                     .number(path_hash)
                     .number(line)
                     .number(last.entry.number(attribute::decl_column).value_or(0))
                     .finish();
  made.merged = made.exact;
  if (rust && shared_.options.templates == template_policy::merge)
    made.merged = // what a closure within it can name too
        key_hasher().text("rust").text(without_template_arguments(made.qualified, "")).finish();
  else if (shared_.language == source_language::go)
    made.merged = go_key(made.qualified);
  else if (made.is_merged)
    made.merged =
        key_hasher().text("template").text(made.qualified).number(path_hash).number(line).finish();
}

void declarations::place_function(origin_chain& chain, function_declaration& made,
                                  const surroundings& outer) {
  auto& last = chain.last();
  if (shared_.language == source_language::go) {
    place_go_function(made);
    return;
  }
  const auto& nodes = outer.view->nodes();
  made.root = root_of(*last.view, made.path, names_.scope_name(*outer.view, outer.node));
  std::optional<Dwarf_Die> owner;
  if (outer.type != 0)
    owner = outer.view->die_of(nodes[outer.type]);
  if (!owner && shared_.language == source_language::rust)
    owner = rust_self_type(chain.last().entry.die());
  if (owner) {
    const auto& type = this->type(*owner);
    made.is_method = true;
    if (outer.type != 0 && shared_.language == source_language::cpp)
      made.default_access =
          nodes[outer.type].tag == DW_TAG_class_type ? DW_ACCESS_private : DW_ACCESS_public;
    if (type.kept) {
      made.parent = type.key;
      const auto declared = last.entry.number(attribute::decl_line).value_or(0);
      made.stands_in_class =
          type.path == made.path &&
          (chain.size() == 1 || declared == static_cast<std::uint64_t>(made.line));
    }
    return;
  }
  if (shared_.language == source_language::rust && made.name.front() == '{') { // {closure#0}
    made.is_closure = true;
    made.parent = key_hasher()
                      .text("rust")
                      .text(without_template_arguments(
                          made.qualified.substr(0, made.qualified.rfind("::")), ""))
                      .finish();
  } else if (outer.function != 0 && outer.node == outer.function) { // nested (GNU C)
    made.is_closure = true;
    made.parent = function(outer.view->die_of(nodes[outer.function])).merged;
  }
}

// A lambda: its type tells where it stands; the call operator of GCC has neither file nor line.
void declarations::place_closure(origin_chain& chain, function_declaration& made,
                                 const surroundings& outer) {
  const auto& nodes = outer.view->nodes();
  origin_chain type;
  if (!type.follow(outer.view->die_of(nodes[outer.type]), session_))
    return;
  made.path = type.path_id(shared_.paths);
  made.line = static_cast<std::int64_t>(std::min<std::uint64_t>(
      type.number(attribute::decl_line, 0), static_cast<std::uint64_t>(max_line)));
  if (made.path == no_path || !shared_.paths.at(made.path).kept || made.line == 0)
    return;
  made.kept = made.is_closure = true;
  made.name = "<lambda";
  bool first = true;
  made.name += '(';
  auto& call = chain.last();
  die_walk walk(call.entry.die(), call.view->bounds);
  while (made.name.size() < max_type_name && walk.next()) {
    auto& child = walk.entry();
    if (child.tag() == DW_TAG_formal_parameter && !child.flag(attribute::artificial) &&
        child.text(attribute::name) != "__closure") {
      made.name += (first ? "" : ", ") + names_.type_of(child, call.view->language);
      first = false;
    }
    walk.skip_children();
  }
  made.name += ")>";
  const auto path_hash = shared_.paths.at(made.path).hash;
  const auto& scope = names_.scope_name(*outer.view, nodes[outer.type].parent);
  const function_declaration* around = nullptr;
  if (outer.function != 0 || nodes[outer.type].parent != 0) {
    const auto node = this->around(*outer.view, outer.view->die_of(nodes[outer.type])).function;
    if (node != 0)
      around = &function(outer.view->die_of(nodes[node]));
  }
  made.qualified = scope.empty() ? made.name : scope + "::" + made.name;
  const auto stripped =
      merges(made.qualified) ? without_template_arguments(made.qualified) : made.qualified;
  // Lambdas have no linkage name that all compilers agree on; their place is what tells them apart.
  key_hasher exact, merged;
  const auto column = type.number(attribute::decl_column, 0);
  exact.text("closure").text(made.qualified).number(path_hash);
  exact.number(static_cast<std::uint64_t>(made.line)).number(column);
  made.exact = made.merged = exact.finish();
  if (merges(made.qualified)) {
    made.is_merged = true;
    merged.text("template closure").text(without_template_arguments(scope)).number(path_hash);
    merged.number(static_cast<std::uint64_t>(made.line)).number(column);
    made.merged = merged.finish();
    made.qualified = stripped;
  }
  if (around != nullptr && around->kept)
    made.parent = around->merged;
  made.root = root_of(*outer.view, made.path, scope);
}

// "main.(*T).Area", "main.T.Area", "main.f", "main.f.func1", "main.f[...]"
void declarations::place_go_function(function_declaration& made) {
  const auto full = std::string_view(made.qualified);
  const auto package = go_package_of(full);
  made.kept = !package.empty() && keeps_go_package(package) &&
              full.find(':') == std::string_view::npos; // type:.eq.T
  if (!made.kept)
    return;
  made.root = std::string(package);
  const auto rest = full.substr(package.size() + 1);
  const auto brackets = rest.find('['); // a list of type arguments, with dots of its own
  const auto inner = rest.rfind(".func");
  const auto dot = brackets < rest.find(')') || brackets == std::string_view::npos
                       ? rest.substr(0, brackets).rfind('.')
                       : rest.rfind('.');
  if (inner != std::string_view::npos && inner + 5 < rest.size() && rest[inner + 5] >= '0' &&
      rest[inner + 5] <= '9') {
    made.is_closure = true;
    made.parent = go_key(full.substr(0, package.size() + 1 + inner));
    made.name = std::string(rest.substr(inner + 1));
  } else if (dot != std::string_view::npos) {
    auto receiver = rest.substr(0, dot);
    if (starts_with(receiver, "(*") && receiver.back() == ')')
      receiver = receiver.substr(2, receiver.size() - 3);
    made.is_method = true;
    made.parent =
        key_hasher().text("type").text(std::string(package) + '.' + std::string(receiver)).finish();
    made.name = std::string(rest.substr(dot + 1));
  } else {
    made.name = std::string(rest);
    made.qualified = made.name; // the root says the package
  }
}

// The struct or enum of a trait's implementation: the type of "self".
std::optional<Dwarf_Die> declarations::rust_self_type(const Dwarf_Die& function) {
  auto* const view = session_.view_of(function.cu);
  if (view == nullptr)
    return std::nullopt;
  die_walk walk(function, view->bounds);
  if (!walk.next() || walk.entry().tag() != DW_TAG_formal_parameter ||
      walk.entry().text(attribute::name) != "self")
    return std::nullopt;
  auto type = walk.entry().reference(attribute::type);
  for (int i = 0; type && i < 3; ++i) { // &self, Pin<&mut Self> and the like end early
    auto* const type_view = session_.view_of(type->cu);
    die_attributes entry;
    if (type_view == nullptr || !entry.read(*type, type_view->bounds))
      return std::nullopt;
    if (is_type_tag(entry.tag()))
      return type;
    if (entry.tag() != DW_TAG_pointer_type)
      return std::nullopt;
    type = entry.reference(attribute::type);
  }
  return std::nullopt;
}

} // namespace symup::native
