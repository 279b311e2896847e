// SPDX-License-Identifier: Apache-2.0
#pragma once

/// CONFIG FILE LAYOUT: where every assignment of a CAF config file stands, and its value as
/// written. CAF's parser keeps neither lines nor repeated keys nor the digits of a number; the
/// config file reader needs them for its checks and errors. Called before CAF parses the text;
/// what is not well-formed is CAF's to refuse. Pure, any thread.

#include "symup/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace symup {

struct config_assignment {
  std::string key; ///< with its groups, "symup.url"; the group "global" is left out
  std::size_t line = 0;
  std::string_view value; ///< as in the text, in quotes if so written; "{" or "[]" for a group
};

/// In the order of the text. Groups nested deeper than 32 are an error: CAF's parser calls itself
/// for each and would run out of stack.
[[nodiscard]] expected<std::vector<config_assignment>> layout_of_config(std::string_view text);

} // namespace symup
