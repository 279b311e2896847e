// SPDX-License-Identifier: Apache-2.0
#pragma once

/// WORKER POOL: the handles of like workers (ENCODERs or COMPRESSORs) and how much each has to do.
/// Who has work picks the least busy one. Shared by all uploads of a pipeline; the SUPERVISOR
/// replaces a worker that died. Thread-safe.

#include <cstddef>
#include <mutex>
#include <vector>

namespace symup::actors {

template <class Worker>
class worker_pool {
public:
  /// The least busy worker; counts one more piece of work for it.
  [[nodiscard]] Worker pick() {
    const std::lock_guard lock(mutex_);
    auto* best = &workers_.front();
    for (auto& each : workers_) {
      if (each.queued < best->queued)
        best = &each;
    }
    ++best->queued;
    return best->handle;
  }
  /// A worker is through with a piece of work.
  void done(std::size_t index) {
    const std::lock_guard lock(mutex_);
    if (workers_[index].queued > 0)
      --workers_[index].queued;
  }
  /// Puts a worker in its place; it has nothing to do yet.
  void set(std::size_t index, Worker handle) {
    const std::lock_guard lock(mutex_);
    if (workers_.size() <= index)
      workers_.resize(index + 1);
    workers_[index] = {std::move(handle), 0};
  }

private:
  struct entry {
    Worker handle;
    std::size_t queued = 0;
  };
  std::mutex mutex_;
  std::vector<entry> workers_;
};

} // namespace symup::actors
