// SPDX-License-Identifier: Apache-2.0
#include "tape_turns.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace symup;
using answer = tape_turns::answer;

namespace {

// Producers that write down what they are told.
struct fixture {
  std::string told; // "h1 " = 1 was asked to hand over, "w2 " = 2 was woken
  int held = 0;
  std::shared_ptr<tape_turns> turns;

  void start(std::size_t count, std::size_t busy) {
    turns = std::make_shared<tape_turns>(count, busy, [this](int change) { held += change; });
  }
  std::shared_ptr<tape_filler> producer(int number) {
    return std::make_shared<tape_filler>(
        [this, number] { told += "h" + std::to_string(number) + " "; },
        [this, number] { told += "w" + std::to_string(number) + " "; });
  }
  tape_turn take(const std::shared_ptr<tape_filler>& filler) {
    auto turn = turns->try_take(filler, true);
    CHECK(turn);
    return turn;
  }
  answer look(const std::shared_ptr<tape_filler>& filler, bool in_vain = false) {
    return turns->look(filler, in_vain).first;
  }
};

} // namespace

TEST_CASE_FIXTURE(fixture, "turns go to those in line, in order") {
  start(2, 9);
  const auto a = producer(1), b = producer(2), c = producer(3), d = producer(4);
  auto first = take(a), second = take(b);
  first.filled();
  second.filled();
  CHECK(held == 2);
  CHECK_FALSE(turns->try_take(c, true));
  turns->join(c);
  turns->join(d);
  CHECK(look(c) == answer::wait_first);
  CHECK(look(d) == answer::wait_behind);
  first.end();
  CHECK(held == 1);
  CHECK(told == "w3 ");
  CHECK_FALSE(turns->try_take(a, false)); // it is kept for 3
  CHECK(look(d) == answer::wait_first);
  auto third = turns->look(c, false);
  CHECK(third.first == answer::taken);
  CHECK(third.second);
  CHECK(held == 2);
  second = {};
  CHECK(told == "w3 w4 ");
}

TEST_CASE_FIXTURE(fixture, "nobody's turn comes while enough groups are on their way") {
  start(9, 2);
  const auto a = producer(1), b = producer(2), c = producer(3);
  auto first = take(a), second = take(b);
  first.filled();
  second.filled();
  CHECK_FALSE(turns->try_take(c, true));
  CHECK(turns->try_take(c, false)); // who cannot wait gets it all the same
  turns->join(c);
  CHECK(told.empty());
  first.end();
  CHECK(told == "w3 ");
}

TEST_CASE_FIXTURE(fixture, "when little is on its way the oldest tapes are asked for, each once") {
  start(3, 2);
  const auto a = producer(1), b = producer(2), c = producer(3), d = producer(4), e = producer(5);
  auto first = take(a), second = take(b), third = take(c);
  CHECK_FALSE(a->asked());
  turns->join(d);
  CHECK(told == "h1 h2 ");
  CHECK(a->asked());
  CHECK_FALSE(c->asked());
  turns->join(e);
  CHECK(told == "h1 h2 h3 ");
  first.filled(); // 1 does so when it can
  first.end();
  CHECK(told == "h1 h2 h3 w4 ");
  CHECK_FALSE(a->asked());
  CHECK(look(d) == answer::taken);
  second = {};
  CHECK(look(e) == answer::taken);
  CHECK(take(a));
  CHECK_FALSE(a->asked());
}

TEST_CASE_FIXTURE(fixture,
                  "who is first asks again when nothing has moved, and is refused at last") {
  start(1, 4);
  const auto a = producer(1), b = producer(2), c = producer(3);
  auto held_long = take(a);
  turns->join(b);
  turns->join(c);
  CHECK(told == "h1 ");
  CHECK(look(b) == answer::wait_first);
  CHECK(look(c, true) == answer::wait_behind);
  CHECK(told == "h1 ");
  CHECK(look(b, true) == answer::refused);
  CHECK(told == "h1 h1 ");
  CHECK(look(c) == answer::wait_first);
  held_long.filled();
  CHECK(look(c, true) == answer::wait_first); // now something is on its way
  held_long.end();
  CHECK(look(c, true) == answer::taken);
}

TEST_CASE_FIXTURE(fixture, "who leaves the line holds nothing back") {
  start(1, 4);
  const auto a = producer(1), b = producer(2), c = producer(3);
  auto turn = take(a);
  turn.filled();
  turns->join(b);
  turns->join(c);
  turn.end();
  CHECK(told == "w2 ");
  turns->leave(b); // though a turn was kept for it
  CHECK(told == "w2 w3 ");
  turns->leave(c);
  CHECK(held == 0);
  CHECK(take(a));
}

TEST_CASE_FIXTURE(fixture, "a turn that ends before its tape is a group goes to the next") {
  start(1, 4);
  const auto a = producer(1), b = producer(2);
  {
    auto turn = take(a);
    auto moved = std::move(turn);
    CHECK_FALSE(turn);
    turns->join(b);
    CHECK(told == "h1 ");
  }
  CHECK(told == "h1 w2 ");
  CHECK(held == 0);
}
