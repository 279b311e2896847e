// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Scopes made from a seed: source files with types, functions, arguments, locals and blocks whose
/// names, types and sizes look like those of real programs. Used by tests and benchmarks.

#include "symup/scope.hpp"

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

namespace symup::testing {

class scope_generator {
public:
  explicit scope_generator(std::uint32_t seed) : random_(seed) {}

  /// A source file with about this many functions.
  [[nodiscard]] scope source_file(std::size_t functions);
  /// A source file of the size that source files have: most small, a few large.
  [[nodiscard]] scope source_file() { return source_file(file_size()); }

private:
  std::size_t below(std::size_t limit) { return random_() % limit; }
  std::size_t file_size();
  std::string identifier(std::size_t words);
  std::string type_name();
  symbol variable(const char* kind, std::int64_t line);
  scope type(const std::string& file, std::int64_t line);
  scope function(const std::string& file, std::int64_t& line, const char* kind);
  scope block(const std::string& file, std::int64_t start, std::int64_t end, int depth);

  std::mt19937 random_;
  std::size_t files_ = 0;
};

} // namespace symup::testing
