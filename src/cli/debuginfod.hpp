// SPDX-License-Identifier: Apache-2.0
#pragma once

/// DEBUGINFOD: downloads debug information by build-id (GET URL/buildid/ID/debuginfo). Only when
/// the user asked for it with --debuginfod.

#include "symup/error.hpp"

#include <string>
#include <vector>

namespace symup::cli {

/// Temporary files that are removed with this object.
class downloaded_files {
public:
  downloaded_files() = default;
  ~downloaded_files();
  downloaded_files(const downloaded_files&) = delete;
  downloaded_files& operator=(const downloaded_files&) = delete;

  /// Asks one server after the other; returns the path of the file. Errors: no_debug_info with
  /// what each of them said.
  [[nodiscard]] expected<std::string> fetch(const std::vector<std::string>& urls,
                                            const std::string& build_id);

private:
  std::vector<std::string> paths_;
};

} // namespace symup::cli
