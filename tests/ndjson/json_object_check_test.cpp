// SPDX-License-Identifier: Apache-2.0
#include "scope_file/json_object_check.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace symup;

namespace {

std::string fault_in(const std::string& text, std::size_t max_depth = 16) {
  const auto result = check_json_object(text, max_depth);
  if (result)
    return "";
  CHECK(result.error().code == errc::invalid_scope);
  return result.error().message;
}

} // namespace

TEST_CASE("a strict JSON object passes the check") {
  for (const std::string text : {"{}", " {\n} ", R"({"a":1})",
                                 R"({"a":-0.5e+10,"b":[true,false,null,"\u0041\ud83d\ude00é"]})",
                                 R"({"a":{"a":{"a":[]}},"b":[[],{},[{}]]})", R"({"":""})"})
    CHECK(fault_in(text) == "");
  std::string large = "{";
  for (int i = 0; i < 20000; ++i)
    large += "\"key" + std::to_string(i) + "\":" + std::to_string(i) + ',';
  CHECK(fault_in(large + "\"key\":0}") == "");
  CHECK(fault_in(large + "\"key19998\":0}").find("duplicate field \"key19998\"") !=
        std::string::npos);
  CHECK(fault_in("{}") == ""); // the buffers were given back in between
}

TEST_CASE("anything else fails the check, with the place") {
  CHECK(fault_in("") == "byte 0: no JSON");
  CHECK(fault_in("[]") == "byte 0: expected an object, found an array");
  CHECK(fault_in("{} {}") == "byte 3: expected the end, found an object");
  CHECK(fault_in("{}]") == "byte 2: expected the end, found ]");
  CHECK(fault_in(R"({"a":1,})") == "byte 7: expected a field's name, found }");
  CHECK(fault_in(R"({a:1})") == "byte 1: expected a field's name, found a");
  CHECK(fault_in(R"({"a":[1,]})") == "byte 8: a[1]: expected a value, found ]");
  CHECK(fault_in(R"({"a":[1})") == "byte 7: a[0]: expected ',' or ']', found }");
  CHECK(fault_in(R"({"a")") == "byte 4: a: expected ':', found the end");
  CHECK(fault_in(R"({"a":)") == "byte 5: a: expected a value, found the end");
  CHECK(fault_in(R"({"a":.5})") == "byte 5: a: expected a value, found .5");
  CHECK(fault_in(R"({"a":'x'})") == "byte 5: a: expected a value, found 'x'");
  CHECK(fault_in(R"({"a":"\ud800"})") == "byte 6: a: lone surrogate");
  CHECK(fault_in("{\"a\":\"\xFF\"}") == "byte 0: invalid UTF-8");
  CHECK(fault_in(R"({"a":{"b":0},"a":1})") == "byte 13: duplicate field \"a\"");
  CHECK(fault_in(R"({"x":{"b":0},"a":{"b":1,"c":2,"\u0062":3}})") ==
        "byte 30: a: duplicate field \"\\u0062\"");
  CHECK(fault_in(std::string("{\"a\":1\0}", 8)) == "byte 5: a: expected a value, found 1?");
}

TEST_CASE("the check bounds nesting") {
  CHECK(fault_in(R"({"a":{"b":[]}})", 3) == "");
  CHECK(fault_in(R"({"a":{"b":[]}})", 2) == "byte 10: a.b: nested deeper than 2 levels");
}
