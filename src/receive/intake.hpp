// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Takes received batches in: checks each by itself, judges it against its upload, stores it. What
/// the intake server does with a body once HTTP and multipart are off. Any number of threads;
/// batches of one upload wait for each other only while they are judged and stored.

#include "receive/batch_check.hpp"
#include "receive/batch_store.hpp"
#include "receive/upload_check.hpp"
#include "symup/error.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace symup::receive {

struct intake_result {
  enum class outcome : std::uint8_t {
    accepted,
    resent,  ///< accepted before, the same bytes
    refused, ///< see violations
    failed,  ///< no fault of the sender: full, or the disk; see problem
  };
  outcome what = outcome::refused;
  std::vector<violation> violations;
  std::string problem;
  batch_facts facts; ///< as far as known
};

class intake {
public:
  /// Without a store the batches are checked and forgotten, but for what later ones are compared
  /// with. A store's batches count as accepted.
  intake(std::optional<batch_store> store, batch_limits limits);

  [[nodiscard]] intake_result take(const std::vector<batch_part>& parts);

  /// The batches accepted so far of one upload, by number.
  [[nodiscard]] std::vector<batch_facts> batches_of(const std::string& upload_id) const;
  /// What the uploads lack if nothing more comes; each text begins with its upload.
  [[nodiscard]] std::vector<violation> incomplete() const;
  [[nodiscard]] std::size_t uploads() const;

private:
  struct upload {
    std::mutex mutex;
    upload_check check;
  };
  [[nodiscard]] std::shared_ptr<upload> find_or_add(const std::string& upload_id);
  [[nodiscard]] std::vector<std::shared_ptr<upload>> all() const;

  std::optional<batch_store> store_;
  batch_limits limits_;
  mutable std::mutex mutex_; ///< of the two below
  std::unordered_map<std::string, std::shared_ptr<upload>> uploads_;
  std::size_t batches_ = 0;
};

} // namespace symup::receive
