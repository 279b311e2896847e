// SPDX-License-Identifier: Apache-2.0
#include "memory_budget.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace symup {

namespace {
// As long as groups of so much of the limit are on their way, these bring memory soon: a group's
// JSON becomes a fragment a tenth its size.
constexpr std::size_t enough_inside = 8;
} // namespace

// -- memory_budget ---

bool memory_budget::may_enter(std::size_t bytes) const {
  return used_ + bytes <= room_ || groups_inside_ == 0;
}

void memory_budget::add(std::size_t bytes) {
  used_ += bytes;
  peak_ = std::max(peak_, used_ + tapes_);
}

void memory_budget::enter(owner_entry& entry, std::size_t bytes) {
  add(bytes);
  ++groups_inside_;
  ++entry.groups_inside;
  bytes_inside_ += bytes;
  entry.bytes_inside += bytes;
}

void memory_budget::begin_tape(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  tapes_ += bytes;
  peak_ = std::max(peak_, used_ + tapes_);
}

void memory_budget::end_tape(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  tapes_ -= std::min(bytes, tapes_);
}

bool memory_budget::admit(std::uint64_t owner, std::size_t bytes, std::function<void()> granted) {
  std::function<void()> flush;
  {
    const std::lock_guard lock(mutex_);
    if (line_.empty() && may_enter(bytes)) {
      enter(owners_[owner], bytes);
      return true;
    }
    line_.push_back({owner, bytes, std::move(granted)});
    flush = relieve();
  }
  if (flush)
    flush();
  return false;
}

bool memory_budget::claim(std::uint64_t owner) {
  const std::lock_guard lock(mutex_);
  const auto found = owners_.find(owner);
  if (found == owners_.end() || !found->second.granted)
    return false;
  found->second.granted = false;
  found->second.unclaimed = 0;
  return true;
}

void memory_budget::leave(std::uint64_t owner, std::size_t bytes) {
  std::unique_lock lock(mutex_);
  const auto found = owners_.find(owner);
  if (found == owners_.end() || found->second.groups_inside == 0)
    return; // it was forgotten
  --found->second.groups_inside;
  --groups_inside_;
  found->second.bytes_inside -= bytes;
  bytes_inside_ -= bytes;
  serve_line(std::move(lock));
}

void memory_budget::take_always(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  add(bytes);
}

void memory_budget::give_back(std::size_t bytes) {
  std::unique_lock lock(mutex_);
  used_ -= std::min(bytes, used_);
  serve_line(std::move(lock));
}

void memory_budget::forget(std::uint64_t owner) {
  std::unique_lock lock(mutex_);
  if (const auto found = owners_.find(owner); found != owners_.end()) {
    groups_inside_ -= found->second.groups_inside;
    bytes_inside_ -= found->second.bytes_inside;
    used_ -= std::min(found->second.unclaimed, used_);
    note_open_batch(owner, found->second, 0);
    owners_.erase(found);
  }
  line_.erase(
      std::remove_if(line_.begin(), line_.end(), [&](const waiter& w) { return w.owner == owner; }),
      line_.end());
  serve_line(std::move(lock)); // it may have got shorter at its head
}

void memory_budget::set_open_batch(std::uint64_t owner, std::size_t bytes,
                                   std::function<void()> flush) {
  std::unique_lock lock(mutex_);
  auto& entry = owners_[owner];
  note_open_batch(owner, entry, bytes);
  entry.flush = std::move(flush);
  serve_line(std::move(lock));
}

void memory_budget::serve_line(std::unique_lock<std::mutex> lock) {
  if (line_.empty())
    return;
  std::vector<std::function<void()>> calls;
  while (!line_.empty() && may_enter(line_.front().bytes)) {
    auto& next = line_.front();
    auto& entry = owners_[next.owner];
    enter(entry, next.bytes);
    entry.unclaimed = next.bytes;
    entry.granted = true;
    calls.push_back(std::move(next.granted));
    line_.pop_front();
  }
  if (auto flush = relieve())
    calls.push_back(std::move(flush));
  lock.unlock();
  for (auto& call : calls)
    call();
}

// While somebody waits for more than what is on its way: the way to ask the largest open batch to
// leave. It is asked once; it comes back when it has told its size again.
std::function<void()> memory_budget::relieve() {
  if (line_.empty() || open_batches_.empty() || bytes_inside_ >= limit_ / enough_inside)
    return {};
  const auto owner = open_batches_.rbegin()->second;
  auto& largest = owners_[owner];
  note_open_batch(owner, largest, 0);
  return std::exchange(largest.flush, nullptr);
}

void memory_budget::note_open_batch(std::uint64_t owner, owner_entry& entry, std::size_t bytes) {
  if (entry.open_batch == bytes)
    return;
  open_batches_.erase({entry.open_batch, owner});
  if (bytes > 0)
    open_batches_.emplace(bytes, owner);
  entry.open_batch = bytes;
}

bool memory_budget::is_short() const {
  const std::lock_guard lock(mutex_);
  return !line_.empty() || used_ > room_;
}

std::size_t memory_budget::used() const {
  const std::lock_guard lock(mutex_);
  return used_ + tapes_;
}

std::size_t memory_budget::peak() const {
  const std::lock_guard lock(mutex_);
  return peak_;
}

// -- memory_hold ---

void memory_hold::resize(std::size_t bytes) {
  if (!budget_)
    return;
  if (bytes > bytes_)
    budget_->take_always(bytes - bytes_);
  else if (bytes < bytes_)
    budget_->give_back(bytes_ - bytes);
  bytes_ = bytes;
}

void memory_hold::release() noexcept {
  if (budget_ && bytes_ != 0)
    budget_->give_back(bytes_);
  bytes_ = 0;
}

} // namespace symup
