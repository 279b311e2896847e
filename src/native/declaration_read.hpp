// SPDX-License-Identifier: Apache-2.0
#pragma once

/// DECLARATION READ: from an entry of a function or type to what is known of it by name: whether
/// it is kept, its keys, its root, its parent, its file and line. CLASS READ and FUNCTION READ ask
/// before they encode anything; answers are kept per entry. One worker's thread.

#include "native/extraction.hpp"
#include "native/type_name.hpp"

#include <memory>
#include <unordered_map>

namespace symup::native {

struct type_declaration {
  bool kept = false;
  entity_key key;
  entity_key parent; ///< the enum a Rust variant belongs to; empty = none
  std::string root;
  std::string qualified; ///< as displayed
  std::uint32_t path = no_path;
  std::int64_t line = 0;
};

struct function_declaration {
  bool kept = false;
  bool is_closure = false; ///< a lambda or nested function
  bool is_method = false;
  bool is_local = false;        ///< stands within another function
  bool is_merged = false;       ///< an instance of a template, merged with the others
  bool stands_in_class = false; ///< is defined within its class
  entity_key exact;             ///< this function
  entity_key merged;            ///< the scope it becomes; `exact` unless templates are merged
  entity_key parent;            ///< class or function around it; empty = none
  std::string root;
  std::string qualified; ///< as displayed at the root
  std::string name;      ///< as displayed within its parent
  std::uint32_t path = no_path;
  std::int64_t line = 0;            ///< 0 = not known (Go)
  std::uint64_t default_access = 0; ///< of a C++ method, in DWARF's numbers; 0 = none
};

class declarations {
public:
  declarations(extraction& shared, dwarf_session& session, type_names& names)
      : shared_(shared), session_(session), names_(names) {}
  void clear();
  [[nodiscard]] std::size_t size() const noexcept { return functions_.size() + types_.size(); }

  /// Of a function, an abstract instance or a copy of one. Valid until clear().
  function_declaration& function(const Dwarf_Die& die);
  /// Of a class, struct, union or (Rust) enum.
  const type_declaration& type(const Dwarf_Die& die);
  /// The name a typedef gives to a type without one (C).
  void name_by_typedef(const Dwarf_Die& type, std::string name);
  /// Whether a type is what a compiler makes of a lambda.
  bool is_closure_type(unit_view& view, std::uint32_t node);

  /// The root of a variable of a namespace, file or package; false if it is not kept.
  bool place_global(const unit_view& view, std::string_view name, const std::string& scope,
                    std::uint32_t path, std::string& root);

  [[nodiscard]] bool is_wanted(const unit_view& view) const noexcept {
    return view.language == shared_.language || view.language == source_language::none;
  }

private:
  struct surroundings; // of a declaration
  function_declaration make_function(const Dwarf_Die& die);
  type_declaration make_type(const Dwarf_Die& die);
  surroundings around(unit_view& view, const Dwarf_Die& die);
  bool keep_function(origin_chain& chain, function_declaration& made, bool artificial_allowed);
  void name_function(origin_chain& chain, function_declaration& made, const surroundings& outer);
  void key_function(origin_chain& chain, function_declaration& made);
  void place_function(origin_chain& chain, function_declaration& made, const surroundings& outer);
  void place_closure(origin_chain& chain, function_declaration& made, const surroundings& outer);
  void place_go_function(function_declaration& made);
  std::optional<Dwarf_Die> rust_self_type(const Dwarf_Die& function);
  std::string root_of(const unit_view& view, std::uint32_t path, const std::string& scope);
  [[nodiscard]] bool keeps_go_package(std::string_view package) const;
  [[nodiscard]] bool merges(std::string_view qualified) const {
    return shared_.options.templates == template_policy::merge && has_template_arguments(qualified);
  }

  extraction& shared_;
  dwarf_session& session_;
  type_names& names_;
  // Most are not kept: those have no value.
  std::unordered_map<const void*, std::unique_ptr<function_declaration>> functions_;
  std::unordered_map<const void*, std::unique_ptr<type_declaration>> types_;
  function_declaration not_kept_;
  std::unordered_map<const void*, std::string> typedef_names_;
  std::size_t depth_ = 0;
};

/// "main" of "main.(*T).Area"; "a/b.c" of "a/b.c.T".
[[nodiscard]] std::string_view go_package_of(std::string_view name) noexcept;

} // namespace symup::native
