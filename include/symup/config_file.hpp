// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Config files: reads the `symup { ... }` group of a CAF config file, strictly. CAF's own parser
/// accepts a file that is cut off, drops values of the wrong type, ignores a second group of the
/// same name and reads 010 as eight; here each of these is an error with its line. Called once by
/// a host, with or without CAF of its own, before the pipeline starts; config_sources takes the
/// values. config/symup.reference.conf shows every option.

#include "symup/config_sources.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace symup {

/// Largest config file that is read, in bytes.
inline constexpr std::size_t max_config_file = 1024 * 1024;

/// Reads a file. Groups other than `symup` are the host's and are left alone. Errors are
/// errc::invalid_config and name file and line.
[[nodiscard]] expected<void> load_config_file(const std::string& path, config_sources& sources);

/// The same for a text; `name` stands for the file in origins and errors.
[[nodiscard]] expected<void> load_config_text(std::string text, std::string_view name,
                                              config_sources& sources);

} // namespace symup
