// SPDX-License-Identifier: Apache-2.0
// The pipeline inside a host's own actor system, with CAF's default scheduler, fed by messages.
#include "pipeline_setup.hpp"
#include "valve.hpp"

#include "symup/caf.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

using namespace symup;
using namespace symup::testing;

namespace {

scopes_message message_of(std::vector<scope> roots) {
  return {std::make_shared<const std::vector<scope>>(std::move(roots))};
}

struct feeder_state {
  upload_actor target;
  std::shared_ptr<const std::vector<scope>> roots;
  std::size_t next = 0;
};

struct fed {
  std::atomic<std::size_t> taken{0};
  std::atomic<bool> ended{false};
  receipt result;
};

// A host's actor: hands over one root scope after the other, each when the last was taken.
void feed_next(caf::stateful_actor<feeder_state>* self, const std::shared_ptr<fed>& progress) {
  auto& state = self->state;
  if (state.next == state.roots->size()) {
    self->request(state.target, caf::infinite, finish_upload_atom::value)
        .then([progress](const upload_result_message& message) {
          progress->result = *message.result;
          progress->ended = true;
        });
    return;
  }
  self->request(state.target, caf::infinite, add_scopes_atom::value,
                message_of({(*state.roots)[state.next++]}))
      .then([self, progress](caf::ok_atom) {
        ++progress->taken;
        feed_next(self, progress);
      });
}

void feed(caf::actor_system& system, const upload_actor& target, const std::vector<scope>& roots,
          const std::shared_ptr<fed>& progress) {
  system.spawn([=](caf::stateful_actor<feeder_state>* self) {
    self->state.target = target;
    self->state.roots = std::make_shared<const std::vector<scope>>(roots);
    feed_next(self, progress);
  });
}

struct host {
  caf::actor_system_config settings;
  caf::actor_system system{settings};
  caf::scoped_actor self{system};

  pipeline start(const config& values) {
    auto started = start_pipeline(system, checked(values));
    REQUIRE(started);
    return std::move(*started);
  }
  static upload_actor begin(pipeline& pipe) {
    auto begun = begin_upload(pipe);
    REQUIRE(begun);
    return *begun;
  }
  caf::error add(const upload_actor& target, std::vector<scope> roots) {
    caf::error failed;
    self->request(target, caf::infinite, add_scopes_atom::value, message_of(std::move(roots)))
        .receive([](caf::ok_atom) {}, [&](const caf::error& e) { failed = e; });
    return failed;
  }
  receipt finish(const upload_actor& target) {
    receipt result;
    self->request(target, caf::infinite, finish_upload_atom::value)
        .receive([&](const upload_result_message& message) { result = *message.result; },
                 [](const caf::error&) { FAIL_CHECK("no receipt"); });
    return result;
  }
};

} // namespace

TEST_CASE("actors of the host feed uploads by messages, two pipelines in one actor system") {
  host app;
  checked_intake one, two;
  auto pipe_one = app.start(quick_config(one.url()));
  auto pipe_two = app.start(quick_config(two.url()));
  const auto roots_one = make_roots(150, 5, 1), roots_two = make_roots(150, 5, 2);
  const auto fed_one = std::make_shared<fed>(), fed_two = std::make_shared<fed>();
  feed(app.system, host::begin(pipe_one), roots_one, fed_one);
  feed(app.system, host::begin(pipe_two), roots_two, fed_two);
  auto direct = begin(pipe_one); // the plain interface works beside it
  add_all(direct, roots_two);
  check_complete(direct.finish(), one, count(roots_two));
  CHECK(eventually([&] { return fed_one->ended && fed_two->ended; }));
  check_complete(fed_one->result, one, count(roots_one));
  check_complete(fed_two->result, two, count(roots_two));
}

TEST_CASE("a hundred actors take turns to fill two large tapes, beside a thread") {
  host app;
  checked_intake intake;
  auto values = quick_config(intake.url());
  values.fragment_bytes = 64 * 1024;
  values.memory_limit = 8 * values.fragment_bytes;
  auto pipe = app.start(values);
  const auto roots = make_roots(20);
  std::vector<std::shared_ptr<fed>> all(100);
  for (auto& each : all) {
    each = std::make_shared<fed>();
    feed(app.system, host::begin(pipe), roots, each);
  }
  auto direct = begin(pipe);
  add_all(direct, roots);
  check_complete(direct.finish(), intake, count(roots));
  for (const auto& each : all) {
    CHECK(eventually([&] { return each->ended.load(); }));
    check_complete(each->result, intake, count(roots));
  }
  CHECK(eventually([&] { return pipe.stats().memory_used == 0; }));
}

TEST_CASE("an actor is answered only when there is room, and goes on after a stall") {
  host app;
  checked_intake intake;
  valve shut(intake.server().port());
  auto values = quick_config(shut.url());
  values.flush_threshold = 0;
  values.max_inflight_groups = 4;
  auto pipe = app.start(values);
  const auto roots = make_roots(100);
  const auto progress = std::make_shared<fed>();
  feed(app.system, host::begin(pipe), roots, progress);
  const auto room = values.max_inflight_batches + 1 + values.max_inflight_groups;
  CHECK(eventually([&] { return progress->taken == room; }));
  CHECK(pipe.stats().memory_used < 2 * room * values.fragment_bytes);
  shut.open();
  CHECK(eventually([&] { return progress->ended.load(); }));
  check_complete(progress->result, intake, count(roots));
  CHECK(pipe.stats().memory_peak < 2 * room * values.fragment_bytes);
}

TEST_CASE("with overflow = reject an actor is told, and the upload goes on") {
  host app;
  checked_intake intake;
  valve shut(intake.server().port());
  auto values = quick_config(shut.url());
  values.flush_threshold = 0;
  values.max_inflight_groups = 4;
  values.overflow = overflow_policy::reject;
  auto pipe = app.start(values);
  const auto target = host::begin(pipe);
  const auto root = make_roots(1).front();
  // Only one that is too many waits for its answer, so nobody waits for two.
  std::atomic<std::uint64_t> taken{0}, refused{0};
  for (int i = 0; i < 60; ++i) {
    app.system.spawn([&, target](caf::event_based_actor* self) {
      self->request(target, caf::infinite, add_scopes_atom::value, message_of({root}))
          .then([&](caf::ok_atom) { ++taken; },
                [&](const caf::error& e) {
                  CHECK(e.code() == static_cast<std::uint8_t>(errc::rejected));
                  ++refused;
                });
    });
  }
  CHECK(eventually([&] { return taken + refused >= 59; }));
  CHECK(refused > 0);
  shut.open();
  CHECK(eventually([&] { return taken + refused == 60; }));
  scope_counts sent;
  for (std::uint64_t i = 0; i < taken; ++i)
    sent.add(root);
  check_complete(app.finish(target), intake, sent);
}

TEST_CASE("an actor learns what made its upload fail, in the category of HTTP errors") {
  host app;
  checked_intake intake("403:1");
  auto pipe = app.start(quick_config(intake.url()));
  const auto target = host::begin(pipe);
  const auto root = make_roots(1).front();
  CHECK(!app.add(target, {root}));
  const auto result = app.finish(target);
  REQUIRE(result.error);
  CHECK(result.error->code == errc::http_status);
  CHECK(!result.final);
}

TEST_CASE("an actor cancels its upload, and an invalid scope is refused by name") {
  host app;
  checked_intake intake("delay=600s");
  auto pipe = app.start(quick_config(intake.url()));
  const auto target = host::begin(pipe);
  const auto root = make_roots(1).front();
  CHECK(!app.add(target, {root}));
  auto wrong = root;
  wrong.scope_type = "function";
  const auto refused = app.add(target, {wrong});
  CHECK(refused.code() == static_cast<std::uint8_t>(errc::invalid_scope));
  caf::anon_send(target, cancel_upload_atom::value);
  CHECK(eventually([&] { return pipe.stats().uploads_open == 0; }));
  CHECK(pipe.stats().uploads_failed == 1);
}

TEST_CASE("an upload's actor that outlives the pipeline answers with an error") {
  host app;
  checked_intake intake;
  std::optional<upload_actor> target;
  {
    auto pipe = app.start(quick_config(intake.url()));
    target = host::begin(pipe);
    CHECK(!app.add(*target, make_roots(3)));
  }
  CHECK(app.add(*target, make_roots(1)));
}
