// SPDX-License-Identifier: Apache-2.0
#pragma once

/// PIPELINE COUNTERS: counts over all uploads, written by the actors, read by anyone.

#include "symup/receipt.hpp"

#include <atomic>
#include <cstdint>

namespace symup {

struct pipeline_counters {
  std::atomic<std::uint64_t> uploads_open{0};
  std::atomic<std::uint64_t> uploads_complete{0};
  std::atomic<std::uint64_t> uploads_failed{0};
  std::atomic<std::uint64_t> scopes_accepted{0};
  std::atomic<std::uint64_t> batches_accepted{0};
  std::atomic<std::uint64_t> compressed_bytes_accepted{0};
  std::atomic<std::uint64_t> compressed_bytes_on_their_way{0};
  std::atomic<std::uint64_t> attempts{0};
  std::atomic<std::uint64_t> retries{0};

  [[nodiscard]] pipeline_stats read() const {
    pipeline_stats stats;
    stats.uploads_open = uploads_open;
    stats.uploads_complete = uploads_complete;
    stats.uploads_failed = uploads_failed;
    stats.scopes_accepted = scopes_accepted;
    stats.batches_accepted = batches_accepted;
    stats.compressed_bytes_accepted = compressed_bytes_accepted;
    stats.attempts = attempts;
    stats.retries = retries;
    return stats;
  }
};

} // namespace symup
