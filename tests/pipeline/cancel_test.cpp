// SPDX-License-Identifier: Apache-2.0
// Giving an upload up: at any moment, from any thread, at once.
#include "pipeline_setup.hpp"
#include "valve.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <optional>
#include <thread>

using namespace symup;
using namespace symup::testing;

namespace {

using seconds = std::chrono::seconds;

// No transfer ends by itself in this time: who returns before it was not waiting for one.
constexpr auto promptly = seconds(15);

struct stopwatch {
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
  [[nodiscard]] bool shows_less_than(seconds limit) const {
    return std::chrono::steady_clock::now() - started < limit;
  }
};

void check_cancelled(const receipt& result) {
  REQUIRE(result.error);
  CHECK(result.error->code == errc::cancelled);
  CHECK(!result.final);
}

// Each request is held for ten minutes, each root scope is a batch.
config stalled_config(const std::string& url) {
  auto values = quick_config(url);
  values.flush_threshold = 0;
  values.max_inflight_groups = 4;
  return values;
}

} // namespace

TEST_CASE("cancel wakes a producer that waits in add and breaks off the running requests") {
  checked_intake intake("delay=600s");
  const auto values = stalled_config(intake.url());
  auto pipe = start(values);
  std::atomic<int> done{0};
  upload_options options;
  options.on_done = [&](const receipt&) { ++done; };
  auto up = begin(pipe, options);

  std::optional<error> refused;
  std::thread producer([&] {
    for (const auto& root : make_roots(100)) {
      if (auto added = up.add(root); !added) {
        refused = added.error();
        return;
      }
    }
  });
  // So many fit: batches on their way, one held back, groups in front of them. The next one waits.
  const auto fit = values.max_inflight_batches + 1 + values.max_inflight_groups;
  CHECK(eventually([&] { return up.progress().scopes_added == fit; }));
  const stopwatch watch;
  up.cancel();
  producer.join();
  REQUIRE(refused);
  CHECK(refused->code == errc::cancelled);
  const auto result = up.wait();
  check_cancelled(result);
  CHECK(watch.shows_less_than(promptly));
  CHECK(result.batches == 0);
  CHECK(up.progress().scopes_added == fit);
  CHECK(done == 1);
  up.cancel(); // once more changes nothing
  up.end();
  check_cancelled(up.finish());
  CHECK(done == 1);
  CHECK(eventually([&] { return pipe.stats().memory_used == 0; }));
}

TEST_CASE("cancel breaks off the final batch's request too, and it is not final") {
  checked_intake intake("delay=600s");
  auto pipe = start(stalled_config(intake.url()));
  auto up = begin(pipe);
  add_all(up, make_roots(1));
  up.end();
  CHECK(eventually([&] { return intake.server().counts().faults == 1; }));
  const stopwatch watch;
  up.cancel();
  check_cancelled(up.wait());
  CHECK(watch.shows_less_than(promptly));
  CHECK(intake.batches_of(up.id()).empty());
}

TEST_CASE("cancel ends the pause before a retry") {
  checked_intake intake("503:1:retry-after=600");
  auto values = quick_config(intake.url());
  values.max_retry_delay = std::chrono::hours(1);
  auto pipe = start(values);
  auto up = begin(pipe);
  add_all(up, make_roots(1));
  up.end();
  CHECK(eventually([&] { return intake.server().counts().faults == 1; }));
  const stopwatch watch;
  up.cancel();
  check_cancelled(up.wait());
  CHECK(watch.shows_less_than(promptly));
  CHECK(intake.server().counts().faults == 1);
}

TEST_CASE("cancel of one upload leaves the others alone") {
  checked_intake intake;
  valve shut(intake.server().port());
  auto pipe = start(quick_config(shut.url()));
  auto given_up = begin(pipe);
  auto kept = begin(pipe);
  const auto roots = make_roots(30);
  add_all(given_up, make_roots(30));
  add_all(kept, roots);
  given_up.cancel();
  check_cancelled(given_up.wait());
  kept.end();
  shut.open();
  check_complete(kept.wait(), intake, count(roots));
  CHECK(pipe.stats().uploads_failed == 1);
  CHECK(pipe.stats().uploads_complete == 1);
}

TEST_CASE("an upload that is destroyed without an end is cancelled") {
  checked_intake intake;
  auto pipe = start(quick_config(intake.url()));
  std::atomic<int> done{0};
  std::optional<receipt> told;
  upload_options options;
  options.on_done = [&](const receipt& result) {
    told = result;
    ++done;
  };
  std::string id;
  {
    auto up = begin(pipe, options);
    id = up.id();
    add_all(up, make_roots(100));
  }
  CHECK(eventually([&] { return done == 1; }));
  REQUIRE(told);
  check_cancelled(*told);
  for (const auto& batch : intake.batches_of(id))
    CHECK(!batch.final);
  CHECK(eventually([&] { return pipe.stats().uploads_open == 0; }));
}

TEST_CASE("an upload that was ended goes on when its handle is destroyed") {
  checked_intake intake;
  auto pipe = start(quick_config(intake.url()));
  std::atomic<int> done{0};
  std::optional<receipt> told;
  upload_options options;
  options.on_done = [&](const receipt& result) {
    told = result;
    ++done;
  };
  const auto roots = make_roots(100);
  {
    auto up = begin(pipe, options);
    add_all(up, roots);
    up.end();
  }
  CHECK(eventually([&] { return done == 1; }));
  REQUIRE(told);
  check_complete(*told, intake, count(roots));
}

TEST_CASE("nothing can be added after the end") {
  checked_intake intake;
  auto pipe = start(quick_config(intake.url()));
  auto up = begin(pipe);
  const auto roots = make_roots(2);
  REQUIRE(up.add(roots[0]));
  up.end();
  const auto refused = up.add(roots[1]);
  REQUIRE(!refused);
  CHECK(refused.error().code == errc::closed);
  const auto not_flushed = up.flush();
  REQUIRE(!not_flushed);
  CHECK(not_flushed.error().code == errc::closed);
  CHECK(!up.sink().begin_scope({"FILE", "f", "f", 0, 1, false, nullptr, 0, {}}));
  check_complete(up.finish(), intake, count({roots[0]}));
  CHECK(up.finish().final); // again: the same receipt
}

TEST_CASE("cancel after completion changes nothing") {
  checked_intake intake;
  auto pipe = start(quick_config(intake.url()));
  auto up = begin(pipe);
  add_all(up, make_roots(3));
  CHECK(up.finish().final);
  up.cancel();
  CHECK(up.wait().final);
  CHECK(!up.wait().error);
  CHECK(!up.failure());
}
