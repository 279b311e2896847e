// SPDX-License-Identifier: Apache-2.0
#include "level_control.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>

using namespace symup;

namespace {

using namespace std::chrono_literals;
using seconds = std::chrono::duration<double>;

// A machine and a network as numbers: each batch takes as long as the slower of the two. Costs
// differ from those that level_control knows, as other scopes and machines do.
struct simulation {
  std::array<double, 10> ns_per_byte = {0, 1.5, 2.2, 3.0, 4.6, 5.5, 6.0, 12.0, 20.0, 50.0};
  std::array<double, 10> size = {0, .19, .18, .175, .165, .155, .15, .147, .144, .143};
  double workers = 2;
  double network = 1e7; // bytes a second
  double producer = 1e12;
  level_control levels{2};
  level_control::time_point now{};
  double json_bytes = 0.0, elapsed = 0.0;

  [[nodiscard]] double seconds_per_byte(int level) const {
    const auto i = static_cast<std::size_t>(level);
    return std::max({ns_per_byte[i] * 1e-9 / workers, size[i] / network, 1.0 / producer});
  }
  [[nodiscard]] double best() const {
    double least = 1.0;
    for (int level = level_control::lowest; level <= level_control::highest; ++level)
      least = std::min(least, seconds_per_byte(level));
    return least;
  }
  // Four batches are on their way all the time.
  void upload(int batches) {
    constexpr double batch = 2e6;
    json_bytes = elapsed = 0.0;
    for (int k = 0; k < 4; ++k)
      levels.sent(now);
    for (int k = 0; k < batches; ++k) {
      const auto level = levels.level();
      const auto i = static_cast<std::size_t>(level);
      const auto json = batch / size[i];
      const auto took = seconds_per_byte(level) * json;
      const auto busy = ns_per_byte[i] * 1e-9 * json;
      levels.compressed(level, static_cast<std::uint64_t>(json), static_cast<std::uint64_t>(batch),
                        std::chrono::duration_cast<std::chrono::nanoseconds>(seconds(busy)));
      now += std::chrono::duration_cast<std::chrono::nanoseconds>(seconds(took));
      levels.answered(static_cast<std::uint64_t>(batch), took <= size[i] / network * json * 1.0001,
                      now);
      levels.sent(now);
      json_bytes += json;
      elapsed += took;
    }
  }
  [[nodiscard]] double speed() const { return json_bytes / elapsed; }
};

} // namespace

TEST_CASE("within 10 % of the best fixed level over four orders of network speed") {
  for (double network = 1e5; network < 2e9; network *= 1.3) {
    simulation run;
    run.network = network;
    CAPTURE(network);
    run.upload(20); // finds its level
    run.upload(100);
    CAPTURE(run.levels.level());
    CHECK(run.speed() * run.best() > 0.9);
  }
}

TEST_CASE("a network that changes is followed") {
  simulation run;
  run.network = 1e9;
  run.upload(20);
  CHECK(run.levels.level() == level_control::lowest);
  run.network = 3e5;
  run.upload(20);
  run.upload(20);
  CHECK(run.speed() * run.best() > 0.9);
  run.network = 1e9;
  run.upload(60);
  CHECK(run.levels.level() == level_control::lowest);
}

TEST_CASE("a level that had a bad moment gets another chance") {
  simulation run;
  run.network = 1e7;
  run.upload(20);
  const int best = run.levels.level();
  for (int level = level_control::lowest; level <= level_control::highest; ++level) {
    if (level != best) // a hundred times slower than ever
      run.levels.compressed(level, 1'000'000, 200'000, 2s);
  }
  run.network = 1e9;
  run.upload(400);
  run.upload(20);
  CHECK(run.speed() * run.best() > 0.9);
}

TEST_CASE("a slow producer does not lower the level: nothing would be faster") {
  simulation run;
  run.network = 1e9;
  run.producer = 2e7; // the compressors could do 300e6
  run.upload(50);
  CHECK(run.levels.level() == level_control::first);
}

TEST_CASE("batches that fail say nothing about the network") {
  simulation run;
  run.network = 1e9;
  run.upload(20);
  REQUIRE(run.levels.level() == level_control::lowest);
  for (int k = 0; k < 100; ++k) {
    run.now += 1s;
    run.levels.answered(0, true, run.now);
  }
  CHECK(run.levels.level() == level_control::lowest);
}

TEST_CASE("nothing measured, nothing changed") {
  level_control levels(2);
  levels.compressed(0, 1, 1, 1s);
  levels.compressed(12, 1, 1, 1s);
  levels.compressed(6, 0, 0, 1s);
  levels.sent({});
  levels.answered(100, false, {}); // no time went by
  CHECK(levels.level() == level_control::first);
}
