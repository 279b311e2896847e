// SPDX-License-Identifier: Apache-2.0
#include "upload_gate.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace symup;
using wake_up = upload_gate::wake_up;

namespace {
// Who is not woken waits until the test program is ended.
constexpr std::chrono::hours for_ever{1};
} // namespace

TEST_CASE("a call that came before the wait counts, once") {
  upload_gate gate(1, nullptr);
  gate.call();
  CHECK(gate.wait_for_call(for_ever) == wake_up::called);
  CHECK(gate.wait_for_call(std::chrono::milliseconds(0)) == wake_up::in_vain);
}

TEST_CASE("a failure wakes who waits for a call or for credit") {
  for (int i = 0; i < 200; ++i) { // some of them wait already when it comes
    upload_gate gate(0, nullptr);
    wake_up woken = wake_up::in_vain;
    bool credit = true;
    std::thread for_call([&] { woken = gate.wait_for_call(for_ever); });
    std::thread for_credit([&] { credit = gate.wait_for_credit(); });
    gate.fail({errc::cancelled, "cancelled", std::nullopt});
    for_call.join();
    for_credit.join();
    CHECK(woken == wake_up::over);
    CHECK_FALSE(credit);
  }
}

TEST_CASE("a call wakes who waits for it, and is no credit") {
  for (int i = 0; i < 200; ++i) {
    upload_gate gate(0, nullptr);
    std::thread waiting([&] { CHECK(gate.wait_for_call(for_ever) == wake_up::called); });
    gate.call();
    waiting.join();
    CHECK_FALSE(gate.has_credit());
  }
}
