// SPDX-License-Identifier: Apache-2.0
// The production actors together, on a scheduler without threads and a clock that stands still.
#include "supervisor.hpp"

#include "buffer_pool.hpp"
#include "virtual_system.hpp"

#include <doctest/doctest.h>

using namespace symup;
using namespace symup::actors;
using namespace std::chrono_literals;

namespace {

struct fixture : testing::virtual_system {
  testing::recorded_transport wire;
  std::shared_ptr<memory_budget> budget;
  std::shared_ptr<pipeline_counters> counters = std::make_shared<pipeline_counters>();
  supervisor_actor boss;

  explicit fixture() { start({}); }

  void start(config values) {
    values.service = "s";
    values.version = "1";
    values.workers = 2;
    auto checked = finalize(values);
    REQUIRE(checked);
    budget = std::make_shared<memory_budget>(checked->values().memory_limit);
    boss = system.spawn(
        supervisor,
        supervisor_options{
            *checked, budget, std::make_shared<buffer_pool>(4, 1 << 20),
            std::make_shared<tape_turns>(4, 4), std::make_shared<buffer_pool>(4, 1 << 20), counters,
            nullptr, "http://agent", [this]() -> expected<transport> { return wire.make(); },
            [] { return 0.5; }, [] { return std::chrono::system_clock::time_point(0s); }});
    run();
  }
  ~fixture() {
    caf::anon_send_exit(boss, caf::exit_reason::user_shutdown);
    run();
    CHECK(budget->used() == 0);
  }
  expected<begun_upload> begin() {
    auto identity = std::make_shared<upload_identity>();
    identity->upload_id = "0f8fad5b-d9cb-469f-a165-70867728950e";
    identity->service = "s";
    identity->version = "1";
    expected<begun_upload> result = fail(errc::internal, "no answer");
    self->send(boss, begin_atom::value,
               begin_message{identity, nullptr, true,
                             [&](expected<begun_upload> begun) { result = std::move(begun); }});
    run();
    return result;
  }
  void add(const begun_upload& upload, const std::string& name) {
    std::vector<scope> scopes = {{"FILE", name, "", 0, 0, false, {}, {}, {}, {}}};
    self->request(upload.intake, caf::infinite, add_scopes_atom::value,
                  scopes_message{std::make_shared<std::vector<scope>>(scopes)});
    run();
  }
  void finish(const begun_upload& upload) {
    self->request(upload.intake, caf::infinite, finish_upload_atom::value);
    run();
  }
  auto drain(std::chrono::milliseconds deadline) {
    auto handle = self->request(boss, caf::infinite, drain_atom::value,
                                static_cast<std::int64_t>(deadline.count()));
    run();
    return handle;
  }
  template <class Handle>
  shutdown_report report_of(Handle& handle) {
    shutdown_report report;
    handle.receive([&](const report_message& m) { report = *m.report; },
                   [](const caf::error&) { FAIL("no report"); });
    return report;
  }
};

} // namespace

TEST_CASE_FIXTURE(fixture, "a scope goes through all actors to the wire and back as a receipt") {
  auto upload = begin();
  REQUIRE(upload);
  add(*upload, "a.c");
  CHECK(wire.open.empty());
  finish(*upload);
  REQUIRE(wire.open.size() == 1);
  wire.answer(202);
  run();
  const auto result = upload->gate->wait();
  CHECK(result.final);
  CHECK(result.scopes == 1);
  CHECK(result.scopes_added == 1);
  CHECK(counters->uploads_open == 0);
  CHECK(counters->scopes_accepted == 1);
}

TEST_CASE_FIXTURE(fixture, "a drain waits for open uploads and reports them as delivered") {
  auto upload = begin();
  add(*upload, "a.c");
  auto drained = drain(10s);
  CHECK_FALSE(begin()); // nothing new
  finish(*upload);
  wire.answer(200);
  run();
  const auto report = report_of(drained);
  CHECK(report.delivered.size() == 1);
  CHECK(report.aborted.empty());
}

TEST_CASE_FIXTURE(fixture, "at the deadline a drain cuts off what is left and says so") {
  auto unfinished = begin();
  add(*unfinished, "a.c");
  auto stuck = begin();
  add(*stuck, "b.c");
  finish(*stuck);
  auto drained = drain(3s);
  advance(2999ms);
  CHECK(wire.cancelled.empty());
  advance(1ms);
  CHECK(wire.cancelled.size() == 1);
  const auto report = report_of(drained);
  REQUIRE(report.aborted.size() == 2);
  for (const auto& each : report.aborted) {
    CHECK(each.error->code == errc::shut_down);
    CHECK_FALSE(each.final);
  }
}

TEST_CASE_FIXTURE(fixture, "a drain without uploads answers at once") {
  auto drained = drain(1h);
  CHECK(report_of(drained).delivered.empty());
}

TEST_CASE("no more uploads are open than the setting allows") {
  struct narrow : fixture {
    narrow() {
      caf::anon_send_exit(boss, caf::exit_reason::user_shutdown);
      run();
      config values;
      values.max_uploads = 1;
      start(values);
    }
  } f;
  auto first = f.begin();
  REQUIRE(first);
  const auto refused = f.begin();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::rejected);
  f.finish(*first);
  CHECK(f.begin());
}

TEST_CASE_FIXTURE(fixture, "an upload whose actor dies ends with an error, the others go on") {
  auto broken = begin();
  auto other = begin();
  caf::anon_send_exit(broken->intake, caf::exit_reason::kill);
  run();
  REQUIRE(broken->gate->wait().error);
  CHECK(broken->gate->wait().error->code == errc::internal);
  add(*other, "a.c");
  finish(*other);
  wire.answer(200);
  run();
  CHECK(other->gate->wait().final);
}
