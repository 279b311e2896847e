// SPDX-License-Identifier: Apache-2.0
#include "native/unit_read.hpp"

#include <dwarf.h>

namespace symup::native {

namespace {

// Cached names and declarations beyond this are dropped between units.
constexpr std::size_t max_cached = 200'000;

} // namespace

void unit_reader::clear() {
  names_.clear();
  declarations_.clear();
}

expected<bool> unit_reader::read(unit_view& view, std::uint32_t ordinal, std::string& why) {
  // What is learnt of a Go function from its rows holds in one unit: kept, it would depend on which
  // units a worker had before.
  if (names_.size() + declarations_.size() > max_cached || shared_.language == source_language::go)
    clear();
  ordinal_ = ordinal;
  instances_.clear();
  intervals_.clear();
  rows_.clear();
  // Many entries may name one long list of ranges; a sane unit has far fewer than it has bytes.
  range_budget_ = (1U << 20U) + static_cast<std::uint64_t>(view.bounds.end - view.bounds.begin);
  if (!names_.ensure_index(view)) {
    why = "its entries are damaged";
    return false;
  }
  if (auto types = read_types(view); !types)
    return fail(types.error());
  if (auto globals = read_globals(view); !globals)
    return fail(globals.error());
  if (!find_instances(view, why))
    return false;
  if (auto functions = read_functions(view); !functions)
    return fail(functions.error());
  return true;
}

expected<void> unit_reader::put(const entity_key& key, entity&& described, const scope_tape& tape) {
  auto piece = shared_.pieces.append(tape.bytes());
  if (!piece)
    return fail(piece.error());
  described.piece = *piece;
  shared_.entities.put(key, std::move(described));
  return {};
}

std::string_view access_word(std::uint64_t accessibility) noexcept {
  switch (accessibility) {
  case DW_ACCESS_public:
    return "public";
  case DW_ACCESS_protected:
    return "protected";
  case DW_ACCESS_private:
    return "private";
  default:
    return "";
  }
}

} // namespace symup::native
