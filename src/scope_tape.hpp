// SPDX-License-Identifier: Apache-2.0
#pragma once

/// SCOPE TAPE: scopes as one flat buffer of records, in the order of the events that made them.
/// A producer's thread copies its scopes onto a tape (so the objects are freed where they were
/// made, and nothing but one buffer changes threads), the ENCODER reads the tape once from front
/// to end. The binary extractor keeps the pieces of a root on small tapes and splices them.
/// A tape never leaves the process: its layout is no format.

#include "byte_buffer.hpp"
#include "symup/scope_sink.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

namespace symup {

/// The largest line_range list, name or type that one record holds.
inline constexpr std::size_t max_tape_field = 0xFFFFFFFFU;

/// Line ranges as they lie on a tape (unaligned), lines already within 0 ... max_line.
class tape_ranges {
public:
  tape_ranges() = default;
  tape_ranges(const char* bytes, std::size_t count) : bytes_(bytes), count_(count) {}
  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  [[nodiscard]] line_range operator[](std::size_t index) const noexcept {
    std::int32_t lines[2];
    std::memcpy(lines, bytes_ + index * sizeof lines, sizeof lines);
    return {lines[0], lines[1]};
  }

private:
  const char* bytes_ = nullptr;
  std::size_t count_ = 0;
};

enum class tape_event : std::uint8_t { begin_scope, symbol, end_scope, end_of_tape };

/// One record read from a tape. Which fields have a meaning depends on the event.
struct tape_record {
  tape_event event = tape_event::end_of_tape;
  std::string_view bytes; ///< the whole record, to be copied onto another tape
  // begin_scope
  std::string_view scope_type, source_file;
  std::int32_t start_line = 0, end_line = 0;
  bool has_injectible_lines = false;
  tape_ranges injectible_lines;
  // symbol
  std::string_view type, symbol_type;
  bool has_line = false;
  std::int32_t line = 0;
  // both
  std::string_view name, language_specifics;
};

/// Writes records; as a scope_sink it takes every event and never says stop. It clamps lines and
/// fills in the lines that must not be missing (see symbol::line); it checks nothing else.
class scope_tape final : public scope_sink {
public:
  scope_tape() = default;
  /// Writes to a buffer that was used before; its content is dropped.
  explicit scope_tape(byte_buffer buffer) : bytes_(std::move(buffer)) { bytes_.clear(); }

  bool begin_scope(const scope_head& head) override;
  bool add_symbol(const symbol_view& symbol) override;
  bool end_scope() override;

  /// Appends records of another tape.
  void append(std::string_view records, std::size_t json_bytes) {
    bytes_.append(records);
    json_bytes_ += json_bytes;
  }
  void append(const scope_tape& other) { append(other.bytes(), other.json_bytes()); }

  /// The JSON that the records make, in bytes: exact within a few bytes a record as long as no
  /// text needs escaping; never less than that.
  [[nodiscard]] std::size_t json_bytes() const noexcept { return json_bytes_; }
  [[nodiscard]] std::string_view bytes() const noexcept { return bytes_.view(); }
  [[nodiscard]] std::size_t capacity() const noexcept { return bytes_.capacity(); }
  [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }
  void reserve(std::size_t bytes) { bytes_.reserve(bytes); }
  /// Takes the buffer away, to be used again; the tape is empty then.
  [[nodiscard]] byte_buffer take_buffer() noexcept {
    json_bytes_ = 0;
    return std::move(bytes_);
  }
  /// Cuts off everything from a record boundary on.
  void truncate(std::size_t bytes, std::size_t json_bytes) noexcept {
    bytes_.truncate(bytes);
    json_bytes_ = json_bytes;
  }
  void clear() noexcept { // keeps the buffer
    bytes_.clear();
    json_bytes_ = 0;
  }

private:
  byte_buffer bytes_;
  std::size_t json_bytes_ = 0;
};

/// The JSON bytes one record will make at most, escapes not counted.
[[nodiscard]] std::size_t json_bytes_of(const scope_head& head) noexcept;
[[nodiscard]] std::size_t json_bytes_of(const symbol_view& symbol) noexcept;
inline constexpr std::size_t json_bytes_of_end = 5; // "]}" and a comma, symbols' "]" before

/// Reads the records of a tape one after the other. The tape must outlive it and what it returns.
class tape_reader {
public:
  explicit tape_reader(std::string_view tape) noexcept : rest_(tape) {}
  /// Returns false at the end of the tape.
  bool next(tape_record& record) noexcept;

private:
  std::string_view rest_;
};

/// Plays the records of a tape into a sink; returns false as soon as the sink does.
bool replay(std::string_view tape, scope_sink& sink);

} // namespace symup
