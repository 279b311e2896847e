// SPDX-License-Identifier: Apache-2.0
#pragma once

/// UPLOAD PROGRESS LINE: one line on a terminal that is written over five times a second while an
/// upload runs. On a thread of its own; gone when the object is.

#include "symup/receipt.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace symup::cli {

class upload_progress_line {
public:
  /// @param more  what else the line says, such as the extractor's progress; may be null
  upload_progress_line(std::function<upload_progress()> read, std::function<std::string()> more);
  ~upload_progress_line();
  upload_progress_line(const upload_progress_line&) = delete;
  upload_progress_line& operator=(const upload_progress_line&) = delete;

private:
  void run();
  [[nodiscard]] std::string line() const;

  std::function<upload_progress()> read_;
  std::function<std::string()> more_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  std::thread thread_;
};

} // namespace symup::cli
