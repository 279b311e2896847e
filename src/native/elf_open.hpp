// SPDX-License-Identifier: Apache-2.0
#pragma once

/// ELF OPEN: opens an ELF file, refuses the kinds that are not read (each with its own words), and
/// notes what the next steps need: build-id, debuglink, where code lies, whether DWARF is there.
/// DEBUG INFO FIND comes next. The caller's thread.

#include "symup/error.hpp"

#include <elfutils/libdw.h>
#include <gelf.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace symup::native {

struct elf_closer {
  void operator()(Elf* elf) const noexcept { elf_end(elf); }
};
using elf_handle = std::unique_ptr<Elf, elf_closer>;

struct dwarf_closer {
  void operator()(Dwarf* dwarf) const noexcept { dwarf_end(dwarf); }
};
using dwarf_handle = std::unique_ptr<Dwarf, dwarf_closer>;

/// Owns a file descriptor.
class file_handle {
public:
  file_handle() = default;
  explicit file_handle(int fd) noexcept : fd_(fd) {}
  file_handle(file_handle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  file_handle& operator=(file_handle&& other) noexcept;
  ~file_handle();
  [[nodiscard]] int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }

private:
  int fd_ = -1;
};

/// Addresses from begin up to, not including, end.
struct address_range {
  std::uint64_t begin = 0, end = 0;
};

/// What a .gnu_debuglink section says.
struct debug_link {
  std::string name;
  std::uint32_t crc = 0;
};

struct elf_file {
  std::string path;
  file_handle file;
  elf_handle elf;
  std::uint64_t size = 0; ///< of the file, bytes
  std::string build_id;   ///< hex
  debug_link link;
  std::vector<address_range> code;    ///< executable sections, sorted
  bool has_debug_info = false;        ///< .debug_info is there and holds bytes
  bool has_compressed_debug = false;  ///< some .debug_* section is compressed
  bool has_supplement = false;        ///< .gnu_debugaltlink: shares entries with another file
  std::uint64_t debug_info_bytes = 0; ///< uncompressed
  std::uint64_t inflated_bytes = 0;   ///< of all compressed .debug_* sections

  [[nodiscard]] bool is_code(std::uint64_t address) const noexcept;
  /// Code addresses of functions whose symbol name marks them as a part split off another
  /// ("f.part.0", "f.cold"), sorted.
  [[nodiscard]] std::vector<std::uint64_t> split_off_parts() const;
};

/// Errors: io_failed; unsupported_binary for anything but a little-endian executable or shared
/// object, for zstd sections, and for compressed sections that declare more than `max_inflate`.
[[nodiscard]] expected<elf_file> open_elf(const std::string& path, std::uint64_t max_inflate);

} // namespace symup::native
