// SPDX-License-Identifier: Apache-2.0
#pragma once

/// BUFFER POOL: buffers that go round between stages instead of through the allocator.
/// Holds a bounded number of idle buffers; a buffer that grew beyond `max_capacity` is freed
/// instead of kept. Thread-safe.

#include "byte_buffer.hpp"

#include <cstddef>
#include <mutex>

#include <utility>
#include <vector>

namespace symup {

class buffer_pool {
public:
  buffer_pool(std::size_t max_idle, std::size_t max_capacity)
      : max_idle_(max_idle), max_capacity_(max_capacity) {}

  /// An empty buffer, with the capacity of its last use if it had one.
  [[nodiscard]] byte_buffer take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty())
      return {};
    auto buffer = std::move(idle_.back());
    idle_.pop_back();
    return buffer;
  }

  void give_back(byte_buffer buffer) {
    buffer.clear();
    const std::lock_guard lock(mutex_);
    if (idle_.size() < max_idle_ && buffer.capacity() <= max_capacity_)
      idle_.push_back(std::move(buffer));
  }

private:
  const std::size_t max_idle_;
  const std::size_t max_capacity_;
  std::mutex mutex_;
  std::vector<byte_buffer> idle_;
};

} // namespace symup
