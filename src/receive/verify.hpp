// SPDX-License-Identifier: Apache-2.0
#pragma once

/// `symup verify`: reads a store from disk, from scratch, and says whether its uploads are complete
/// and correct. It trusts nothing the intake wrote down: every part is decoded again, the index is
/// compared with what is found. One call, one thread, the parts of one batch in memory at a time.

#include "receive/batch_facts.hpp"
#include "symup/error.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace symup::receive {

struct verify_violation {
  std::string where; ///< an upload, a batch, or a file
  std::string rule;
  std::string text;
};

struct verify_report {
  std::uint64_t uploads = 0, batches = 0;                 ///< in the index
  std::uint64_t root_scopes = 0, scopes = 0, symbols = 0; ///< decoded, of batches that are right
  std::uint64_t json_bytes = 0, compressed_bytes = 0;
  std::vector<verify_violation> violations; ///< empty = all complete and correct
};

/// Fails when `folder` holds no readable index; everything else is a violation in the report.
[[nodiscard]] expected<verify_report> verify(const std::filesystem::path& folder,
                                             const batch_limits& limits = {});

/// For people: a line for each violation, then a summary.
[[nodiscard]] std::string to_text(const verify_report& report);

/// For programs: one object, one line.
[[nodiscard]] std::string to_json(const verify_report& report);

} // namespace symup::receive
