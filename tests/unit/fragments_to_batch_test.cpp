// SPDX-License-Identifier: Apache-2.0
#include "fragments_to_batch.hpp"

#include "made_fragments.hpp"

#include <doctest/doctest.h>

using namespace symup;
using symup::testing::fragment_of_size;

namespace {

batch_limits limits(std::int64_t threshold, std::size_t most = 10'000) {
  batch_limits made;
  made.flush_threshold = threshold;
  made.max_batch_bytes = most;
  made.envelope_bytes = 100;
  made.framing_bytes = 200;
  return made;
}

} // namespace

TEST_CASE("the defaults are those of the reference") {
  CHECK(batch_limits{}.flush_threshold == 2'097'152);
  CHECK(config{}.flush_threshold == 2'097'152);
  CHECK(config{}.max_batch_bytes == 10'485'760);
}

TEST_CASE("a batch is closed when its compressed size has reached the threshold and more comes") {
  batch_cutter cutter(limits(1000));
  CHECK_FALSE(cutter.add(fragment_of_size(500, 1))); // 600 with the envelope
  CHECK_FALSE(cutter.add(fragment_of_size(400, 2))); // 1006 with the comma: reached, but kept
  const auto closed = cutter.add(fragment_of_size(10, 3));
  REQUIRE(closed);
  CHECK(closed->fragments.size() == 2);
  CHECK_FALSE(closed->final);
  const auto last = cutter.finish();
  REQUIRE(last);
  CHECK(last->final);
  CHECK(last->fragments.size() == 1);
  CHECK_FALSE(cutter.finish());
}

TEST_CASE("one byte below the threshold a batch stays open") {
  batch_cutter cutter(limits(1000));
  CHECK_FALSE(cutter.add(fragment_of_size(899, 1)));
  CHECK_FALSE(cutter.add(fragment_of_size(1, 2)));
  batch_cutter exact(limits(1000));
  CHECK_FALSE(exact.add(fragment_of_size(900, 1)));
  CHECK(exact.add(fragment_of_size(1, 2)));
}

TEST_CASE("a threshold of zero or less closes a batch after every root scope") {
  for (const std::int64_t threshold : {0, -1}) {
    batch_cutter cutter(limits(threshold));
    CHECK_FALSE(cutter.add(fragment_of_size(10, 1)));
    CHECK(cutter.add(fragment_of_size(10, 2))->fragments.size() == 1);
    CHECK(cutter.add(fragment_of_size(10, 3))->fragments.size() == 1);
    CHECK(cutter.finish()->final);
  }
}

TEST_CASE("the threshold does not cut inside a root scope unless it is told to") {
  batch_cutter whole(limits(500));
  CHECK_FALSE(whole.add(fragment_of_size(600, 1, false)));
  CHECK_FALSE(whole.add(fragment_of_size(600, 2, false)));
  CHECK_FALSE(whole.add(fragment_of_size(600, 3, true)));
  CHECK(whole.add(fragment_of_size(600, 4, true))->fragments.size() == 3);

  auto splitting = limits(500);
  splitting.split_roots = split_policy::at_threshold;
  batch_cutter split(splitting);
  CHECK_FALSE(split.add(fragment_of_size(600, 1, false)));
  CHECK(split.add(fragment_of_size(600, 2, false))->fragments.size() == 1);
}

TEST_CASE("the hard limit counts envelope, framing and joins and is never exceeded") {
  // 200 framing + 100 envelope + 500 + (6 + 494) = 1300
  batch_cutter exact(limits(100'000, 1300));
  CHECK_FALSE(exact.add(fragment_of_size(500, 1)));
  CHECK_FALSE(exact.add(fragment_of_size(494, 2)));
  CHECK(exact.finish()->fragments.size() == 2);
  batch_cutter over(limits(100'000, 1299));
  CHECK_FALSE(over.add(fragment_of_size(500, 1)));
  CHECK(over.add(fragment_of_size(494, 2))->fragments.size() == 1);
}

TEST_CASE("a fragment that fits no batch is left out, counted, and its neighbours are kept apart") {
  batch_cutter cutter(limits(100'000, 1000));
  CHECK_FALSE(cutter.add(fragment_of_size(100, 1)));
  CHECK_FALSE(cutter.add(fragment_of_size(5000, 2)));
  CHECK(cutter.omitted_leaves() == 1);
  const auto closed = cutter.add(fragment_of_size(100, 3));
  REQUIRE(closed);
  CHECK(closed->fragments.front()->sequence == 1);
  CHECK(cutter.finish()->fragments.front()->sequence == 3);
}

TEST_CASE("a flush lets everything go but the newest fragment, so that the end is never empty") {
  batch_cutter cutter(limits(100'000));
  CHECK_FALSE(cutter.flush());
  CHECK_FALSE(cutter.add(fragment_of_size(100, 1)));
  CHECK(cutter.flushable_bytes() == 0);
  CHECK_FALSE(cutter.flush());
  CHECK_FALSE(cutter.add(fragment_of_size(100, 2)));
  CHECK_FALSE(cutter.add(fragment_of_size(100, 3)));
  CHECK(cutter.flushable_bytes() > 0);
  CHECK(cutter.flush()->fragments.size() == 2);
  CHECK_FALSE(cutter.flush());
  const auto last = cutter.finish();
  CHECK(last->final);
  CHECK(last->fragments.front()->sequence == 3);
}

TEST_CASE("after a refusal batches stay below half of what was refused") {
  batch_cutter cutter(limits(100'000));
  cutter.lower_limit(2000);
  CHECK_FALSE(cutter.add(fragment_of_size(400, 1)));
  CHECK(cutter.add(fragment_of_size(400, 2)));
  CHECK(cutter.add(fragment_of_size(5000, 3))); // alone it goes, whatever was learnt
  CHECK(cutter.omitted_leaves() == 0);
}
