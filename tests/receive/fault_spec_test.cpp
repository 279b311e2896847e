// SPDX-License-Identifier: Apache-2.0
#include "receive/fault_spec.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace symup;
using namespace symup::receive;

TEST_CASE("a fault spec is read entry by entry") {
  const auto spec = parse_fault_spec("503:0.25,429:0.5:retry-after=1,500:retry-after=date,"
                                     "delay=50ms,delay=2s:0.1,close:0,accept-then-close:1,"
                                     "limit=2M,seed=42");
  REQUIRE(spec.has_value());
  CHECK(spec->seed == 42);
  const auto& list = spec->entries;
  REQUIRE(list.size() == 8);
  CHECK(list[0].effect.status == 503);
  CHECK(list[0].rate == 0.25);
  CHECK(list[1].effect.retry_after == "1");
  CHECK(list[1].rate == 0.5);
  CHECK(list[2].effect.retry_after == "date");
  CHECK(list[2].rate == 1);
  CHECK(list[3].effect.delay == std::chrono::milliseconds(50));
  CHECK(list[4].effect.delay == std::chrono::seconds(2));
  CHECK(list[4].rate == 0.1);
  CHECK(list[5].effect.close);
  CHECK(list[5].rate == 0);
  CHECK(list[6].effect.accept_then_close);
  CHECK(list[7].effect.limit == std::uint64_t{2} << 20U);
}

TEST_CASE("no spec is no faults") {
  const auto spec = parse_fault_spec("");
  REQUIRE(spec.has_value());
  CHECK(spec->entries.empty());
}

TEST_CASE("a bad fault spec is refused with the entry and what is allowed") {
  for (const std::string bad : {"x",
                                "399",
                                "600",
                                "5030",
                                "-1",
                                "503:1.1",
                                "503:-0.1",
                                "503:nan",
                                "503:0.5:0.5",
                                "503:",
                                "503:x=1",
                                "503:retry-after=soon",
                                "503:retry-after=",
                                "close:retry-after=1",
                                "delay",
                                "delay=",
                                "delay=5",
                                "delay=5m",
                                "delay=99999999s",
                                "delay=-1ms",
                                "limit",
                                "limit=",
                                "limit=1T",
                                "limit=K",
                                "limit=1M:0.5",
                                "limit=99999999999G",
                                "seed=",
                                "seed=x",
                                "CLOSE"}) {
    CAPTURE(bad);
    const auto spec = parse_fault_spec("503:0.5," + bad);
    REQUIRE_FALSE(spec.has_value());
    CHECK(spec.error().code == errc::invalid_config);
    CHECK(spec.error().message.find('"' + bad + '"') != std::string::npos);
    CHECK(spec.error().message.find("allowed are STATUS") != std::string::npos);
  }
  CHECK_FALSE(parse_fault_spec(",").has_value());
  CHECK_FALSE(parse_fault_spec("503,").has_value());
  CHECK_FALSE(parse_fault_spec("503,,close").has_value());
}

namespace {

std::vector<int> statuses(const std::string& spec, int count) {
  fault_source source(parse_fault_spec(spec).value());
  std::vector<int> list;
  for (int i = 0; i < count; ++i)
    list.push_back(source.draw().status);
  return list;
}

} // namespace

TEST_CASE("the draws of a seed repeat and keep to the rate") {
  const auto list = statuses("503:0.3,seed=9", 10000);
  CHECK(list == statuses("503:0.3,seed=9", 10000));
  CHECK(list != statuses("503:0.3,seed=10", 10000));
  int hits = 0;
  for (const int status : list)
    hits += status == 503 ? 1 : 0;
  CHECK(hits > 2800);
  CHECK(hits < 3200);
}

TEST_CASE("a rate of 0 never strikes and a rate of 1 always does") {
  CHECK(statuses("503:0", 1000) == std::vector<int>(1000, 0));
  CHECK(statuses("503:1", 1000) == std::vector<int>(1000, 503));
}

TEST_CASE("an entry does not shift the draws of another") {
  const auto alone = statuses("delay=1ms:0,503:0.5,seed=3", 200);
  CHECK(statuses("delay=1ms:1,503:0.5,seed=3", 200) == alone);
}

TEST_CASE("the first fault that decides the answer wins and delays add up") {
  fault_source source(parse_fault_spec("delay=10ms,503,close,delay=5ms,limit=1K").value());
  const fault drawn = source.draw();
  CHECK(drawn.status == 503);
  CHECK_FALSE(drawn.close);
  CHECK(drawn.delay == std::chrono::milliseconds(15));
  CHECK(drawn.limit == std::uint64_t{1024});
}

TEST_CASE("an HTTP date is written as the standard has it") {
  CHECK(http_date(std::chrono::system_clock::from_time_t(784111777)) ==
        "Sun, 06 Nov 1994 08:49:37 GMT");
}
