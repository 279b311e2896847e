// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The rules over all batches of one upload, which may arrive in any order: numbers, `final`,
/// byte-identical repeats, one identity. The intake server keeps one per upload (under that
/// upload's mutex), verify makes one per upload on disk. Not thread-safe.

#include "receive/batch_record.hpp"
#include "receive/violation.hpp"

#include <cstdint>
#include <map>
#include <vector>

namespace symup::receive {

class upload_check {
public:
  enum class verdict : std::uint8_t {
    fresh,   ///< a new batch, to be stored and then given to accept()
    resent,  ///< accepted before, with the same bytes: fine, nothing to store
    refused, ///< breaks a rule
  };

  /// Judges a batch against those accepted so far; changes nothing.
  [[nodiscard]] verdict judge(const batch_record& batch, std::vector<violation>& list) const;

  /// Takes a fresh batch in.
  void accept(batch_record batch);

  /// What is still missing if nothing more comes: gaps, `final`.
  [[nodiscard]] std::vector<violation> complete() const;

  [[nodiscard]] const std::map<std::uint32_t, batch_record>& batches() const { return batches_; }

private:
  [[nodiscard]] bool has_gap_below(std::uint32_t number) const;

  std::map<std::uint32_t, batch_record> batches_;
  std::uint32_t final_ = 0; ///< number of the final batch; 0 = not yet
};

} // namespace symup::receive
