// SPDX-License-Identifier: Apache-2.0
// A stalled intake: who produces waits or is told, memory stays bounded, and all goes on after it.
#include "pipeline_setup.hpp"
#include "valve.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

using namespace symup;
using namespace symup::testing;

namespace {

config stalled_config(const valve& shut) {
  auto values = quick_config(shut.url());
  values.flush_threshold = 0;
  values.max_inflight_groups = 4;
  return values;
}

// Groups that go in before a producer has to wait: each root scope is one, and a batch.
std::uint64_t room_of(const config& values) {
  return values.max_inflight_batches + 1 + values.max_inflight_groups;
}

} // namespace

TEST_CASE("a producer waits while the intake stalls, and goes on when it does") {
  checked_intake intake;
  valve shut(intake.server().port());
  const auto values = stalled_config(shut);
  auto pipe = start(values);
  auto up = begin(pipe);
  const auto roots = make_roots(400);
  std::atomic<std::uint64_t> added{0};
  std::atomic<std::uint64_t> most_ahead{0};
  std::thread producer([&] {
    for (const auto& root : roots) {
      if (!up.add(root))
        return;
      ++added;
      const auto now = up.progress();
      most_ahead = std::max(most_ahead.load(), now.scopes_added - now.scopes_accepted);
    }
    up.end();
  });
  CHECK(eventually([&] { return up.progress().scopes_added == room_of(values); }));
  CHECK(added <= room_of(values));
  CHECK(pipe.stats().memory_used < 2 * room_of(values) * values.fragment_bytes);
  CHECK(up.progress().batches_accepted == 0);
  shut.open();
  producer.join();
  check_complete(up.wait(), intake, count(roots));
  CHECK(most_ahead <= room_of(values));
  CHECK(pipe.stats().memory_peak < 2 * room_of(values) * values.fragment_bytes);
}

TEST_CASE("several producers of one upload wait and go on together") {
  checked_intake intake;
  valve shut(intake.server().port());
  const auto values = stalled_config(shut);
  auto pipe = start(values);
  auto up = begin(pipe);
  const auto roots = make_roots(200);
  std::atomic<std::size_t> next{0};
  std::atomic<int> refused{0};
  std::vector<std::thread> producers;
  for (int i = 0; i < 4; ++i)
    producers.emplace_back([&] {
      for (auto at = next++; at < roots.size(); at = next++)
        refused += up.add(roots[at]) ? 0 : 1;
    });
  CHECK(eventually([&] { return up.progress().scopes_added == room_of(values); }));
  shut.open();
  for (auto& each : producers)
    each.join();
  CHECK(refused == 0);
  check_complete(up.finish(), intake, count(roots));
}

TEST_CASE("with overflow = reject a full pipeline says so at once and loses nothing it took") {
  checked_intake intake;
  valve shut(intake.server().port());
  auto values = stalled_config(shut);
  values.overflow = overflow_policy::reject;
  auto pipe = start(values);
  auto up = begin(pipe);
  const std::vector<scope> roots(40, {"FILE", "a.cpp", "a.cpp", 0, 9, false, {}, {}, {}, {}});
  scope_counts taken;
  std::optional<error> refused;
  // Fills up by and by: credit comes back for what the batcher takes.
  CHECK(eventually([&] {
    for (const auto& root : roots) {
      if (auto added = up.add(root)) {
        taken.add(root);
      } else {
        refused = added.error();
        break;
      }
    }
    return taken.roots == room_of(values) && refused;
  }));
  REQUIRE(refused);
  CHECK(refused->code == errc::rejected);
  CHECK(category(refused->code) == "overload");
  CHECK(up.progress().scopes_added == taken.roots);
  CHECK(!up.failure());

  shut.open();
  CHECK(eventually([&] {
    if (!up.add(roots.front()))
      return false;
    taken.add(roots.front());
    return true;
  }));
  check_complete(up.finish(), intake, taken);
}

// Fills the pipeline: each of these root scopes is a group and a batch, but the last one waits for
// its group to be full, and there is no credit left.
std::vector<scope> fill(upload& up, const config& values) {
  std::vector<scope> roots;
  for (std::uint64_t i = 0; i <= room_of(values); ++i) {
    const std::string name(values.fragment_bytes * 2 / 3, static_cast<char>('a' + i));
    roots.push_back({"FILE", name, "a.cpp", 0, 9, false, {}, {}, {}, {}});
    CHECK(eventually([&] { return up.add(roots.back()).has_value(); }));
  }
  CHECK(up.progress().scopes_added == room_of(values));
  return roots;
}

TEST_CASE("with overflow = reject a flush that would have to wait is rejected too") {
  checked_intake intake;
  valve shut(intake.server().port());
  auto values = stalled_config(shut);
  values.flush_threshold = 1;
  values.overflow = overflow_policy::reject;
  auto pipe = start(values);
  auto up = begin(pipe);
  const auto roots = fill(up, values);
  std::atomic<bool> told{false};
  expected<void> flushed;
  std::thread flusher([&] {
    flushed = up.flush();
    told = true;
  });
  CHECK(eventually([&] { return told.load(); }));
  shut.open();
  flusher.join();
  REQUIRE(!flushed);
  CHECK(flushed.error().code == errc::rejected);
  check_complete(up.finish(), intake, count(roots));
}

TEST_CASE("end returns at once while the intake stalls") {
  checked_intake intake;
  valve shut(intake.server().port());
  auto values = stalled_config(shut);
  values.flush_threshold = 1;
  auto pipe = start(values);
  auto up = begin(pipe);
  const auto roots = fill(up, values);
  std::atomic<bool> returned{false};
  std::thread ender([&] {
    up.end();
    returned = true;
  });
  CHECK(eventually([&] { return returned.load(); }));
  shut.open();
  ender.join();
  check_complete(up.wait(), intake, count(roots));
}

TEST_CASE("memory of many stalled uploads stays within the limit") {
  checked_intake intake;
  valve shut(intake.server().port());
  auto values = quick_config(shut.url());
  values.memory_limit = 256 * 1024;
  values.flush_threshold = 64 * 1024;
  auto pipe = start(values);
  constexpr std::size_t uploads = 12;
  std::vector<upload> open;
  for (std::size_t i = 0; i < uploads; ++i)
    open.push_back(begin(pipe));
  const auto roots = make_roots(100);
  std::vector<std::thread> producers;
  std::atomic<int> refused{0};
  for (auto& each : open)
    producers.emplace_back([&] {
      for (const auto& root : roots)
        refused += each.add(root) ? 0 : 1;
      each.end();
    });
  // Each may always hold two small tapes: the one it fills and one that waits for memory.
  const std::size_t slack = uploads * 2 * 9 * 1024;
  // Until nothing moves any more: all producers stand still.
  std::size_t used = 0, looks = 0;
  CHECK(eventually([&] {
    looks = pipe.stats().memory_used == used ? looks + 1 : 0;
    used = pipe.stats().memory_used;
    return used > values.memory_limit / 2 && looks == 200;
  }));
  shut.open();
  for (auto& each : producers)
    each.join();
  CHECK(refused == 0);
  for (const auto& each : open)
    check_complete(each.wait(), intake, count(roots));
  MESSAGE("memory_peak ", pipe.stats().memory_peak);
  CHECK(pipe.stats().memory_peak <= values.memory_limit + slack);
  CHECK(eventually([&] { return pipe.stats().memory_used == 0; }));
}
