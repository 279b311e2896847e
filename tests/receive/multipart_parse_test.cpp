// SPDX-License-Identifier: Apache-2.0
#include "receive/multipart_parse.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace symup::receive;

namespace {

std::string part(const std::string& name, const std::string& body) {
  return "--B\r\nContent-Disposition: form-data; name=\"" + name +
         "\"; filename=\"f\"\r\nContent-Type: text/plain\r\n\r\n" + body + "\r\n";
}

std::string rule_of(const std::string& body) {
  std::vector<violation> list;
  (void)parse_multipart(body, "B", list);
  return list.empty() ? std::string() : std::string(list.front().rule);
}

} // namespace

TEST_CASE("parts come in the order of the body, with any bytes in them") {
  const std::string first("\0\r\n--A\r\n-\xff\r\n", 13);
  const std::string body = part("x", first) + part("y", "") + "--B--\r\n";
  std::vector<violation> list;
  const auto parts = parse_multipart(body, "B", list);
  CHECK(list.empty());
  REQUIRE(parts.size() == 2);
  CHECK(parts[0].name == "x");
  CHECK(parts[0].filename == "f");
  CHECK(parts[0].content_type == "text/plain");
  CHECK(parts[0].body == first);
  CHECK(parts[1].name == "y");
  CHECK(parts[1].body.empty());
}

TEST_CASE("header names may have any case, the CRLF at the very end may be missing") {
  const std::string body = "--B\r\ncontent-disposition: form-data; name=\"x\"; filename=\"f\"\r\n"
                           "CONTENT-TYPE:text/plain\r\n\r\nb\r\n--B--";
  CHECK(rule_of(body).empty());
}

TEST_CASE("whatever else is between, before or behind the parts is refused") {
  const std::string good = part("x", "b") + "--B--\r\n";
  REQUIRE(rule_of(good).empty());
  CHECK(rule_of("") == "multipart.preamble");
  CHECK(rule_of("\r\n" + good) == "multipart.preamble");
  CHECK(rule_of(good + "\n") == "multipart.epilogue");
  CHECK(rule_of(part("x", "b") + "--B--x") == "multipart.epilogue");
  CHECK(rule_of(part("x", "b")) == "multipart.end");
  CHECK(rule_of(part("x", "b") + "--BB\r\n") == "multipart.end");
  CHECK(rule_of("--B") == "multipart.end");
}

TEST_CASE("every cut of a body is refused without reading past it") {
  const std::string good = part("x", "b") + part("y", "c") + "--B--";
  REQUIRE(rule_of(good).empty());
  for (std::size_t size = 0; size < good.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(rule_of(good.substr(0, size)).empty());
  }
}

TEST_CASE("line feeds alone end no header line") {
  std::string body = part("x", "b") + "--B--\r\n";
  for (auto at = body.find('\r'); at != std::string::npos; at = body.find('\r'))
    body.erase(at, 1);
  CHECK_FALSE(rule_of(body).empty());
}

TEST_CASE("a boundary is taken plain and quoted") {
  std::vector<violation> list;
  CHECK(parse_boundary("multipart/form-data; boundary=abc'()+_,-./:?", list) == "abc'()+_,-./:?");
  CHECK(parse_boundary("Multipart/Form-Data;boundary=\"a b=c\"", list) == "a b=c");
  CHECK(list.empty());
}

TEST_CASE("a content type without a usable boundary is refused") {
  for (const char* bad :
       {"", "multipart/form-data", "multipart/form-data;",
        "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary=\"a \"", "multipart/form-data; boundary=a b",
        "multipart/form-data; charset=x; boundary=b", "text/plain; boundary=b",
        "multipart/form-datax; boundary=b", "multipart/form-data; boundary=a;b"}) {
    CAPTURE(bad);
    std::vector<violation> list;
    CHECK(parse_boundary(bad, list).empty());
    CHECK(list.size() == 1);
  }
}
