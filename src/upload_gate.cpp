// SPDX-License-Identifier: Apache-2.0
#include "upload_gate.hpp"

#include <utility>

namespace symup {

bool upload_gate::try_take_credit(bool memory_is_short) {
  const std::lock_guard lock(mutex_);
  if (!may_take(memory_is_short) || failure_ || receipt_)
    return false;
  --credit_;
  ++not_admitted_;
  return true;
}

bool upload_gate::wait_for_credit(bool memory_is_short) {
  std::unique_lock lock(mutex_);
  credit_there_.wait(lock, [&] { return may_take(memory_is_short) || failure_ || receipt_; });
  if (failure_ || receipt_)
    return false;
  --credit_;
  ++not_admitted_;
  return true;
}

bool upload_gate::has_credit(bool memory_is_short) const {
  const std::lock_guard lock(mutex_);
  return may_take(memory_is_short);
}

void upload_gate::admitted() {
  {
    const std::lock_guard lock(mutex_);
    if (not_admitted_ > 0) // the last group of an upload goes without credit
      --not_admitted_;
  }
  credit_there_.notify_all();
}

void upload_gate::give_credit() {
  {
    const std::lock_guard lock(mutex_);
    ++credit_;
  }
  credit_there_.notify_one();
}

upload_gate::wake_up upload_gate::wait_for_call(std::chrono::milliseconds longest) {
  std::unique_lock lock(mutex_);
  called_there_.wait_for(lock, longest, [this] { return called_ || failure_ || receipt_; });
  if (std::exchange(called_, false))
    return wake_up::called;
  return failure_ || receipt_ ? wake_up::over : wake_up::in_vain;
}

void upload_gate::call() {
  {
    const std::lock_guard lock(mutex_);
    called_ = true;
  }
  called_there_.notify_all();
}

void upload_gate::wake_all() noexcept {
  credit_there_.notify_all();
  called_there_.notify_all();
}

void upload_gate::fail(const error& reason) {
  {
    const std::lock_guard lock(mutex_);
    if (!failure_ && !receipt_)
      failure_ = reason;
  }
  wake_all();
}

bool upload_gate::failed() const {
  const std::lock_guard lock(mutex_);
  return failure_.has_value();
}

std::optional<error> upload_gate::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void upload_gate::complete(receipt result) {
  std::function<void(const receipt&)> on_done;
  {
    const std::lock_guard lock(mutex_);
    if (receipt_)
      return;
    receipt_ = std::move(result);
    failure_ = receipt_->error; // a cancel that came too late was none
    on_done = std::exchange(on_done_, nullptr);
  }
  wake_all();
  if (on_done)
    on_done(*receipt_);
  {
    const std::lock_guard lock(mutex_);
    told_ = true;
  }
  receipt_there_.notify_all();
}

receipt upload_gate::wait() const {
  std::unique_lock lock(mutex_);
  receipt_there_.wait(lock, [this] { return told_; });
  return *receipt_;
}

void upload_gate::set_front(std::function<void()> flush) {
  const std::lock_guard lock(mutex_);
  front_ = std::move(flush);
}

void upload_gate::flush_front() const {
  std::function<void()> flush;
  {
    const std::lock_guard lock(mutex_);
    flush = front_;
  }
  if (flush)
    flush();
}

void upload_gate::update(const std::function<void(upload_progress&)>& change) {
  const std::lock_guard lock(mutex_);
  change(progress_);
}

upload_progress upload_gate::progress() const {
  const std::lock_guard lock(mutex_);
  return progress_;
}

} // namespace symup
