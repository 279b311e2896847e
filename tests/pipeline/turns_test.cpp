// SPDX-License-Identifier: Apache-2.0
// More producers than large tapes: who has no turn waits, and nobody waits for ever.
#include "pipeline_setup.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

using namespace symup;
using namespace symup::testing;

namespace {

// One turn or two for all.
config crowded_config(const std::string& url, std::size_t turns) {
  auto values = quick_config(url);
  values.fragment_bytes = 64 * 1024;
  values.memory_limit = turns * 4 * values.fragment_bytes;
  return values;
}

std::vector<upload> begin_many(pipeline& pipe, std::size_t count) {
  std::vector<upload> open;
  for (std::size_t i = 0; i < count; ++i)
    open.push_back(begin(pipe));
  return open;
}

scope_head file_head(const scope& root) {
  return {root.scope_type, root.name, root.source_file, 0, 0, false, nullptr, 0, {}};
}

} // namespace

TEST_CASE("one thread feeds more uploads than there are turns") {
  checked_intake intake;
  auto pipe = start(crowded_config(intake.url(), 2));
  auto open = begin_many(pipe, 12);
  const auto roots = make_roots(60);
  for (const auto& root : roots) {
    for (auto& each : open)
      REQUIRE(each.add(root));
  }
  for (auto& each : open)
    check_complete(each.finish(), intake, count(roots));
}

TEST_CASE("200 threads take turns, and each upload compresses as if it were alone") {
  checked_intake intake;
  auto values = crowded_config(intake.url(), 2);
  values.memory_limit = 4 * 1024 * 1024;
  values.flush_threshold = 1024 * 1024; // one batch each, unless memory is short
  const auto roots = make_roots(20);
  std::uint64_t alone = 0;
  {
    auto pipe = start(values);
    auto up = begin(pipe);
    add_all(up, roots);
    alone = up.finish().compressed_bytes;
  }
  auto pipe = start(values);
  constexpr std::size_t uploads = 200;
  auto open = begin_many(pipe, uploads);
  std::vector<std::thread> producers;
  std::atomic<std::uint64_t> refused{0};
  for (auto& each : open)
    producers.emplace_back([&] {
      for (const auto& root : roots)
        refused += each.add(root) ? 0 : 1;
      each.end();
    });
  for (auto& each : producers)
    each.join();
  CHECK(refused == 0);
  std::uint64_t together = 0;
  for (auto& each : open) {
    const auto result = each.wait();
    check_complete(result, intake, count(roots));
    together += result.compressed_bytes;
  }
  MESSAGE("compressed bytes of each: alone ", alone, ", together ", together / uploads);
  CHECK(together < alone * uploads * 11 / 10);
}

TEST_CASE("turns that lie within root scopes nobody goes on with do not stop the others") {
  checked_intake intake;
  auto pipe = start(crowded_config(intake.url(), 2));
  auto open = begin_many(pipe, 4);
  const auto root = make_roots(1, 60).front(); // outgrows the small tape many times
  for (auto& each : open)
    REQUIRE(each.sink().begin_scope(file_head(root)));
  // All that is inside, one upload after the other: the first two keep the turns.
  for (auto& each : open) {
    for (int i = 0; i < 300; ++i) {
      const auto name = "a_function_with_a_rather_long_name_" + std::to_string(i);
      REQUIRE(each.sink().begin_scope({"function", name, "a.cpp", i, i, false, nullptr, 0, {}}));
      REQUIRE(each.sink().end_scope());
    }
  }
  scope_counts sent;
  sent.roots = 1;
  sent.scopes = 301;
  for (auto& each : open) {
    REQUIRE(each.sink().end_scope());
    check_complete(each.finish(), intake, sent);
  }
}

TEST_CASE("a tape that others ask for within a root scope is handed over at any place, and whole") {
  checked_intake intake;
  auto pipe = start(crowded_config(intake.url(), 1));
  auto asked = begin(pipe), asking = begin(pipe);
  const auto roots = make_roots(300);
  std::thread producer([&] { add_all(asking, roots); });
  scope_counts sent;
  sent.roots = 1;
  sent.scopes = 1;
  auto& sink = asked.sink();
  REQUIRE(sink.begin_scope(file_head(roots[0])));
  for (int i = 0; i < 4000; ++i) {
    const auto depth = i % 4 + 1;
    for (int k = 0; k < depth; ++k)
      REQUIRE(sink.begin_scope({"class", "a_class", "a.cpp", i, i, false, nullptr, 0, {}}));
    REQUIRE(sink.add_symbol({"a_field", "int", "field", i, {}}));
    for (int k = 0; k < depth; ++k)
      REQUIRE(sink.end_scope());
    sent.scopes += static_cast<std::uint64_t>(depth);
    ++sent.symbols;
  }
  REQUIRE(sink.end_scope());
  producer.join();
  check_complete(asked.finish(), intake, sent);
  check_complete(asking.finish(), intake, count(roots));
}

TEST_CASE("an upload that has failed gives its turn away while its handle lives") {
  checked_intake intake;
  auto pipe = start(crowded_config(intake.url(), 1));
  auto failed = begin(pipe);
  const auto roots = make_roots(40);
  add_all(failed, {roots[0], roots[1], roots[2]}); // more than a small tape, less than a group
  failed.cancel();
  auto up = begin(pipe);
  add_all(up, roots);
  check_complete(up.finish(), intake, count(roots));
  CHECK(failed.wait().error);
  CHECK(eventually([&] { return pipe.stats().memory_used == 0; }));
}

TEST_CASE("who waits for a turn is woken when its upload is cancelled") {
  checked_intake intake;
  auto pipe = start(crowded_config(intake.url(), 1));
  auto holder = begin(pipe);
  const auto roots = make_roots(40);
  REQUIRE(holder.sink().begin_scope(file_head(roots[0])));
  for (int i = 0; i < 100; ++i) {
    REQUIRE(holder.sink().begin_scope(
        {"function", "a_function_with_a_long_name", "", 0, 0, false, nullptr, 0, {}}));
    REQUIRE(holder.sink().end_scope());
  }
  auto waiting = begin(pipe);
  std::atomic<bool> over{false};
  std::thread producer([&] {
    while (waiting.add(roots[0])) {
    }
    over = true;
  });
  waiting.cancel();
  CHECK(eventually([&] { return over.load(); }));
  producer.join();
  REQUIRE(holder.sink().end_scope());
  CHECK(holder.finish().final);
}
