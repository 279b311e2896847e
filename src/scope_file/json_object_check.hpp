// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Is a text that a host hands over as JSON really one? For language_specifics, which go into an
/// upload as they are. Called by whoever takes scopes from a host, on the host's thread.

#include "symup/error.hpp"

#include <cstddef>
#include <string_view>

namespace symup {

/// Checks that `text` is one JSON object: strict grammar, valid UTF-8, no lone surrogates, no key
/// twice in an object, objects and arrays nested at most max_depth deep, nothing around it but
/// white space. The error (errc::invalid_scope) says where and what. Keeps a small buffer and a
/// parser per thread.
[[nodiscard]] expected<void> check_json_object(std::string_view text, std::size_t max_depth);

} // namespace symup
