// SPDX-License-Identifier: Apache-2.0
// Many uploads at once, through an intake that fails often.
#include "pipeline_setup.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace symup;
using namespace symup::testing;

namespace {

constexpr std::size_t producers = 8;
constexpr std::size_t uploads_each = 25;

struct delivered {
  receipt result;
  scope_counts sent;
};

// One producer: all its uploads are open at once and fed in turn.
std::vector<delivered> produce(pipeline& pipe, std::uint32_t seed) {
  scope_generator generate(seed);
  std::vector<upload> open;
  std::vector<delivered> all(uploads_each);
  for (std::size_t i = 0; i < uploads_each; ++i) {
    if (auto begun = pipe.begin())
      open.push_back(std::move(*begun));
  }
  if (open.size() != uploads_each)
    return {};
  for (std::size_t round = 0; round < 12; ++round) {
    for (std::size_t i = 0; i < uploads_each; ++i) {
      const auto root = generate.source_file();
      if (open[i].add(root))
        all[i].sent.add(root);
    }
  }
  for (auto& each : open)
    each.end();
  for (std::size_t i = 0; i < uploads_each; ++i)
    all[i].result = open[i].wait();
  return all;
}

} // namespace

TEST_CASE("200 uploads at once through a failing intake are all complete, in bounded memory") {
  checked_intake intake("503:0.1,429:0.05,close:0.05,accept-then-close:0.1,delay=5ms:0.3,seed=7");
  auto values = quick_config(intake.url());
  values.flush_threshold = 8 * 1024;
  values.memory_limit = 2 * 1024 * 1024;
  values.max_attempts = 30; // the faults are drawn, and none of some thousand batches may give up
  std::vector<std::vector<delivered>> results(producers);
  auto pipe = start(values);
  {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < producers; ++i)
      threads.emplace_back(
          [&, i] { results[i] = produce(pipe, static_cast<std::uint32_t>(100 + i)); });
    for (auto& each : threads)
      each.join();
  }
  scope_counts sent;
  for (const auto& of_producer : results) {
    REQUIRE(of_producer.size() == uploads_each);
    for (const auto& each : of_producer) {
      check_complete(each.result, intake, each.sent);
      sent.roots += each.sent.roots;
    }
  }
  CHECK(sent.roots == producers * uploads_each * 12);
  CHECK(intake.server().taken().uploads() == producers * uploads_each);
  CHECK(intake.server().taken().incomplete().empty());
  CHECK(intake.server().counts().faults > 100);

  CHECK(eventually([&] { return pipe.stats().memory_used == 0; }));
  const auto stats = pipe.stats();
  CHECK(stats.uploads_open == 0);
  CHECK(stats.uploads_complete == producers * uploads_each);
  CHECK(stats.uploads_failed == 0);
  CHECK(stats.scopes_accepted == sent.roots);
  CHECK(stats.retries > 100);
  // Beyond the limit: two tapes of at most 8 KiB and a leaf that each upload may always have.
  const std::size_t slack = producers * uploads_each * 2 * 12 * 1024;
  MESSAGE("memory_peak ", stats.memory_peak, " of ", values.memory_limit, " + ", slack);
  CHECK(stats.memory_peak <= values.memory_limit + slack);
}
