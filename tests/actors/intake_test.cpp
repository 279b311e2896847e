// SPDX-License-Identifier: Apache-2.0
#include "intake.hpp"

#include "buffer_pool.hpp"
#include "virtual_system.hpp"

#include <doctest/doctest.h>

using namespace symup;
using namespace symup::actors;
using namespace std::chrono_literals;

namespace {

// Stands for an ENCODER: keeps each group until the test lets it go on, in its place or another.
struct kept_groups {
  std::deque<caf::typed_response_promise<caf::ok_atom>> open;
  std::vector<std::uint64_t> sequences;
  std::vector<std::shared_ptr<scope_group>> groups; // alive, so that they keep their memory
};

using stand_in_encoder_actor = encoder_actor::extend<
    // Answers the oldest kept group: with the error, if there is one.
    caf::reacts_to<tick_atom, error_message>>;

stand_in_encoder_actor::behavior_type stand_in_encoder(stand_in_encoder_actor::pointer self,
                                                       std::shared_ptr<kept_groups> kept) {
  return {
      [=](encode_atom, group_message& message, const batcher_actor&) {
        auto promise = self->make_response_promise<caf::ok_atom>();
        kept->sequences.push_back(message.group->sequence);
        kept->groups.push_back(message.group);
        kept->open.push_back(promise);
        return promise;
      },
      [=](tick_atom, const error_message& failure) {
        auto promise = kept->open.front();
        kept->open.pop_front();
        if (failure.reason)
          promise.deliver(to_caf(*failure.reason));
        else
          promise.deliver(caf::ok_atom::value);
      },
  };
}

struct told_batcher {
  std::vector<std::uint64_t> flushes;
  std::shared_ptr<const upload_end> end;
  std::shared_ptr<const error> aborted;
};

// Stands for the BATCHER: remembers what it was told.
batcher_actor::behavior_type stand_in_batcher(batcher_actor::pointer,
                                              std::shared_ptr<told_batcher> told) {
  return {
      [](take_atom, const fragment_message&) { return caf::ok_atom::value; },
      [=](finish_atom, const end_message& message) { told->end = message.end; },
      [=](flush_atom, std::uint64_t sequence) { told->flushes.push_back(sequence); },
      [](relieve_atom) {},
      [=](abort_atom, const error_message& message) { told->aborted = message.reason; },
  };
}

scope source_file(const std::string& name) {
  return {"FILE", name, "", 0, 0, false, {}, {}, {}, {}};
}

struct fixture : testing::virtual_system {
  std::shared_ptr<kept_groups> kept = std::make_shared<kept_groups>();
  std::shared_ptr<told_batcher> told = std::make_shared<told_batcher>();
  std::shared_ptr<upload_gate> gate = std::make_shared<upload_gate>(2, nullptr);
  std::shared_ptr<memory_budget> budget = std::make_shared<memory_budget>(10'000);
  std::shared_ptr<tape_turns> turns = std::make_shared<tape_turns>(1, 1);
  std::shared_ptr<encoder_pool> encoders = std::make_shared<encoder_pool>();
  stand_in_encoder_actor stages;
  intake_actor entry;
  std::size_t fragment_bytes = 300;
  // Another upload's producer.
  std::shared_ptr<tape_filler> other = std::make_shared<tape_filler>([] {}, [] {});

  void start(bool fed_by_messages, overflow_policy overflow = overflow_policy::wait,
             std::chrono::milliseconds flush_interval = 0ms) {
    stages = owned(system.spawn(stand_in_encoder, kept));
    encoders->set(0, stages);
    intake_options options;
    options.key = 1;
    options.groups.fragment_bytes = fragment_bytes;
    options.overflow = overflow;
    options.flush_interval = flush_interval;
    options.fed_by_messages = fed_by_messages;
    options.gate = gate;
    options.budget = budget;
    options.tape_buffers = std::make_shared<buffer_pool>(2, 1000);
    options.turns = turns;
    options.encoders = encoders;
    options.batcher = owned(system.spawn(stand_in_batcher, told));
    entry = owned(system.spawn(intake, std::move(options)));
    run();
  }
  void submit(std::uint64_t sequence, std::size_t name_bytes = 10) {
    REQUIRE(gate->try_take_credit());
    auto group = std::make_shared<scope_group>();
    group->sequence = sequence;
    group->tape.begin_scope(
        {"FILE", std::string(name_bytes, 'n'), "", 0, 0, false, nullptr, 0, {}});
    group->tape.end_scope();
    group->memory = memory_hold(budget);
    self->send(entry, submit_atom::value, group_message{group});
    run();
  }
  auto add(std::vector<scope> scopes) {
    auto handle = self->request(entry, caf::infinite, add_scopes_atom::value,
                                scopes_message{std::make_shared<std::vector<scope>>(scopes)});
    run();
    return handle;
  }
  void answer_oldest(std::optional<error> failure = std::nullopt) {
    error_message message;
    if (failure)
      message.reason = std::make_shared<error>(*failure);
    self->send(stages, tick_atom::value, message);
    run();
  }
  bool has_answer() { return !self->mailbox().empty(); }
};

template <class Handle>
std::optional<error> answer_of(Handle& handle) {
  std::optional<error> result;
  handle.receive([](caf::ok_atom) {}, [&](const caf::error& e) { result = from_caf(e); });
  return result;
}

} // namespace

TEST_CASE_FIXTURE(fixture, "a group's answer gives its credit back") {
  start(false);
  submit(1);
  submit(2);
  CHECK(kept->sequences == std::vector<std::uint64_t>{1, 2});
  CHECK_FALSE(gate->try_take_credit());
  answer_oldest();
  CHECK(gate->has_credit());
}

TEST_CASE_FIXTURE(fixture, "a group waits until its memory is free") {
  start(false);
  submit(1, 9000);
  submit(2, 9000);
  CHECK(kept->sequences == std::vector<std::uint64_t>{1});
  answer_oldest(); // leaves: one group is always let in
  CHECK(kept->sequences == std::vector<std::uint64_t>{1, 2});
}

TEST_CASE_FIXTURE(fixture, "a stage that fails makes the upload fail") {
  start(false);
  submit(1);
  answer_oldest(error{errc::encoding_failed, "broken", {}});
  REQUIRE(gate->failure());
  CHECK(gate->failure()->code == errc::encoding_failed);
  REQUIRE(told->aborted);
  CHECK(told->aborted->message == "broken");
}

TEST_CASE_FIXTURE(fixture, "a stage that dies makes the upload fail") {
  start(false);
  caf::anon_send_exit(stages, caf::exit_reason::kill);
  run();
  submit(1);
  REQUIRE(gate->failure());
  CHECK(gate->failure()->code == errc::internal);
}

TEST_CASE_FIXTURE(fixture, "an actor that adds scopes is answered when there is credit for them") {
  start(true);
  std::vector<scope> three = {
      source_file(std::string(200, 'a')), source_file(std::string(200, 'b')),
      source_file(std::string(200, 'c')), source_file(std::string(200, 'd'))};
  auto added = add(three); // three groups; the fourth root is still being collected
  CHECK(kept->sequences.size() == 2);
  CHECK_FALSE(has_answer());
  answer_oldest();
  CHECK(kept->sequences.size() == 3);
  REQUIRE(has_answer());
  CHECK_FALSE(answer_of(added));
}

TEST_CASE_FIXTURE(fixture, "with overflow = reject an actor is told at once that it is full") {
  start(true, overflow_policy::reject);
  std::vector<scope> many(4, source_file(std::string(200, 'a')));
  (void)add(many);
  auto refused = add({source_file("b")});
  const auto why = answer_of(refused);
  REQUIRE(why);
  CHECK(why->code == errc::rejected);
}

TEST_CASE_FIXTURE(fixture, "an invalid scope is refused whole, and the upload goes on") {
  start(true);
  auto refused = add({source_file("a"), {"function", "f", "", 0, 0, false, {}, {}, {}, {}}});
  CHECK(answer_of(refused)->code == errc::invalid_scope);
  auto added = add({source_file("b")});
  CHECK_FALSE(answer_of(added));
  auto finished = self->request(entry, caf::infinite, finish_upload_atom::value);
  run();
  REQUIRE(told->end);
  CHECK(told->end->roots == 1);
  CHECK(told->end->last_sequence == 1);
  auto result = std::make_shared<receipt>();
  result->final = true;
  self->send(entry, ended_atom::value, receipt_message{result});
  run();
  bool final = false;
  finished.receive([&](const upload_result_message& m) { final = m.result->final; },
                   [](const caf::error&) {});
  CHECK(final);
}

TEST_CASE_FIXTURE(fixture, "flush_interval hands over what an actor has added") {
  start(true, overflow_policy::wait, 5s);
  auto added = add({source_file("a")});
  CHECK_FALSE(answer_of(added));
  CHECK(kept->sequences.empty());
  advance(4999ms);
  CHECK(kept->sequences.empty());
  advance(1ms);
  CHECK(kept->sequences == std::vector<std::uint64_t>{1});
  CHECK(told->flushes == std::vector<std::uint64_t>{1});
}

TEST_CASE_FIXTURE(fixture, "flush_interval asks an upload's front end for what it has") {
  int asked = 0;
  gate->set_front([&] { ++asked; });
  start(false, overflow_policy::wait, 1s);
  advance(1s);
  advance(1s);
  CHECK(asked == 2);
}

TEST_CASE_FIXTURE(fixture, "an actor whose scopes need a turn is answered when it has come") {
  fragment_bytes = 30'000;
  budget = std::make_shared<memory_budget>(100'000);
  auto turn = turns->try_take(other, true);
  const auto large = source_file(std::string(5000, 'a'));
  start(true);
  auto first = add({large});
  CHECK_FALSE(answer_of(first)); // a small tape is enough
  auto second = add({large});
  CHECK_FALSE(has_answer());
  CHECK(kept->sequences == std::vector<std::uint64_t>{1}); // nobody waits for what is there
  SUBCASE("from another upload") {
    turn.filled();
    turn.end();
    run();
    CHECK_FALSE(answer_of(second));
    auto third = add({large});
    CHECK_FALSE(answer_of(third));
    CHECK(kept->sequences.size() == 1); // a large tape now
    CHECK_FALSE(turns->try_take(other, true));
  }
  SUBCASE("not at all: it goes on with small groups") {
    advance(99ms);
    CHECK_FALSE(has_answer());
    advance(1ms);
    CHECK_FALSE(answer_of(second));
    (void)add({large});
    CHECK(kept->sequences.size() == 2);
  }
  SUBCASE("it finishes without one") {
    self->send(entry, finish_upload_atom::value);
    run();
    CHECK_FALSE(answer_of(second));
    turn.end();
    CHECK(turns->try_take(other, true));
  }
  SUBCASE("it dies while it waits: no turn is kept for it") {
    caf::anon_send_exit(entry, caf::exit_reason::kill);
    run();
    turn.end();
    CHECK(turns->try_take(other, true));
  }
}

TEST_CASE_FIXTURE(fixture, "an actor's tape is handed over when others wait for its turn") {
  fragment_bytes = 30'000;
  start(true);
  const auto large = source_file(std::string(5000, 'a'));
  auto added = add({large, large});
  CHECK_FALSE(answer_of(added));
  CHECK(kept->sequences.empty());
  turns->join(other);
  run();
  CHECK(kept->sequences == std::vector<std::uint64_t>{1});
  kept->groups.clear(); // compressed
  CHECK(turns->look(other, false).first == tape_turns::answer::taken);
}
