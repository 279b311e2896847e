// SPDX-License-Identifier: Apache-2.0
#include "scope_file/json_strings.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace symup;

TEST_CASE("each maximal part that is not UTF-8 becomes one U+FFFD") {
  const auto repaired = [](const std::string& text) {
    std::string out;
    replace_invalid_utf8(text, out);
    return out;
  };
  const std::string r = "\xEF\xBF\xBD";
  CHECK(repaired("plain") == "plain");
  CHECK(repaired("\u00e9\u20ac\U0001F600") == "\u00e9\u20ac\U0001F600");
  CHECK(repaired("\x80\xBF") == r + r);
  CHECK(repaired("\xC0\xAF") == r + r);                 // overlong
  CHECK(repaired("\xE0\x80\x80") == r + r + r);         // overlong
  CHECK(repaired("\xED\xA0\x80") == r + r + r);         // a surrogate
  CHECK(repaired("\xF4\x90\x80\x80") == r + r + r + r); // above U+10FFFF
  CHECK(repaired("\xE2\x82") == r);                     // cut short
  CHECK(repaired("\xF0\x9F\x98z\xF0\x9F") == r + "z" + r);
  CHECK(repaired("\xF1\x80\x80\xE1\x80\xC2") == r + r + r); // the Unicode standard's example
}

TEST_CASE("an offset in repaired text leads back to the original") {
  const std::string text = "a\xFFz\xE2\x82y";
  std::string repaired;
  replace_invalid_utf8(text, repaired);
  CHECK(offset_before_repair(text, repaired.find('z')) == 2);
  CHECK(offset_before_repair(text, repaired.find('y')) == 5);
  CHECK(offset_before_repair(text, repaired.size()) == text.size());
}

TEST_CASE("the escape finder is right in any order of questions") {
  const std::string text = R"(abc\ndef ghi\\ jkl)";
  for (std::size_t a = 0; a <= text.size(); ++a)
    for (std::size_t b = a; b <= text.size(); ++b)
      for (std::size_t c = 0; c <= text.size(); ++c) {
        escape_finder finder;
        finder.reset(text);
        const auto first = std::string_view(text).substr(a, b - a);
        const auto second = std::string_view(text).substr(c, 3);
        REQUIRE(finder.in(first) == (first.find('\\') != std::string_view::npos));
        REQUIRE(finder.in(second) == (second.find('\\') != std::string_view::npos));
        REQUIRE(finder.in(first) == (first.find('\\') != std::string_view::npos));
      }
}
