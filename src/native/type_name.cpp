// SPDX-License-Identifier: Apache-2.0
#include "native/type_name.hpp"

#include "native/entity_key.hpp"

#include <dwarf.h>

#include <algorithm>

namespace symup::native {

namespace {

void cut(std::string& text) {
  if (text.size() > max_type_name) {
    text.resize(max_type_name - 3);
    text += "...";
  }
}

bool ends_with(std::string_view text, std::string_view end) noexcept {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

std::string anonymous(const char* kind, origin_chain& chain, path_table& paths) {
  std::string text = "(anonymous ";
  text += kind;
  const auto line = chain.number(attribute::decl_line, 0);
  if (const auto id = chain.path_id(paths); id != no_path && line != 0) {
    const auto& path = paths.at(id).path;
    const auto slash = path.rfind('/');
    text += " at " + (slash == std::string::npos ? path : path.substr(slash + 1)) + ':' +
            std::to_string(line);
  }
  return text + ')';
}

// GCC's spelling of the integers -> everyone else's.
std::string_view usual_spelling(std::string_view name) noexcept {
  constexpr std::pair<std::string_view, std::string_view> spellings[] = {
      {"long unsigned int", "unsigned long"},           {"long int", "long"},
      {"short unsigned int", "unsigned short"},         {"short int", "short"},
      {"long long unsigned int", "unsigned long long"}, {"long long int", "long long"},
  };
  for (const auto& [theirs, usual] : spellings)
    if (name == theirs)
      return usual;
  return name;
}

const char* kind_of(int tag) noexcept {
  switch (tag) {
  case DW_TAG_class_type:
    return "class";
  case DW_TAG_union_type:
    return "union";
  case DW_TAG_enumeration_type:
    return "enum";
  default:
    return "struct";
  }
}

} // namespace

bool origin_chain::follow(const Dwarf_Die& die, dwarf_session& session) {
  size_ = 0;
  auto at = die;
  while (size_ < links_.size()) {
    auto& link = links_[size_];
    link.view = session.view_of(at.cu);
    if (link.view == nullptr || !link.entry.read(at, link.view->bounds))
      break;
    ++size_;
    auto next = link.entry.reference(attribute::abstract_origin);
    if (!next)
      next = link.entry.reference(attribute::specification);
    if (!next && link.entry.has(attribute::signature))
      next = link.entry.reference(attribute::signature);
    if (!next || next->addr == at.addr)
      break;
    at = *next;
  }
  return size_ != 0;
}

origin_chain::link* origin_chain::with(attribute what) noexcept {
  for (std::size_t i = 0; i < size_; ++i)
    if (links_[i].entry.has(what))
      return &links_[i];
  return nullptr;
}

std::string_view origin_chain::text(attribute what) noexcept {
  auto* const found = with(what);
  return found == nullptr ? std::string_view{} : found->entry.text(what);
}

bool origin_chain::flag(attribute what) noexcept {
  auto* const found = with(what);
  return found != nullptr && found->entry.flag(what);
}

std::uint64_t origin_chain::number(attribute what, std::uint64_t otherwise) noexcept {
  auto* const found = with(what);
  return found == nullptr ? otherwise : found->entry.number(what).value_or(otherwise);
}

std::optional<Dwarf_Die> origin_chain::reference(attribute what) noexcept {
  auto* const found = with(what);
  return found == nullptr ? std::nullopt : found->entry.reference(what);
}

std::uint32_t origin_chain::path_id(path_table& paths) noexcept {
  auto* const found = with(attribute::decl_file);
  if (found == nullptr)
    return no_path;
  const auto index = found->entry.number(attribute::decl_file);
  return index ? found->view->path_id(*index, paths) : no_path;
}

void type_names::clear() {
  types_.clear();
  scopes_.clear();
}

bool type_names::ensure_index(unit_view& view) {
  return view.has_index() || view.build_index(stop_);
}

const std::string& type_names::enclosing_scope(unit_view& view, const Dwarf_Die& die) {
  static const std::string none;
  if (!ensure_index(view))
    return none;
  return scope_name(view, view.parent_of(view.offset_of(die)));
}

const std::string& type_names::scope_name(unit_view& view, std::uint32_t node) {
  static const std::string none;
  const auto& nodes = view.nodes();
  while (node != 0 &&
         (nodes[node].tag == DW_TAG_lexical_block || nodes[node].tag == DW_TAG_inlined_subroutine))
    node = nodes[node].parent;
  if (node == 0)
    return none;
  const auto die = view.die_of(nodes[node]);
  if (const auto found = scopes_.find(die.addr); found != scopes_.end())
    return found->second;
  if (depth_ >= max_scope_depth)
    return none;
  ++depth_;
  origin_chain chain;
  std::string text;
  if (chain.follow(die, session_)) {
    auto& last = chain.last();
    const auto tag = nodes[node].tag;
    // A definition outside its class stands where its declaration stands.
    text = chain.size() == 1 ? scope_name(view, nodes[node].parent)
                             : enclosing_scope(*last.view, last.entry.die());
    std::string own;
    if (tag == DW_TAG_namespace) {
      own = chain.text(attribute::name);
      if (own.empty())
        own = "(anonymous namespace)";
      else if (chain.flag(attribute::export_symbols))
        own.clear(); // inline
    } else if (tag == DW_TAG_subprogram || tag == DW_TAG_module) {
      own = chain.text(attribute::name);
    } else {
      own = own_name(chain);
    }
    if (!text.empty() && !own.empty())
      text += "::";
    text += own;
    cut(text);
  }
  --depth_;
  return scopes_.insert_or_assign(die.addr, std::move(text)).first->second;
}

std::string type_names::own_name(origin_chain& chain) {
  std::string name(chain.text(attribute::name));
  if (name.empty())
    return anonymous(kind_of(chain.first().entry.tag()), chain, paths_);
  auto& first = chain.first();
  if (first.view->is_clang && name.back() != '>')
    name += template_arguments(first.entry.die(), *first.view);
  return normalised_arguments(name);
}

std::string type_names::type_of(die_attributes& entry, source_language language) {
  if (const auto type = entry.reference(attribute::type))
    return spelled(*type);
  return language == source_language::rust ? "()" : language == source_language::go ? "" : "void";
}

std::string type_names::spelled(const Dwarf_Die& type) {
  const auto& found = spell(type);
  auto text = found.before + found.after;
  cut(text);
  return text;
}

const type_names::spelling& type_names::spell(const Dwarf_Die& type) {
  static const spelling endless{"...", "", false, spelling::shape::plain};
  const auto [at, is_new] = types_.try_emplace(type.addr);
  auto& kept = at->second; // stays in place while others are added
  if (!is_new)
    return kept.in_progress ? endless : kept;
  if (depth_ >= max_type_depth) {
    types_.erase(at);
    return endless;
  }
  kept.in_progress = true;
  ++depth_;
  auto made = make(type);
  --depth_;
  cut(made.before);
  cut(made.after);
  kept = std::move(made);
  return kept;
}

type_names::spelling type_names::make(const Dwarf_Die& type) {
  auto* const view = session_.view_of(type.cu);
  origin_chain chain;
  if (view == nullptr || !chain.follow(type, session_))
    return {"?", ""};
  auto& entry = chain.first().entry;
  const bool verbatim =
      (view->language == source_language::go || view->language == source_language::rust) &&
      entry.has(attribute::name);
  const bool c = view->language == source_language::c;
  switch (entry.tag()) {
  case DW_TAG_class_type:
  case DW_TAG_structure_type:
    return make_named(chain, c ? "struct " : "");
  case DW_TAG_union_type:
    return make_named(chain, c ? "union " : "");
  case DW_TAG_enumeration_type:
    return make_named(chain, c ? "enum " : "");
  case DW_TAG_pointer_type:
    return verbatim ? spelling{std::string(entry.text(attribute::name)), ""}
                    : make_pointer(entry, "*", *view);
  case DW_TAG_reference_type:
    return make_pointer(entry, "&", *view);
  case DW_TAG_rvalue_reference_type:
    return make_pointer(entry, "&&", *view);
  case DW_TAG_const_type:
    return make_qualified(entry, "const", *view);
  case DW_TAG_volatile_type:
    return make_qualified(entry, "volatile", *view);
  case DW_TAG_restrict_type:
    return make_qualified(entry, c ? "restrict" : "__restrict", *view);
  case DW_TAG_atomic_type:
    return make_qualified(entry, "_Atomic", *view);
  case DW_TAG_array_type:
    return verbatim ? spelling{std::string(entry.text(attribute::name)), ""}
                    : make_array(entry, *view);
  case DW_TAG_subroutine_type:
    return verbatim ? spelling{std::string(entry.text(attribute::name)), ""}
                    : make_function(entry, *view, false);
  case DW_TAG_ptr_to_member_type:
    return make_member_pointer(entry, *view);
  case DW_TAG_typedef:
    if (view->language == source_language::go && entry.text(attribute::name).substr(0, 1) == ".")
      return target(entry); // ".param0": a type parameter, as the argument it stands for
    [[fallthrough]];
  default: // base types, typedefs, unspecified types
    return entry.has(attribute::name) ? make_named(chain, "") : target(entry);
  }
}

type_names::spelling type_names::make_named(origin_chain& chain, const char* keyword) {
  const bool has_name = !chain.text(attribute::name).empty();
  auto name = own_name(chain);
  auto& last = chain.last();
  const bool base = last.entry.tag() == DW_TAG_base_type;
  if (base)
    name = usual_spelling(name);
  if (last.view->language != source_language::go && !base && has_name) {
    const auto& scope = enclosing_scope(*last.view, last.entry.die());
    if (!scope.empty())
      name = scope + "::" + name;
  }
  return {has_name ? keyword + name : name, ""};
}

type_names::spelling type_names::target(die_attributes& entry) {
  if (const auto type = entry.reference(attribute::type))
    return spell(*type);
  return {"void", ""};
}

type_names::spelling type_names::make_pointer(die_attributes& entry, const char* symbol,
                                              const unit_view& view) {
  auto made = target(entry);
  if (view.language == source_language::rust && *symbol == '*')
    return {"*" + made.before + made.after, ""};
  if (made.form != spelling::shape::plain) {
    if (!ends_with(made.before, " "))
      made.before += ' ';
    made.before += '(';
    made.after.insert(0, 1, ')');
    made.form = spelling::shape::plain;
  }
  made.before += symbol;
  return made;
}

type_names::spelling type_names::make_qualified(die_attributes& entry, const char* word,
                                                const unit_view& /*view*/) {
  auto made = target(entry);
  const bool behind = !made.before.empty() &&
                      (made.before.back() == '*' || made.before.back() == '&' ||
                       ends_with(made.before, "* const") || ends_with(made.before, "* volatile"));
  const std::string_view text = made.before;
  if (behind ? ends_with(text, std::string(" ") + word) : text.substr(0, text.find(' ')) == word)
    return made; // a constant array of constants
  if (behind)
    made.before += std::string(" ") + word;
  else if (text.substr(0, 6) == "const ")
    made.before.insert(6, std::string(word) + ' ');
  else
    made.before.insert(0, std::string(word) + ' ');
  return made;
}

type_names::spelling type_names::make_array(die_attributes& entry, const unit_view& view) {
  auto made = target(entry);
  std::string bounds;
  std::string rust_count = "_";
  die_walk walk(entry.die(), view.bounds);
  while (bounds.size() < max_type_name && walk.next()) {
    auto& child = walk.entry();
    if (walk.depth() == 1 && child.tag() == DW_TAG_subrange_type) {
      auto count = child.number(attribute::count);
      if (!count)
        if (const auto upper = child.number(attribute::upper_bound))
          count = *upper + 1;
      rust_count = count ? std::to_string(*count) : "_";
      bounds += '[' + (count ? std::to_string(*count) : std::string()) + ']';
    }
    walk.skip_children();
  }
  if (view.language == source_language::rust)
    return {"[" + made.before + made.after + "; " + rust_count + "]", ""};
  made.after.insert(0, bounds.empty() ? "[]" : bounds);
  made.form = spelling::shape::array;
  return made;
}

std::string type_names::parameters(die_attributes& entry, const unit_view& view, bool member) {
  std::string text = "(";
  die_walk walk(entry.die(), view.bounds);
  while (text.size() < max_type_name && walk.next()) {
    auto& child = walk.entry();
    if (child.tag() == DW_TAG_formal_parameter && !(member && child.flag(attribute::artificial)))
      text += (text.size() > 1 ? ", " : "") + type_of(child, view.language);
    else if (child.tag() == DW_TAG_unspecified_parameters)
      text += text.size() > 1 ? ", ..." : "...";
    walk.skip_children();
  }
  return text + ')';
}

type_names::spelling type_names::make_function(die_attributes& entry, const unit_view& view,
                                               bool member) {
  auto made = target(entry);
  made.after.insert(0, parameters(entry, view, member));
  if (made.form == spelling::shape::plain && !ends_with(made.before, " "))
    made.before += ' ';
  made.form = spelling::shape::function;
  return made;
}

type_names::spelling type_names::make_member_pointer(die_attributes& entry, const unit_view& view) {
  const auto owner = entry.reference(attribute::containing_type);
  const auto name = owner ? spelled(*owner) : std::string("?");
  const auto type = entry.reference(attribute::type);
  auto* const type_view = type ? session_.view_of(type->cu) : nullptr;
  die_attributes function;
  if (type_view != nullptr && function.read(*type, type_view->bounds) &&
      function.tag() == DW_TAG_subroutine_type) {
    auto made = make_function(function, *type_view, true);
    made.before += '(' + name + "::*";
    made.after.insert(0, 1, ')');
    made.form = spelling::shape::plain;
    return made;
  }
  (void)view;
  auto made = target(entry);
  made.before += ' ' + name + "::*";
  return made;
}

std::string type_names::template_arguments(const Dwarf_Die& die, const unit_view& view) {
  std::string text;
  die_walk walk(die, view.bounds);
  while (text.size() < max_type_name && walk.next()) {
    auto& child = walk.entry();
    const bool pack = child.tag() == DW_TAG_GNU_template_parameter_pack;
    if (child.tag() == DW_TAG_template_type_parameter)
      text += (text.empty() ? "<" : ", ") + type_of(child, view.language);
    else if (child.tag() == DW_TAG_template_value_parameter)
      text += (text.empty() ? "<" : ", ") + std::to_string(static_cast<std::int64_t>(
                                                child.number(attribute::const_value).value_or(0)));
    if (!pack) // its parameters are arguments like the others
      walk.skip_children();
  }
  return text.empty() ? text : text + '>';
}

} // namespace symup::native
