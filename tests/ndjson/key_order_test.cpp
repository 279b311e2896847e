// SPDX-License-Identifier: Apache-2.0
#include "line_events.hpp"
#include "random_scopes.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

using namespace symup;

namespace {

std::string tape_of(std::string line) {
  const auto size = line.size();
  line.resize(size + json_tokens::padding);
  ndjson_to_scopes converter(256, unknown_field_policy::error);
  scope_tape tape;
  json_fault fault;
  const auto outcome = converter.convert(line.data(), size, tape, fault);
  CAPTURE(fault.message());
  CHECK(outcome == ndjson_to_scopes::outcome::root);
  return std::string(tape.bytes());
}

} // namespace

TEST_CASE("every order of a scope's fields gives the same tape") {
  std::vector<std::string> fields{
      R"("scope_type":"FILE")",
      R"("name":"a\tb")",
      R"("start_line":1)",
      R"("end_line":2)",
      R"("has_injectible_lines":true,"injectible_lines":[{"start":1,"end":2}])",
      R"("language_specifics":{"a":"\n"})",
      R"("symbols":[{"line":1,"symbol_type":"arg","type":"t\n","name":"s"}])",
      R"("scopes":[{"symbols":[],"scopes":[{"scopes":[],"has_injectible_lines":false,"name":"",)"
      R"("end_line":2,"start_line":2,"scope_type":"local"}],"scope_type":"function","name":"f\r",)"
      R"("start_line":1,"end_line":2,"has_injectible_lines":false}])"};
  std::sort(fields.begin(), fields.end());
  std::string first;
  std::size_t orders = 0;
  do {
    std::string line = "{";
    for (const auto& field : fields)
      line += (line.size() == 1 ? "" : ",") + field;
    const auto tape = tape_of(line + '}');
    if (orders++ == 0)
      first = tape;
    REQUIRE(tape == first);
  } while (std::next_permutation(fields.begin(), fields.end()));
  CHECK(orders == 40320);
  CHECK_FALSE(first.empty());
}

TEST_CASE("realistic scopes with shuffled fields give the same tape") {
  random_scopes scopes(1);
  std::mt19937 random(2);
  for (int i = 0; i < 30; ++i) {
    const auto root = scopes.root(20);
    const auto expected = tape_of(root.dump());
    for (int round = 0; round < 5; ++round)
      REQUIRE(tape_of(random_scopes::shuffled(root, random)) == expected);
  }
}

TEST_CASE("a long line with shuffled fields gives the same tape") {
  const auto root = random_scopes(3).root(3000);
  std::mt19937 random(4);
  const auto line = root.dump();
  CHECK(line.size() > 2 * 1024 * 1024);
  CHECK(tape_of(random_scopes::shuffled(root, random)) == tape_of(line));
}

TEST_CASE("faults are found in any order of fields, and the sink gets nothing") {
  const std::string head = R"("scope_type":"FILE","name":"","start_line":1,"end_line":2)";
  const std::string good = R"({"scope_type":"x","name":"","start_line":1,"end_line":2,)"
                           R"("has_injectible_lines":false})";
  CHECK(convert(R"({"scopes":[)" + good + "]," + head + '}').text ==
        "0: missing has_injectible_lines");
  CHECK(convert(R"({"scopes":[)" + good + R"(],"has_injectible_lines":1,)" + head + '}').text ==
        "121: has_injectible_lines: expected true or false, found 1");
  CHECK(convert(R"({"scopes":[)" + good + R"(],"has_injectible_lines":true,"scopes":[],)" + head +
                '}')
            .text == "126: duplicate field \"scopes\"");
  CHECK(convert(R"({"symbols":[],"has_injectible_lines":true,"end_line":0,"start_line":1,)"
                R"("scope_type":"FILE","name":""})")
            .text == "53: end_line: 0 is before start_line 1");
}
