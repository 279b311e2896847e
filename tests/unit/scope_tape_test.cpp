// SPDX-License-Identifier: Apache-2.0
#include "scope_tape.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace symup;

TEST_CASE("a tape gives back what was written") {
  scope_tape tape;
  const line_range ranges[] = {{3, 4}, {6, 9}};
  tape.begin_scope({"FILE", "a.c", "a.c", 0, 0, false, nullptr, 0, {}});
  tape.begin_scope({"function", "f", "a.c", 3, 9, true, ranges, 2, R"({"x":1})"});
  tape.add_symbol({"p", "int", "arg", 3, {}});
  tape.end_scope();
  tape.end_scope();

  tape_reader reader(tape.bytes());
  tape_record record;
  REQUIRE(reader.next(record));
  CHECK(record.event == tape_event::begin_scope);
  CHECK(record.scope_type == "FILE");
  CHECK(record.injectible_lines.empty());
  REQUIRE(reader.next(record));
  CHECK(record.name == "f");
  CHECK(record.has_injectible_lines);
  REQUIRE(record.injectible_lines.size() == 2);
  CHECK(record.injectible_lines[1].start == 6);
  CHECK(record.injectible_lines[1].end == 9);
  CHECK(record.language_specifics == R"({"x":1})");
  REQUIRE(reader.next(record));
  CHECK(record.event == tape_event::symbol);
  CHECK(record.name == "p");
  CHECK(record.type == "int");
  CHECK(record.symbol_type == "arg");
  CHECK(record.line == 3);
  REQUIRE(reader.next(record));
  CHECK(record.event == tape_event::end_scope);
  REQUIRE(reader.next(record));
  CHECK_FALSE(reader.next(record));
}

TEST_CASE("lines outside the backend's column are clamped") {
  scope_tape tape;
  tape.begin_scope({"function", "f", "", -5, 99999999999, false, nullptr, 0, {}});
  tape_reader reader(tape.bytes());
  tape_record record;
  reader.next(record);
  CHECK(record.start_line == 0);
  CHECK(record.end_line == max_line);
}

TEST_CASE("a missing line is left out for a field only") {
  scope_tape tape;
  for (const char* kind : {"field", "FIELD", "local", "LOCAL", "arg", "static_field"})
    tape.add_symbol({"s", "int", kind, std::nullopt, {}});
  tape_reader reader(tape.bytes());
  tape_record record;
  std::vector<std::int64_t> lines;
  while (reader.next(record))
    lines.push_back(record.has_line ? record.line : -1);
  CHECK(lines == std::vector<std::int64_t>{-1, -1, max_line, max_line, 0, 0});
}

TEST_CASE("replaying a tape into a tape copies it byte for byte") {
  scope_tape tape;
  const line_range ranges[] = {{1, 1}};
  tape.begin_scope({"FILE", "a", "a", 0, 7, true, ranges, 1, "{}"});
  tape.add_symbol({"s", "t", "field", std::nullopt, {}});
  tape.end_scope();
  scope_tape copy;
  CHECK(replay(tape.bytes(), copy));
  CHECK(copy.bytes() == tape.bytes());
  CHECK(copy.json_bytes() == tape.json_bytes());
}
