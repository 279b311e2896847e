// SPDX-License-Identifier: Apache-2.0
#include "native/unit_view.hpp"

#include <dwarf.h>

#include <algorithm>
#include <cstring>

namespace symup::native {

namespace {

// Calls visit(name, section, header) for each section with bytes, until that returns false.
template <class Visit>
void for_each_section(Elf* elf, Visit visit) {
  std::size_t names = 0;
  if (elf == nullptr || elf_getshdrstrndx(elf, &names) != 0)
    return;
  for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf, section)) != nullptr;) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) == nullptr || header.sh_type == SHT_NOBITS)
      continue;
    const char* const name = elf_strptr(elf, names, header.sh_name);
    if (name != nullptr && !visit(std::string_view(name), section, header))
      return;
  }
}

// Bytes of the section the unit lies in, uncompressed.
std::uint64_t section_size(Dwarf_CU* cu, bool types) {
  std::uint64_t size = 0;
  for_each_section(dwarf_getelf(dwarf_cu_getdwarf(cu)),
                   [&](std::string_view name, Elf_Scn* section, const GElf_Shdr& header) {
                     if (name != (types ? ".debug_types" : ".debug_info") &&
                         name != (types ? ".debug_types.dwo" : ".debug_info.dwo"))
                       return true;
                     GElf_Chdr compression;
                     if ((header.sh_flags & SHF_COMPRESSED) == 0)
                       size = header.sh_size;
                     else if (gelf_getchdr(section, &compression) != nullptr)
                       size = compression.ch_size;
                     return false; // libdw takes the first of a name
                   });
  return size;
}

// The unit's bytes by its header, no more than the section holds; false if they make no sense.
bool find_bounds(unit_bounds& bounds, Dwarf_Die root, bool types) {
  const auto* const address = static_cast<const unsigned char*>(root.addr);
  const auto in_unit = dwarf_cuoffset(&root);
  const auto in_section = dwarf_dieoffset(&root);
  const auto size = section_size(bounds.cu, types);
  if (in_unit == static_cast<Dwarf_Off>(-1) || in_unit > in_section || in_section >= size ||
      in_unit < 11)
    return false;
  bounds.begin = address - in_unit;
  bounds.first = address;
  std::uint32_t short_length = 0;
  std::memcpy(&short_length, bounds.begin, 4);
  std::uint64_t length = std::uint64_t{short_length} + 4;
  if (short_length == 0xFFFFFFFFU) {
    std::memcpy(&length, bounds.begin + 4, 8);
    length = length > UINT64_MAX - 12 ? UINT64_MAX : length + 12;
  }
  length = std::min(length, size - (in_section - in_unit));
  if (length <= in_unit || length > UINT32_MAX)
    return false;
  bounds.end = bounds.begin + length;
  return true;
}

bool is_container(int tag) noexcept {
  switch (tag) {
  case DW_TAG_namespace:
  case DW_TAG_module:
  case DW_TAG_class_type:
  case DW_TAG_structure_type:
  case DW_TAG_union_type:
  case DW_TAG_interface_type:
  case DW_TAG_enumeration_type:
  case DW_TAG_subprogram:
  case DW_TAG_inlined_subroutine:
  case DW_TAG_lexical_block:
    return true;
  default:
    return false;
  }
}

bool holds_globals(int tag) noexcept {
  return tag == DW_TAG_namespace || tag == DW_TAG_module || tag == DW_TAG_compile_unit ||
         tag == DW_TAG_partial_unit;
}

} // namespace

source_language language_of(std::uint64_t dwarf_language) noexcept {
  switch (dwarf_language) {
  case DW_LANG_C89:
  case DW_LANG_C:
  case DW_LANG_C99:
  case DW_LANG_C11:
  case 0x2C: // C17
  case 0x3E: // C23
    return source_language::c;
  case DW_LANG_C_plus_plus:
  case DW_LANG_C_plus_plus_03:
  case DW_LANG_C_plus_plus_11:
  case DW_LANG_C_plus_plus_14:
  case 0x2B: // C++17
  case 0x2A: // C++20
  case 0x3A: // C++23
    return source_language::cpp;
  case DW_LANG_Rust:
  case 0x9000: // rustc before the number was assigned
    return source_language::rust;
  case DW_LANG_Go:
    return source_language::go;
  default:
    return source_language::none;
  }
}

std::string_view to_string(source_language language) noexcept {
  switch (language) {
  case source_language::c:
    return "c";
  case source_language::cpp:
    return "cpp";
  case source_language::rust:
    return "rust";
  case source_language::go:
    return "go";
  case source_language::none:
    break;
  }
  return "";
}

std::unique_ptr<unit_view> unit_view::make(Dwarf_CU* cu) {
  auto view = std::make_unique<unit_view>();
  Dwarf_Half version = 0;
  std::uint8_t type = 0, address_size = 0, offset_size = 0;
  if (dwarf_cu_info(cu, &version, &type, &view->root, nullptr, nullptr, &address_size,
                    &offset_size) != 0)
    return nullptr;
  view->bounds.cu = cu;
  view->bounds.abbreviations = &view->abbreviations_;
  view->abbreviations_.assign(1, nullptr);
  view->bounds.version = version;
  view->bounds.address_size = address_size;
  view->bounds.offset_size = offset_size;
  if (!find_bounds(view->bounds, view->root, version < 5 && type == DW_UT_type))
    return nullptr;
  die_attributes entry;
  if (!entry.read(view->root, view->bounds))
    return nullptr;
  view->language = language_of(entry.number(attribute::language).value_or(0));
  view->name = entry.text(attribute::name);
  view->comp_dir = entry.text(attribute::comp_dir);
  view->is_clang = view->language == source_language::cpp &&
                   entry.text(attribute::producer).find("clang") != std::string_view::npos;
  return view;
}

bool unit_view::build_index(const std::atomic<bool>& stop) {
  struct level {
    std::uint32_t node;
    bool is_node; // the entry that opened the level is a node
  };
  std::vector<level> open;
  const auto* at = bounds.first;
  std::size_t depth = 0, entries = 0;
  std::uint32_t node = 0; // innermost node
  while (at < bounds.end) {
    if (*at == 0) {
      ++at;
      if (depth == 0)
        continue; // padding behind the unit's tree
      if (depth <= max_entry_depth && open.back().is_node) {
        nodes_[node].end = static_cast<std::uint32_t>(at - bounds.begin);
        node = nodes_[node].parent;
      }
      if (depth <= max_entry_depth)
        open.pop_back();
      if (--depth == 0)
        break;
      continue;
    }
    if ((++entries & 0xFFFU) == 0 && stop.load(std::memory_order_relaxed))
      return false;
    auto die = bounds.die_at(at);
    die_outline outline;
    if (!read_outline(die, bounds, outline))
      return false;
    const bool is_global = outline.tag == DW_TAG_variable && depth != 0 &&
                           depth <= max_entry_depth && !nodes_.empty() && open.back().is_node &&
                           holds_globals(nodes_[node].tag);
    // In C a typedef may be all the name a struct has.
    const bool is_node = depth < max_entry_depth &&
                         (depth == 0 || is_global || is_container(outline.tag) ||
                          (outline.tag == DW_TAG_typedef && language == source_language::c));
    if (is_node) {
      index_node made{};
      made.offset = static_cast<std::uint32_t>(at - bounds.begin);
      made.end = static_cast<std::uint32_t>(outline.end - bounds.begin);
      made.parent = node;
      made.tag = static_cast<std::uint16_t>(outline.tag);
      made.declaration = outline.declaration;
      made.has_code = outline.has_code;
      made.has_origin = outline.has_origin;
      made.inlined = outline.inlined;
      made.has_name = outline.has_name;
      nodes_.push_back(made);
    }
    at = outline.end;
    if (outline.has_children) {
      if (depth < max_entry_depth) {
        open.push_back({node, is_node});
        if (is_node)
          node = static_cast<std::uint32_t>(nodes_.size() - 1);
      }
      ++depth;
    } else if (depth == 0) {
      break;
    }
  }
  for (const auto& level : open) // a unit that ends too early
    if (level.is_node) {
      nodes_[node].end = static_cast<std::uint32_t>(at - bounds.begin);
      node = nodes_[node].parent;
    }
  nodes_.shrink_to_fit();
  return !nodes_.empty();
}

std::uint32_t unit_view::parent_of(std::uint32_t offset) const noexcept {
  const auto behind =
      std::lower_bound(nodes_.begin(), nodes_.end(), offset,
                       [](const index_node& node, std::uint32_t at) { return node.offset < at; });
  if (behind == nodes_.begin())
    return 0;
  auto at = static_cast<std::uint32_t>(behind - nodes_.begin() - 1);
  while (at != 0 && nodes_[at].end <= offset)
    at = nodes_[at].parent;
  return at;
}

std::uint32_t unit_view::path_id(std::uint64_t file_index, path_table& paths) {
  if (!files_read_) {
    files_read_ = true;
    std::size_t count = 0;
    if (dwarf_getsrcfiles(&root, &declared_.files, &count) == 0)
      declared_.ids.assign(count, no_path);
  }
  if (bounds.version < 5 && file_index == 0)
    return no_path;
  return path_id_in(declared_, file_index, paths);
}

std::uint32_t unit_view::row_path_id(Dwarf_Files* files, std::size_t file_index,
                                     path_table& paths) {
  if (files == declared_.files)
    return path_id(file_index, paths);
  if (rows_.files != files) {
    rows_.files = files;
    rows_.ids.clear();
  }
  if (file_index >= rows_.ids.size() && file_index <= 0xFFFFFFU)
    rows_.ids.resize(file_index + 1, no_path);
  return path_id_in(rows_, file_index, paths);
}

std::uint32_t unit_view::path_id_in(file_ids& table, std::uint64_t index, path_table& paths) {
  if (index >= table.ids.size())
    return no_path;
  auto& id = table.ids[index];
  if (id == no_path) {
    const char* const text = dwarf_filesrc(table.files, index, nullptr, nullptr);
    if (text != nullptr)
      id = paths.id_of(comp_dir, text);
  }
  return id;
}

bool dwarf_session::reopen() {
  views_.clear();
  dwarf_.reset();
  dwarf_.reset(dwarf_begin(fd_, DWARF_C_READ));
  return dwarf_ != nullptr;
}

unit_view* dwarf_session::open_unit(const unit_place& place, std::string& why) {
  Dwarf* const home = place.in_supplement ? dwarf_getalt(dwarf_.get()) : dwarf_.get();
  Dwarf_Die die{};
  if (home == nullptr ||
      (place.in_types_section ? dwarf_offdie_types(home, place.die_offset, &die)
                              : dwarf_offdie(home, place.die_offset, &die)) == nullptr) {
    why = "its header is damaged";
    return nullptr;
  }
  Dwarf_Half version = 0;
  std::uint8_t type = 0;
  Dwarf_Die own{}, split{};
  if (dwarf_cu_info(die.cu, &version, &type, &own, &split, nullptr, nullptr, nullptr) != 0) {
    why = "its header is damaged";
    return nullptr;
  }
  auto* const view = view_of(die.cu);
  if (view == nullptr) {
    why = "its header is damaged";
    return nullptr;
  }
  if (type != DW_UT_skeleton)
    return view;
  if (split.addr == nullptr) {
    die_attributes entry;
    why = "its split debug information could not be joined";
    if (entry.read(own, view->bounds))
      why += ": " + std::string(entry.text(attribute::dwo_name));
    return nullptr;
  }
  auto* const part = view_of(split.cu);
  if (part == nullptr) {
    why = "its split debug information is damaged";
    return nullptr;
  }
  if (part->comp_dir.empty())
    part->comp_dir = view->comp_dir;
  return part;
}

std::vector<unit_view*> dwarf_session::type_units_beside(const unit_view& view, std::string& why) {
  std::vector<unit_view*> found;
  Dwarf* const home = dwarf_cu_getdwarf(view.bounds.cu);
  if (home == dwarf_.get() || home == dwarf_getalt(dwarf_.get()))
    return found;
  std::size_t sections = 0;
  for_each_section(dwarf_getelf(home), [&](std::string_view name, Elf_Scn*, const GElf_Shdr&) {
    sections += name == ".debug_types.dwo" ? 1 : 0;
    return true;
  });
  if (sections > 1)
    why = "its .dwo file has " + std::to_string(sections) +
          " sections of type units, of which only the first can be read";
  Dwarf_CU* cu = nullptr;
  std::uint8_t type = 0;
  while (dwarf_get_units(home, cu, &cu, nullptr, &type, nullptr, nullptr) == 0) {
    if (type != DW_UT_type && type != DW_UT_split_type)
      continue;
    if (auto* const beside = view_of(cu); beside != nullptr) {
      beside->comp_dir = view.comp_dir;
      found.push_back(beside);
    }
  }
  return found;
}

unit_view* dwarf_session::view_of(Dwarf_CU* cu) {
  const auto found = views_.find(cu);
  if (found != views_.end())
    return found->second.get();
  auto& view = views_[cu];
  view = unit_view::make(cu);
  return view.get();
}

} // namespace symup::native
