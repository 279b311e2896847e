// SPDX-License-Identifier: Apache-2.0
#include "receive/intake.hpp"

#include <utility>

namespace symup::receive {

namespace {

/// Bounds the memory for what later batches are compared with: some 500 bytes each.
constexpr std::size_t max_remembered = 1'000'000;

} // namespace

intake::intake(std::optional<batch_store> store, batch_limits limits)
    : store_(std::move(store)), limits_(limits) {
  if (!store_.has_value())
    return;
  for (const batch_record& record : store_->loaded()) {
    auto& entry = uploads_[record.facts.upload_id];
    if (entry == nullptr)
      entry = std::make_shared<upload>();
    entry->check.accept(record);
    ++batches_;
  }
}

std::shared_ptr<intake::upload> intake::find_or_add(const std::string& upload_id) {
  const std::lock_guard lock(mutex_);
  if (const auto found = uploads_.find(upload_id); found != uploads_.end())
    return found->second;
  if (uploads_.size() >= max_remembered || batches_ >= max_remembered)
    return nullptr;
  return uploads_.emplace(upload_id, std::make_shared<upload>()).first->second;
}

intake_result intake::take(const std::vector<batch_part>& parts) {
  checked_batch batch = check_batch(parts, limits_);
  intake_result result;
  result.violations = std::move(batch.violations);
  result.facts = batch.facts;
  if (!result.violations.empty())
    return result;
  const auto entry = find_or_add(batch.facts.upload_id);
  if (entry == nullptr) {
    result.what = intake_result::outcome::failed;
    result.problem = "more than " + std::to_string(max_remembered) + " batches are remembered";
    return result;
  }
  batch_record record = make_record(batch);
  const std::lock_guard lock(entry->mutex);
  const auto verdict = entry->check.judge(record, result.violations);
  if (verdict == upload_check::verdict::refused)
    return result;
  result.what = intake_result::outcome::resent;
  if (verdict == upload_check::verdict::resent)
    return result;
  if (store_.has_value()) {
    if (const auto stored = store_->put(record, batch.file, batch.event); !stored.has_value()) {
      result.what = intake_result::outcome::failed;
      result.problem = stored.error().message;
      return result;
    }
  }
  entry->check.accept(std::move(record));
  result.what = intake_result::outcome::accepted;
  const std::lock_guard count_lock(mutex_);
  ++batches_;
  return result;
}

std::vector<std::shared_ptr<intake::upload>> intake::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<upload>> list;
  list.reserve(uploads_.size());
  for (const auto& [id, entry] : uploads_)
    list.push_back(entry);
  return list;
}

std::vector<batch_facts> intake::batches_of(const std::string& upload_id) const {
  std::shared_ptr<upload> entry;
  {
    const std::lock_guard lock(mutex_);
    const auto found = uploads_.find(upload_id);
    if (found == uploads_.end())
      return {};
    entry = found->second;
  }
  const std::lock_guard lock(entry->mutex);
  std::vector<batch_facts> list;
  for (const auto& [number, record] : entry->check.batches())
    list.push_back(record.facts);
  return list;
}

std::vector<violation> intake::incomplete() const {
  std::vector<violation> list;
  for (const auto& entry : all()) {
    const std::lock_guard lock(entry->mutex);
    if (entry->check.batches().empty())
      continue; // only refused ones came
    const std::string& id = entry->check.batches().begin()->second.facts.upload_id;
    for (const violation& v : entry->check.complete())
      list.push_back({v.rule, "upload " + id + ": " + v.text});
  }
  return list;
}

std::size_t intake::uploads() const {
  std::size_t count = 0;
  for (const auto& entry : all()) {
    const std::lock_guard lock(entry->mutex);
    count += entry->check.batches().empty() ? 0 : 1;
  }
  return count;
}

} // namespace symup::receive
