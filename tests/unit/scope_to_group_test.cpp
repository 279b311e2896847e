// SPDX-License-Identifier: Apache-2.0
#include "scope_to_group.hpp"

#include "buffer_pool.hpp"
#include "generated_scopes.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace symup;

namespace {

scope file(std::string name) {
  return {"FILE", std::move(name), "", 0, 0, false, {}, {}, {}, {}};
}

scope_head head(std::string_view type, std::string_view name) {
  return {type, name, "", 0, 0, false, nullptr, 0, {}};
}

struct collected {
  std::vector<scope_group> groups;
  group_writer writer;
  explicit collected(group_limits limits, std::shared_ptr<memory_budget> budget = nullptr)
      : writer(limits, std::move(budget), nullptr, [this](scope_group&& group) {
          groups.push_back(std::move(group));
          return true;
        }) {}
};

} // namespace

TEST_CASE("each broken rule is named with the scope that breaks it") {
  const auto message = [](const scope& s) {
    const auto checked = check_scope(s, 3);
    return checked ? std::string() : checked.error().message;
  };
  CHECK(message(file("a.c")).empty());
  auto root = file("a.c");
  root.scope_type = "function";
  CHECK(message(root).find("MODULE, JAR, ASSEMBLY, PACKAGE or FILE") != std::string::npos);
  for (const char* type : {"MODULE", "jar", "Assembly", "package", "file"}) {
    root.scope_type = type;
    CHECK(message(root).empty());
  }
  auto inner = file("f");
  inner.scope_type = "function";
  inner.start_line = 9;
  inner.end_line = 3;
  root.scopes.push_back(inner);
  CHECK(message(root) == R"(scope "a.c" > "f": start_line 9 is after end_line 3)");
  root.scopes[0].end_line = 99;
  root.scopes[0].injectible_lines = {{4, 5}, {5, 6}};
  CHECK(message(root).find("sorted and disjoint") != std::string::npos);
  root.scopes[0].injectible_lines.clear();
  root.scopes[0].scopes.push_back(inner);
  root.scopes[0].scopes[0].end_line = 9;
  CHECK(message(root).empty());
  root.scopes[0].scopes[0].scopes.push_back(root.scopes[0].scopes[0]);
  CHECK(message(root).find("deeper than 3") != std::string::npos);
}

TEST_CASE("language_specifics must be one JSON object") {
  auto root = file("a.c");
  for (const char* good : {"", "{}", R"({"a":[1,{"b":null}]})"}) {
    root.language_specifics = good;
    CHECK(check_scope(root, 9));
  }
  for (const char* bad : {"[]", "{", R"({"a":1,"a":2})",
                          R"({"a":1} )"
                          "x",
                          "{\"a\":\"\xff\"}"}) {
    CAPTURE(bad);
    root.language_specifics = bad;
    CHECK_FALSE(check_scope(root, 9));
    root.language_specifics.clear();
    root.symbols = {{"x", "int", "field", 1, bad}};
    const auto checked = check_scope(root, 9);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().message.find("symbol \"x\": language_specifics") != std::string::npos);
    root.symbols.clear();
  }
}

TEST_CASE("events out of order are refused") {
  collected out({});
  CHECK_FALSE(out.writer.end_scope());
  CHECK_FALSE(out.writer.add_symbol({"s", "t", "field", 1, {}}));
  CHECK_FALSE(out.writer.begin_scope(head("function", "f"))); // no root
  CHECK(out.writer.begin_scope(head("FILE", "a")));
  CHECK(out.writer.begin_scope(head("function", "f")));
  CHECK(out.writer.end_scope());
  CHECK_FALSE(out.writer.add_symbol({"s", "t", "field", 1, {}}));
  REQUIRE(out.writer.failure());
  CHECK(out.writer.failure()->message.find("symbols come before") != std::string::npos);
}

TEST_CASE("a scope that no batch can hold is left out with what it holds, counted and named") {
  group_limits limits;
  limits.max_head_bytes = 1000;
  collected out(limits);
  const std::string large(2000, 'n');
  CHECK(out.writer.begin_scope(head("FILE", "a")));
  CHECK(out.writer.begin_scope(head("class", large)));
  CHECK(out.writer.add_symbol({"s", "t", "field", 1, {}}));
  CHECK(out.writer.begin_scope(head("method", "m")));
  CHECK(out.writer.end_scope());
  CHECK(out.writer.end_scope());
  CHECK(out.writer.begin_scope(head("function", "kept")));
  CHECK(out.writer.end_scope());
  CHECK(out.writer.end_scope());
  CHECK(out.writer.cut());
  CHECK(out.writer.omitted().leaves == 3);
  CHECK(out.writer.omitted().first.find("nnn") != std::string::npos);
  REQUIRE(out.groups.size() == 1);
  CHECK(out.groups[0].leaves == 2);
}

TEST_CASE("a root that is left out is still a root until it ends") {
  group_limits limits;
  limits.max_head_bytes = 1000;
  collected out(limits);
  CHECK(out.writer.begin_scope(head("FILE", std::string(2000, 'n'))));
  CHECK_FALSE(out.writer.at_root());
  CHECK(out.writer.add_symbol({"s", "t", "field", 1, {}}));
  CHECK(out.writer.end_scope());
  CHECK(out.writer.at_root());
  CHECK(out.writer.omitted().leaves == 2);
  CHECK(out.writer.cut());
  CHECK(out.groups.empty());
}

TEST_CASE("tapes take their memory from the budget, and groups get smaller when it is short") {
  testing::scope_generator generate(3);
  const auto budget = std::make_shared<memory_budget>(100'000);
  collected out({}, budget);
  for (int i = 0; i < 200; ++i)
    CHECK(out.writer.write(generate.source_file(2)));
  CHECK(out.writer.cut());
  std::size_t held = 0, tapes = 0;
  for (const auto& group : out.groups) {
    held += group.memory.bytes();
    tapes += group.tape.bytes().size();
    CHECK(group.memory.bytes() >= group.tape.bytes().size());
  }
  CHECK(budget->used() >= held);
  CHECK(tapes <= held);
  CHECK(out.groups.back().tape.bytes().size() < 100'000);
  out.groups.clear();
  CHECK(budget->used() == 0);
}
