// SPDX-License-Identifier: Apache-2.0
#pragma once

/// FRAGMENTS -> BATCH: decides where a batch ends. The BATCHER adds fragments in order and gets
/// closed batches back. The newest fragment is always kept until another comes or the upload ends,
/// so that the last batch is never empty and always final. Plain and pure; one per upload.

#include "scope_fragment.hpp"
#include "symup/config.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace symup {

/// Fragments that travel together. Its number is given when it is sent.
struct batch {
  std::vector<fragment_ptr> fragments;
  bool final = false;
};

/// The bytes of a batch's fragments with all that stands between and around them inside the root
/// scopes, that is without the envelope.
[[nodiscard]] std::size_t fragments_bytes(const batch& b) noexcept;

[[nodiscard]] std::uint64_t roots_in(const batch& b) noexcept;
[[nodiscard]] std::uint64_t json_bytes_in(const batch& b) noexcept;

struct batch_limits {
  std::int64_t flush_threshold = 2 * 1024 * 1024; ///< of the attachment
  std::size_t max_batch_bytes = 10 * 1024 * 1024; ///< of the whole body
  split_policy split_roots = split_policy::when_needed;
  std::size_t envelope_bytes = 0; ///< at most: what the attachment holds beside fragments
  std::size_t framing_bytes = 0;  ///< at most: what the body holds beside the attachment
};

class batch_cutter {
public:
  explicit batch_cutter(const batch_limits& limits) : limits_(limits) {}

  /// Takes the next fragment; returns the batch that had to be closed for it, if any.
  [[nodiscard]] std::optional<batch> add(fragment_ptr fragment);
  /// Whether add() would close a batch.
  [[nodiscard]] bool closes_before(const scope_fragment& next) const noexcept;
  /// Closes what can be sent now: all but the newest fragment.
  [[nodiscard]] std::optional<batch> flush();
  /// The clean end: the rest as the final batch. Nothing if no fragment ever came.
  [[nodiscard]] std::optional<batch> finish();

  /// The intake refused a body of this size: later batches stay below half of it.
  void lower_limit(std::size_t refused_bytes) noexcept;

  /// What flush() would let go of.
  [[nodiscard]] std::size_t flushable_bytes() const noexcept;
  /// Scopes and symbols that no batch could hold, even alone.
  [[nodiscard]] std::uint64_t omitted_leaves() const noexcept { return omitted_leaves_; }

private:
  [[nodiscard]] bool fits(const batch& open, const scope_fragment& next,
                          std::size_t limit) const noexcept;
  [[nodiscard]] bool fits_alone(const scope_fragment& next) const noexcept {
    return fits(batch{}, next, limits_.max_batch_bytes);
  }
  [[nodiscard]] bool is_ripe() const noexcept;
  [[nodiscard]] batch close();

  batch_limits limits_;
  std::optional<std::size_t> lowered_limit_;
  batch open_;
  std::size_t open_bytes_ = 0; // of the fragments and their joins; without the last one's close
  bool must_close_ = false;    // the next fragment cannot follow the newest
  std::uint64_t omitted_leaves_ = 0;
};

} // namespace symup
