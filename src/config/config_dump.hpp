// SPDX-License-Identifier: Apache-2.0
#pragma once

/// CONFIG DUMP: a configuration for people and programs to read, and the table of options as
/// reference file and as markdown. Called by `symup config` and by the tests that compare the
/// committed files. Secrets are masked in all of it. Pure functions, any thread.

#include "symup/config_sources.hpp"

#include <string>

namespace symup {

/// The endpoint and every option with its value and where it came from, one a line.
[[nodiscard]] std::string dump_text(const config_sources& sources, const finalized_config& config);

/// The same as one JSON object: {"endpoint": {"url", "unix_socket", "headers"}, "options": {NAME:
/// {"value", "origin"}}}. Sizes, counts and integers are numbers; times are text ("5s").
[[nodiscard]] std::string dump_json(const config_sources& sources, const finalized_config& config);

/// config/symup.reference.conf: every option with its default, commented out.
[[nodiscard]] std::string reference_file();

/// The README's table of options.
[[nodiscard]] std::string options_markdown();

} // namespace symup
