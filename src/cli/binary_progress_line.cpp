// SPDX-License-Identifier: Apache-2.0
#include "cli/binary_progress_line.hpp"

#include <spdlog/fmt/fmt.h>

#include <cstdio>

namespace symup::cli {

namespace {
constexpr const char* clear_line = "\r\x1b[K";
}

std::string describe(const binary_progress& now, double seconds) {
  auto text = fmt::format("units {}/{}, {} scopes", now.units_done, now.units_total, now.scopes);
  if (now.writing)
    return text + " written";
  if (seconds > 0.0)
    text += fmt::format(", {:.0f} units/s", static_cast<double>(now.units_done) / seconds);
  if (now.units_done > 0 && seconds > 1.0)
    text +=
        fmt::format(", {:.0f} s left", seconds / static_cast<double>(now.units_done) *
                                           static_cast<double>(now.units_total - now.units_done));
  return text;
}

binary_progress_line::~binary_progress_line() {
  if (show_)
    std::fputs(clear_line, stderr);
}

void binary_progress_line::update(const binary_progress& now) {
  if (!show_)
    return;
  const auto seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  std::fputs((clear_line + describe(now, seconds)).c_str(), stderr);
  std::fflush(stderr);
}

} // namespace symup::cli
