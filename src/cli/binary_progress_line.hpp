// SPDX-License-Identifier: Apache-2.0
#pragma once

/// BINARY PROGRESS: how far the reading of a binary is, as text and as a line on a terminal.

#include "symup/binary_scopes.hpp"

#include <chrono>
#include <string>

namespace symup::cli {

/// "units 120/300, 4512 scopes, 12 s left"
[[nodiscard]] std::string describe(const binary_progress& now, double seconds);

/// Writes the description over itself on stderr, as often as update() is called; the line is gone
/// when the object is.
class binary_progress_line {
public:
  explicit binary_progress_line(bool show) : show_(show) {}
  ~binary_progress_line();
  binary_progress_line(const binary_progress_line&) = delete;
  binary_progress_line& operator=(const binary_progress_line&) = delete;
  void update(const binary_progress& now);

private:
  const bool show_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

} // namespace symup::cli
