// SPDX-License-Identifier: Apache-2.0
#include "native/elf_open.hpp"

#include "symup/binary_scopes.hpp"

#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace symup {

bool is_elf_magic(std::string_view first_bytes) noexcept {
  return first_bytes.substr(0, 4) == "\x7F"
                                     "ELF";
}

bool is_elf(const std::string& path) {
  const native::file_handle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  char magic[4] = {};
  return file && ::pread(file.get(), magic, sizeof magic, 0) == 4 && is_elf_magic({magic, 4});
}

} // namespace symup

namespace symup::native {

namespace {

constexpr std::uint64_t max_inflate_ratio = 1040; // deflate cannot do better than 1032
constexpr unsigned zstd_type = 2;                 // ELFCOMPRESS_ZSTD, not in this libelf

tl::unexpected<error> unsupported(const std::string& path, std::string_view why) {
  return fail(errc::unsupported_binary, path + ": " + std::string(why));
}

bool starts_with(std::string_view text, std::string_view prefix) noexcept {
  return text.substr(0, prefix.size()) == prefix;
}

// Why a file that is no ELF is not read.
std::string_view other_format(std::string_view magic) noexcept {
  using namespace std::string_view_literals;
  for (const auto mach_o : {"\xFE\xED\xFA\xCE"sv, "\xFE\xED\xFA\xCF"sv, "\xCE\xFA\xED\xFE"sv,
                            "\xCF\xFA\xED\xFE"sv, "\xCA\xFE\xBA\xBE"sv})
    if (starts_with(magic, mach_o))
      return "a Mach-O file; only ELF binaries are read";
  if (starts_with(magic, "MZ"))
    return "a PE file; only ELF binaries are read";
  if (starts_with(magic, "!<arch>") || starts_with(magic, "!<thin>"))
    return "an archive; extract from the linked executable or shared object";
  return "not an ELF file";
}

expected<void> check_header(const std::string& path, Elf* elf) {
  GElf_Ehdr header;
  if (elf_kind(elf) != ELF_K_ELF || gelf_getehdr(elf, &header) == nullptr)
    return unsupported(path, std::string("damaged ELF header: ") + elf_errmsg(-1));
  if (header.e_ident[EI_DATA] != ELFDATA2LSB)
    return unsupported(path, "a big-endian ELF file; only little-endian ones are read");
  if (header.e_type == ET_REL)
    return unsupported(path, "an object file or kernel module (ET_REL); extract from the linked "
                             "executable or shared object");
  if (header.e_type != ET_EXEC && header.e_type != ET_DYN)
    return unsupported(path, "neither an executable nor a shared object");
  return {};
}

// Size of a section's contents when uncompressed.
expected<std::uint64_t> inflated_size(const elf_file& file, Elf_Scn* section,
                                      const GElf_Shdr& header, std::string_view name) {
  GElf_Chdr compression;
  if (gelf_getchdr(section, &compression) == nullptr)
    return unsupported(file.path, std::string(name) + ": damaged compression header");
  if (compression.ch_type == zstd_type)
    return unsupported(file.path, std::string(name) +
                                      " is compressed with zstd, which is not read; rewrite it "
                                      "with objcopy --decompress-debug-sections");
  if (compression.ch_type != ELFCOMPRESS_ZLIB)
    return unsupported(file.path, std::string(name) + ": unknown compression");
  if (compression.ch_size / max_inflate_ratio > header.sh_size)
    return unsupported(file.path, std::string(name) + " declares more bytes than it can hold");
  return compression.ch_size;
}

expected<void> note_debug_section(elf_file& file, Elf_Scn* section, const GElf_Shdr& header,
                                  std::string_view name) {
  if (header.sh_type == SHT_NOBITS)
    return {};
  if (starts_with(name, ".zdebug_"))
    return unsupported(file.path, "sections in the old .zdebug form are not read; rewrite them "
                                  "with objcopy --decompress-debug-sections");
  std::uint64_t bytes = header.sh_size;
  if ((header.sh_flags & SHF_COMPRESSED) != 0) {
    const auto size = inflated_size(file, section, header, name);
    if (!size)
      return fail(size.error());
    bytes = *size;
    file.inflated_bytes += bytes;
    file.has_compressed_debug = true;
  } else if (header.sh_offset > file.size || header.sh_size > file.size - header.sh_offset) {
    return unsupported(file.path, std::string(name) + " reaches beyond the end of the file");
  }
  if (name == ".debug_info") {
    file.has_debug_info = bytes != 0;
    file.debug_info_bytes = bytes;
  }
  return {};
}

expected<void> note_sections(elf_file& file) {
  std::size_t names = 0;
  if (elf_getshdrstrndx(file.elf.get(), &names) != 0)
    return unsupported(file.path, "damaged section table");
  for (Elf_Scn* section = nullptr; (section = elf_nextscn(file.elf.get(), section)) != nullptr;) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) == nullptr)
      return unsupported(file.path, "damaged section table");
    const char* const text = elf_strptr(file.elf.get(), names, header.sh_name);
    const std::string_view name = text == nullptr ? "" : text;
    if ((header.sh_flags & SHF_EXECINSTR) != 0 && header.sh_size != 0)
      file.code.push_back({header.sh_addr, header.sh_addr + header.sh_size});
    if (name == ".gnu_debugaltlink")
      file.has_supplement = true;
    if (starts_with(name, ".debug_") || starts_with(name, ".zdebug_"))
      if (auto noted = note_debug_section(file, section, header, name); !noted)
        return noted;
  }
  std::sort(file.code.begin(), file.code.end(),
            [](const address_range& a, const address_range& b) { return a.begin < b.begin; });
  return {};
}

std::string build_id_of(Elf* elf) {
  const void* bytes = nullptr;
  const auto size = dwelf_elf_gnu_build_id(elf, &bytes);
  std::string hex;
  constexpr char digits[] = "0123456789abcdef";
  for (ssize_t i = 0; i < std::min<ssize_t>(size, 64); ++i) {
    const auto byte = static_cast<const unsigned char*>(bytes)[i];
    hex += digits[byte >> 4U];
    hex += digits[byte & 15U];
  }
  return hex;
}

} // namespace

file_handle& file_handle::operator=(file_handle&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

file_handle::~file_handle() {
  if (fd_ >= 0)
    ::close(fd_);
}

bool elf_file::is_code(std::uint64_t address) const noexcept {
  auto behind = std::upper_bound(
      code.begin(), code.end(), address,
      [](std::uint64_t at, const address_range& range) { return at < range.begin; });
  return behind != code.begin() && address < (--behind)->end;
}

std::vector<std::uint64_t> elf_file::split_off_parts() const {
  std::vector<std::uint64_t> parts;
  for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf.get(), section)) != nullptr;) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) == nullptr || header.sh_type != SHT_SYMTAB ||
        header.sh_entsize == 0)
      continue;
    Elf_Data* const data = elf_getdata(section, nullptr);
    if (data == nullptr)
      continue;
    const auto count = std::min<std::uint64_t>(data->d_size / header.sh_entsize, INT32_MAX);
    for (std::uint64_t i = 0; i < count; ++i) {
      GElf_Sym symbol;
      if (gelf_getsym(data, static_cast<int>(i), &symbol) == nullptr)
        break;
      if (GELF_ST_TYPE(symbol.st_info) != STT_FUNC)
        continue;
      const char* const name = elf_strptr(elf.get(), header.sh_link, symbol.st_name);
      if (name != nullptr &&
          (std::strstr(name, ".part.") != nullptr || std::strstr(name, ".cold") != nullptr))
        parts.push_back(symbol.st_value);
    }
  }
  std::sort(parts.begin(), parts.end());
  return parts;
}

expected<elf_file> open_elf(const std::string& path, std::uint64_t max_inflate) {
  elf_version(EV_CURRENT);
  elf_file file;
  file.path = path;
  // O_NONBLOCK: a FIFO must not hang the open.
  file.file = file_handle(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (!file.file || ::fstat(file.file.get(), &status) != 0)
    return fail(errc::io_failed, path + ": " + std::strerror(errno));
  if (!S_ISREG(status.st_mode))
    return fail(errc::io_failed, path + ": not a regular file");
  file.size = static_cast<std::uint64_t>(status.st_size);
  char magic[8] = {};
  const auto got = ::pread(file.file.get(), magic, sizeof magic, 0);
  const std::string_view first(magic, static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (!is_elf_magic(first))
    return unsupported(path, other_format(first));
  file.elf.reset(elf_begin(file.file.get(), ELF_C_READ_MMAP, nullptr));
  if (!file.elf)
    return unsupported(path, std::string("damaged ELF file: ") + elf_errmsg(-1));
  if (auto checked = check_header(path, file.elf.get()); !checked)
    return fail(checked.error());
  if (auto noted = note_sections(file); !noted)
    return fail(noted.error());
  if (file.inflated_bytes > max_inflate)
    return unsupported(path, "compressed sections of " + std::to_string(file.inflated_bytes) +
                                 " bytes; at most " + std::to_string(max_inflate) + " are allowed");
  file.build_id = build_id_of(file.elf.get());
  GElf_Word crc = 0;
  if (const char* const name = dwelf_elf_gnu_debuglink(file.elf.get(), &crc); name != nullptr)
    file.link = {name, crc};
  return file;
}

} // namespace symup::native
