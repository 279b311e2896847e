// SPDX-License-Identifier: Apache-2.0
#pragma once

/// ROOT WRITE: after all units are read: sorts what won into roots and plays one root after the
/// other into the sink, pieces read back one at a time. The order is that of names, lines and keys,
/// never that of arrival. The thread that called extract().

#include "native/extraction.hpp"
#include "symup/binary_scopes.hpp"

#include <functional>

namespace symup::native {

/// Called now and then with the number of scopes written; false = stop.
using write_progress = std::function<bool(std::uint64_t scopes)>;

/// Fills the counts of scopes in `summary`. `root_specifics` goes with every root. Errors:
/// cancelled, io_failed.
expected<void> write_roots(extraction& shared, const std::string& root_specifics, scope_sink& out,
                           const write_progress& progress, binary_summary& summary);

} // namespace symup::native
