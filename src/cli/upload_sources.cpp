// SPDX-License-Identifier: Apache-2.0
#include "cli/upload_sources.hpp"

#include "cli/binary_progress_line.hpp"

#include <utility>

namespace symup::cli {

scope_source file_source(scope_file& file, const std::string& name) {
  scope_source source;
  source.name = name;
  source.feed = [&file](scope_sink& sink) -> std::optional<error> {
    for (;;) {
      auto more = file.next(sink);
      if (!more && more.error().code != errc::cancelled)
        return more.error();
      if (!more || !*more)
        return std::nullopt;
    }
  };
  source.stop = [&file] { file.stop(); };
  return source;
}

binary_source::binary_source(binary_scopes& binary, std::string language)
    : binary_(binary), language_(std::move(language)) {}

scope_source binary_source::make(const std::string& name) {
  scope_source source;
  source.name = name;
  source.feed = [this](scope_sink& sink) { return feed(sink); };
  source.stop = [this] { stopped_ = true; };
  source.progress = [this] { return progress(); };
  return source;
}

std::string binary_source::progress() {
  const auto seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  const std::lock_guard lock(mutex_);
  return describe(now_, seconds);
}

std::optional<error> binary_source::feed(scope_sink& sink) {
  auto extracted = binary_.extract(language_, sink, [this](const binary_progress& now) {
    const std::lock_guard lock(mutex_);
    now_ = now;
    return !stopped_;
  });
  if (extracted)
    summary_ = std::move(*extracted);
  else if (extracted.error().code != errc::cancelled)
    return extracted.error();
  return std::nullopt;
}

} // namespace symup::cli
