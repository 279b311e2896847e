// SPDX-License-Identifier: Apache-2.0
#pragma once

/// SOURCE PATH: turns the file names of line tables into one spelling per file and decides which
/// files are the user's own (first party). UNIT READ asks for every declaration. The table is
/// shared by all workers and locked; each unit keeps the ids it was given.

#include "symup/binary_scopes.hpp"

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace symup::native {

/// Joins, folds "." and "..", strips the sandbox's prefix, applies the mapping.
[[nodiscard]] std::string normalised_path(std::string_view directory, std::string_view name,
                                          const binary_options& options);

/// The longest directory that all paths share, "" for none but the root.
[[nodiscard]] std::string common_directory(const std::string& a, const std::string& b);

/// Whether a path belongs to the system, a toolchain, a registry or a vendored tree.
[[nodiscard]] bool is_third_party_path(std::string_view path);

/// Prefix at a boundary of components, or glob.
[[nodiscard]] bool matches_path(const std::string& pattern, const std::string& path);

/// Decides what is kept.
class first_party_filter {
public:
  first_party_filter() = default;
  /// `own_directory`: where the units lie, "" = anywhere.
  first_party_filter(const binary_options& options, std::string own_directory)
      : options_(&options), own_directory_(std::move(own_directory)) {}
  [[nodiscard]] bool keeps(const std::string& path) const;

private:
  const binary_options* options_ = nullptr;
  std::string own_directory_;
};

struct source_path {
  std::string path;
  std::uint64_t hash = 0; ///< of the path, the same in every run
  bool kept = false;
};

/// All paths seen, each with an id that depends on the order of arrival: never sort by it.
class path_table {
public:
  path_table(const binary_options& options, first_party_filter filter)
      : options_(options), filter_(std::move(filter)) {}
  std::uint32_t id_of(std::string_view directory, std::string_view name);
  /// Stays valid as long as the table.
  [[nodiscard]] const source_path& at(std::uint32_t id);

private:
  const binary_options& options_;
  first_party_filter filter_;
  std::mutex mutex_;
  std::deque<source_path> paths_;
  std::unordered_map<std::string, std::uint32_t> ids_; // by normalised path
};

inline constexpr std::uint32_t no_path = 0xFFFFFFFFU;

} // namespace symup::native
