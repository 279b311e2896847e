// SPDX-License-Identifier: Apache-2.0
#pragma once

/// END SIGNALS: SIGINT and SIGTERM as a call on a thread of its own. The first signal asks for a
/// clean end; a second one ends the process at once. The object must be made before any other
/// thread, so that all inherit the blocked signals.

#include <atomic>
#include <csignal>
#include <functional>
#include <mutex>
#include <thread>

namespace symup::cli {

class end_signals {
public:
  end_signals();
  ~end_signals();
  end_signals(const end_signals&) = delete;
  end_signals& operator=(const end_signals&) = delete;

  /// What to do on the first signal; called at once if it came already. Null: nothing.
  void on_signal(std::function<void()> action);
  [[nodiscard]] bool received() const noexcept { return received_; }

private:
  void watch();

  sigset_t signals_;
  std::mutex mutex_;
  std::function<void()> action_;
  std::atomic<bool> received_{false};
  std::atomic<bool> ending_{false};
  std::thread watcher_;
};

} // namespace symup::cli
