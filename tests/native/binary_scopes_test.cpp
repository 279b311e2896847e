// SPDX-License-Identifier: Apache-2.0
#include "native/entity_key.hpp"
#include "native/entity_table.hpp"
#include "native/json_object.hpp"
#include "native/piece_store.hpp"
#include "native/source_path.hpp"
#include "symup/binary_scopes.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace symup;
using namespace symup::native;

namespace {

// The function that the extractor has to find in this very program.
constexpr int marked_line = __LINE__ + 1;
[[gnu::noinline]] int marked_function(int argument) {
  volatile int local = argument;
  return local + 1;
}

// Notes functions; says stop after a number of events.
class noting_sink final : public scope_sink {
public:
  explicit noting_sink(std::size_t events = SIZE_MAX) : left_(events) {}
  bool begin_scope(const scope_head& head) override {
    if (head.name.find("marked_function") != std::string_view::npos)
      marked = {head.start_line, head.end_line};
    CHECK(head.start_line >= 0);
    CHECK(head.start_line <= head.end_line);
    CHECK(head.end_line <= max_line);
    CHECK(head.has_injectible_lines == (head.injectible_line_count != 0));
    for (std::size_t i = 0; i < head.injectible_line_count; ++i) {
      const auto& range = head.injectible_lines[i];
      CHECK(range.start <= range.end);
      CHECK(range.start >= head.start_line);
      CHECK(range.end <= head.end_line);
      if (i != 0)
        CHECK(range.start > head.injectible_lines[i - 1].end + 1);
    }
    if (!head.language_specifics.empty())
      CHECK(nlohmann::json::parse(head.language_specifics).is_object());
    ++depth_;
    has_inner_ = false;
    return next();
  }
  bool add_symbol(const symbol_view& symbol) override {
    CHECK(!has_inner_);
    CHECK(!symbol.name.empty());
    return next();
  }
  bool end_scope() override {
    --depth_;
    has_inner_ = true;
    return next();
  }
  line_range marked;
  std::size_t events = 0;

private:
  bool next() {
    ++events;
    return left_ != 0 && --left_ != 0;
  }
  std::size_t left_, depth_ = 0;
  bool has_inner_ = false;
};

expected<binary_scopes> open_self(binary_options options = {}) {
  options.threads = 2;
  return binary_scopes::open("/proc/self/exe", std::move(options));
}

bool has_debug_info() {
  const auto opened = open_self();
  return opened || opened.error().code != errc::no_debug_info;
}

} // namespace

TEST_CASE("template arguments give way to dots, operators stay") {
  CHECK(without_template_arguments("a::vector<int>::push<char>") == "a::vector<...>::push<...>");
  CHECK(without_template_arguments("map<int, vector<int> >") == "map<...>");
  CHECK(without_template_arguments("a::operator<") == "a::operator<");
  CHECK(without_template_arguments("operator<<") == "operator<<");
  CHECK(without_template_arguments("operator<< <int>") == "operator<<<...>");
  CHECK(without_template_arguments("operator<=>") == "operator<=>");
  CHECK(without_template_arguments("operator->") == "operator->");
  CHECK(without_template_arguments("f<(1 > 2), &operator->>") == "f<...>");
  CHECK(without_template_arguments("<lambda(int)>") == "<lambda(int)>");
  CHECK(without_template_arguments("broken<int") == "broken<int");
  CHECK(without_template_arguments("") == "");
  CHECK(!has_template_arguments("a::operator<"));
  CHECK(has_template_arguments("a<b>"));
  CHECK(normalised_arguments("a<b<c> >") == "a<b<c>>");
}

TEST_CASE("keys differ with every part and do not depend on how parts touch") {
  const auto key = [](std::string_view a, std::string_view b) {
    return key_hasher().text(a).text(b).finish();
  };
  CHECK(key("ab", "c") != key("a", "bc"));
  CHECK(key("ab", "c") == key("ab", "c"));
  CHECK(key("12345678", "") != key("1234567", "8"));
  CHECK(!key("", "").empty());
}

TEST_CASE("paths are joined, folded and mapped") {
  binary_options options;
  CHECK(normalised_path("/a/b", "../c/./d.cc", options) == "/a/c/d.cc");
  CHECK(normalised_path("/a", "/x//y.cc", options) == "/x/y.cc");
  CHECK(normalised_path("/proc/self/cwd", "src/a.cc", options) == "src/a.cc");
  CHECK(normalised_path(".", "../a.cc", options) == "../a.cc");
  CHECK(normalised_path("/", "../../a.cc", options) == "/a.cc");
  options.source_root = "/home/me";
  CHECK(normalised_path(".", "src/a.cc", options) == "/home/me/src/a.cc");
  CHECK(normalised_path("", "<built-in>", options) == "<built-in>");
  options.path_map = {{"/home/me", "/src"}, {"/home", "/never"}};
  CHECK(normalised_path("/home/me", "a.cc", options) == "/src/a.cc");
  CHECK(common_directory("/a/b/c", "/a/b/d") == "/a/b");
  CHECK(common_directory("/a/b", "/a/b/d") == "/a/b");
  CHECK(common_directory("/a/bc", "/a/b") == "/a");
  CHECK(common_directory("/a", "/b") == "");
}

TEST_CASE("the filter keeps the user's own files unless told otherwise") {
  binary_options options;
  const first_party_filter usual(options, "/home/me/app");
  CHECK(usual.keeps("/home/me/app/src/a.cc"));
  CHECK(usual.keeps("src/a.cc"));
  CHECK(!usual.keeps("/home/me/other/a.cc"));
  CHECK(!usual.keeps("/usr/include/c++/12/vector"));
  CHECK(!usual.keeps("/home/me/app/third_party/x.cc"));
  CHECK(!usual.keeps("/home/me/app/<built-in>"));
  CHECK(!usual.keeps(""));

  options.include = {"/usr/include/c++", "*/x.cc"};
  options.exclude = {"/home/me/app/secret"};
  const first_party_filter chosen(options, "/home/me/app");
  CHECK(chosen.keeps("/usr/include/c++/12/vector"));
  CHECK(chosen.keeps("/home/me/app/third_party/x.cc"));
  CHECK(!chosen.keeps("/home/me/app/src/a.cc"));
  CHECK(!chosen.keeps("/home/me/app/secret/x.cc"));

  options.include.clear();
  options.all = true;
  const first_party_filter everything(options, "/home/me/app");
  CHECK(everything.keeps("/usr/include/stdio.h"));
  CHECK(!everything.keeps("/home/me/app/secret/x.cc"));
  CHECK(matches_path("/a/b", "/a/b/c"));
  CHECK(!matches_path("/a/b", "/a/bc"));
}

TEST_CASE("pieces come back whole from memory and from the file") {
  binary_options options;
  for (const std::size_t limit : {std::size_t{1} << 30U, std::size_t{0}}) {
    options.memory_limit = limit;
    piece_store store(options);
    std::vector<piece_place> places;
    std::vector<std::string> pieces;
    for (std::size_t i = 0; i < 300; ++i) {
      pieces.push_back(std::string(i * 37 % 9000 + (i == 150 ? 800'000 : 0), char('a' + i % 26)));
      const auto place = store.append(pieces.back());
      REQUIRE(place.has_value());
      places.push_back(*place);
    }
    CHECK((store.spilled_bytes() != 0) == (limit == 0));
    std::string piece;
    for (std::size_t i = pieces.size(); i-- > 0;) {
      REQUIRE(store.read(places[i], piece).has_value());
      CHECK(piece == pieces[i]);
    }
  }
  options.memory_limit = 0;
  options.temporary_dir = "/nowhere/at/all";
  piece_store store(options);
  CHECK(!store.append(std::string(2'000'000, 'x')).has_value());
}

TEST_CASE("the best description wins, whatever comes first") {
  const entity_key key{1, 2};
  const auto described = [](description quality, std::uint64_t order, const char* name) {
    entity made;
    made.rank = {quality, order, 0};
    made.name = name;
    return made;
  };
  std::vector<entity> all{
      described(description::inlined, 1, "inlined"), described(description::concrete, 9, "late"),
      described(description::concrete, 5, "best"), described(description::part, 0, "part")};
  const auto by_name = [](const entity& a, const entity& b) { return a.name < b.name; };
  std::sort(all.begin(), all.end(), by_name);
  do {
    entity_table table;
    for (const auto& one : all)
      if (table.would_win(key, one.rank))
        table.put(key, entity(one));
    entity_table::entity_map entities;
    entity_table::lines_map lines;
    table.take(entities, lines);
    CHECK(entities.at(key).name == "best");
  } while (std::next_permutation(all.begin(), all.end(), by_name));
}

TEST_CASE("lines of instances are intersected, those of parts united") {
  const entity_key key{1, 2};
  const auto text = [](const std::vector<line_range>& ranges) {
    std::string made;
    for (const auto& range : ranges)
      made += std::to_string(range.start) + "-" + std::to_string(range.end) + " ";
    return made;
  };
  CHECK(text(ranges_of({1, 2, 4, 7, 8, 9})) == "1-2 4-4 7-9 ");
  CHECK(text(intersection({{1, 5}, {8, 9}}, {{2, 3}, {5, 8}})) == "2-3 5-5 8-8 ");
  CHECK(text(union_of({{1, 2}, {8, 9}}, {{3, 4}, {9, 12}})) == "1-4 8-12 ");
  entity_table table;
  table.add_instance(key, key, {{{10, 14}}, 14, true, false});
  table.add_instance(key, key, {{{20, 21}}, 21, true, true});
  table.add_instance(key, key, {{{12, 20}}, 20, false, false});
  entity_table::entity_map entities;
  entity_table::lines_map lines;
  table.take(entities, lines);
  const auto& gathered = lines.at(key);
  CHECK(text(gathered.common) == "12-14 ");
  CHECK(text(gathered.in_parts) == "20-21 ");
  CHECK(gathered.end_line == 21);
  CHECK(gathered.has_code);
  CHECK(gathered.is_inlined);
}

TEST_CASE("specifics are valid JSON whatever the names hold") {
  const std::string odd("\"\\\n\x01\xFF\xC3\xA9\0x", 9);
  const auto text = json_object().add("na\"me", odd).add("n", 3U).add_true("t").finish();
  const auto parsed = nlohmann::json::parse(text);
  CHECK(parsed["na\"me"] == std::string("\"\\\n\x01\xEF\xBF\xBD\xC3\xA9\0x", 11));
  CHECK(parsed["n"] == 3);
  CHECK(parsed["t"] == true);
  CHECK(json_object().finish().empty());
  CHECK(json_object(text).add("more", "x").finish() ==
        text.substr(0, text.size() - 1) + ",\"more\":\"x\"}");
}

TEST_CASE("a program finds its own functions") {
  CHECK(marked_function(1) == 2);
  CHECK(is_elf("/proc/self/exe"));
  CHECK(!is_elf("/proc/self/status"));
  CHECK(!is_elf("/nowhere"));
  if (!has_debug_info())
    return; // a release build
  auto opened = open_self();
  REQUIRE(opened.has_value());
  REQUIRE(!opened->languages().empty());
  CHECK(opened->languages().front() == "cpp");
  noting_sink sink;
  const auto summary = opened->extract("cpp", sink);
  REQUIRE(summary.has_value());
  CHECK(sink.marked.start == marked_line);
  CHECK(sink.marked.end == marked_line + 3);
  CHECK(summary->units_failed == 0);
  CHECK(summary->roots > 3);
  CHECK(summary->left_out > 100);
  CHECK(sink.events == 2 * summary->scopes + summary->symbols);
  CHECK(opened->extract("cobol", sink).error().code == errc::invalid_config);
}

TEST_CASE("a sink or a callback that says stop ends the extraction") {
  if (!has_debug_info())
    return;
  auto opened = open_self();
  REQUIRE(opened.has_value());
  for (const std::size_t events : {1U, 2U, 3U, 50U, 500U}) {
    noting_sink sink(events);
    const auto summary = opened->extract("cpp", sink);
    REQUIRE(!summary.has_value());
    CHECK(summary.error().code == errc::cancelled);
    CHECK(sink.events == events);
  }
  noting_sink sink;
  const auto summary = opened->extract("cpp", sink, [](const auto&) { return false; });
  REQUIRE(!summary.has_value());
  CHECK(summary.error().code == errc::cancelled);
  CHECK(sink.events == 0);
}
