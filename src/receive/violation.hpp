// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What the receiving side says about a batch that breaks the wire format. Made by every check of
/// this folder, shown by `symup receive` and `symup verify`. A value; any thread.

#include <string>
#include <string_view>
#include <vector>

namespace symup::receive {

struct violation {
  std::string_view rule; ///< stable word for the rule, a literal: "gzip.crc", "event.type", ...
  std::string text;      ///< what is wrong, where, what is allowed; printable ASCII
};

/// More than these are not collected from one batch.
inline constexpr std::size_t max_violations = 20;

/// Foreign bytes made fit for a message: quoted, cut to a length for reading, printable ASCII.
[[nodiscard]] std::string in_quotes(std::string_view bytes);

/// "rule: text"
[[nodiscard]] std::string to_string(const violation& v);

/// Adds unless there are max_violations already.
void add(std::vector<violation>& list, std::string_view rule, std::string text);

} // namespace symup::receive
