// SPDX-License-Identifier: Apache-2.0
#pragma once

/// UPLOAD GATE: where the threads that produce scopes meet the actors that take them. Holds one
/// upload's credit (groups that may still be handed over), its first failure and in the end its
/// receipt. Thread-safe. Waiting happens only on producers' threads.

#include "symup/receipt.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>

namespace symup {

class upload_gate {
public:
  /// @param credit   groups that may be on their way to the batcher at once
  /// @param on_done  called once with the receipt, on an actor's thread; must not block
  upload_gate(std::size_t credit, std::function<void(const receipt&)> on_done)
      : credit_(credit), on_done_(std::move(on_done)) {}

  // While memory is short there is credit only as long as no group of the upload waits for memory
  // already: those that wait hold small tapes beyond the limit.

  /// Takes a credit if there is one.
  [[nodiscard]] bool try_take_credit(bool memory_is_short = false);
  /// Waits for a credit and takes it; returns false if the upload has failed or ended instead.
  [[nodiscard]] bool wait_for_credit(bool memory_is_short = false);
  [[nodiscard]] bool has_credit(bool memory_is_short = false) const;
  /// The group for which the oldest credit was taken has got its memory.
  void admitted();
  void give_credit();

  enum class wake_up { called, in_vain, over };
  /// Waits until call() or for at most this time; `over` if the upload has failed or ended. A call
  /// that came before counts.
  [[nodiscard]] wake_up wait_for_call(std::chrono::milliseconds longest);
  void call();

  /// The first failure is kept, unless the upload is complete already; it wakes all who wait for
  /// credit or a call.
  void fail(const error& reason);
  [[nodiscard]] bool failed() const;
  [[nodiscard]] std::optional<error> failure() const;

  /// The end: calls on_done, then wakes all who wait for the receipt.
  void complete(receipt result);
  [[nodiscard]] receipt wait() const;

  /// How the front end hands over what it has collected, without waiting. Called by flush_front on
  /// an actor's thread when flush_interval has passed.
  void set_front(std::function<void()> flush);
  void flush_front() const;

  void update(const std::function<void(upload_progress&)>& change);
  [[nodiscard]] upload_progress progress() const;

private:
  void wake_all() noexcept;
  [[nodiscard]] bool may_take(bool memory_is_short) const noexcept {
    return credit_ > 0 && !(memory_is_short && not_admitted_ > 0);
  }

  mutable std::mutex mutex_;
  // Apart, so that nobody is woken by what others wait for.
  std::condition_variable credit_there_, called_there_;
  mutable std::condition_variable receipt_there_;
  std::size_t credit_;
  std::size_t not_admitted_ = 0; // groups with a credit that have no memory yet
  bool called_ = false;
  std::optional<error> failure_;
  std::optional<receipt> receipt_;
  bool told_ = false; // on_done has returned
  upload_progress progress_;
  std::function<void(const receipt&)> on_done_;
  std::function<void()> front_;
};

} // namespace symup
