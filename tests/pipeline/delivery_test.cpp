// SPDX-License-Identifier: Apache-2.0
// What is added arrives: whole, once, in batches that the settings ask for.
#include "pipeline_setup.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include <unistd.h>

using namespace symup;
using namespace symup::testing;

namespace {

// Uploads these roots alone and checks that all of them arrived.
receipt deliver(const config& values, checked_intake& intake, const std::vector<scope>& roots) {
  auto pipe = start(values);
  auto up = begin(pipe);
  add_all(up, roots);
  auto result = up.finish();
  check_complete(result, intake, count(roots));
  CHECK(eventually([&] { return pipe.stats().memory_used == 0; }));
  return result;
}

} // namespace

TEST_CASE("an upload arrives complete, with every scope and symbol once") {
  checked_intake intake;
  const auto roots = make_roots(300);
  const auto result = deliver(quick_config(intake.url()), intake, roots);
  CHECK(intake.taken_of(result.upload_id).scopes == count(roots).scopes);
  CHECK(intake.taken_of(result.upload_id).roots == roots.size());
  CHECK(result.batches > 3);
  CHECK(result.attempts == result.batches);
  CHECK(result.retries == 0);
}

TEST_CASE("fragments of different levels join: an automatic level loses nothing") {
  checked_intake intake;
  auto values = quick_config(intake.url());
  values.compression_level = automatic_compression_level;
  const auto roots = make_roots(300);
  const auto result = deliver(values, intake, roots);
  CHECK(intake.taken_of(result.upload_id).scopes == count(roots).scopes);
  CHECK(result.batches > 3);
}

TEST_CASE("what fits in one batch is one batch, and it is final") {
  checked_intake intake;
  auto values = quick_config(intake.url());
  values.flush_threshold = config().flush_threshold;
  CHECK(deliver(values, intake, make_roots(3)).batches == 1);
}

TEST_CASE("identity and both event layouts are what the intake expects") {
  checked_intake intake;
  auto values = quick_config(intake.url());
  values.event_layout = event_layout::nested;
  values.env = "prod";
  auto pipe = start(values);
  upload_options options;
  options.service = "a \"quoted\" b\xc3\xa4ker\n";
  options.upload_id = "0f8fad5b-d9cb-469f-a165-70867728950e";
  auto up = begin(pipe, options);
  add_all(up, make_roots(20));
  const auto result = up.finish();
  CHECK(result.final);
  const auto batches = intake.batches_of("0f8fad5b-d9cb-469f-a165-70867728950e");
  REQUIRE(!batches.empty());
  CHECK(batches.front().service == options.service);
  CHECK(batches.front().version == "1.2.3");
  CHECK(batches.front().env == "prod");
}

TEST_CASE("a threshold of 0 makes a batch of each root scope") {
  checked_intake intake;
  auto values = quick_config(intake.url());
  values.flush_threshold = 0;
  const auto result = deliver(values, intake, make_roots(25));
  CHECK(result.batches == 25);
  for (const auto& batch : intake.batches_of(result.upload_id))
    CHECK(batch.root_scopes == 1);
}

TEST_CASE("a root scope larger than a batch is continued in the next ones") {
  checked_intake intake;
  auto values = quick_config(intake.url());
  values.max_batch_bytes = 96 * 1024;
  auto roots = make_roots(1, 4000);
  roots.push_back(make_roots(1, 3, 2).front());
  const auto result = deliver(values, intake, roots);
  CHECK(result.batches > 3);
  // The shells of the scopes that are continued come again with each batch.
  CHECK(intake.taken_of(result.upload_id).scopes > count(roots).scopes);
}

TEST_CASE("with split_roots = at_threshold batches end inside a root, else only after it") {
  checked_intake intake;
  auto values = quick_config(intake.url());
  values.max_batch_bytes = 4 * 1024 * 1024;
  const auto roots = make_roots(1, 2000);
  CHECK(deliver(values, intake, roots).batches == 1);
  values.split_roots = split_policy::at_threshold;
  const auto split = deliver(values, intake, roots);
  CHECK(split.batches > 3);
  // Each batch overshoots the threshold by at most one fragment.
  CHECK(split.compressed_bytes <= split.batches * (32U + 16U) * 1024U);
}

TEST_CASE("answers of 413 cut batches until they fit, and nothing is lost") {
  checked_intake intake("limit=20K");
  auto values = quick_config(intake.url());
  values.flush_threshold = 128 * 1024;
  const auto result = deliver(values, intake, make_roots(300));
  CHECK(result.batches > 6);
  CHECK(result.attempts > result.batches);
}

TEST_CASE("a final batch that is cut after 413 leaves one final batch, the last") {
  checked_intake intake("limit=20K");
  auto values = quick_config(intake.url());
  values.flush_threshold = 200 * 1024;
  const auto result = deliver(values, intake, make_roots(100));
  CHECK(result.batches > 1);
}

TEST_CASE("an upload without scopes sends nothing and says so") {
  checked_intake intake;
  auto pipe = start(quick_config(intake.url()));
  auto up = begin(pipe);
  const auto result = up.finish();
  CHECK(result.empty());
  CHECK(!result.final);
  CHECK(result.attempts == 0);
  CHECK(intake.server().counts().bytes == 0);
}

TEST_CASE("scopes written as events arrive as those given as objects") {
  checked_intake intake;
  auto pipe = start(quick_config(intake.url()));
  auto up = begin(pipe);
  scope_counts sent;
  for (int i = 0; i < 2000; ++i) {
    const auto name = "file_" + std::to_string(i) + ".cpp";
    REQUIRE(up.sink().begin_scope({"FILE", name, name, 0, 9, false, nullptr, 0, {}}));
    REQUIRE(up.sink().begin_scope({"function", "f", name, 1, 8, false, nullptr, 0, {}}));
    REQUIRE(up.sink().add_symbol({"a", "int", "arg", 1, {}}));
    REQUIRE(up.sink().end_scope());
    REQUIRE(up.sink().end_scope());
    ++sent.roots, ++sent.symbols, sent.scopes += 2;
  }
  check_complete(up.finish(), intake, sent);
}

TEST_CASE("an invalid scope is refused, and the upload goes on without it") {
  checked_intake intake;
  auto pipe = start(quick_config(intake.url()));
  auto up = begin(pipe);
  const auto roots = make_roots(10);
  add_all(up, roots);
  auto wrong = roots.front();
  wrong.scopes.front().end_line = 0;
  const auto refused = up.add(wrong);
  REQUIRE(!refused);
  CHECK(refused.error().code == errc::invalid_scope);
  check_complete(up.finish(), intake, count(roots));
}

TEST_CASE("an upload goes through a Unix socket as well") {
  const auto folder = std::filesystem::temp_directory_path() /
                      ("symup_pipeline_test_" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  {
    checked_intake intake("", "unix://" + (folder / "intake.sock").string());
    deliver(quick_config("unix://" + (folder / "intake.sock").string()), intake, make_roots(50));
  }
  std::filesystem::remove_all(folder);
}

TEST_CASE("two pipelines side by side do not mix") {
  checked_intake one, two;
  auto pipe_one = start(quick_config(one.url()));
  auto pipe_two = start(quick_config(two.url()));
  auto up_one = begin(pipe_one);
  auto up_two = begin(pipe_two);
  const auto roots_one = make_roots(80, 5, 1), roots_two = make_roots(90, 5, 2);
  for (std::size_t i = 0; i < 90; ++i) {
    if (i < 80)
      REQUIRE(up_one.add(roots_one[i]));
    REQUIRE(up_two.add(roots_two[i]));
  }
  check_complete(up_one.finish(), one, count(roots_one));
  check_complete(up_two.finish(), two, count(roots_two));
  CHECK(one.server().taken().uploads() == 1);
  CHECK(two.server().taken().uploads() == 1);
}
