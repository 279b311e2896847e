// SPDX-License-Identifier: Apache-2.0
#include "memory_budget.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace symup;

TEST_CASE("who cannot be let in waits in line and is called when there is room") {
  memory_budget budget(100);
  std::vector<int> granted;
  CHECK(budget.admit(1, 80, [] {}));
  CHECK_FALSE(budget.admit(2, 60, [&] { granted.push_back(2); }));
  CHECK_FALSE(budget.admit(3, 10, [&] { granted.push_back(3); })); // would fit, but is behind
  budget.give_back(30);
  CHECK(granted.empty());
  budget.give_back(10);
  CHECK(granted == std::vector<int>{2});
  CHECK(budget.used() == 100);
  CHECK(budget.claim(2));
  CHECK_FALSE(budget.claim(2));
  budget.give_back(60);
  CHECK(granted == std::vector<int>{2, 3});
}

TEST_CASE("one group is always let in, however little room there is") {
  memory_budget budget(100);
  budget.take_always(500);
  CHECK(budget.admit(1, 50, [] {}));
  bool granted = false;
  CHECK_FALSE(budget.admit(2, 50, [&] { granted = true; }));
  budget.leave(1, 50);
  CHECK(granted);
  CHECK(budget.claim(2));
}

TEST_CASE("while somebody waits the largest open batch is asked to leave") {
  memory_budget budget(100);
  std::vector<int> flushed;
  budget.take_always(100);
  CHECK(budget.admit(1, 10, [] {})); // there is always room for one group
  budget.set_open_batch(1, 30, [&] { flushed.push_back(1); });
  budget.set_open_batch(2, 50, [&] { flushed.push_back(2); });
  CHECK(flushed.empty());
  CHECK_FALSE(budget.admit(3, 40, [] {}));
  CHECK(flushed == std::vector<int>{2});
  budget.give_back(5); // not enough yet: the next one is asked
  CHECK(flushed == std::vector<int>{2, 1});
}

TEST_CASE("nobody is asked to leave while groups are on their way that will give memory back") {
  memory_budget budget(100);
  int flushed = 0;
  CHECK(budget.admit(1, 90, [] {}));
  budget.set_open_batch(2, 30, [&] { ++flushed; });
  CHECK_FALSE(budget.admit(2, 20, [] {}));
  CHECK(flushed == 0);
  CHECK_FALSE(budget.admit(3, 5, [] {}));
  CHECK(flushed == 0);
  budget.leave(1,
               90); // its bytes are still held: 2 is let in all the same, 3 has only 2 to hope for
  budget.leave(2, 20);
  CHECK(flushed == 0); // 3 is inside now
  CHECK_FALSE(budget.admit(4, 5, [] {}));
  CHECK(flushed == 1); // and small
}

TEST_CASE("large tapes have a share of their own") {
  memory_budget budget(100, 25);
  budget.begin_tape(25);
  CHECK(budget.used() == 25);
  CHECK(budget.admit(1, 70, [] {}));
  CHECK_FALSE(budget.admit(2, 10, [] {})); // beyond the other 75
  CHECK(budget.is_short());
  CHECK(budget.used() == 95);
  budget.end_tape(25);
  CHECK(budget.used() == 70);
  CHECK(budget.peak() == 95);
}

TEST_CASE("an owner that is forgotten holds nothing back") {
  memory_budget budget(100);
  bool granted = false;
  CHECK(budget.admit(1, 100, [] {}));
  CHECK_FALSE(budget.admit(2, 40, [] {}));
  CHECK_FALSE(budget.admit(3, 50, [&] { granted = true; }));
  budget.give_back(60); // 2 gets its 40
  budget.forget(2);     // and gives them back unclaimed
  CHECK_FALSE(budget.claim(2));
  CHECK(granted);
  budget.forget(1);
  budget.leave(1, 100); // comes late
  CHECK(budget.used() == 90);
}

TEST_CASE("a hold gives back what it has taken") {
  auto budget = std::make_shared<memory_budget>(100);
  {
    memory_hold hold(budget);
    CHECK(budget->admit(1, 60, [] {}));
    hold.adopt(60);
    hold.resize(150);
    CHECK(budget->used() == 150);
    memory_hold other(std::move(hold));
    other.resize(20);
    CHECK(budget->used() == 20);
  }
  CHECK(budget->used() == 0);
  CHECK(budget->peak() == 150);
}
