// SPDX-License-Identifier: Apache-2.0
#include "upload_ledger.hpp"

#include "made_fragments.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

using namespace symup;
using symup::testing::fragment_of_size;

namespace {

batch made(std::vector<std::uint64_t> sequences, bool final = false) {
  batch b;
  for (const auto sequence : sequences)
    b.fragments.push_back(fragment_of_size(10, sequence));
  b.final = final;
  return b;
}

} // namespace

TEST_CASE("numbers rise without gaps in the order of sending") {
  upload_ledger ledger(4);
  for (int i = 0; i < 3; ++i)
    ledger.push(made({1}));
  CHECK(ledger.next()->number == 1);
  CHECK(ledger.next()->number == 2);
  CHECK(ledger.next()->number == 3);
  CHECK_FALSE(ledger.next());
}

TEST_CASE("no more than max_inflight batches are on their way") {
  upload_ledger ledger(2);
  for (int i = 0; i < 3; ++i)
    ledger.push(made({1}));
  CHECK_FALSE(ledger.has_room());
  CHECK(ledger.next());
  CHECK(ledger.next());
  CHECK_FALSE(ledger.next());
  ledger.accepted(2);
  CHECK(ledger.next()->number == 3);
}

TEST_CASE("the final batch waits until all others were accepted") {
  upload_ledger ledger(4);
  ledger.push(made({1}));
  ledger.push(made({2}));
  ledger.push(made({3}, true));
  CHECK(ledger.next());
  CHECK(ledger.next());
  CHECK_FALSE(ledger.next());
  ledger.accepted(2);
  CHECK_FALSE(ledger.next());
  ledger.accepted(1);
  const auto last = ledger.next();
  REQUIRE(last);
  CHECK(last->number == 3);
  CHECK(last->content.final);
  CHECK_FALSE(ledger.complete());
  ledger.accepted(3);
  CHECK(ledger.complete());
  CHECK(ledger.accepted_batches() == 3);
  CHECK(ledger.accepted_roots() == 3);
}

TEST_CASE("a batch that is too large is cut in two: first half keeps the number") {
  upload_ledger ledger(4);
  ledger.push(made({1, 2, 3}));
  ledger.push(made({4}));
  CHECK(ledger.next()->number == 1);
  CHECK(ledger.next()->number == 2);
  REQUIRE(ledger.split(1));
  const auto first = ledger.next();
  CHECK(first->number == 1);
  CHECK(first->content.fragments.size() == 2);
  const auto second = ledger.next();
  CHECK(second->number == 3);
  CHECK(second->content.fragments.front()->sequence == 3);
}

TEST_CASE("the final batch cut in two is numbered last and only its second half is final") {
  upload_ledger ledger(4);
  ledger.push(made({1, 2}, true));
  CHECK(ledger.next()->content.final);
  REQUIRE(ledger.split(1));
  const auto first = ledger.next();
  CHECK(first->number == 1);
  CHECK_FALSE(first->content.final);
  CHECK_FALSE(ledger.next()); // waits for the first half
  ledger.accepted(1);
  const auto second = ledger.next();
  CHECK(second->number == 2);
  CHECK(second->content.final);
}

TEST_CASE("a single fragment cannot be cut") {
  upload_ledger ledger(4);
  ledger.push(made({1}));
  CHECK(ledger.next());
  CHECK_FALSE(ledger.split(1));
}

TEST_CASE(
    "whatever is accepted, refused or cut in whatever order: 1...N, all sent once, final last") {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    upload_ledger ledger(1 + random() % 5);
    std::vector<numbered_batch> inflight;
    std::vector<std::uint32_t> accepted;
    std::vector<std::uint64_t> sent;
    const std::uint64_t fragments = 1 + random() % 40;
    std::uint64_t pushed = 0;
    while (!ledger.complete()) {
      if (pushed < fragments && ledger.has_room()) {
        std::vector<std::uint64_t> content;
        for (auto n = 1 + random() % 6; n > 0 && pushed < fragments; --n)
          content.push_back(++pushed);
        ledger.push(made(content, pushed == fragments));
      }
      while (auto next = ledger.next()) {
        if (next->content.final)
          CHECK(inflight.empty());
        inflight.push_back(std::move(*next));
      }
      REQUIRE_FALSE(inflight.empty());
      const auto at = inflight.begin() + static_cast<std::ptrdiff_t>(random() % inflight.size());
      const auto chosen = std::move(*at);
      inflight.erase(at);
      if (random() % 3 == 0 && ledger.split(chosen.number))
        continue;
      ledger.accepted(chosen.number);
      accepted.push_back(chosen.number);
      for (const auto& f : chosen.content.fragments)
        sent.push_back(f->sequence);
    }
    CHECK(accepted.back() == *std::max_element(accepted.begin(), accepted.end()));
    std::sort(accepted.begin(), accepted.end());
    std::sort(sent.begin(), sent.end());
    for (std::size_t i = 0; i < accepted.size(); ++i)
      CHECK(accepted[i] == i + 1);
    REQUIRE(sent.size() == fragments);
    for (std::size_t i = 0; i < sent.size(); ++i)
      CHECK(sent[i] == i + 1);
  }
}
