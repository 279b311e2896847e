// SPDX-License-Identifier: Apache-2.0
#pragma once

/// UPLOAD LEDGER: the bookkeeping of one upload's closed batches: which number each gets, how many
/// are on their way, when the final one may go, what was accepted. The BATCHER asks it what to send
/// and tells it what became of that. Plain; no clock, no threads.

#include "fragments_to_batch.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>

namespace symup {

struct numbered_batch {
  std::uint32_t number;
  batch content;
};

class upload_ledger {
public:
  explicit upload_ledger(std::size_t max_inflight) : max_inflight_(max_inflight) {}

  /// Queues a closed batch. The final one is the last.
  void push(batch closed);

  /// The next batch to send, or nothing for now. Numbers rise without gaps in the order batches
  /// are handed out here; the final batch comes only when all others were accepted.
  [[nodiscard]] std::optional<numbered_batch> next();

  void accepted(std::uint32_t number);
  /// The intake found the batch too large: cuts it in two. The first half keeps the number, the
  /// second takes the next free one when it is sent. Returns false if it is a single fragment.
  [[nodiscard]] bool split(std::uint32_t number);

  /// Closed batches that are not accepted yet, sent or not.
  [[nodiscard]] std::size_t open_batches() const noexcept {
    return waiting_.size() + inflight_.size();
  }
  /// Whether another batch may be closed without going over the limit.
  [[nodiscard]] bool has_room() const noexcept { return open_batches() < max_inflight_; }
  /// Everything was accepted, the final batch too.
  [[nodiscard]] bool complete() const noexcept { return final_accepted_; }

  [[nodiscard]] std::uint32_t accepted_batches() const noexcept { return accepted_batches_; }
  [[nodiscard]] std::uint64_t accepted_roots() const noexcept { return accepted_roots_; }
  [[nodiscard]] std::uint64_t accepted_json_bytes() const noexcept { return accepted_json_bytes_; }
  [[nodiscard]] const std::map<std::uint32_t, batch>& inflight() const noexcept {
    return inflight_;
  }
  /// The batch will not be accepted any more.
  void lost(std::uint32_t number) { inflight_.erase(number); }
  /// The upload has failed: what was not sent yet never will be.
  void drop_waiting() noexcept { waiting_.clear(); }

private:
  struct waiting_batch {
    batch content;
    std::uint32_t number; // kept from before a split; 0 = not numbered yet
  };

  const std::size_t max_inflight_;
  std::deque<waiting_batch> waiting_;
  std::map<std::uint32_t, batch> inflight_;
  std::uint32_t last_number_ = 0;
  std::uint32_t accepted_batches_ = 0;
  std::uint64_t accepted_roots_ = 0;
  std::uint64_t accepted_json_bytes_ = 0;
  bool final_accepted_ = false;
};

} // namespace symup
