// SPDX-License-Identifier: Apache-2.0
#pragma once

/// PIECE STORE: keeps the encoded pieces of roots (tapes) until all units are read. Workers append,
/// ROOT WRITE reads back. What goes beyond the memory limit lies in an unlinked temporary file.
/// Locked; any thread.

#include "symup/binary_scopes.hpp"

#include "native/elf_open.hpp"

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace symup::native {

struct piece_place {
  std::uint64_t offset = 0;
  std::uint32_t size = 0;
};

class piece_store {
public:
  explicit piece_store(const binary_options& options) : options_(options) {}

  /// Errors: io_failed if the temporary file cannot be made or written.
  expected<piece_place> append(std::string_view piece);
  /// Copies a piece out, replacing what `piece` held.
  expected<void> read(const piece_place& place, std::string& piece);
  [[nodiscard]] std::uint64_t spilled_bytes() const noexcept { return spilled_; }

private:
  expected<void> spill();

  const binary_options& options_;
  std::mutex mutex_;
  std::vector<std::string> blocks_; // of block_bytes each, the last one growing
  std::uint64_t in_file_ = 0;       // bytes at the front that lie in the file
  std::uint64_t end_ = 0;
  std::uint64_t spilled_ = 0;
  file_handle file_;
};

} // namespace symup::native
