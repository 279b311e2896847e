// SPDX-License-Identifier: Apache-2.0
#pragma once

/// UNIT READ: the flow of one unit: index, types, functions with live code, rows, claims, pieces.
/// A worker has one reader and hands it unit after unit. What is found goes to the tables of the
/// EXTRACTION; ROOT WRITE comes after all units.

#include "native/declaration_read.hpp"
#include "native/extraction.hpp"
#include "native/line_rows.hpp"
#include "scope_tape.hpp"

#include <string>
#include <unordered_map>
#include <vector>

namespace symup::native {

class unit_reader {
public:
  unit_reader(extraction& shared, dwarf_session& session)
      : shared_(shared), session_(session), names_(session, shared.paths, shared.stop),
        declarations_(shared, session, names_) {}

  /// Reads a unit. `ordinal` ranks its claims: it is the unit's number in the file. False with a
  /// reason if the unit is damaged; what was found before stays. Errors: io_failed.
  expected<bool> read(unit_view& view, std::uint32_t ordinal, std::string& why);
  /// After the session was opened anew.
  void clear();

private:
  struct function_instance {
    function_declaration* declaration = nullptr;
    Dwarf_Die die{};
    std::uint64_t order = 0;
    description quality = description::concrete;
    std::size_t first_row = 0, row_count = 0;
    std::int64_t last_line = max_line; ///< rows beyond are not the function's
  };
  struct block; // of a function, while it is built

  // class_read.cpp
  expected<void> read_types(unit_view& view);
  expected<void> read_type(unit_view& view, std::uint32_t node);
  void name_by_typedefs(unit_view& view);
  struct type_body;
  void read_fields(unit_view& view, const Dwarf_Die& type, type_body& body, std::size_t depth);
  void read_field(unit_view& view, die_attributes& field, type_body& body, std::size_t depth);
  bool stands_in(unit_view& view, die_attributes& entry, std::uint32_t path);
  expected<void> read_globals(unit_view& view);

  // function_read.cpp
  bool find_instances(unit_view& view, std::string& why);
  bool add_ranges(die_attributes& entry, std::uint32_t instance, std::uint32_t depth,
                  std::uint64_t& entry_address);
  void add_instance(unit_view& view, die_attributes& entry, function_declaration& declared,
                    bool inlined, std::size_t first, std::uint64_t entry_address);
  void learn_from_rows(const std::vector<std::uint32_t>& files);
  expected<void> read_functions(unit_view& view);
  void note_lines(function_instance& instance, std::int64_t limit);
  expected<void> put_function(const function_instance& instance);

  // function_body.cpp
  void build_function(const function_instance& instance, scope_tape& tape);
  std::string function_specifics(origin_chain& chain, const function_declaration& declared);
  static std::optional<Dwarf_Die> this_parameter(origin_chain& chain);
  bool is_const_method(std::optional<Dwarf_Die> self);
  static origin_chain::link* abstract_instance(origin_chain& chain);
  void read_body(unit_view& view, const Dwarf_Die& die, const function_instance& instance,
                 block& function);
  using block_code = std::unordered_map<const void*, std::vector<address_range>>;
  block_code code_of_inlined_blocks(const function_instance& instance);
  std::vector<address_range> code_of_block(die_attributes& entry);
  static void cover_blocks(block& from, const own_row& row);
  void read_variable(unit_view& view, die_attributes& entry, const function_declaration& declared,
                     bool concrete, block& into);
  static void write_block(const block& from, scope_tape& tape);
  static void write_inner(const block& inner, scope_tape& tape);

  expected<void> put(const entity_key& key, entity&& described, const scope_tape& tape);
  [[nodiscard]] std::uint64_t order_of(const unit_view& view, const Dwarf_Die& die) const noexcept {
    return (std::uint64_t{ordinal_} << 32U) | view.offset_of(die);
  }

  extraction& shared_;
  dwarf_session& session_;
  type_names names_;
  declarations declarations_;
  std::uint32_t ordinal_ = 0;

  // of the unit at hand
  std::vector<function_instance> instances_;
  std::vector<code_interval> intervals_;
  std::vector<own_row> rows_;
  std::uint64_t range_budget_ = 0;
  scope_tape tape_;
};

/// Access as a word of C++: "public", "protected", "private"; "" for a number that is none.
[[nodiscard]] std::string_view access_word(std::uint64_t accessibility) noexcept;

} // namespace symup::native
