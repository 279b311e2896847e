// SPDX-License-Identifier: Apache-2.0
#pragma once

/// DEBUG INFO FIND: from a binary to the file that holds its DWARF: the binary itself, a file by
/// build-id, a file by .gnu_debuglink whose CRC fits, one the host fetches. The caller's thread.

#include "native/elf_open.hpp"
#include "symup/binary_scopes.hpp"

namespace symup::native {

/// Errors: no_debug_info, which names the build-id, the places searched and what to do.
[[nodiscard]] expected<elf_file> find_debug_info(elf_file binary, const binary_options& options);

/// A new unlinked file in options.temporary_dir.
[[nodiscard]] expected<file_handle> make_temporary_file(const binary_options& options);

} // namespace symup::native
