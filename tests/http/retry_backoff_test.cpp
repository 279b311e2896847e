// SPDX-License-Identifier: Apache-2.0
#include "retry_backoff.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace symup;
using std::chrono::milliseconds;

namespace {

retry_backoff with_random(double value) {
  return {milliseconds(500), milliseconds(30'000), 100, [value] { return value; }};
}

} // namespace

TEST_CASE("the longest possible wait doubles up to the limit") {
  const retry_backoff backoff = with_random(1.0);
  CHECK(backoff.delay(1, {}) == milliseconds(500));
  CHECK(backoff.delay(2, {}) == milliseconds(1000));
  CHECK(backoff.delay(6, {}) == milliseconds(16'000));
  CHECK(backoff.delay(7, {}) == milliseconds(30'000));
  CHECK(backoff.delay(99, {}) == milliseconds(30'000));
}

TEST_CASE("the wait is spread over everything below it") {
  CHECK(with_random(0.0).delay(5, {}) == milliseconds(0));
  CHECK(with_random(0.5).delay(5, {}) == milliseconds(4000));
  CHECK(with_random(-3.0).delay(5, {}) == milliseconds(0));
  CHECK(with_random(3.0).delay(5, {}) == milliseconds(8000));
}

TEST_CASE("Retry-After is the least and the limit the most") {
  CHECK(with_random(0.0).delay(1, milliseconds(2000)) == milliseconds(2000));
  CHECK(with_random(1.0).delay(5, milliseconds(2000)) == milliseconds(8000));
  CHECK(with_random(0.0).delay(1, milliseconds::max()) == milliseconds(30'000));
}

TEST_CASE("attempts are bounded, the first one counted") {
  config values;
  values.max_attempts = 3;
  const retry_backoff backoff(values, [] { return 0.5; });
  CHECK(backoff.delay(1, {}) == milliseconds(250));
  CHECK(backoff.delay(2, {}).has_value());
  CHECK_FALSE(backoff.delay(3, {}).has_value());
  CHECK_FALSE(backoff.delay(std::numeric_limits<std::size_t>::max(), {}).has_value());
}
