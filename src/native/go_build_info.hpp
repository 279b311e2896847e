// SPDX-License-Identifier: Apache-2.0
#pragma once

/// GO BUILD INFO: the main module's path, from the section Go's linker writes; the first-party
/// filter for Go goes by it. The caller's thread.

#include "native/elf_open.hpp"

#include <string>

namespace symup::native {

/// "" if the binary says nothing (built before Go 1.18, or without modules).
[[nodiscard]] std::string go_module_of(const elf_file& binary);

} // namespace symup::native
