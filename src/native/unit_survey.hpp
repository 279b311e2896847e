// SPDX-License-Identifier: Apache-2.0
#pragma once

/// UNIT SURVEY: one look at the head of every unit when the binary is opened: which languages there
/// are, where the user's own sources lie, which Rust crates are the user's. The caller's thread.

#include "native/unit_view.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace symup::native {

struct unit_survey {
  std::vector<unit_place> units;          ///< in the order of the file
  std::vector<source_language> languages; ///< the one with most units first
  std::set<std::string, std::less<>> rust_crates;
  bool has_split = false; ///< some units have their entries in .dwo files
  bool damaged = false;   ///< units beyond the last one listed could not be found

  /// Numbers of the units that may hold scopes of a language.
  [[nodiscard]] std::vector<std::uint32_t> units_for(source_language language) const;
  /// The directory all first-party units of a language share; "" for none.
  [[nodiscard]] std::string own_directory(source_language language) const;
  /// Of the first unit of a language.
  [[nodiscard]] const std::string& producer(source_language language) const;

  std::map<source_language, std::string> own_directories, producers;
  std::string missing_split; ///< name of a .dwo file that was not found; "" = none
};

/// Errors: unsupported_binary, no_debug_info if no unit is in a language that is read.
[[nodiscard]] expected<unit_survey> survey_units(int fd, const binary_options& options);

} // namespace symup::native
