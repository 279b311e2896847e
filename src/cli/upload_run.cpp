// SPDX-License-Identifier: Apache-2.0
#include "cli/upload_run.hpp"

#include "cli/upload_progress_line.hpp"

#include <chrono>

namespace symup::cli {

upload_report run_upload(const scope_source& source, upload& up, end_signals& signals,
                         bool show_progress) {
  const auto started = std::chrono::steady_clock::now();
  signals.on_signal([&] {
    up.cancel();
    source.stop();
  });
  std::optional<upload_progress_line> progress;
  if (show_progress)
    progress.emplace([&] { return up.progress(); }, source.progress);

  upload_report report;
  const auto bad_input = source.feed(up.sink());
  if (bad_input)
    up.cancel();
  else
    up.end();
  report.result = up.wait();
  if (bad_input)
    report.result.error = bad_input;
  signals.on_signal(nullptr);
  report.input = source.name;
  report.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return report;
}

} // namespace symup::cli
