// SPDX-License-Identifier: Apache-2.0
// Long-lived uploads: what was added goes out before the upload ends, by flush or by the clock.
#include "pipeline_setup.hpp"

#include <doctest/doctest.h>

using namespace symup;
using namespace symup::testing;

namespace {

// Nothing is sent because of its size.
config patient_config(const std::string& url) {
  auto values = quick_config(url);
  values.max_batch_bytes = 16 * 1024 * 1024;
  values.flush_threshold = 8 * 1024 * 1024;
  return values;
}

} // namespace

TEST_CASE("flush sends what was added, and the upload goes on") {
  checked_intake intake;
  auto pipe = start(patient_config(intake.url()));
  auto up = begin(pipe);
  auto roots = make_roots(60);
  add_all(up, roots);
  CHECK(up.progress().batches_accepted == 0);
  REQUIRE(up.flush());
  CHECK(eventually([&] { return up.progress().batches_accepted == 1; }));
  REQUIRE(intake.batches_of(up.id()).size() == 1);
  CHECK(!intake.batches_of(up.id()).front().final);
  CHECK(up.progress().scopes_accepted > 30); // the newest fragment may have to be the final one
  CHECK(up.progress().scopes_accepted < 60);
  const auto more = make_roots(60, 5, 2);
  add_all(up, more);
  roots.insert(roots.end(), more.begin(), more.end());
  const auto result = up.finish();
  check_complete(result, intake, count(roots));
  CHECK(result.batches == 2);
}

TEST_CASE("flush of an empty upload sends nothing") {
  checked_intake intake;
  auto pipe = start(patient_config(intake.url()));
  auto up = begin(pipe);
  REQUIRE(up.flush());
  CHECK(up.finish().empty());
  CHECK(intake.server().counts().bytes == 0);
}

TEST_CASE("flush_interval sends a partial batch of an upload that nobody ends") {
  checked_intake intake;
  auto values = patient_config(intake.url());
  values.flush_interval = std::chrono::milliseconds(50);
  auto pipe = start(values);
  auto up = begin(pipe);
  const auto roots = make_roots(60);
  add_all(up, roots);
  CHECK(eventually([&] { return up.progress().batches_accepted > 0; }));
  // Each scope added later lets the one before go.
  CHECK(eventually([&] { return up.progress().scopes_added == 60; }));
  for (const auto& batch : intake.batches_of(up.id()))
    CHECK(!batch.final);
  check_complete(up.finish(), intake, count(roots));
}
