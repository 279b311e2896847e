// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Splits a multipart/form-data body into its parts, strictly: no preamble, no epilogue, exactly
/// the two part headers of the wire format, every line ended by CRLF. (cpp-httplib's own parser
/// merges duplicates and skips what it does not know.) The intake server calls it before
/// batch_check. Pure; the parts are views into the body.

#include "receive/batch_check.hpp"
#include "receive/violation.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace symup::receive {

/// The boundary of `multipart/form-data; boundary=...`, perhaps quoted; "" and a violation if the
/// header says anything else.
[[nodiscard]] std::string parse_boundary(std::string_view content_type,
                                         std::vector<violation>& list);

/// The parts in the order of the body; those before the first violation.
[[nodiscard]] std::vector<batch_part>
parse_multipart(std::string_view body, std::string_view boundary, std::vector<violation>& list);

} // namespace symup::receive
