// SPDX-License-Identifier: Apache-2.0
#pragma once

/// CONFIG VALUE TEXT: from CAF's typed value to the text that CONFIG SOURCES takes. Used by the
/// reader of config files and the one of a host's settings. Pure, any thread.

#include "symup/config_sources.hpp"

#include <caf/config_value.hpp>

#include <string>
#include <string_view>

namespace symup {

/// Takes the value of one key. A value whose CAF type does not suit the option is an error. A
/// number is taken as `written` in the file where that is known ("" = not): CAF reads 010 as eight
/// and a time that is too large as another.
[[nodiscard]] expected<void> take_config_value(std::string_view key, const caf::config_value& value,
                                               std::string_view written, value_origin origin,
                                               config_sources& sources);

} // namespace symup
