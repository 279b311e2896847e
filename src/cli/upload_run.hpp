// SPDX-License-Identifier: Apache-2.0
#pragma once

/// UPLOAD RUN: one upload from its first scope to its receipt, whatever the scopes come from.
/// Called by upload_command with a source made by upload_from_file or upload_from_binary.

#include "cli/end_signals.hpp"
#include "cli/upload_report.hpp"

#include "symup/pipeline.hpp"

#include <functional>
#include <optional>
#include <string>

namespace symup::cli {

/// Where scopes come from.
struct scope_source {
  std::string name; ///< of the input, for reports
  /// Writes all scopes into the sink. Returns what is wrong with the input, or nothing: also when
  /// the sink said stop, because then the upload knows why.
  std::function<std::optional<error>(scope_sink&)> feed;
  std::function<void()> stop;            ///< any thread: makes feed return soon
  std::function<std::string()> progress; ///< what the progress line says of it; may be null
};

/// Feeds the upload, ends it (or cancels it, if the input is wrong or a signal comes) and waits for
/// its receipt.
[[nodiscard]] upload_report run_upload(const scope_source& source, upload& up, end_signals& signals,
                                       bool show_progress);

} // namespace symup::cli
