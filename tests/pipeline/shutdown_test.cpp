// SPDX-License-Identifier: Apache-2.0
// The end of a pipeline: what is delivered until the deadline, what is cut off, and handles that
// stay behind.
#include "pipeline_setup.hpp"
#include "valve.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <optional>
#include <thread>

using namespace symup;
using namespace symup::testing;
using namespace std::chrono_literals;

TEST_CASE("shutdown waits for what was ended, cuts off the rest at its deadline, and lists both") {
  checked_intake intake;
  valve shut(intake.server().port());
  auto pipe = start(quick_config(shut.url()));
  auto finished = begin(pipe);
  auto unfinished = begin(pipe);
  const auto roots = make_roots(40);
  add_all(finished, roots);
  finished.end();
  add_all(unfinished, make_roots(40));

  shutdown_report report;
  std::thread ending([&] { report = pipe.shutdown(2s); });
  std::optional<error> refused;
  CHECK(eventually([&] {
    auto late = pipe.begin();
    if (!late)
      refused = late.error();
    return !late;
  }));
  REQUIRE(refused);
  CHECK(refused->code == errc::shut_down);
  shut.open(); // only now can the finished one be delivered
  ending.join();

  std::vector<receipt> aborted;
  for (const auto& each : report.aborted) // not those begun while it was waited for the shutdown
    if (each.error && each.error->code == errc::shut_down)
      aborted.push_back(each);
  REQUIRE(report.delivered.size() == 1);
  CHECK(report.delivered.front().upload_id == finished.id());
  check_complete(report.delivered.front(), intake, count(roots));
  REQUIRE(aborted.size() == 1);
  CHECK(aborted.front().upload_id == unfinished.id());
  CHECK(!aborted.front().final);
  for (const auto& batch : intake.batches_of(unfinished.id()))
    CHECK(!batch.final);
  CHECK(finished.wait().final);
  CHECK(unfinished.wait().error->code == errc::shut_down);
  const auto late = unfinished.add(roots.front());
  REQUIRE(!late);
  CHECK(late.error().code == errc::shut_down);
  CHECK(pipe.shutdown(2s).delivered.empty()); // again: nothing is left
  CHECK(pipe.stats().uploads_open == 0);
}

TEST_CASE("shutdown of an idle pipeline returns at once, with any deadline") {
  checked_intake intake;
  auto pipe = start(quick_config(intake.url()));
  CHECK(pipe.shutdown(1h).aborted.empty());
  CHECK(!pipe.begin());
}

TEST_CASE("a shutdown with a very long deadline waits for its uploads") {
  checked_intake intake;
  auto pipe = start(quick_config(intake.url()));
  auto up = begin(pipe);
  const auto roots = make_roots(10);
  add_all(up, roots);
  shutdown_report report;
  std::thread ending([&] { report = pipe.shutdown(std::chrono::milliseconds::max()); });
  CHECK(eventually([&] { return !pipe.begin(); }));
  up.end();
  ending.join();
  REQUIRE(!report.delivered.empty());
  check_complete(report.delivered.front(), intake, count(roots));
}

TEST_CASE("destroying a pipeline cuts its open uploads off and wakes their producers") {
  checked_intake intake("delay=600s");
  auto values = quick_config(intake.url());
  values.flush_threshold = 0;
  values.max_inflight_groups = 4;
  std::atomic<int> done{0};
  std::optional<error> refused;
  std::optional<upload> up;
  std::thread producer;
  {
    auto pipe = start(values);
    upload_options options;
    options.on_done = [&](const receipt&) { ++done; };
    up = begin(pipe, options);
    producer = std::thread([&] {
      for (const auto& root : make_roots(100)) {
        if (auto added = up->add(root); !added) {
          refused = added.error();
          return;
        }
      }
    });
    CHECK(eventually([&] { return up->progress().scopes_added == 9; }));
  }
  producer.join();
  REQUIRE(refused);
  CHECK(refused->code == errc::shut_down);
  CHECK(done == 1);
  const auto result = up->wait();
  REQUIRE(result.error);
  CHECK(result.error->code == errc::shut_down);
}

TEST_CASE("an upload's handle that outlives the pipeline is harmless") {
  checked_intake intake;
  std::optional<upload> complete, open;
  {
    auto pipe = start(quick_config(intake.url()));
    complete = begin(pipe);
    open = begin(pipe);
    add_all(*complete, make_roots(20));
    add_all(*open, make_roots(20));
    CHECK(complete->finish().final);
  }
  CHECK(complete->wait().final);
  CHECK(!complete->add(make_roots(1).front()));
  CHECK(open->wait().error->code == errc::shut_down);
  CHECK(!open->add(make_roots(1).front()));
  CHECK(!open->flush());
  open->cancel();
  open->end();
  CHECK(open->progress().scopes_accepted <= 20);
  complete.reset();
  open.reset();
}

TEST_CASE("max_uploads are open at once, and a complete one makes room") {
  checked_intake intake;
  auto values = quick_config(intake.url());
  values.max_uploads = 2;
  auto pipe = start(values);
  auto one = begin(pipe);
  auto two = begin(pipe);
  auto three = pipe.begin();
  REQUIRE(!three);
  CHECK(three.error().code == errc::rejected);
  add_all(one, make_roots(2));
  CHECK(one.finish().final);
  CHECK(pipe.begin());
}
