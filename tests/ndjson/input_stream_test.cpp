// SPDX-License-Identifier: Apache-2.0
#include "scope_file/input_stream.hpp"
#include "temporary_file.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>

using namespace symup;

namespace {

struct content {
  std::string bytes;
  std::string error;
};

content read_all(const std::string& file_content, std::size_t at_once = 70000) {
  const temporary_file file(file_content);
  auto stop = stop_signal::make();
  REQUIRE(stop);
  auto in = input_stream::open(file.path(), **stop);
  REQUIRE(in);
  content all;
  std::string part(at_once, '\0');
  for (;;) {
    const auto count = (*in)->read(part.data(), part.size());
    if (!count) {
      const auto& message = count.error().message;
      CHECK(count.error().code == errc::io_failed);
      CHECK(message.rfind(file.path() + ": ", 0) == 0);
      all.error = message.substr(file.path().size() + 2);
      return all;
    }
    if (*count == 0)
      return all;
    all.bytes.append(part, 0, *count);
  }
}

std::string noise(std::size_t size) {
  std::mt19937 random(5);
  std::string text(size, '\0');
  std::generate(text.begin(), text.end(), [&] { return "abcdefgh \n"[random() % 10]; });
  return text;
}

} // namespace

TEST_CASE("a plain file is read as it is") {
  for (const std::string& text :
       {std::string(), std::string("x"), std::string("\x1f"), noise(300000)})
    CHECK(read_all(text).bytes == text);
  CHECK(read_all("hello", 1).bytes == "hello");
}

TEST_CASE("gzip is unpacked, member after member") {
  const auto text = noise(500000);
  CHECK(read_all(gzipped(text)).bytes == text);
  CHECK(read_all(gzipped(text), 1000).bytes == text);
  CHECK(read_all(gzipped("")).bytes.empty());
  const auto several =
      read_all(gzipped(text) + gzipped("") + gzipped("end") + std::string(512, '\0'));
  CHECK(several.bytes == text + "end");
  CHECK(several.error.empty());
}

TEST_CASE("gzip that is cut short or damaged is an error behind what could be read") {
  const auto text = noise(300000);
  const auto packed = gzipped(text);
  for (const std::size_t missing : {std::size_t{1}, std::size_t{8}, packed.size() - 3}) {
    const auto cut = read_all(packed.substr(0, packed.size() - missing));
    CHECK(cut.error == "gzip data is cut short (after " + std::to_string(packed.size() - missing) +
                           " bytes of the file)");
    CHECK(cut.bytes == text.substr(0, cut.bytes.size()));
  }
  auto damaged = packed;
  damaged[packed.size() - 8] ^= 1; // the CRC
  CHECK(read_all(damaged).error.rfind("gzip data is damaged: incorrect data check", 0) == 0);
  CHECK(read_all(packed + "x").error.rfind("gzip data is followed by something else", 0) == 0);
}

TEST_CASE("what cannot be opened is an error that names it") {
  auto stop = stop_signal::make();
  REQUIRE(stop);
  auto none = input_stream::open("/nonexistent/x.ndjson", **stop);
  REQUIRE_FALSE(none);
  CHECK(none.error().code == errc::io_failed);
  CHECK(none.error().message == "/nonexistent/x.ndjson: cannot open: No such file or directory");
  auto folder = input_stream::open("/", **stop);
  REQUIRE_FALSE(folder);
  CHECK(folder.error().message == "/: is a directory");
}
