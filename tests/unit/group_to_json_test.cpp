// SPDX-License-Identifier: Apache-2.0
#include "group_to_json.hpp"

#include "generated_scopes.hpp"
#include "scope_to_group.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <map>
#include <random>
#include <string>
#include <vector>

using namespace symup;
using nlohmann::ordered_json;

namespace {

struct encoded {
  std::string json;
  fragment_edges edges;
  bool ends_at_root;
};

std::vector<encoded> encode_all(const std::vector<scope>& roots, group_limits limits) {
  std::vector<encoded> result;
  group_writer writer(limits, nullptr, nullptr, [&](scope_group&& group) {
    byte_buffer json;
    auto edges = encode_group(group, json);
    result.push_back({std::string(json.view()), std::move(edges), group.ends_at_root});
    if (json.view().find('\\') == std::string_view::npos) // escapes are not in the estimate
      CHECK(json.size() <= group.tape.json_bytes());
    return true;
  });
  for (const auto& root : roots) {
    REQUIRE(check_scope(root, limits.max_depth));
    REQUIRE(writer.write(root));
  }
  REQUIRE(writer.cut());
  return result;
}

std::string join(const std::vector<encoded>& parts, std::size_t from, std::size_t to) {
  std::string text = "[";
  for (auto i = from; i < to; ++i)
    text += (i == from ? parts[i].edges.reopen : parts[i].edges.join) + parts[i].json;
  return text + parts[to - 1].edges.close + "]";
}

// An independent encoder: what the JSON must say, by the wire format's tables.
ordered_json expected_json(const symbol& s) {
  ordered_json j = {{"name", s.name}, {"type", s.type}, {"symbol_type", s.symbol_type}};
  if (s.line)
    j["line"] = *s.line;
  if (!s.language_specifics.empty())
    j["language_specifics"] = ordered_json::parse(s.language_specifics);
  return j;
}

ordered_json expected_json(const scope& s) {
  ordered_json j = {{"scope_type", s.scope_type}, {"name", s.name}};
  if (!s.source_file.empty())
    j["source_file"] = s.source_file;
  j["start_line"] = s.start_line;
  j["end_line"] = s.end_line;
  j["has_injectible_lines"] = s.has_injectible_lines;
  for (const auto& range : s.injectible_lines)
    j["injectible_lines"].push_back({{"start", range.start}, {"end", range.end}});
  if (!s.language_specifics.empty())
    j["language_specifics"] = ordered_json::parse(s.language_specifics);
  for (const auto& inner : s.symbols)
    j["symbols"].push_back(expected_json(inner));
  for (const auto& inner : s.scopes)
    j["scopes"].push_back(expected_json(inner));
  return j;
}

// Gives each scope a name of its own, so that its pieces can be found again.
void number_names(scope& s, int& next) {
  s.name = "scope" + std::to_string(next++);
  for (auto& inner : s.scopes)
    number_names(inner, next);
}

// Puts the pieces of scopes that were continued in another batch together again.
struct collector {
  std::map<std::string, ordered_json> heads;
  std::map<std::string, std::vector<std::string>> symbols, scopes;
  void add(const ordered_json& s, const std::string& parent) {
    auto head = s;
    head.erase("symbols");
    head.erase("scopes");
    const std::string name = s["name"];
    if (heads.emplace(name, head).second)
      scopes[parent].push_back(name);
    else
      CHECK(heads[name] == head); // a repeated shell says the same
    for (const auto& inner : s.value("symbols", ordered_json::array()))
      symbols[name].push_back(inner.dump());
    for (const auto& inner : s.value("scopes", ordered_json::array()))
      add(inner, name);
  }
  bool operator==(const collector& other) const {
    return heads == other.heads && symbols == other.symbols && scopes == other.scopes;
  }
};

} // namespace

TEST_CASE("a group that is asked for early ends before the next leaf") {
  std::vector<encoded> parts;
  std::vector<tape_event> first_events;
  group_writer writer({}, nullptr, nullptr, [&](scope_group&& group) {
    byte_buffer json;
    auto edges = encode_group(group, json);
    parts.push_back({std::string(json.view()), std::move(edges), group.ends_at_root});
    tape_record first;
    tape_reader(group.tape.bytes()).next(first);
    first_events.push_back(first.event);
    return true;
  });
  const auto begin = [&](const char* type, const char* name) {
    CHECK(writer.begin_scope({type, name, "", 0, 0, false, nullptr, 0, {}}));
  };
  begin("FILE", "a");
  begin("class", "b");
  begin("class", "c");
  writer.cut_before_next_leaf();
  CHECK(writer.end_scope());
  CHECK(writer.end_scope());
  CHECK(parts.empty());
  begin("class", "d");
  CHECK(parts.size() == 1);
  writer.cut_before_next_leaf();
  CHECK(writer.add_symbol({"s", "t", "field", 1, {}}));
  CHECK(parts.size() == 2);
  CHECK(writer.end_scope());
  CHECK(writer.end_scope());
  writer.cut_before_next_leaf();
  begin("FILE", "e");
  CHECK(parts.size() == 3);
  CHECK(writer.end_scope());
  CHECK(writer.cut());
  CHECK(first_events == std::vector<tape_event>{tape_event::begin_scope, tape_event::begin_scope,
                                                tape_event::symbol, tape_event::begin_scope});
  const auto all = ordered_json::parse(join(parts, 0, parts.size()));
  CHECK(all.size() == 2);
  CHECK(all[0]["scopes"].size() == 2);
  CHECK(all[0]["scopes"][0]["scopes"][0]["name"] == "c");
  CHECK(all[0]["scopes"][1]["symbols"].size() == 1);
  for (std::size_t i = 0; i < parts.size(); ++i) // each can stand alone
    CHECK(ordered_json::accept(join(parts, i, i + 1)));
}

TEST_CASE("a scope's JSON has the keys of the wire format in their order") {
  scope root{"FILE", "a\"b.c", "src/a.c", 0, 9, false, {}, {}, {}, {}};
  root.scopes.push_back({"function",
                         "f",
                         "src/a.c",
                         3,
                         9,
                         true,
                         {{3, 4}, {6, 9}},
                         R"({"k":[1]})",
                         {{"x", "int", "arg", 0, {}},
                          {"y", "int", "field", std::nullopt, {}},
                          {"z", "T<U>", "local", std::nullopt, R"({"a":1})"}},
                         {{"local", "", "", 4, 5, false, {}, "{}", {}, {}}}});
  const auto parts = encode_all({root}, {});
  REQUIRE(parts.size() == 1);
  CHECK(parts[0].json ==
        R"({"scope_type":"FILE","name":"a\"b.c","source_file":"src/a.c","start_line":0,)"
        R"("end_line":9,"has_injectible_lines":false,"scopes":[{"scope_type":"function",)"
        R"("name":"f","source_file":"src/a.c","start_line":3,"end_line":9,)"
        R"("has_injectible_lines":true,"injectible_lines":[{"start":3,"end":4},)"
        R"({"start":6,"end":9}],"language_specifics":{"k":[1]},"symbols":[)"
        R"({"name":"x","type":"int","symbol_type":"arg","line":0},)"
        R"({"name":"y","type":"int","symbol_type":"field"},)"
        R"({"name":"z","type":"T<U>","symbol_type":"local","line":2147483647,)"
        R"("language_specifics":{"a":1}}],"scopes":[{"scope_type":"local","name":"",)"
        R"("start_line":4,"end_line":5,"has_injectible_lines":false}]}]})");
  CHECK(parts[0].edges.reopen.empty());
  CHECK(parts[0].edges.join == ",");
  CHECK(parts[0].edges.close.empty());
}

TEST_CASE("many groups joined say what the scopes said") {
  testing::scope_generator generate(7);
  std::vector<scope> roots;
  auto expected = ordered_json::array();
  for (int i = 0; i < 60; ++i) {
    roots.push_back(generate.source_file());
    expected.push_back(expected_json(roots.back()));
  }
  for (const std::size_t fragment_bytes : {200, 5'000, 100'000, 100'000'000}) {
    CAPTURE(fragment_bytes);
    group_limits limits;
    limits.fragment_bytes = fragment_bytes;
    const auto parts = encode_all(roots, limits);
    CHECK(ordered_json::parse(join(parts, 0, parts.size())) == expected);
  }
}

TEST_CASE("a group ends at a root scope unless the root is larger than a fragment") {
  testing::scope_generator generate(8);
  std::vector<scope> roots;
  for (int i = 0; i < 50; ++i)
    roots.push_back(generate.source_file(3));
  group_limits limits;
  limits.fragment_bytes = 20'000;
  const auto parts = encode_all(roots, limits);
  REQUIRE(parts.size() > 3);
  for (const auto& part : parts)
    CHECK(part.ends_at_root);
}

TEST_CASE("batches may be cut after any fragment, at any depth, and nothing is lost or doubled") {
  testing::scope_generator generate(9);
  std::vector<scope> roots;
  int next = 0;
  collector whole;
  for (int i = 0; i < 12; ++i) {
    roots.push_back(generate.source_file());
    number_names(roots.back(), next);
    whole.add(expected_json(roots.back()), "");
  }
  std::mt19937 random(10);
  group_limits limits;
  limits.fragment_bytes = 400;
  const auto parts = encode_all(roots, limits);
  REQUIRE(parts.size() > 100);
  for (int round = 0; round < 30; ++round) {
    collector pieces;
    for (std::size_t from = 0; from < parts.size();) {
      const auto most = round == 0 ? 1 : 1 + random() % 9; // first round: a batch for each fragment
      const auto to = std::min(parts.size(), from + most);
      for (const auto& root : ordered_json::parse(join(parts, from, to)))
        pieces.add(root, "");
      from = to;
    }
    CHECK(pieces == whole);
  }
}

TEST_CASE("a batch for each root scope: groups end at every root") {
  testing::scope_generator generate(11);
  group_limits limits;
  limits.group_per_root = true;
  const auto parts = encode_all(
      {generate.source_file(2), generate.source_file(2), generate.source_file(2)}, limits);
  CHECK(parts.size() == 3);
}

TEST_CASE("invalid UTF-8 becomes U+FFFD, one for each maximal part, as in other decoders") {
  const std::pair<std::string, std::string> cases[] = {
      {"a\xFFz", "a\uFFFDz"},
      {"\xC3", "\uFFFD"},
      {"\xC3\xA4", "\u00E4"},
      {"\xE2\x82", "\uFFFD"},
      {"\xE2\x82z", "\uFFFDz"},
      {"\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD"}, // a surrogate
      {"\xF0\x9F\x98\x80", "\U0001F600"},
      {"\xF4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"}, // beyond U+10FFFF
      {"\xC0\x80", "\uFFFD\uFFFD"},                     // overlong
      {std::string("\0\x1F\x7F\"\\/\b\f\n\r\t", 11), std::string("\0\x1F\x7F\"\\/\b\f\n\r\t", 11)}};
  for (const auto& [text, meant] : cases) {
    scope root{"FILE", text, "", 0, 0, false, {}, {}, {}, {}};
    const auto parts = encode_all({root}, {});
    CHECK(ordered_json::parse(parts[0].json)["name"] == meant);
  }
}

TEST_CASE("texts longer than a slice of the writer are whole, wherever a character falls") {
  for (std::size_t shift = 0; shift < 4; ++shift) {
    std::string name(32 * 1024 - 6 + shift, 'x');
    for (int i = 0; i < 20'000; ++i)
      name += "\xF0\x9F\x98\x80\"";
    scope root{"FILE", name, "", 0, 0, false, {}, {}, {}, {}};
    const auto parts = encode_all({root}, {});
    CHECK(ordered_json::parse(parts[0].json)["name"] == name);
  }
}
