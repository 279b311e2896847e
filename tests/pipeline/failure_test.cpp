// SPDX-License-Identifier: Apache-2.0
// Uploads that cannot succeed: what the receipt says, and that the final batch is never sent.
#include "pipeline_setup.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace symup;
using namespace symup::testing;

namespace {

// Adds until the upload has failed or all is added; what comes of it must be a failure.
receipt fail_with(const config& values, std::size_t roots = 3) {
  auto pipe = start(values);
  auto up = begin(pipe);
  for (const auto& root : make_roots(roots)) {
    if (!up.add(root))
      break;
  }
  auto result = up.finish();
  REQUIRE(result.error);
  CHECK(!result.final);
  CHECK(!result.empty());
  CHECK(pipe.stats().uploads_failed == 1);
  CHECK(eventually([&] { return pipe.stats().memory_used == 0; }));
  return result;
}

bool final_arrived(const checked_intake& intake, const std::string& upload_id) {
  const auto batches = intake.batches_of(upload_id);
  return std::any_of(batches.begin(), batches.end(), [](const auto& b) { return b.final; });
}

} // namespace

TEST_CASE("a status that cannot get better fails the upload at the first attempt") {
  checked_intake intake("403:1");
  const auto result = fail_with(quick_config(intake.url()));
  CHECK(result.error->code == errc::http_status);
  CHECK(category(result.error->code) == "upload_failed");
  CHECK(result.error->message.find("403") != std::string::npos);
  REQUIRE(result.error->upload);
  CHECK(result.error->upload->status == 403);
  CHECK(result.error->upload->attempts == 1);
  CHECK(!result.error->upload->retryable);
  CHECK(result.attempts == 1);
  CHECK(result.retries == 0);
  CHECK(intake.server().counts().faults == 1);
}

TEST_CASE("a status that might get better is tried max_attempts times, no more") {
  checked_intake intake("503:1:retry-after=0");
  auto values = quick_config(intake.url());
  values.max_attempts = 4;
  const auto result = fail_with(values);
  CHECK(result.error->code == errc::http_status);
  REQUIRE(result.error->upload);
  CHECK(result.error->upload->status == 503);
  CHECK(result.error->upload->retryable);
  CHECK(result.error->upload->attempts == 4);
  CHECK(result.attempts == 4);
  CHECK(result.retries == 3);
  CHECK(intake.server().counts().faults == 4);
}

TEST_CASE("when nobody listens, the connection is tried max_attempts times") {
  std::string url;
  {
    checked_intake gone;
    url = gone.url();
  }
  auto values = quick_config(url);
  values.max_attempts = 3;
  const auto result = fail_with(values);
  CHECK(result.error->code == errc::transport);
  REQUIRE(result.error->upload);
  CHECK(result.error->upload->status == 0);
  CHECK(result.error->upload->retryable);
  CHECK(result.attempts == 3);
}

TEST_CASE("an intake that never answers is a timeout") {
  checked_intake intake("delay=600s");
  auto values = quick_config(intake.url());
  values.request_timeout = std::chrono::milliseconds(100);
  values.max_attempts = 2;
  const auto result = fail_with(values);
  CHECK(result.error->code == errc::timeout);
  CHECK(result.attempts == 2);
}

TEST_CASE("a limit below a single fragment fails with payload_too_large, and nothing is final") {
  checked_intake intake("limit=1K");
  const auto result = fail_with(quick_config(intake.url()), 100);
  CHECK(result.error->code == errc::payload_too_large);
  REQUIRE(result.error->upload);
  CHECK(result.error->upload->status == 413);
  CHECK(result.scopes == 0);
  CHECK(!final_arrived(intake, result.upload_id));
}

TEST_CASE("a failure in the midst of an upload is told to the producer and ends it") {
  // The first batches are accepted; the limit strikes once a large leaf comes.
  checked_intake intake("limit=40K");
  auto pipe = start(quick_config(intake.url()));
  auto up = begin(pipe);
  add_all(up, make_roots(20));
  REQUIRE(up.flush());
  CHECK(eventually([&] { return up.progress().batches_accepted > 0; }));
  scope large{"FILE", "", "a.cpp", 0, 9, false, {}, {}, {}, {}};
  std::uint32_t random = 1;
  for (int i = 0; i < 100'000; ++i) { // a name that does not compress
    random = random * 1664525 + 1013904223;
    large.name += static_cast<char>('!' + (random >> 24) % 90);
  }
  REQUIRE(up.add(large));
  const auto more = make_roots(1).front();
  expected<void> added;
  CHECK(eventually([&] {
    added = up.add(more);
    return !added;
  }));
  REQUIRE(!added);
  CHECK(added.error().code == errc::payload_too_large);
  REQUIRE(up.failure());
  CHECK(up.failure()->code == errc::payload_too_large);
  const auto result = up.finish();
  CHECK(!result.final);
  CHECK(result.batches > 0);
  // A request that was broken off may have been accepted; no answer came to count it.
  CHECK(result.batches <= intake.batches_of(result.upload_id).size());
  CHECK(!final_arrived(intake, result.upload_id));
}
