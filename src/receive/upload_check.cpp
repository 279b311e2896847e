// SPDX-License-Identifier: Apache-2.0
#include "receive/upload_check.hpp"

#include <iterator>
#include <string>
#include <utility>

namespace symup::receive {

namespace {

void check_identity(const batch_facts& first, const batch_facts& other,
                    std::vector<violation>& list) {
  const auto same = [&](std::string_view rule, const char* what, const std::string& a,
                        const std::string& b) {
    if (a != b)
      add(list, rule,
          std::string(what) + " is " + in_quotes(b) + ", in batch " +
              std::to_string(first.batch_num) + " of this upload it is " + in_quotes(a));
  };
  same("upload.service", "service", first.service, other.service);
  same("upload.version", "version", first.version, other.version);
  same("upload.language", "language", first.language, other.language);
}

} // namespace

upload_check::verdict upload_check::judge(const batch_record& batch,
                                          std::vector<violation>& list) const {
  const std::size_t before = list.size();
  const std::uint32_t number = batch.facts.batch_num;
  if (const auto found = batches_.find(number); found != batches_.end()) {
    if (same_bytes(found->second, batch))
      return verdict::resent;
    add(list, "upload.resend",
        "batch " + std::to_string(number) + " was accepted before with other bytes");
    return verdict::refused;
  }
  if (!batches_.empty())
    check_identity(batches_.begin()->second.facts, batch.facts, list);
  if (final_ != 0 && batch.facts.final)
    add(list, "upload.second_final", "batch " + std::to_string(final_) + " was final already");
  else if (final_ != 0)
    add(list, "upload.after_final",
        "batch " + std::to_string(final_) + " was final, nothing may come after it");
  else if (batch.facts.final && has_gap_below(number))
    add(list, "upload.final_too_early",
        "the final batch " + std::to_string(number) + " came before all lower numbers");
  else if (batch.facts.final && !batches_.empty() && batches_.rbegin()->first > number)
    add(list, "upload.final_not_last",
        "batch " + std::to_string(batches_.rbegin()->first) + " is above the final batch " +
            std::to_string(number));
  return list.size() == before ? verdict::fresh : verdict::refused;
}

bool upload_check::has_gap_below(std::uint32_t number) const {
  const auto end = batches_.lower_bound(number);
  return static_cast<std::uint32_t>(std::distance(batches_.begin(), end)) != number - 1;
}

void upload_check::accept(batch_record batch) {
  if (batch.facts.final)
    final_ = batch.facts.batch_num;
  const std::uint32_t number = batch.facts.batch_num;
  batches_.emplace(number, std::move(batch));
}

std::vector<violation> upload_check::complete() const {
  std::vector<violation> list;
  std::uint32_t wanted = 1;
  for (const auto& [number, batch] : batches_) {
    if (number != wanted)
      add(list, "upload.gap",
          number - wanted == 1 ? "batch " + std::to_string(wanted) + " is missing"
                               : "batches " + std::to_string(wanted) + " to " +
                                     std::to_string(number - 1) + " are missing");
    wanted = number + 1;
  }
  if (final_ == 0)
    add(list, "upload.no_final", "no batch is final");
  return list;
}

} // namespace symup::receive
