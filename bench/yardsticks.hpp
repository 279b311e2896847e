// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What the pipeline is measured against, in the same run and over the same scopes.

#include "bench_process.hpp"

#include "symup/scope.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace symup::bench {

/// One thread: nlohmann's document and dump of each root, zlib level 6 as one stream. How one would
/// write it in an afternoon.
void nlohmann_and_zlib(const std::vector<scope>& roots, std::uint64_t json_bytes, measured& out);

/// One thread: our encoder, zlib level 6 as one stream. The yardstick for users without Go.
void encoder_and_zlib(const std::vector<scope>& roots, std::uint64_t json_bytes, measured& out);

/// The machine's limit: encode, libdeflate and walk in `threads` threads, no actors, no network.
void loop_without_actors(const std::vector<scope>& roots, std::uint64_t json_bytes,
                         std::size_t threads, int level, std::size_t fragment_bytes, measured& out);

} // namespace symup::bench
