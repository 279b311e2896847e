// SPDX-License-Identifier: Apache-2.0
#include "level_control.hpp"

#include <algorithm>
#include <utility>

namespace symup {
namespace {

// What levels cost and yield relative to each other, from bench/level_table.py (256 KiB of scopes):
// ms per MB and percent of the JSON. Used for levels not tried yet.
struct known_level {
  double seconds, size;
};
constexpr std::array<known_level, level_control::highest + 1> known = {{{},
                                                                        {2.2, 12.5},
                                                                        {3.0, 11.9},
                                                                        {3.5, 11.5},
                                                                        {4.3, 10.8},
                                                                        {4.6, 10.2},
                                                                        {6.8, 9.8},
                                                                        {10.5, 9.6},
                                                                        {28.0, 9.4},
                                                                        {39.0, 9.3}}};

// Weight of what is new: some fragments, and some batches, make a picture.
constexpr double fragment_weight = 0.1;
constexpr double rate_memory = 0.75;
// How fast a network that keeps up is credited with more.
constexpr double rate_growth = 1.25;
// Compressors that are busy for less than this have not enough to do: whoever makes the scopes is
// the slowest then, and no level makes it faster.
constexpr double idle_share = 0.3;
// How fast experience with other levels fades into what the current one lets expect: scopes change,
// and a level that had a bad moment must get another chance.
constexpr double doubt = 0.02;
// A change must be worth it.
constexpr double least_gain = 0.03;

void blend(double& value, double sample, double weight) {
  value = value == 0.0 ? sample : value + weight * (sample - value);
}

} // namespace

level_control::level_control(std::size_t workers)
    : workers_(static_cast<double>(std::max<std::size_t>(workers, 1))) {}

void level_control::compressed(int level, std::uint64_t json_bytes, std::uint64_t deflate_bytes,
                               std::chrono::nanoseconds took) {
  if (level < lowest || level > highest || json_bytes == 0)
    return;
  const auto bytes = static_cast<double>(json_bytes);
  const auto seconds = std::chrono::duration<double>(took).count();
  const std::lock_guard lock(mutex_);
  auto& seen = seen_[static_cast<std::size_t>(level)];
  blend(seen.seconds, seconds / bytes, fragment_weight);
  blend(seen.size, static_cast<double>(deflate_bytes) / bytes, fragment_weight);
  busy_seconds_ += seconds;
}

void level_control::sent(time_point now) {
  const std::lock_guard lock(mutex_);
  if (on_their_way_++ > 0)
    return;
  last_answer_ = now; // the time without a batch says nothing about the network
  busy_seconds_ = 0.0;
}

void level_control::answered(std::uint64_t accepted_bytes, bool held_back, time_point now) {
  const std::lock_guard lock(mutex_);
  if (on_their_way_ > 0)
    --on_their_way_;
  const auto elapsed = std::chrono::duration<double>(now - last_answer_).count();
  last_answer_ = now;
  const auto busy = std::exchange(busy_seconds_, 0.0);
  if (accepted_bytes == 0 || elapsed <= 0.0)
    return;
  recent_bytes_ = recent_bytes_ * rate_memory + static_cast<double>(accepted_bytes);
  recent_seconds_ = recent_seconds_ * rate_memory + elapsed;
  learn_rate(held_back, busy / (elapsed * workers_));
  doubt_other_levels();
  level_ = next_level();
}

// Only a receiver that others wait for shows how fast it is; any other is at least this fast.
void level_control::learn_rate(bool held_back, double busy_share) {
  const auto rate = recent_bytes_ / recent_seconds_;
  if (held_back)
    network_rate_ = rate;
  else if (busy_share >= idle_share)
    network_rate_ = std::max(network_rate_, rate) * rate_growth;
}

level_control::experience level_control::expected_of(int level) const {
  const auto& own = seen_[static_cast<std::size_t>(level)];
  if (own.seconds > 0.0)
    return own;
  for (int distance = 1; distance < highest; ++distance) {
    for (const int near : {level - distance, level + distance}) {
      if (near < lowest || near > highest || seen_[static_cast<std::size_t>(near)].seconds == 0.0)
        continue;
      return derived(level, near);
    }
  }
  return {};
}

level_control::experience level_control::derived(int level, int from) const {
  const auto& seen = seen_[static_cast<std::size_t>(from)];
  const auto& here = known[static_cast<std::size_t>(from)];
  const auto& there = known[static_cast<std::size_t>(level)];
  return {seen.seconds * there.seconds / here.seconds, seen.size * there.size / here.size};
}

void level_control::doubt_other_levels() {
  const int now = level_;
  if (seen_[static_cast<std::size_t>(now)].seconds == 0.0)
    return;
  for (int level = lowest; level <= highest; ++level) {
    auto& seen = seen_[static_cast<std::size_t>(level)];
    if (level == now || seen.seconds == 0.0)
      continue;
    const auto expected = derived(level, now);
    blend(seen.seconds, expected.seconds, doubt);
    blend(seen.size, expected.size, doubt);
  }
}

// Of an upload, at this level: the slower of processors and network.
double level_control::seconds_per_byte(int level) const {
  const auto expected = expected_of(level);
  return std::max(expected.seconds / workers_, expected.size / network_rate_);
}

int level_control::next_level() const {
  const int now = level_;
  if (network_rate_ == 0.0)
    return now;
  int best = now;
  auto least = seconds_per_byte(now) * (1.0 - least_gain);
  for (int level = lowest; level <= highest; ++level) {
    const auto seconds = seconds_per_byte(level);
    if (seconds < least) {
      least = seconds;
      best = level;
    }
  }
  return now + std::clamp(best - now, -1, 1);
}

} // namespace symup
