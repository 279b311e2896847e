// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A TCP relay on loopback that lets nothing through while it is shut: how a test makes the intake
/// stall for exactly as long as it wants. One thread of its own; open() may be called from any.

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace symup::testing {

class valve {
public:
  /// Shut. What comes is relayed to this port of 127.0.0.1 once it is open.
  explicit valve(int target_port);
  ~valve();
  valve(const valve&) = delete;
  valve& operator=(const valve&) = delete;

  void open();
  [[nodiscard]] const std::string& url() const noexcept { return url_; }

private:
  struct connection {
    int from, to;
  };
  void run();
  void accept_one();
  static bool relay(int from, int to);

  int target_port_;
  int listening_ = -1;
  int wake_read_ = -1, wake_write_ = -1;
  std::string url_;
  std::vector<connection> connections_;
  std::atomic<bool> open_{false}, ending_{false};
  std::thread thread_;
};

} // namespace symup::testing
