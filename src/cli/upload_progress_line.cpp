// SPDX-License-Identifier: Apache-2.0
#include "cli/upload_progress_line.hpp"

#include "cli/upload_report.hpp"

#include <spdlog/fmt/fmt.h>

#include <cstdio>
#include <utility>

namespace symup::cli {

namespace {
constexpr auto refresh = std::chrono::milliseconds(200);
constexpr const char* clear_line = "\r\x1b[K";
} // namespace

upload_progress_line::upload_progress_line(std::function<upload_progress()> read,
                                           std::function<std::string()> more)
    : read_(std::move(read)), more_(std::move(more)), thread_([this] { run(); }) {}

upload_progress_line::~upload_progress_line() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
  std::fputs(clear_line, stderr);
  std::fflush(stderr);
}

std::string upload_progress_line::line() const {
  const auto p = read_();
  const auto seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  return fmt::format(
      "{}{} scopes, {} batches accepted, {} in, {} out, {}/s{}", more_ ? more_() + "  " : "",
      p.scopes_added, p.batches_accepted, readable_bytes(p.json_bytes),
      readable_bytes(p.compressed_bytes_accepted),
      readable_bytes(static_cast<std::uint64_t>(static_cast<double>(p.json_bytes) / seconds)),
      p.retries > 0 ? fmt::format(", {} retries", p.retries) : "");
}

void upload_progress_line::run() {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, refresh, [this] { return ending_; })) {
    std::fputs((clear_line + line()).c_str(), stderr);
    std::fflush(stderr);
  }
}

} // namespace symup::cli
