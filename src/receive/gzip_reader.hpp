// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Inflates exactly one gzip member with zlib, a piece at a time, so that the attachment is read
/// in constant memory. attachment_check pulls bytes from it. One reader, one thread.

#include "receive/violation.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <zlib.h>

namespace symup::receive {

class gzip_reader {
public:
  /// `gzip` must outlive the reader; more than `max_bytes` inflated is a violation.
  gzip_reader(std::string_view gzip, std::uint64_t max_bytes);
  ~gzip_reader();
  gzip_reader(const gzip_reader&) = delete;
  gzip_reader& operator=(const gzip_reader&) = delete;

  /// True when no byte is left (also after a violation).
  [[nodiscard]] bool at_end() { return next_ == last_ && !refill(); }
  /// The next byte; only when not at_end().
  [[nodiscard]] char current() const { return *next_; }
  void advance() { ++next_; }

  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; } ///< inflated so far
  /// What is wrong with the member, once at_end() was true.
  [[nodiscard]] const std::optional<violation>& problem() const noexcept { return problem_; }

private:
  bool refill();
  void end_with(std::string_view rule, std::string text);
  void finish_member();

  z_stream stream_{};
  bool initialised_ = false;
  bool done_ = false;
  std::uint64_t max_bytes_;
  std::uint64_t bytes_ = 0;
  std::string_view rest_; ///< input not yet given to zlib (avail_in has only 32 bits)
  std::array<char, 32768> buffer_;
  const char* next_ = nullptr;
  const char* last_ = nullptr;
  std::optional<violation> problem_;
};

} // namespace symup::receive
