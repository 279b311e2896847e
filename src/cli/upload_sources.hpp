// SPDX-License-Identifier: Apache-2.0
#pragma once

/// UPLOAD SOURCES: what `symup upload` can read, as sources for an upload run: a scope file, or one
/// language of a native binary.

#include "cli/upload_run.hpp"

#include "symup/binary_scopes.hpp"
#include "symup/scope_file.hpp"

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>

namespace symup::cli {

/// The file must outlive the source.
[[nodiscard]] scope_source file_source(scope_file& file, const std::string& name);

/// A language of a binary; must outlive the sources it makes.
class binary_source {
public:
  binary_source(binary_scopes& binary, std::string language);

  [[nodiscard]] scope_source make(const std::string& name);
  /// What was seen of the binary, once it was read to its end.
  [[nodiscard]] const std::optional<binary_summary>& summary() const { return summary_; }

private:
  std::optional<error> feed(scope_sink& sink);
  [[nodiscard]] std::string progress();

  binary_scopes& binary_;
  const std::string language_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;
  binary_progress now_;
  std::optional<binary_summary> summary_;
};

} // namespace symup::cli
