// SPDX-License-Identifier: Apache-2.0
#include "native/go_build_info.hpp"

#include <string_view>

namespace symup::native {

namespace {

// A string with its length in front; an empty one if it does not fit.
std::string_view take_string(std::string_view& rest) {
  std::uint64_t length = 0;
  for (unsigned shift = 0; !rest.empty() && shift < 63; shift += 7) {
    const auto byte = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    length |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
    if ((byte & 0x80U) == 0)
      break;
  }
  if (length > rest.size())
    return {};
  const auto text = rest.substr(0, length);
  rest.remove_prefix(length);
  return text;
}

std::string module_in(std::string_view section) {
  constexpr std::string_view magic = "\xFF Go buildinf:";
  constexpr std::size_t header_size = 32;
  constexpr unsigned inline_strings = 2;
  if (section.size() < header_size || section.substr(0, magic.size()) != magic ||
      (static_cast<unsigned char>(section[15]) & inline_strings) == 0)
    return "";
  section.remove_prefix(header_size);
  (void)take_string(section); // Go's version
  const auto info = take_string(section);
  constexpr std::string_view key = "\nmod\t";
  const auto at = info.find(key);
  if (at == std::string_view::npos)
    return "";
  const auto rest = info.substr(at + key.size());
  return std::string(rest.substr(0, rest.find_first_of("\t\n")));
}

} // namespace

std::string go_module_of(const elf_file& binary) {
  Elf* const elf = binary.elf.get();
  std::size_t names = 0;
  if (elf_getshdrstrndx(elf, &names) != 0)
    return "";
  for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf, section)) != nullptr;) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) == nullptr || header.sh_type == SHT_NOBITS)
      continue;
    const char* const name = elf_strptr(elf, names, header.sh_name);
    if (name == nullptr || std::string_view(name) != ".go.buildinfo")
      continue;
    const Elf_Data* const data = elf_rawdata(section, nullptr);
    if (data != nullptr && data->d_buf != nullptr)
      return module_in({static_cast<const char*>(data->d_buf), data->d_size});
  }
  return "";
}

} // namespace symup::native
