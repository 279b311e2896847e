// SPDX-License-Identifier: Apache-2.0
#pragma once

/// LEVEL CONTROL: the compression level of `compression_level = auto`. Upload time is set by the
/// slower of two: the processors, which take longer for each JSON byte at a higher level, and the
/// network, which has fewer bytes to take then. The COMPRESSORs report what a level costs and
/// yields, the BATCHERs what the receiver takes and whether batches had to wait for it; the level
/// that makes the slower of the two fastest is approached by one step a batch. One per pipeline,
/// shared by all its uploads. Thread-safe.

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace symup {

class level_control {
public:
  using time_point = std::chrono::steady_clock::time_point;
  /// Beyond `highest`, libdeflate's compressors take several times the memory.
  static constexpr int lowest = 1, first = 6, highest = 9;

  /// @param workers  compressors that can run at once
  explicit level_control(std::size_t workers);

  /// For the next fragment.
  [[nodiscard]] int level() const noexcept { return level_; }

  /// A fragment was compressed at this level.
  void compressed(int level, std::uint64_t json_bytes, std::uint64_t deflate_bytes,
                  std::chrono::nanoseconds took);
  /// A batch is on its way to the receiver.
  void sent(time_point now);
  /// A batch is not on its way any more.
  /// @param accepted_bytes  its compressed size; 0 if it was not accepted
  /// @param held_back       fragments had to wait because the receiver was slower than they came
  void answered(std::uint64_t accepted_bytes, bool held_back, time_point now);

private:
  struct experience {
    double seconds = 0.0; // of one compressor for a byte of JSON; 0 = none yet
    double size = 0.0;    // compressed bytes for a byte of JSON
  };

  [[nodiscard]] experience expected_of(int level) const;
  [[nodiscard]] experience derived(int level, int from) const;
  void doubt_other_levels();
  [[nodiscard]] double seconds_per_byte(int level) const;
  void learn_rate(bool held_back, double busy_share);
  [[nodiscard]] int next_level() const;

  const double workers_;
  std::atomic<int> level_{first};
  std::mutex mutex_; // guards all below
  std::array<experience, highest + 1> seen_{};
  double busy_seconds_ = 0.0; // of all compressors since the last answer
  std::size_t on_their_way_ = 0;
  time_point last_answer_;
  // Sums over the last answers, older ones with less weight.
  double recent_bytes_ = 0.0, recent_seconds_ = 0.0;
  double network_rate_ = 0.0; // what the network is believed to take, bytes a second; 0 = unknown
};

} // namespace symup
