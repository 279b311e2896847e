// SPDX-License-Identifier: Apache-2.0
#pragma once

/// ELF COPY: files that vanish with their handle, for the workers to map. A binary with compressed
/// sections is copied with them inflated (libdw would inflate everything anew for every handle); a
/// small one is copied as it is, so that nothing happens if it is truncated while it is read. The
/// caller's thread.

#include "native/elf_open.hpp"
#include "symup/binary_scopes.hpp"

namespace symup::native {

/// Files up to this size are copied before they are read.
inline constexpr std::uint64_t max_copied_bytes = 16ULL * 1024 * 1024;

/// The debug sections of a file, inflated, under its section headers. Nothing if the file is of a
/// class it is not done for (then libdw inflates). Errors: io_failed, unsupported_binary.
[[nodiscard]] expected<file_handle> inflate_debug_sections(const elf_file& file,
                                                           const binary_options& options);

/// The file's bytes. Errors: io_failed.
[[nodiscard]] expected<file_handle> copy_file(const elf_file& file);

} // namespace symup::native
