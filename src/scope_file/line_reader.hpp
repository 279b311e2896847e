// SPDX-License-Identifier: Apache-2.0
#pragma once

/// LINE READER: cuts an INPUT STREAM into lines, in one buffer that grows to the longest line and
/// shrinks behind it. scope_file calls it; NDJSON TO SCOPES parses the line where it lies.

#include "scope_file/input_stream.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

namespace symup {

/// A line without its end ("\n" or "\r\n"). Lives until the next call; `text` may be written to,
/// and has json_tokens::padding readable bytes behind it, of which the first may be written.
struct input_line {
  char* text = nullptr; ///< null if the line is too long
  std::size_t size = 0;
  std::uint64_t number = 0; ///< from 1
  std::uint64_t offset = 0; ///< of its first byte in the unpacked stream
};

class line_reader {
public:
  /// `max_line_bytes` does not count the line's end.
  line_reader(input_stream& in, std::size_t max_line_bytes)
      : in_(in), max_line_bytes_(max_line_bytes) {}

  /// Reads the next line that is not blank; returns false at the end. A line that is too long is
  /// passed over without keeping it. A byte order mark before the first line is no part of it.
  /// Errors are those of input_stream::read, and out_of_memory; a line cut short by one is lost.
  [[nodiscard]] expected<bool> next(input_line& line);

  [[nodiscard]] std::uint64_t lines() const noexcept { return lines_; }  ///< blank ones included
  [[nodiscard]] std::uint64_t bytes() const noexcept { return offset_; } ///< of these lines
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

private:
  struct free_it {
    void operator()(char* bytes) const noexcept { std::free(bytes); }
  };

  expected<bool> next_any(input_line& line);
  expected<bool> fill(); // false at the end of the stream
  bool resize(std::size_t capacity) noexcept;
  bool make_room() noexcept;
  expected<bool> pass_over(input_line& line);
  void take(input_line& line, std::size_t size, std::size_t end_size) noexcept;
  [[nodiscard]] tl::unexpected<error> out_of_memory() const;

  input_stream& in_;
  std::size_t max_line_bytes_;
  std::unique_ptr<char, free_it> buffer_;
  std::size_t capacity_ = 0;        // without the padding
  std::size_t begin_ = 0, end_ = 0; // bytes read and not yet taken
  std::uint64_t lines_ = 0, offset_ = 0;
};

} // namespace symup
