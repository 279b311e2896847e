// SPDX-License-Identifier: Apache-2.0
#pragma once

/// DIE READ: the attributes of one debugging information entry, taken in one pass of
/// dwarf_getattrs, and a walk over entries in the order of their bytes. The walk never follows
/// DW_AT_sibling and its addresses only grow, so the time for any input is bounded by its size.
/// Everything else of this folder reads entries through here. One worker's thread.

#include <elfutils/libdw.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace symup::native {

/// Where a unit's entries lie in memory and how their forms are sized.
struct unit_bounds {
  Dwarf_CU* cu = nullptr;
  const unsigned char* begin = nullptr; ///< the unit's header
  const unsigned char* first = nullptr; ///< the unit's own entry
  const unsigned char* end = nullptr;
  std::uint8_t address_size = 8, offset_size = 4;
  std::uint16_t version = 0;

  /// Abbreviations met so far by their code: spares libdw a locked lookup for each entry.
  std::vector<Dwarf_Abbrev*>* abbreviations = nullptr;

  [[nodiscard]] Dwarf_Die die_at(const unsigned char* address) const;
  void remember(const Dwarf_Die& die) const;
};

/// The attributes that mean something here; all others are only passed over.
enum class attribute : std::uint8_t {
  name,
  linkage_name,
  declaration,
  external,
  specification,
  abstract_origin,
  type,
  decl_file,
  decl_line,
  decl_column,
  low_pc,
  high_pc,
  ranges,
  entry_pc,
  entry_view,
  inlined,
  artificial,
  signature,
  accessibility,
  virtuality,
  is_explicit,
  defaulted,
  deleted,
  const_value,
  location,
  member_location,
  export_symbols,
  containing_type,
  upper_bound,
  count,
  rvalue_reference,
  reference,
  language,
  producer,
  comp_dir,
  dwo_name,
  call_file,
  call_line,
  variable_parameter,
  object_pointer,
  data_bit_offset,
  bit_size,
  number_of, // not an attribute
};

/// One entry with its attributes. Valid as long as the Dwarf handle.
class die_attributes {
public:
  /// Reads the entry's attributes; false if they are damaged or reach beyond the unit.
  bool read(const Dwarf_Die& die, const unit_bounds& unit);

  [[nodiscard]] bool has(attribute what) const noexcept {
    return (present_ & (std::uint64_t{1} << static_cast<unsigned>(what))) != 0;
  }
  [[nodiscard]] Dwarf_Attribute* get(attribute what) noexcept {
    return has(what) ? &slots_[static_cast<std::size_t>(what)] : nullptr;
  }
  [[nodiscard]] std::string_view text(attribute what) noexcept;
  [[nodiscard]] bool flag(attribute what) noexcept;
  [[nodiscard]] std::optional<std::uint64_t> number(attribute what) noexcept;
  [[nodiscard]] std::optional<std::uint64_t> address(attribute what) noexcept;
  [[nodiscard]] std::optional<Dwarf_Die> reference(attribute what) noexcept;

  [[nodiscard]] const Dwarf_Die& die() const noexcept { return die_; }
  [[nodiscard]] int tag() const noexcept { return tag_; }
  [[nodiscard]] bool has_children() const noexcept { return has_children_; }
  /// Behind the entry's last byte.
  [[nodiscard]] const unsigned char* end() const noexcept { return end_; }

private:
  static int collect(Dwarf_Attribute* attribute, void* self);

  std::array<Dwarf_Attribute, static_cast<std::size_t>(attribute::number_of)> slots_;
  std::uint64_t present_ = 0;
  Dwarf_Die die_{};
  const unit_bounds* unit_ = nullptr;
  const unsigned char* end_ = nullptr;
  int tag_ = 0;
  bool has_children_ = false;
};

/// What the first pass over a unit wants to know of an entry, without keeping its attributes.
struct die_outline {
  const unsigned char* end = nullptr;
  int tag = 0;
  bool has_children = false;
  bool declaration = false, has_code = false, has_origin = false, inlined = false, has_name = false;
};

/// Reads an outline; false as in die_attributes::read.
bool read_outline(Dwarf_Die& die, const unit_bounds& unit, die_outline& out);

/// Walks entries from one on, children first, in the order of their bytes.
class die_walk {
public:
  /// Walks the tree below `root`, without `root` itself.
  die_walk(const Dwarf_Die& root, const unit_bounds& unit);
  /// Reads the next entry; false at the end, or if the tree is damaged (then ok() is false).
  bool next();
  /// Leaves out everything below the entry read last.
  void skip_children() noexcept { skip_below_ = depth_; }
  [[nodiscard]] die_attributes& entry() noexcept { return entry_; }
  /// 1 for children of the root.
  [[nodiscard]] std::size_t depth() const noexcept { return depth_; }
  [[nodiscard]] bool ok() const noexcept { return ok_; }

private:
  bool step();

  const unit_bounds& unit_;
  die_attributes entry_;
  const unsigned char* at_ = nullptr;
  std::size_t level_ = 0;      // of the entry that is read next
  std::size_t depth_ = 0;      // of the entry read last
  std::size_t skip_below_ = 0; // 0 = nothing
  bool ok_ = true;
};

} // namespace symup::native
