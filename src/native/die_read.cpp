// SPDX-License-Identifier: Apache-2.0
#include "native/die_read.hpp"

#include <dwarf.h>

#include <cstring>

namespace symup::native {

namespace {

// The value's size in a LEB128, or 0 if it does not end within 10 bytes or the unit.
std::size_t leb128_size(const unsigned char* at, const unsigned char* end) noexcept {
  for (std::size_t size = 1; size <= 10 && at < end; ++size, ++at)
    if ((*at & 0x80U) == 0)
      return size;
  return 0;
}

std::uint64_t leb128_value(const unsigned char* at, std::size_t size) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size && i * 7 < 64; ++i)
    value |= static_cast<std::uint64_t>(at[i] & 0x7FU) << (i * 7);
  return value;
}

template <class Integer>
std::uint64_t load(const unsigned char* at) noexcept {
  Integer value{};
  std::memcpy(&value, at, sizeof value);
  return value;
}

const unsigned char* behind_block(const unsigned char* at, const unsigned char* end,
                                  std::size_t length_size) noexcept {
  if (static_cast<std::size_t>(end - at) < length_size)
    return nullptr;
  const auto length = length_size == 1   ? *at
                      : length_size == 2 ? load<std::uint16_t>(at)
                                         : load<std::uint32_t>(at);
  at += length_size;
  return length <= static_cast<std::uint64_t>(end - at) ? at + length : nullptr;
}

const unsigned char* behind_leb128(const unsigned char* at, const unsigned char* end) noexcept {
  const auto size = leb128_size(at, end);
  return size == 0 ? nullptr : at + size;
}

const unsigned char* behind_fixed(const unsigned char* at, const unsigned char* end,
                                  std::size_t size) noexcept {
  return size <= static_cast<std::size_t>(end - at) ? at + size : nullptr;
}

// Behind the value of an attribute; nullptr if its form is unknown or it does not fit. libdw has
// checked the value too, but does not say where it ended.
const unsigned char* behind_value(unsigned form, const unsigned char* at, const unit_bounds& unit,
                                  bool indirect = false) noexcept {
  const auto* const end = unit.end;
  if (at == nullptr || at < unit.begin || at > end)
    return nullptr;
  switch (form) {
  case DW_FORM_flag_present:
  case DW_FORM_implicit_const:
    return at;
  case DW_FORM_data1:
  case DW_FORM_flag:
  case DW_FORM_ref1:
  case DW_FORM_strx1:
  case DW_FORM_addrx1:
    return behind_fixed(at, end, 1);
  case DW_FORM_data2:
  case DW_FORM_ref2:
  case DW_FORM_strx2:
  case DW_FORM_addrx2:
    return behind_fixed(at, end, 2);
  case DW_FORM_strx3:
  case DW_FORM_addrx3:
    return behind_fixed(at, end, 3);
  case DW_FORM_data4:
  case DW_FORM_ref4:
  case DW_FORM_strx4:
  case DW_FORM_addrx4:
  case DW_FORM_ref_sup4:
    return behind_fixed(at, end, 4);
  case DW_FORM_data8:
  case DW_FORM_ref8:
  case DW_FORM_ref_sig8:
  case DW_FORM_ref_sup8:
    return behind_fixed(at, end, 8);
  case DW_FORM_data16:
    return behind_fixed(at, end, 16);
  case DW_FORM_addr:
    return behind_fixed(at, end, unit.address_size);
  case DW_FORM_ref_addr:
    return behind_fixed(at, end, unit.version == 2 ? unit.address_size : unit.offset_size);
  case DW_FORM_strp:
  case DW_FORM_line_strp:
  case DW_FORM_sec_offset:
  case DW_FORM_strp_sup:
  case DW_FORM_GNU_ref_alt:
  case DW_FORM_GNU_strp_alt:
    return behind_fixed(at, end, unit.offset_size);
  case DW_FORM_udata:
  case DW_FORM_sdata:
  case DW_FORM_ref_udata:
  case DW_FORM_strx:
  case DW_FORM_addrx:
  case DW_FORM_loclistx:
  case DW_FORM_rnglistx:
  case DW_FORM_GNU_str_index:
  case DW_FORM_GNU_addr_index:
    return behind_leb128(at, end);
  case DW_FORM_string: {
    const auto* const zero =
        static_cast<const unsigned char*>(std::memchr(at, 0, static_cast<std::size_t>(end - at)));
    return zero == nullptr ? nullptr : zero + 1;
  }
  case DW_FORM_block1:
    return behind_block(at, end, 1);
  case DW_FORM_block2:
    return behind_block(at, end, 2);
  case DW_FORM_block4:
    return behind_block(at, end, 4);
  case DW_FORM_block:
  case DW_FORM_exprloc: {
    const auto size = leb128_size(at, end);
    const auto length = leb128_value(at, size);
    at += size;
    return size != 0 && length <= static_cast<std::uint64_t>(end - at) ? at + length : nullptr;
  }
  case DW_FORM_indirect: {
    const auto size = leb128_size(at, end);
    if (size == 0 || indirect)
      return nullptr;
    return behind_value(static_cast<unsigned>(leb128_value(at, size)), at + size, unit, true);
  }
  default:
    return nullptr;
  }
}

// An entry's abbreviation code if it has one or two bytes; 0 otherwise.
std::size_t short_code(const unsigned char* at, const unsigned char* end) noexcept {
  if (at >= end)
    return 0;
  if ((at[0] & 0x80U) == 0)
    return at[0];
  if (end - at < 2 || (at[1] & 0x80U) != 0)
    return 0;
  return (at[0] & 0x7FU) | static_cast<std::size_t>(at[1]) << 7U;
}

attribute attribute_of(unsigned code) noexcept {
  switch (code) {
  case DW_AT_name:
    return attribute::name;
  case DW_AT_linkage_name:
  case DW_AT_MIPS_linkage_name:
    return attribute::linkage_name;
  case DW_AT_declaration:
    return attribute::declaration;
  case DW_AT_external:
    return attribute::external;
  case DW_AT_specification:
    return attribute::specification;
  case DW_AT_abstract_origin:
    return attribute::abstract_origin;
  case DW_AT_type:
    return attribute::type;
  case DW_AT_decl_file:
    return attribute::decl_file;
  case DW_AT_decl_line:
    return attribute::decl_line;
  case DW_AT_decl_column:
    return attribute::decl_column;
  case DW_AT_low_pc:
    return attribute::low_pc;
  case DW_AT_high_pc:
    return attribute::high_pc;
  case DW_AT_ranges:
    return attribute::ranges;
  case DW_AT_entry_pc:
    return attribute::entry_pc;
  case DW_AT_GNU_entry_view:
    return attribute::entry_view;
  case DW_AT_inline:
    return attribute::inlined;
  case DW_AT_artificial:
    return attribute::artificial;
  case DW_AT_signature:
    return attribute::signature;
  case DW_AT_accessibility:
    return attribute::accessibility;
  case DW_AT_virtuality:
    return attribute::virtuality;
  case DW_AT_explicit:
    return attribute::is_explicit;
  case DW_AT_defaulted:
    return attribute::defaulted;
  case DW_AT_deleted:
    return attribute::deleted;
  case DW_AT_const_value:
    return attribute::const_value;
  case DW_AT_location:
    return attribute::location;
  case DW_AT_data_member_location:
    return attribute::member_location;
  case DW_AT_export_symbols:
    return attribute::export_symbols;
  case DW_AT_containing_type:
    return attribute::containing_type;
  case DW_AT_upper_bound:
    return attribute::upper_bound;
  case DW_AT_count:
    return attribute::count;
  case DW_AT_rvalue_reference:
    return attribute::rvalue_reference;
  case DW_AT_reference:
    return attribute::reference;
  case DW_AT_language:
    return attribute::language;
  case DW_AT_producer:
    return attribute::producer;
  case DW_AT_comp_dir:
    return attribute::comp_dir;
  case DW_AT_dwo_name:
  case DW_AT_GNU_dwo_name:
    return attribute::dwo_name;
  case DW_AT_call_file:
    return attribute::call_file;
  case DW_AT_call_line:
    return attribute::call_line;
  case DW_AT_variable_parameter:
    return attribute::variable_parameter;
  case DW_AT_object_pointer:
    return attribute::object_pointer;
  case DW_AT_data_bit_offset:
    return attribute::data_bit_offset;
  case DW_AT_bit_size:
    return attribute::bit_size;
  default:
    return attribute::number_of;
  }
}

// The last value within the entry tells where the entry ends.
struct last_value {
  const unsigned char* at = nullptr;
  unsigned form = 0;
  void take(const Dwarf_Attribute& attribute) noexcept {
    if (attribute.form != DW_FORM_implicit_const) { // its value lies with the abbreviation
      at = attribute.valp;
      form = attribute.form;
    }
  }
  [[nodiscard]] const unsigned char* end(const Dwarf_Die& die,
                                         const unit_bounds& unit) const noexcept {
    if (at == nullptr)
      return behind_leb128(static_cast<const unsigned char*>(die.addr), unit.end);
    const auto* const end = behind_value(form, at, unit);
    return end != nullptr && end > die.addr ? end : nullptr;
  }
};

struct outline_pass {
  die_outline* out;
  last_value last;
};

int collect_outline(Dwarf_Attribute* attribute, void* argument) {
  auto& pass = *static_cast<outline_pass*>(argument);
  pass.last.take(*attribute);
  switch (attribute->code) {
  case DW_AT_declaration:
    pass.out->declaration = true;
    break;
  case DW_AT_low_pc:
  case DW_AT_ranges:
    pass.out->has_code = true;
    break;
  case DW_AT_specification:
  case DW_AT_abstract_origin:
    pass.out->has_origin = true;
    break;
  case DW_AT_inline:
    pass.out->inlined = true;
    break;
  case DW_AT_name:
    pass.out->has_name = true;
    break;
  default:
    break;
  }
  return DWARF_CB_OK;
}

} // namespace

Dwarf_Die unit_bounds::die_at(const unsigned char* address) const {
  Dwarf_Die die{};
  die.addr = const_cast<unsigned char*>(address); // libdw's type; it only reads
  die.cu = cu;
  if (const auto code = short_code(address, end); code < abbreviations->size())
    die.abbrev = (*abbreviations)[code];
  return die;
}

void unit_bounds::remember(const Dwarf_Die& die) const {
  const auto code = short_code(static_cast<const unsigned char*>(die.addr), end);
  if (code == 0)
    return;
  if (code >= abbreviations->size())
    abbreviations->resize(code + 1, nullptr);
  (*abbreviations)[code] = die.abbrev;
}

int die_attributes::collect(Dwarf_Attribute* found, void* self) {
  auto& pass = *static_cast<std::pair<die_attributes*, last_value>*>(self);
  pass.second.take(*found);
  const auto what = attribute_of(found->code);
  if (what == attribute::number_of)
    return DWARF_CB_OK;
  const auto bit = std::uint64_t{1} << static_cast<unsigned>(what);
  if ((pass.first->present_ & bit) == 0) {
    pass.first->present_ |= bit;
    pass.first->slots_[static_cast<std::size_t>(what)] = *found;
  }
  return DWARF_CB_OK;
}

bool die_attributes::read(const Dwarf_Die& die, const unit_bounds& unit) {
  present_ = 0;
  die_ = die;
  unit_ = &unit;
  std::pair<die_attributes*, last_value> pass{this, {}};
  const bool known = die_.abbrev != nullptr;
  if (dwarf_getattrs(&die_, collect, &pass, 0) != 1)
    return false;
  if (!known)
    unit.remember(die_);
  tag_ = dwarf_tag(&die_);
  has_children_ = dwarf_haschildren(&die_) == 1;
  end_ = pass.second.end(die_, unit);
  return end_ != nullptr;
}

bool read_outline(Dwarf_Die& die, const unit_bounds& unit, die_outline& out) {
  out = {};
  outline_pass pass{&out, {}};
  const bool known = die.abbrev != nullptr;
  if (dwarf_getattrs(&die, collect_outline, &pass, 0) != 1)
    return false;
  if (!known)
    unit.remember(die);
  out.tag = dwarf_tag(&die);
  out.has_children = dwarf_haschildren(&die) == 1;
  out.end = pass.last.end(die, unit);
  return out.end != nullptr;
}

std::string_view die_attributes::text(attribute what) noexcept {
  auto* const found = get(what);
  const char* const value = found == nullptr ? nullptr : dwarf_formstring(found);
  return value == nullptr ? std::string_view{} : std::string_view{value};
}

bool die_attributes::flag(attribute what) noexcept {
  auto* const found = get(what);
  bool value = false;
  return found != nullptr && dwarf_formflag(found, &value) == 0 && value;
}

std::optional<std::uint64_t> die_attributes::number(attribute what) noexcept {
  auto* const found = get(what);
  Dwarf_Word value = 0;
  if (found == nullptr || dwarf_formudata(found, &value) != 0)
    return std::nullopt;
  return value;
}

std::optional<std::uint64_t> die_attributes::address(attribute what) noexcept {
  auto* const found = get(what);
  Dwarf_Addr value = 0;
  if (found == nullptr || dwarf_formaddr(found, &value) != 0)
    return std::nullopt;
  return value;
}

std::optional<Dwarf_Die> die_attributes::reference(attribute what) noexcept {
  auto* const found = get(what);
  Dwarf_Die die{};
  if (found == nullptr || dwarf_formref_die(found, &die) == nullptr)
    return std::nullopt;
  return die;
}

die_walk::die_walk(const Dwarf_Die& root, const unit_bounds& unit) : unit_(unit) {
  ok_ = entry_.read(root, unit);
  if (ok_ && entry_.has_children()) {
    at_ = entry_.end();
    level_ = 1;
  }
}

bool die_walk::next() {
  while (step()) {
    if (skip_below_ != 0 && depth_ > skip_below_)
      continue;
    skip_below_ = 0;
    return true;
  }
  return false;
}

bool die_walk::step() {
  while (ok_ && level_ != 0 && at_ < unit_.end && *at_ == 0) { // the end of a list of children
    ++at_;
    --level_;
  }
  if (!ok_ || level_ == 0 || at_ >= unit_.end)
    return false;
  ok_ = entry_.read(unit_.die_at(at_), unit_);
  if (!ok_)
    return false;
  at_ = entry_.end();
  depth_ = level_;
  if (entry_.has_children())
    ++level_;
  return true;
}

} // namespace symup::native
