// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Scopes made from a seed: source files with types, functions, arguments, locals and blocks whose
/// names, types and sizes look like those of real programs. Used by tests and benchmarks.

#include "symup/scope.hpp"

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

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
  std::string new_type();
  void choose_vocabulary();
  const std::string& type_name() { return types_[skewed(types_.size())]; }
  const std::string& variable_name() { return variables_[skewed(variables_.size())]; }
  std::size_t skewed(std::size_t limit) { return below(1 + below(limit)); }
  symbol variable(const char* kind, std::int64_t line);
  scope type(const std::string& file, std::int64_t line);
  scope function(const std::string& file, std::int64_t& line, const char* kind);
  scope block(const std::string& file, std::int64_t start, std::int64_t end, int depth);

  std::mt19937 random_;
  std::size_t files_ = 0;
  // The words of the current file: like people, it says the same things again and again.
  std::vector<std::string> types_, variables_;
};

} // namespace symup::testing
