// SPDX-License-Identifier: Apache-2.0
#pragma once

/// FINALIZE with origins: what the public finalize() does, with errors that also say where a value
/// came from. Called by CONFIG SOURCES at the end of reading; the result goes to the pipeline.
/// Any thread.

#include "symup/config.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace symup {

/// Where an option's value came from; "" = not known.
using origin_lookup = std::function<std::string(std::string_view option)>;

/// What a batch's envelope, event and multipart frame may take of max_batch_bytes.
inline constexpr std::size_t batch_overhead = 64 * 1024;

[[nodiscard]] expected<finalized_config> finalize_with_origins(config values,
                                                               const origin_lookup& origin);

} // namespace symup
