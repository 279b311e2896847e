// SPDX-License-Identifier: Apache-2.0
#pragma once

/// UPLOAD REPORT: the end of `symup upload`, for programs (one JSON object) and for people.

#include "symup/binary_scopes.hpp"
#include "symup/receipt.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace symup::cli {

struct upload_report {
  receipt result;
  std::string input;                    ///< the file's name
  std::uint64_t skipped_lines = 0;      ///< invalid, with --on-invalid skip
  std::optional<binary_summary> binary; ///< if the input was a native binary
  double seconds = 0.0;
};

/// The contract's object, on one line.
[[nodiscard]] std::string report_json(const upload_report& report);

/// A table for a terminal.
[[nodiscard]] std::string report_table(const upload_report& report);

/// "1.4 MB"
[[nodiscard]] std::string readable_bytes(std::uint64_t bytes);

} // namespace symup::cli
