// SPDX-License-Identifier: Apache-2.0
#include "tape_turns.hpp"

#include <algorithm>

namespace symup {

// -- tape_turn ---

tape_turn::tape_turn(tape_turn&& other) noexcept
    : turns_(std::move(other.turns_)), filler_(std::move(other.filler_)) {}

tape_turn& tape_turn::operator=(tape_turn&& other) noexcept {
  if (this != &other) {
    end();
    turns_ = std::move(other.turns_);
    filler_ = std::move(other.filler_);
  }
  return *this;
}

void tape_turn::filled() {
  if (const auto filler = std::exchange(filler_, nullptr))
    turns_->end_filling(filler.get(), true);
}

void tape_turn::end() noexcept {
  const auto turns = std::exchange(turns_, nullptr);
  if (!turns)
    return;
  if (const auto filler = std::exchange(filler_, nullptr))
    turns->end_filling(filler.get(), false);
  else
    turns->end_moving();
}

// -- taking ---

tape_turn tape_turns::begin(const std::shared_ptr<tape_filler>& filler) {
  filling_.push_back(filler);
  if (on_change_)
    on_change_(+1);
  return {shared_from_this(), filler};
}

tape_turn tape_turns::try_take(const std::shared_ptr<tape_filler>& filler, bool can_wait) {
  const std::lock_guard lock(mutex_);
  if (can_wait ? !line_.empty() || !is_open() : !has_free_turn())
    return {};
  return begin(filler);
}

void tape_turns::join(const std::shared_ptr<tape_filler>& filler) {
  std::unique_lock lock(mutex_);
  filler->seen_passes_ = passes_;
  line_.push_back(filler);
  serve(std::move(lock));
}

std::pair<tape_turns::answer, tape_turn>
tape_turns::look(const std::shared_ptr<tape_filler>& filler, bool in_vain) {
  fillers asked;
  auto result = answer::wait_behind;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(filler->granted_, false)) {
      --granted_;
      return {answer::taken, begin(filler)};
    }
    const bool stands_still = std::exchange(filler->seen_passes_, passes_) == passes_ && in_vain;
    if (is_first(filler)) {
      result = answer::wait_first;
      if (stands_still) {
        asked = choose_to_ask(true);
        if (on_their_way() == 0) { // so nothing that is on its way would bring a turn
          line_.pop_front();
          result = answer::refused;
        }
      }
    }
  }
  for (const auto& each : asked)
    each->hand_over_();
  return {result, tape_turn()};
}

void tape_turns::leave(const std::shared_ptr<tape_filler>& filler) {
  std::unique_lock lock(mutex_);
  line_.erase(std::remove(line_.begin(), line_.end(), filler), line_.end());
  if (std::exchange(filler->granted_, false))
    --granted_;
  serve(std::move(lock));
}

// -- ending ---

void tape_turns::end_filling(const tape_filler* filler, bool moves_on) {
  std::unique_lock lock(mutex_);
  const auto found = std::find_if(filling_.begin(), filling_.end(),
                                  [&](const auto& each) { return each.get() == filler; });
  if (found == filling_.end())
    return;
  (*found)->asked_.store(false, std::memory_order_release);
  filling_.erase(found);
  if (moves_on) {
    ++moving_;
    return;
  }
  ++passes_;
  if (on_change_)
    on_change_(-1);
  serve(std::move(lock));
}

void tape_turns::end_moving() {
  std::unique_lock lock(mutex_);
  --moving_;
  ++passes_;
  if (on_change_)
    on_change_(-1);
  serve(std::move(lock));
}

// -- passing on ---

tape_turns::fillers tape_turns::grant() {
  fillers next;
  while (!line_.empty() && is_open()) {
    line_.front()->granted_ = true;
    ++granted_;
    next.push_back(std::move(line_.front()));
    line_.pop_front();
  }
  return next;
}

// Some of those who have filled for longest, if the processors would stand still otherwise.
// `again` asks those too who were asked before.
tape_turns::fillers tape_turns::choose_to_ask(bool again) {
  fillers chosen;
  if (line_.empty() || on_their_way() > busy_ / 4)
    return chosen;
  for (const auto& each : filling_) {
    if (chosen.size() == busy_)
      break;
    if (!each->asked_.exchange(true, std::memory_order_acq_rel) || again)
      chosen.push_back(each);
  }
  return chosen;
}

void tape_turns::serve(std::unique_lock<std::mutex> lock) {
  const auto next = grant();
  const auto asked = choose_to_ask(false);
  lock.unlock();
  for (const auto& each : next)
    each->wake_();
  for (const auto& each : asked)
    each->hand_over_();
}

} // namespace symup
