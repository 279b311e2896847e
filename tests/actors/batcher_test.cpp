// SPDX-License-Identifier: Apache-2.0
#include "batcher.hpp"

#include "made_fragments.hpp"
#include "virtual_system.hpp"

#include <doctest/doctest.h>

using namespace symup;
using namespace symup::actors;

namespace {

// Stands for the UPLOADER: keeps every batch until the test says what became of it.
struct sent_batches {
  struct entry {
    request_message message;
    caf::typed_response_promise<result_message> answer;
  };
  std::deque<entry> open;
  std::vector<std::uint64_t> cancelled;
};

uploader_actor::behavior_type stand_in_uploader(uploader_actor::pointer self,
                                                std::shared_ptr<sent_batches> sent) {
  return {
      [=](upload_atom, request_message& message) {
        auto promise = self->make_response_promise<result_message>();
        sent->open.push_back({std::move(message), promise});
        return promise;
      },
      [=](cancel_atom, std::uint64_t key) {
        sent->cancelled.push_back(key);
        for (auto& each : std::exchange(sent->open, {}))
          each.answer.deliver(result_message{std::make_shared<batch_result>(
              batch_result{batch_fate::failed, 1, error{errc::cancelled, "cancelled", {}}})});
      },
      [=](answer_atom, std::uint64_t, const response_message&) {
        // The test's way to answer inside the actor: the oldest batch gets the sent status.
      },
      [=](retry_atom, std::uint64_t fate) {
        auto first = std::move(sent->open.front());
        sent->open.pop_front();
        batch_result result{static_cast<batch_fate>(fate), 1, std::nullopt};
        if (result.fate == batch_fate::failed)
          result.error = error{errc::http_status, "403", upload_failure{403, false, 1}};
        first.answer.deliver(result_message{std::make_shared<batch_result>(result)});
      },
  };
}

struct fixture : testing::virtual_system {
  std::shared_ptr<sent_batches> sent = std::make_shared<sent_batches>();
  uploader_actor sender = owned(system.spawn(stand_in_uploader, sent));
  std::shared_ptr<upload_gate> gate = std::make_shared<upload_gate>(100, nullptr);
  std::shared_ptr<memory_budget> budget = std::make_shared<memory_budget>(1'000'000);
  std::shared_ptr<pipeline_counters> counters = std::make_shared<pipeline_counters>();
  int ended = 0;
  batcher_actor batches = owned(system.spawn(batcher, options()));

  batcher_options options() {
    batcher_options made;
    made.key = 5;
    made.identity = {
        "0f8fad5b-d9cb-469f-a165-70867728950e", "s", "1", "", "cpp", "r", event_layout::flat};
    made.limits.flush_threshold = 1000;
    made.max_inflight_batches = 2;
    made.gate = gate;
    made.budget = budget;
    made.counters = counters;
    made.uploader = sender;
    made.ended = [this](std::uint64_t, const receipt&) { ++ended; };
    return made;
  }
  auto take(std::uint64_t sequence, std::size_t bytes = 2000) {
    auto handle = self->request(batches, caf::infinite, take_atom::value,
                                fragment_message{testing::fragment_of_size(bytes, sequence)});
    run();
    return handle;
  }
  void finish(std::uint64_t last_sequence) {
    auto end = std::make_shared<upload_end>();
    end->last_sequence = last_sequence;
    end->roots = last_sequence;
    self->send(batches, finish_atom::value, end_message{end});
    run();
  }
  void answer(batch_fate fate) {
    self->send(sender, retry_atom::value, static_cast<std::uint64_t>(fate));
    run();
  }
  bool has_answer() { return !self->mailbox().empty(); }
};

template <class Handle>
std::optional<error> credit_of(Handle& handle) {
  std::optional<error> result;
  handle.receive([](caf::ok_atom) {}, [&](const caf::error& e) { result = from_caf(e); });
  return result;
}

} // namespace

TEST_CASE_FIXTURE(fixture, "fragments that come out of order are batched in order") {
  auto second = take(2);
  CHECK_FALSE(has_answer());
  auto first = take(1);
  CHECK_FALSE(credit_of(first));
  CHECK_FALSE(credit_of(second));
  REQUIRE(sent->open.size() == 1); // the second is kept: it may be the last
  CHECK(sent->open.front().message.number == 1);
}

TEST_CASE_FIXTURE(fixture, "credit is kept back while too many batches are on their way") {
  for (std::uint64_t i = 1; i <= 3; ++i) { // two batches sent, the third fragment kept
    auto taken = take(i);
    CHECK_FALSE(credit_of(taken));
  }
  CHECK(sent->open.size() == 2);
  auto held = take(4);
  CHECK_FALSE(has_answer());
  answer(batch_fate::accepted);
  CHECK(has_answer());
  CHECK_FALSE(credit_of(held));
  CHECK(sent->open.size() == 2);
}

TEST_CASE_FIXTURE(fixture,
                  "while too many batches are on their way the next one is filled all the same") {
  for (std::uint64_t i = 1; i <= 2; ++i) {
    auto taken = take(i);
    CHECK_FALSE(credit_of(taken));
  }
  auto small = take(3, 100); // closes the second batch; its own is not full
  CHECK_FALSE(credit_of(small));
  CHECK(sent->open.size() == 2);
  SUBCASE("as long as there is memory") {
    auto another = take(4, 100);
    CHECK_FALSE(credit_of(another));
    auto last = take(5, 1000);
    CHECK_FALSE(credit_of(last));
    auto held = take(6, 100); // would close a third
    CHECK_FALSE(has_answer());
    answer(batch_fate::accepted);
    CHECK_FALSE(credit_of(held));
    CHECK(sent->open.size() == 2);
  }
  SUBCASE("but not beyond it") {
    budget->take_always(1'000'001);
    auto held = take(4, 100);
    CHECK_FALSE(has_answer());
    answer(batch_fate::accepted);
    CHECK_FALSE(credit_of(held));
    budget->give_back(1'000'001);
  }
}

TEST_CASE_FIXTURE(fixture, "fragments held back by a slow receiver raise an automatic level") {
  const auto levels = std::make_shared<level_control>(1);
  auto with_levels = options();
  with_levels.levels = levels;
  batches = owned(system.spawn(batcher, with_levels));
  for (std::uint64_t i = 1; i <= 3; ++i) {
    auto taken = take(i);
    CHECK_FALSE(credit_of(taken));
  }
  levels->compressed(levels->level(), 20'000, 2'000, std::chrono::milliseconds(1));
  scheduler().clock().advance_time(std::chrono::milliseconds(100));
  SUBCASE("one waits: 2000 bytes in 100 ms are all that the receiver takes") {
    auto held = take(4);
    answer(batch_fate::accepted);
    CHECK_FALSE(credit_of(held));
    CHECK(levels->level() == level_control::first + 1);
  }
  SUBCASE("none waits, and the compressors have little to do") {
    answer(batch_fate::accepted);
    CHECK(levels->level() == level_control::first);
  }
  SUBCASE("memory is short, but not because of batches on their way") {
    budget->take_always(2'000'000);
    answer(batch_fate::accepted);
    CHECK(levels->level() == level_control::first);
    budget->give_back(2'000'000);
  }
  SUBCASE("memory is short because of batches on their way, those of other uploads too") {
    budget->take_always(2'000'000);
    counters->compressed_bytes_on_their_way += 500'000;
    answer(batch_fate::accepted);
    CHECK(levels->level() == level_control::first + 1);
    budget->give_back(2'000'000);
  }
}

TEST_CASE_FIXTURE(fixture, "the final batch goes last and alone, then the receipt is there") {
  for (std::uint64_t i = 1; i <= 2; ++i) {
    auto taken = take(i);
    CHECK_FALSE(credit_of(taken));
  }
  finish(2);
  REQUIRE(sent->open.size() == 1); // the final one waits for the first
  answer(batch_fate::accepted);
  REQUIRE(sent->open.size() == 1);
  CHECK(testing::body_of(*sent->open.front().message.request).find("\"final\":true") !=
        std::string::npos);
  CHECK(ended == 0);
  answer(batch_fate::accepted);
  CHECK(ended == 1);
  const auto result = gate->wait();
  CHECK(result.final);
  CHECK(result.batches == 2);
  CHECK(result.scopes == 2);
  CHECK(result.attempts == 2);
  CHECK_FALSE(result.error);
  CHECK(counters->uploads_complete == 1);
}

TEST_CASE_FIXTURE(fixture, "an upload without scopes sends nothing and says so") {
  finish(0);
  CHECK(sent->open.empty());
  const auto result = gate->wait();
  CHECK(result.empty());
  CHECK(result.batches == 0);
}

TEST_CASE_FIXTURE(fixture, "a batch that fails ends the upload: never final, the rest cancelled") {
  for (std::uint64_t i = 1; i <= 3; ++i) {
    auto taken = take(i);
    CHECK_FALSE(credit_of(taken));
  }
  auto held = take(4);
  answer(batch_fate::failed);
  const auto why = credit_of(held);
  REQUIRE(why);
  CHECK(why->code == errc::http_status);
  CHECK(why->upload->status == 403);
  CHECK(sent->cancelled == std::vector<std::uint64_t>{5});
  const auto result = gate->wait();
  CHECK_FALSE(result.final);
  REQUIRE(result.error);
  CHECK(result.error->code == errc::http_status);
  CHECK(gate->failure()->code == errc::http_status);
  CHECK(counters->uploads_failed == 1);
}

TEST_CASE_FIXTURE(fixture, "an aborted upload never sends its final batch") {
  auto taken = take(1);
  CHECK_FALSE(credit_of(taken));
  self->send(batches, abort_atom::value,
             error_message{std::make_shared<error>(error{errc::cancelled, "cancelled", {}})});
  run();
  CHECK(sent->open.empty());
  CHECK(gate->wait().error->code == errc::cancelled);
  CHECK_FALSE(gate->wait().final);
}

TEST_CASE_FIXTURE(fixture, "a refused batch goes on as two halves") {
  for (std::uint64_t i = 1; i <= 4; ++i) {
    auto taken = take(i, 300);
    CHECK_FALSE(credit_of(taken));
  }
  auto taken = take(5, 300);
  CHECK_FALSE(credit_of(taken));
  finish(5);
  REQUIRE(sent->open.size() == 1);
  const auto whole = testing::body_of(*sent->open.front().message.request).size();
  answer(batch_fate::too_large);
  REQUIRE(sent->open.size() == 2);
  CHECK(sent->open[0].message.number == 1);
  CHECK(sent->open[1].message.number == 2);
  CHECK(testing::body_of(*sent->open[0].message.request).size() < whole);
  answer(batch_fate::accepted);
  answer(batch_fate::accepted);
  CHECK(sent->open.front().message.number == 3);
  answer(batch_fate::accepted);
  CHECK(gate->wait().final);
  CHECK(gate->wait().batches == 3);
  CHECK(gate->wait().scopes == 5);
}

TEST_CASE_FIXTURE(fixture, "when memory is short an open batch leaves early, but for its newest") {
  for (std::uint64_t i = 1; i <= 3; ++i) {
    auto taken = take(i, 100);
    CHECK_FALSE(credit_of(taken));
  }
  CHECK(sent->open.empty());
  budget->take_always(1'000'000);
  CHECK(budget->admit(7, 1, [] {}));       // there is always room for one
  CHECK_FALSE(budget->admit(8, 1, [] {})); // somebody waits: the batcher is asked
  run();
  CHECK(sent->open.size() == 1);
  budget->forget(7);
  budget->forget(8);
  budget->give_back(1'000'001);
}

TEST_CASE_FIXTURE(fixture, "a batcher that is killed still answers who waits for the receipt") {
  caf::anon_send_exit(batches, caf::exit_reason::kill);
  run();
  REQUIRE(gate->wait().error);
  CHECK(gate->wait().error->code == errc::shut_down);
}
