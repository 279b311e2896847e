// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Scope files: NDJSON, one root scope a line, plain or gzip. A scope_file reads one line after
/// the other and writes each root scope as events into a scope_sink; the fields are those of the
/// wire format, in any order. A line is all or nothing: none of it reaches the sink unless the
/// whole line is right. Blocks its caller's thread while input is slow; stop() ends that.

#include "symup/error.hpp"
#include "symup/scope_sink.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace symup {

/// A line that is not a valid root scope.
struct invalid_line {
  std::string file;         ///< as given to open, "<stdin>" for "-"
  std::uint64_t line = 0;   ///< from 1
  std::uint64_t offset = 0; ///< of the fault in the unpacked stream, in bytes from 0
  std::string what;         ///< with the path within the line where there is one
};

/// "FILE:LINE: byte OFFSET: what"
[[nodiscard]] std::string to_string(const invalid_line& invalid);

/// What to do with an invalid line.
enum class invalid_line_policy : std::uint8_t {
  fail, ///< next() returns the error
  skip, ///< count it, tell on_skipped, go on with the next line
};

/// What to do with a field of a scope, symbol or line range that the wire format does not know.
enum class unknown_field_policy : std::uint8_t {
  error, ///< the line is invalid
  drop,  ///< the field is checked as JSON and left out
};

struct scope_file_options {
  invalid_line_policy on_invalid = invalid_line_policy::fail;
  unknown_field_policy unknown_fields = unknown_field_policy::error;
  /// 1 ... 1 GiB, the line's end not counted. A longer line is invalid. A line costs about twice
  /// its length in memory while it is read, five times in the worst case.
  std::size_t max_line_bytes = std::size_t{64} * 1024 * 1024;
  /// 1 ... 1024. Scopes within each other, the root included; and, counted on their own, objects
  /// and arrays within language_specifics.
  std::size_t max_depth = 256;
  /// Called by next() for each line skipped. Must not throw.
  std::function<void(const invalid_line&)> on_skipped;
};

/// What was read so far.
struct scope_file_summary {
  std::uint64_t lines = 0;       ///< blank and invalid ones included
  std::uint64_t bytes = 0;       ///< unpacked, of these lines
  std::uint64_t root_scopes = 0; ///< handed to a sink
  std::uint64_t skipped = 0;     ///< invalid lines passed over
  std::uint64_t repaired = 0;    ///< root scopes in which invalid UTF-8 became U+FFFD
};

/// One file being read. All calls but stop() are made by one thread.
class scope_file {
public:
  /// Opens a file, or standard input for "-" (which stays open when the scope_file goes).
  /// Errors: errc::io_failed, errc::invalid_config for an option out of range.
  [[nodiscard]] static expected<scope_file> open(const std::string& path,
                                                 scope_file_options options = {});

  scope_file(scope_file&& other) noexcept;
  scope_file& operator=(scope_file&& other) noexcept;
  ~scope_file();

  /// Writes the next root scope into the sink; returns false at the end of the file. Lines are
  /// clamped to 0 ... max_line, and a symbol's missing line arrives as the value it stands for (see
  /// symbol::line). Errors:
  /// invalid_line (message "FILE:LINE: byte OFFSET: what"; the next call goes on behind the line),
  /// io_failed (unreadable, damaged or truncated gzip; final),
  /// cancelled (stop() was called, or the sink said stop, maybe in the middle of a root scope),
  /// out_of_memory (the line is lost).
  [[nodiscard]] expected<bool> next(scope_sink& sink);

  [[nodiscard]] const scope_file_summary& summary() const noexcept;

  /// Makes next() return errc::cancelled from now on, also one that waits for input. May be called
  /// from any thread and from a signal handler, as long as the scope_file is there and not moved.
  void stop() noexcept;

private:
  struct state;
  explicit scope_file(std::unique_ptr<state> state) noexcept;
  std::unique_ptr<state> state_;
};

} // namespace symup
