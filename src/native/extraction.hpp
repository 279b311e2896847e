// SPDX-License-Identifier: Apache-2.0
#pragma once

/// EXTRACTION: what all workers of one extract() share: the wishes, the tables they fill, and the
/// counters. Everything in it is either constant while they run or takes care of its own locking.

#include "native/elf_open.hpp"
#include "native/entity_table.hpp"
#include "native/piece_store.hpp"
#include "native/source_path.hpp"
#include "native/unit_view.hpp"

#include <atomic>
#include <set>
#include <string>
#include <vector>

namespace symup::native {

struct extraction {
  extraction(const binary_options& wishes, const elf_file& binary, source_language wanted,
             first_party_filter filter)
      : options(wishes), elf(binary), language(wanted), paths(wishes, std::move(filter)),
        pieces(wishes) {}

  const binary_options& options;
  const elf_file& elf;
  source_language language;
  std::set<std::string, std::less<>> rust_crates; ///< first party
  std::string go_module;                          ///< path of the main module, "" = unknown
  std::vector<std::uint64_t> split_off_parts;     ///< code addresses, sorted

  path_table paths;
  entity_table entities;
  piece_store pieces;

  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> left_out{0};  ///< functions and types not kept
  std::atomic<std::uint64_t> described{0}; ///< descriptions of entities, all units
};

} // namespace symup::native
