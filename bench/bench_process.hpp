// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What a benchmark measures of a process, and how it runs each part in a process of its own so
/// that peaks of memory do not mix.

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>

namespace symup::bench {

struct measured {
  double seconds = 0.0;
  double cpu_seconds = 0.0;
  double peak_rss_mib = 0.0;
  std::uint64_t json_bytes = 0;
  std::uint64_t compressed_bytes = 0;
  double slowest = 0.0;         ///< the slowest upload's time in means; 0 = not measured
  std::uint64_t batches = 0;    ///< of all uploads
  double memory_peak_mib = 0.0; ///< what the pipeline counted against memory_limit
};

/// Runs `work` in a child process; it fills in the byte counts.
[[nodiscard]] measured run_apart(const std::function<void(measured&)>& work);

/// A receiver in a process of its own that reads bodies and discards them.
class discarding_receiver {
public:
  explicit discarding_receiver(const std::string& faults = "");
  ~discarding_receiver();
  discarding_receiver(const discarding_receiver&) = delete;
  discarding_receiver& operator=(const discarding_receiver&) = delete;
  [[nodiscard]] const std::string& url() const { return url_; }

private:
  pid_t child_ = -1;
  std::string url_;
};

} // namespace symup::bench
