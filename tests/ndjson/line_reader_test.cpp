// SPDX-License-Identifier: Apache-2.0
#include "scope_file/line_reader.hpp"
#include "temporary_file.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

using namespace symup;

namespace {

struct opened {
  explicit opened(const std::string& content, std::size_t max_line_bytes = 1 << 20)
      : file(content), stop(std::move(stop_signal::make().value())),
        in(std::move(input_stream::open(file.path(), *stop).value())), lines(*in, max_line_bytes) {}
  temporary_file file;
  std::unique_ptr<stop_signal> stop;
  std::unique_ptr<input_stream> in;
  line_reader lines;
};

// "number@offset:text" of each line; "..." for one that is too long.
std::vector<std::string> lines_of(const std::string& content,
                                  std::size_t max_line_bytes = 1 << 20) {
  opened file(content, max_line_bytes);
  std::vector<std::string> all;
  input_line line;
  for (;;) {
    const auto more = file.lines.next(line);
    REQUIRE(more);
    if (!*more)
      break;
    all.push_back(std::to_string(line.number) + '@' + std::to_string(line.offset) + ':' +
                  (line.text != nullptr ? std::string(line.text, line.size) : "..."));
  }
  CHECK(file.lines.bytes() == content.size());
  return all;
}

using list = std::vector<std::string>;

} // namespace

TEST_CASE("lines come with number and offset, blank ones are counted and passed over") {
  CHECK(lines_of("") == list{});
  CHECK(lines_of("\n\r\n \t\n") == list{});
  CHECK(lines_of("a\nbc\r\n\n  \r\nd") == list{"1@0:a", "2@2:bc", "5@11:d"});
  CHECK(lines_of("a\rb\r\r\n") == list{"1@0:a\rb\r"});
}

TEST_CASE("a byte order mark is passed over at the start only") {
  CHECK(lines_of("\xEF\xBB\xBF{}\n\xEF\xBB\xBFx\n") == list{"1@3:{}", "2@6:\xEF\xBB\xBFx"});
  CHECK(lines_of("\xEF\xBB\xBF") == list{});
}

TEST_CASE("a line that is too long is passed over, the others are not touched") {
  CHECK(lines_of("12345\n123456\n12345\r\n123456\r\n1\n", 5) ==
        list{"1@0:12345", "2@6:...", "3@13:12345", "4@20:...", "5@28:1"});
  CHECK(lines_of("123456", 5) == list{"1@0:..."});
  CHECK(lines_of("12345\r", 5) == list{"1@0:..."}); // no "\r\n": the '\r' is part of it
  const auto huge = lines_of("a\n" + std::string(5000000, 'x') + "\nb\n", 1000);
  CHECK(huge == list{"1@0:a", "2@2:...", "3@5000003:b"});
}

TEST_CASE("lines of all lengths come out whole, whatever lies around them") {
  std::string content;
  list expected;
  for (std::size_t i = 0; i < 40; ++i) {
    const std::string text(1 + (i * i * 7919) % 900000, static_cast<char>('a' + i % 26));
    expected.push_back(std::to_string(i + 1) + '@' + std::to_string(content.size()) + ':' + text);
    content += text + '\n';
  }
  CHECK((lines_of(content) == expected));
}

TEST_CASE("memory follows the line: it grows for a long one and shrinks behind it") {
  opened file("a\n" + std::string(9000000, 'x') + "\nb\nc\n", 10000000);
  input_line line;
  REQUIRE(file.lines.next(line).value());
  const auto usual = file.lines.capacity();
  REQUIRE(file.lines.next(line).value());
  CHECK(line.size == 9000000);
  CHECK(file.lines.capacity() >= 9000000);
  REQUIRE(file.lines.next(line).value());
  CHECK(file.lines.capacity() == usual);
  CHECK(std::string(line.text, line.size) == "b");
}

TEST_CASE("a line cut short by damaged gzip is not handed out") {
  const auto packed = gzipped("{}\n{}");
  opened file(packed.substr(0, packed.size() - 8));
  input_line line;
  CHECK(file.lines.next(line).value());
  const auto second = file.lines.next(line);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == errc::io_failed);
}
