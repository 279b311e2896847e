// SPDX-License-Identifier: Apache-2.0
#pragma once

/// BINARY FLAGS: the command line's part of how scopes are read from a native binary; used by
/// `extract` and `upload`.

#include "cli/debuginfod.hpp"

#include "symup/binary_scopes.hpp"

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace symup::cli {

struct binary_flags {
  std::string root = "file";
  std::string templates = "merge";
  std::vector<std::string> path_map; ///< FROM=TO
  std::vector<std::string> debuginfod_urls;
  double max_failed_units = 5.0; ///< per cent
  binary_options options;
};

/// Adds the flags. `flags` must live at its address until the command line is parsed.
void add_binary_flags(CLI::App& app, binary_flags& flags);

/// Opens the binary as the flags say. What was downloaded lives as long as `downloads`.
[[nodiscard]] expected<binary_scopes>
open_binary(const std::string& path, const binary_flags& flags, downloaded_files& downloads);

/// errc::unsupported_binary if more units were damaged than the flags allow.
[[nodiscard]] std::optional<error> too_many_failed(const binary_summary& summary,
                                                   const binary_flags& flags);

} // namespace symup::cli
