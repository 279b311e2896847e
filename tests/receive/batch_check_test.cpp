// SPDX-License-Identifier: Apache-2.0
// The single rules are broken one by one in intake_test.py; here is what needs the function itself.
#include "batch_fixture.hpp"
#include "receive/batch_check.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace symup::receive;
using namespace symup::receive::test;

namespace {

checked_batch check(const wire_batch& batch, const batch_limits& limits = {}) {
  return check_batch({{"file", "file.gz", "application/gzip", batch.file},
                      {"event", "event.json", "application/json", batch.event}},
                     limits);
}

std::string rule_of(const wire_batch& batch, const batch_limits& limits = {}) {
  const auto result = check(batch, limits);
  return result.violations.empty() ? std::string() : std::string(result.violations.front().rule);
}

/// `levels` scopes inside each other, the root included.
ordered_json nested_scopes(int levels) {
  ordered_json scope = attachment(1, true)["scopes"][0];
  const ordered_json shell = scope;
  for (int i = 1; i < levels; ++i) {
    ordered_json outer = shell;
    outer["scopes"] = ordered_json::array({std::move(scope)});
    scope = std::move(outer);
  }
  auto whole = attachment(1, true);
  whole["scopes"] = ordered_json::array({std::move(scope)});
  return whole;
}

} // namespace

TEST_CASE("a right batch gives its facts") {
  const auto whole = attachment(7, true);
  const auto batch = make_batch(whole);
  const auto result = check(batch);
  REQUIRE(result.violations.empty());
  CHECK(result.facts.upload_id == upload_id);
  CHECK(result.facts.batch_num == 7);
  CHECK(result.facts.final);
  CHECK(result.facts.service == "s");
  CHECK(result.facts.version == "v");
  CHECK(result.facts.language == "cpp");
  CHECK(result.facts.env.empty());
  CHECK(result.facts.json_bytes == whole.dump().size());
  CHECK(result.facts.root_scopes == 1);
  CHECK(result.facts.scopes == 1);
  CHECK(result.facts.symbols == 1);
  CHECK(result.file == batch.file);
  CHECK(result.event == batch.event);
}

TEST_CASE("scopes are counted on all levels, roots apart") {
  const auto result = check(make_batch(nested_scopes(5)));
  CHECK(result.violations.empty());
  CHECK(result.facts.root_scopes == 1);
  CHECK(result.facts.scopes == 5);
  CHECK(result.facts.symbols == 5);
}

TEST_CASE("nesting up to the limit passes, one more is refused, any depth is survived") {
  batch_limits limits;
  limits.max_depth = 1 + 2 * 5 + 2; // attachment; list and scope per level; list and symbol
  CHECK(rule_of(make_batch(nested_scopes(5)), limits).empty());
  limits.max_depth -= 1;
  CHECK(rule_of(make_batch(nested_scopes(5)), limits) == "json.depth");
  wire_batch deep = make_batch(attachment(1, true));
  deep.file = gzip(R"({"service":)" + std::string(5'000'000, '['));
  const auto list = check(deep).violations;
  CHECK(std::count_if(list.begin(), list.end(),
                      [](const violation& v) { return v.rule == "json.depth"; }) == 1);
}

TEST_CASE("an attachment larger than the limit is refused while it is read") {
  const auto whole = attachment(1, true);
  batch_limits limits;
  limits.max_json_bytes = whole.dump().size();
  CHECK(rule_of(make_batch(whole), limits).empty());
  limits.max_json_bytes -= 1;
  CHECK(rule_of(make_batch(whole), limits) == "limits.json_bytes");
}

TEST_CASE("every cut and every changed byte of the file part is refused") {
  const auto good = make_batch(attachment(1, true));
  for (std::size_t size = 0; size < good.file.size(); ++size) {
    CAPTURE(size);
    wire_batch cut = good;
    cut.file.resize(size);
    CHECK_FALSE(check(cut).violations.empty());
  }
  // Bytes 4 to 9 of a gzip header (time, extra flags, system) mean nothing to the content.
  for (std::size_t at = 10; at < good.file.size(); ++at) {
    CAPTURE(at);
    wire_batch changed = good;
    changed.file[at] = static_cast<char>(changed.file[at] ^ 0x55);
    CHECK_FALSE(check(changed).violations.empty());
  }
}

TEST_CASE("every cut of the attachment and of the event is refused") {
  const auto whole = attachment(1, true).dump();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    wire_batch cut = make_batch(attachment(1, true));
    cut.file = gzip(whole.substr(0, size));
    CHECK(rule_of(cut) == "json.syntax");
  }
  const auto good = make_batch(attachment(1, true));
  for (std::size_t size = 0; size < good.event.size(); ++size) {
    CAPTURE(size);
    CHECK(rule_of({good.file, good.event.substr(0, size)}) == "json.syntax");
  }
}

TEST_CASE("a violation says where, in printable words") {
  auto whole = attachment(1, true);
  whole["scopes"][0]["symbols"][0]["line"] = -1;
  auto result = check(make_batch(whole));
  REQUIRE(result.violations.size() == 1);
  CHECK(to_string(result.violations[0]) ==
        "attachment.integer: attachment.scopes[0].symbols[0].line is -1, must be an integer from 0 "
        "to 2147483647");
  whole = attachment(1, true);
  whole["scopes"][0]["\n\u00e9"] = 1;
  result = check(make_batch(whole));
  REQUIRE(result.violations.size() == 1);
  CHECK(result.violations[0].text == R"(attachment.scopes[0] has the unknown key "\x0a\xc3\xa9")");
}

TEST_CASE("the violations of one batch are bounded") {
  auto whole = attachment(1, true);
  for (int i = 0; i < 1000; ++i)
    whole["scopes"].push_back(1);
  CHECK(check(make_batch(whole)).violations.size() == max_violations);
}
