// SPDX-License-Identifier: Apache-2.0
#include "upload_ledger.hpp"

#include <utility>

namespace symup {

void upload_ledger::push(batch closed) {
  waiting_.push_back({std::move(closed), 0});
}

std::optional<numbered_batch> upload_ledger::next() {
  if (waiting_.empty() || inflight_.size() >= max_inflight_)
    return std::nullopt;
  if (waiting_.front().content.final && !inflight_.empty())
    return std::nullopt;
  auto [content, number] = std::move(waiting_.front());
  waiting_.pop_front();
  if (number == 0)
    number = ++last_number_;
  inflight_[number] = content;
  return numbered_batch{number, std::move(content)};
}

void upload_ledger::accepted(std::uint32_t number) {
  const auto found = inflight_.find(number);
  if (found == inflight_.end())
    return;
  ++accepted_batches_;
  accepted_roots_ += roots_in(found->second);
  accepted_json_bytes_ += json_bytes_in(found->second);
  final_accepted_ = final_accepted_ || found->second.final;
  inflight_.erase(found);
}

bool upload_ledger::split(std::uint32_t number) {
  const auto found = inflight_.find(number);
  if (found == inflight_.end() || found->second.fragments.size() < 2)
    return false;
  auto first = std::move(found->second);
  inflight_.erase(found);
  const auto middle =
      first.fragments.begin() + static_cast<std::ptrdiff_t>((first.fragments.size() + 1) / 2);
  batch second;
  second.fragments.assign(middle, first.fragments.end());
  second.final = std::exchange(first.final, false);
  first.fragments.erase(middle, first.fragments.end());
  waiting_.push_front({std::move(second), 0});
  waiting_.push_front({std::move(first), number});
  return true;
}

} // namespace symup
