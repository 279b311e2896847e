// SPDX-License-Identifier: Apache-2.0
#pragma once

/// TYPE NAME: qualified names of scopes, and types spelled as a programmer of the language writes
/// them. Every answer is kept per entry, types that contain themselves are cut short, and a name
/// has at most max_type_name bytes, so the work is bounded for any input. CLASS READ and FUNCTION
/// READ ask; one worker's thread.

#include "native/unit_view.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <unordered_map>

namespace symup::native {

inline constexpr std::size_t max_type_name = 1024; ///< bytes; what is longer ends in "..."
inline constexpr std::size_t max_type_depth = 64;
inline constexpr std::size_t max_scope_depth = 128; ///< of names within names

/// An entry with what it is a specification or instance of, nearest first.
class origin_chain {
public:
  struct link {
    unit_view* view = nullptr;
    die_attributes entry;
  };
  /// Follows the entry; false if nothing could be read. A chain that is too long is cut.
  bool follow(const Dwarf_Die& die, dwarf_session& session);

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] link& at(std::size_t index) noexcept { return links_[index]; }
  [[nodiscard]] link& first() noexcept { return links_[0]; }
  /// The declaration everything before refers to.
  [[nodiscard]] link& last() noexcept { return links_[size_ - 1]; }
  /// The nearest link that has the attribute; nullptr if none has.
  [[nodiscard]] link* with(attribute what) noexcept;
  [[nodiscard]] std::string_view text(attribute what) noexcept;
  [[nodiscard]] bool flag(attribute what) noexcept;
  [[nodiscard]] std::uint64_t number(attribute what, std::uint64_t otherwise) noexcept;
  [[nodiscard]] std::optional<Dwarf_Die> reference(attribute what) noexcept;
  /// The file of the declaration; no_path if none is named.
  [[nodiscard]] std::uint32_t path_id(path_table& paths) noexcept;

private:
  std::array<link, max_chain> links_;
  std::size_t size_ = 0;
};

class type_names {
public:
  type_names(dwarf_session& session, path_table& paths, const std::atomic<bool>& stop)
      : session_(session), paths_(paths), stop_(stop) {}

  /// Forgets everything: after the session was opened anew.
  void clear();
  [[nodiscard]] std::size_t size() const noexcept { return types_.size() + scopes_.size(); }

  /// The view's index is made if it is not there. False if the unit is damaged.
  bool ensure_index(unit_view& view);
  /// "a::b" of the entries around one; "" at the outermost. Valid until clear().
  const std::string& enclosing_scope(unit_view& view, const Dwarf_Die& die);
  /// "a::b" of a node that contains others; lexical blocks and inline namespaces add nothing.
  const std::string& scope_name(unit_view& view, std::uint32_t node);
  /// The type an attribute names, as text; "void" without one.
  std::string type_of(die_attributes& entry, source_language language);
  std::string spelled(const Dwarf_Die& type);
  /// The name of a class, struct, union or enum with its template arguments, unqualified.
  std::string own_name(origin_chain& chain);

private:
  // A declarator goes between the two: "int (*" and ")(char)".
  struct spelling {
    std::string before, after;
    bool in_progress = false;
    enum class shape : std::uint8_t { plain, array, function } form = shape::plain;
  };
  const spelling& spell(const Dwarf_Die& type);
  spelling make(const Dwarf_Die& type);
  spelling make_named(origin_chain& chain, const char* keyword);
  spelling make_pointer(die_attributes& entry, const char* symbol, const unit_view& view);
  spelling make_qualified(die_attributes& entry, const char* word, const unit_view& view);
  spelling make_array(die_attributes& entry, const unit_view& view);
  spelling make_function(die_attributes& entry, const unit_view& view, bool member);
  spelling make_member_pointer(die_attributes& entry, const unit_view& view);
  spelling target(die_attributes& entry);
  std::string parameters(die_attributes& entry, const unit_view& view, bool member);
  std::string template_arguments(const Dwarf_Die& die, const unit_view& view);

  dwarf_session& session_;
  path_table& paths_;
  const std::atomic<bool>& stop_;
  std::unordered_map<const void*, spelling> types_;
  std::unordered_map<const void*, std::string> scopes_;
  std::size_t depth_ = 0;
};

} // namespace symup::native
