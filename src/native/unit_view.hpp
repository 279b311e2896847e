// SPDX-License-Identifier: Apache-2.0
#pragma once

/// UNIT VIEW: one unit as the readers see it: its bounds, its language, its files, and an index of
/// the entries that contain others (so that the parent of any entry can be found, which DWARF does
/// not store). A DWARF SESSION is one worker's handle on the whole file with the views made so far;
/// it is closed and opened anew every so many units to give memory back.

#include "native/die_read.hpp"
#include "native/elf_open.hpp"
#include "native/source_path.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace symup::native {

enum class source_language : std::uint8_t { none, c, cpp, rust, go };

[[nodiscard]] source_language language_of(std::uint64_t dwarf_language) noexcept;
/// SymDB's word: "cpp", "c", "rust", "go"; "" for none.
[[nodiscard]] std::string_view to_string(source_language language) noexcept;

/// An entry that contains others, or that may become a scope or a symbol of a root.
struct index_node {
  std::uint32_t offset = 0; ///< from the unit's header
  std::uint32_t end = 0;    ///< behind its last descendant
  std::uint32_t parent = 0; ///< index of the node around it; its own for the unit
  std::uint16_t tag = 0;
  bool declaration : 1;
  bool has_code : 1;
  bool has_origin : 1; ///< specification or abstract origin
  bool inlined : 1;    ///< an abstract instance
  bool has_name : 1;
};

inline constexpr std::size_t max_entry_depth = 1024;
inline constexpr std::size_t max_chain = 8; ///< of specifications and abstract origins

class unit_view {
public:
  /// Reads the unit's header and own entry; nothing if they are damaged.
  static std::unique_ptr<unit_view> make(Dwarf_CU* cu);

  unit_bounds bounds;
  Dwarf_Die root{};
  source_language language = source_language::none;
  std::string name, comp_dir;
  bool is_clang = false; ///< may leave <...> out of names

  /// Reads the whole unit once; false if it is damaged or `stop` was set.
  bool build_index(const std::atomic<bool>& stop);
  [[nodiscard]] bool has_index() const noexcept { return !nodes_.empty(); }
  [[nodiscard]] const std::vector<index_node>& nodes() const noexcept { return nodes_; }
  [[nodiscard]] Dwarf_Die die_of(const index_node& node) const noexcept {
    return bounds.die_at(bounds.begin + node.offset);
  }
  [[nodiscard]] std::uint32_t offset_of(const Dwarf_Die& die) const noexcept {
    return static_cast<std::uint32_t>(static_cast<const unsigned char*>(die.addr) - bounds.begin);
  }
  /// The innermost node around an entry (not the entry itself); 0, the unit, at the outermost.
  [[nodiscard]] std::uint32_t parent_of(std::uint32_t offset) const noexcept;

  /// Id of the file an attribute such as DW_AT_decl_file names; no_path if there is none.
  std::uint32_t path_id(std::uint64_t file_index, path_table& paths);
  /// The same for the file of a row; a split unit's rows have a table of their own.
  std::uint32_t row_path_id(Dwarf_Files* files, std::size_t file_index, path_table& paths);

private:
  struct file_ids {
    Dwarf_Files* files = nullptr;
    std::vector<std::uint32_t> ids; // by file index; no_path = not asked for yet
  };
  std::uint32_t path_id_in(file_ids& table, std::uint64_t index, path_table& paths);

  std::vector<index_node> nodes_;
  std::vector<Dwarf_Abbrev*> abbreviations_;
  file_ids declared_, rows_;
  bool files_read_ = false;
};

/// Where a unit lies, found once when the binary is opened.
struct unit_place {
  std::uint64_t die_offset = 0; ///< of its own entry, in its section
  std::uint64_t bytes = 0;
  bool in_types_section = false;
  bool in_supplement = false;
  source_language language = source_language::none;
};

class dwarf_session {
public:
  explicit dwarf_session(int fd) noexcept : fd_(fd) {}
  /// Gives all memory back; every entry and view read so far becomes invalid.
  bool reopen();
  [[nodiscard]] Dwarf* dwarf() const noexcept { return dwarf_.get(); }
  /// The unit with its split part where it has one; nullptr and a reason if it cannot be read.
  unit_view* open_unit(const unit_place& place, std::string& why);
  /// The type units in the .dwo file of a split unit; none for others. `why` is set if there are
  /// more than libdw shows (it takes one section of a name, a compiler makes one for each type).
  std::vector<unit_view*> type_units_beside(const unit_view& view, std::string& why);
  /// The view of the unit an entry belongs to; nullptr if damaged.
  unit_view* view_of(Dwarf_CU* cu);

private:
  int fd_;
  dwarf_handle dwarf_;
  std::unordered_map<Dwarf_CU*, std::unique_ptr<unit_view>> views_;
};

} // namespace symup::native
