// SPDX-License-Identifier: Apache-2.0
#include "scope_tape.hpp"

#include <algorithm>
#include <vector>

namespace symup {

namespace {

// Fixed part of each record; the texts follow in the order of their lengths.
struct scope_record {
  std::uint8_t event;
  std::uint8_t has_injectible_lines;
  std::uint16_t scope_type_size;
  std::int32_t start_line, end_line;
  std::uint32_t name_size, source_file_size, range_count, specifics_size;
};

struct symbol_record {
  std::uint8_t event;
  std::uint8_t has_line;
  std::uint16_t symbol_type_size;
  std::int32_t line;
  std::uint32_t name_size, type_size, specifics_size;
};

std::int32_t clamp_line(std::int64_t line) noexcept {
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(line, 0, max_line));
}

bool is_kind(std::string_view word, std::string_view lower) noexcept {
  return word.size() == lower.size() &&
         std::equal(word.begin(), word.end(), lower.begin(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

// Makes room for a whole record once and fills in its parts.
class record_writer {
public:
  record_writer(byte_buffer& out, std::size_t size) : out_(out), at_(out.prepare(size)) {}
  ~record_writer() { out_.commit(at_); }
  record_writer(const record_writer&) = delete;
  record_writer& operator=(const record_writer&) = delete;
  void raw(const void* bytes, std::size_t size) noexcept {
    if (size != 0)
      std::memcpy(at_, bytes, size);
    at_ += size;
  }
  void text(std::string_view value) noexcept { raw(value.data(), value.size()); }

private:
  byte_buffer& out_;
  char* at_;
};

template <class Record>
void take_fixed_part(std::string_view& rest, Record& record) noexcept {
  std::memcpy(&record, rest.data(), sizeof record);
  rest.remove_prefix(sizeof record);
}

std::string_view take(std::string_view& rest, std::size_t size) noexcept {
  const auto part = rest.substr(0, size);
  rest.remove_prefix(size);
  return part;
}

// The names of the keys and the punctuation around the values, counted once by hand; a test holds
// these against the real encoder.
constexpr std::size_t scope_frame = 160; // all keys but optional ones, two lines, true/false
constexpr std::size_t symbol_frame = 64;
constexpr std::size_t range_frame = 42;
constexpr std::size_t specifics_frame = 24;

// The key is left out when there is nothing in it.
std::string_view without_empty(std::string_view specifics) noexcept {
  return specifics == "{}" ? std::string_view() : specifics;
}

std::size_t specifics_json(std::string_view specifics) noexcept {
  specifics = without_empty(specifics);
  return specifics.empty() ? 0 : specifics_frame + specifics.size();
}

} // namespace

std::size_t json_bytes_of(const scope_head& head) noexcept {
  return scope_frame + head.scope_type.size() + head.name.size() + head.source_file.size() +
         head.injectible_line_count * range_frame + specifics_json(head.language_specifics);
}

std::size_t json_bytes_of(const symbol_view& symbol) noexcept {
  return symbol_frame + symbol.name.size() + symbol.type.size() + symbol.symbol_type.size() +
         specifics_json(symbol.language_specifics);
}

bool scope_tape::begin_scope(const scope_head& head) {
  scope_record record{};
  const auto specifics = without_empty(head.language_specifics);
  record.event = static_cast<std::uint8_t>(tape_event::begin_scope);
  record.has_injectible_lines = head.has_injectible_lines ? 1 : 0;
  const auto scope_type = head.scope_type.substr(0, 0xFFFF);
  record.scope_type_size = static_cast<std::uint16_t>(scope_type.size());
  record.start_line = clamp_line(head.start_line);
  record.end_line = clamp_line(head.end_line);
  record.name_size = static_cast<std::uint32_t>(head.name.size());
  record.source_file_size = static_cast<std::uint32_t>(head.source_file.size());
  record.range_count = static_cast<std::uint32_t>(head.injectible_line_count);
  record.specifics_size = static_cast<std::uint32_t>(specifics.size());

  record_writer writer(bytes_, sizeof record + scope_type.size() + head.name.size() +
                                   head.source_file.size() + head.injectible_line_count * 8 +
                                   head.language_specifics.size());
  writer.raw(&record, sizeof record);
  writer.text(scope_type);
  writer.text(head.name);
  writer.text(head.source_file);
  for (std::size_t i = 0; i < head.injectible_line_count; ++i) {
    const std::int32_t lines[2] = {clamp_line(head.injectible_lines[i].start),
                                   clamp_line(head.injectible_lines[i].end)};
    writer.raw(lines, sizeof lines);
  }
  writer.text(specifics);
  json_bytes_ += json_bytes_of(head);
  return true;
}

bool scope_tape::add_symbol(const symbol_view& symbol) {
  symbol_record record{};
  const auto specifics = without_empty(symbol.language_specifics);
  record.event = static_cast<std::uint8_t>(tape_event::symbol);
  const auto symbol_type = symbol.symbol_type.substr(0, 0xFFFF);
  record.symbol_type_size = static_cast<std::uint16_t>(symbol_type.size());
  record.has_line = 1;
  if (symbol.line)
    record.line = clamp_line(*symbol.line);
  else if (is_kind(symbol_type, "field"))
    record.has_line = 0;
  else if (is_kind(symbol_type, "local"))
    record.line = static_cast<std::int32_t>(max_line);
  record.name_size = static_cast<std::uint32_t>(symbol.name.size());
  record.type_size = static_cast<std::uint32_t>(symbol.type.size());
  record.specifics_size = static_cast<std::uint32_t>(specifics.size());

  record_writer writer(bytes_, sizeof record + symbol_type.size() + symbol.name.size() +
                                   symbol.type.size() + symbol.language_specifics.size());
  writer.raw(&record, sizeof record);
  writer.text(symbol_type);
  writer.text(symbol.name);
  writer.text(symbol.type);
  writer.text(specifics);
  json_bytes_ += json_bytes_of(symbol);
  return true;
}

bool scope_tape::end_scope() {
  bytes_.append(static_cast<char>(tape_event::end_scope));
  json_bytes_ += json_bytes_of_end;
  return true;
}

bool tape_reader::next(tape_record& record) noexcept {
  if (rest_.empty()) {
    record.event = tape_event::end_of_tape;
    return false;
  }
  const auto start = rest_;
  record.event = static_cast<tape_event>(rest_.front());
  if (record.event == tape_event::begin_scope) {
    scope_record head;
    take_fixed_part(rest_, head);
    record.scope_type = take(rest_, head.scope_type_size);
    record.name = take(rest_, head.name_size);
    record.source_file = take(rest_, head.source_file_size);
    record.injectible_lines =
        tape_ranges(take(rest_, std::size_t{head.range_count} * 8).data(), head.range_count);
    record.language_specifics = take(rest_, head.specifics_size);
    record.start_line = head.start_line;
    record.end_line = head.end_line;
    record.has_injectible_lines = head.has_injectible_lines != 0;
  } else if (record.event == tape_event::symbol) {
    symbol_record head;
    take_fixed_part(rest_, head);
    record.symbol_type = take(rest_, head.symbol_type_size);
    record.name = take(rest_, head.name_size);
    record.type = take(rest_, head.type_size);
    record.language_specifics = take(rest_, head.specifics_size);
    record.has_line = head.has_line != 0;
    record.line = head.line;
  } else {
    rest_.remove_prefix(1);
  }
  record.bytes = start.substr(0, start.size() - rest_.size());
  return true;
}

bool replay(std::string_view tape, scope_sink& sink) {
  tape_reader reader(tape);
  tape_record record;
  std::vector<line_range> ranges;
  while (reader.next(record)) {
    bool go_on = true;
    if (record.event == tape_event::begin_scope) {
      ranges.clear();
      for (std::size_t i = 0; i < record.injectible_lines.size(); ++i)
        ranges.push_back(record.injectible_lines[i]);
      go_on = sink.begin_scope({record.scope_type, record.name, record.source_file,
                                record.start_line, record.end_line, record.has_injectible_lines,
                                ranges.data(), ranges.size(), record.language_specifics});
    } else if (record.event == tape_event::symbol) {
      symbol_view symbol{record.name, record.type, record.symbol_type, std::nullopt,
                         record.language_specifics};
      if (record.has_line)
        symbol.line = record.line;
      go_on = sink.add_symbol(symbol);
    } else {
      go_on = sink.end_scope();
    }
    if (!go_on)
      return false;
  }
  return true;
}

} // namespace symup
