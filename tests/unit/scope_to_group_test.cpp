// SPDX-License-Identifier: Apache-2.0
#include "scope_to_group.hpp"

#include "buffer_pool.hpp"
#include "generated_scopes.hpp"

#include <doctest/doctest.h>

#include <limits>
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
  explicit collected(group_limits limits, std::shared_ptr<memory_budget> budget = nullptr,
                     group_writer::turn_taker turns = nullptr)
      : writer(
            limits, std::move(budget), nullptr,
            [this](scope_group&& group) {
              groups.push_back(std::move(group));
              return true;
            },
            std::move(turns)) {}
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

TEST_CASE("a tape that outgrows the small size takes a turn, which goes with its group") {
  testing::scope_generator generate(3);
  const auto turns = std::make_shared<tape_turns>(8, 8);
  const auto filler = std::make_shared<tape_filler>([] {}, [] {});
  const auto budget = std::make_shared<memory_budget>(100'000'000);
  int taken = 0;
  collected out({}, budget, [&] {
    ++taken;
    return turns->try_take(filler, false);
  });
  while (out.groups.size() < 3)
    CHECK(out.writer.write(generate.source_file(2)));
  CHECK(taken == 3 + (out.writer.pending_json_bytes() > 20'000 ? 1 : 0));
  for (const auto& group : out.groups) {
    CHECK(group.turn);
    CHECK(group.memory.bytes() == 0); // its memory is the turn's
    CHECK(group.tape.capacity() <= group_limits().fragment_bytes);
    CHECK(group.tape.json_bytes() > 200'000);
  }
}

TEST_CASE("without a turn groups stay small, and count what they hold") {
  testing::scope_generator generate(3);
  const auto budget = std::make_shared<memory_budget>(100'000'000);
  collected out({}, budget, [] { return tape_turn(); });
  for (int i = 0; i < 200; ++i)
    CHECK(out.writer.write(generate.source_file(2)));
  CHECK(out.writer.cut());
  CHECK(out.groups.size() > 20);
  std::size_t held = 0;
  for (const auto& group : out.groups) {
    held += group.memory.bytes();
    CHECK(group.memory.bytes() == group.tape.capacity());
    CHECK(group.tape.bytes().size() < 2 * group_writer::small_tape);
  }
  CHECK(budget->used() == held);
  out.groups.clear();
  CHECK(budget->used() == 0);
}

TEST_CASE(
    "a leaf larger than a fragment is taken whole, and what its turn does not hold is counted") {
  const auto turns = std::make_shared<tape_turns>(1, 1);
  const auto filler = std::make_shared<tape_filler>([] {}, [] {});
  const auto budget = std::make_shared<memory_budget>(100'000'000);
  collected out({}, budget, [&] { return turns->try_take(filler, false); });
  CHECK(out.writer.begin_scope(head("FILE", std::string(1'000'000, 'n'))));
  CHECK(out.writer.end_scope());
  CHECK(out.writer.cut());
  REQUIRE(out.groups.size() == 1);
  CHECK(out.groups[0].turn);
  CHECK(out.groups[0].memory.bytes() + group_limits().fragment_bytes ==
        out.groups[0].tape.capacity());
}

TEST_CASE("without a limit a group grows as far as its root") {
  group_limits limits;
  limits.fragment_bytes = limits.max_head_bytes = std::numeric_limits<std::size_t>::max();
  limits.group_per_root = true;
  collected out(limits);
  CHECK(out.writer.write(testing::scope_generator(3).source_file(200)));
  REQUIRE(out.groups.size() == 1);
  CHECK(out.groups[0].tape.json_bytes() > 100'000);
}

TEST_CASE("a writer that is discarded holds neither memory nor a turn") {
  testing::scope_generator generate(3);
  const auto turns = std::make_shared<tape_turns>(1, 1);
  const auto filler = std::make_shared<tape_filler>([] {}, [] {});
  const auto budget = std::make_shared<memory_budget>(100'000'000);
  collected out({}, budget, [&] { return turns->try_take(filler, false); });
  while (out.writer.pending_json_bytes() < 100'000)
    CHECK(out.writer.write(generate.source_file(2)));
  CHECK_FALSE(turns->try_take(filler, false));
  out.writer.discard();
  CHECK(turns->try_take(filler, false));
  CHECK(budget->used() == 0);
}
