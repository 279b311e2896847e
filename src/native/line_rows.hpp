// SPDX-License-Identifier: Apache-2.0
#pragma once

/// LINE ROWS: gives each row of a unit's line table to the innermost function, called or inlined,
/// whose code it describes, so that inlined code never pollutes its caller. FUNCTION READ collects
/// the intervals before and turns the rows into lines afterwards. One worker's thread.

#include "native/unit_view.hpp"

#include <atomic>
#include <cstdint>
#include <vector>

namespace symup::native {

inline constexpr std::uint32_t no_instance = 0xFFFFFFFFU;

/// Code of one function instance. Intervals of what is inlined lie within those of the caller.
struct code_interval {
  std::uint64_t begin = 0, end = 0;
  std::uint32_t begin_view = 0; ///< rows at `begin` with a lower view number are the caller's
  std::uint32_t instance = no_instance; ///< no_instance: rows are nobody's
  std::uint32_t depth = 0;              ///< the greatest that covers an address has it
};

struct own_row {
  std::uint64_t address = 0;
  std::int32_t line = 0;
  std::uint32_t instance = 0;
  bool is_statement = false;
};

/// Rows in the order of instance, then address. A row counts only if it names the file of its
/// instance (`files[instance]`); where that is no_path, it becomes that of the first row. False if
/// the line table is damaged or `stop` was set.
bool assign_rows(unit_view& view, path_table& paths, std::vector<code_interval>& intervals,
                 std::vector<std::uint32_t>& files, const std::atomic<bool>& stop,
                 std::vector<own_row>& rows);

} // namespace symup::native
