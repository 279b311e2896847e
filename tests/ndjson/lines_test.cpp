// SPDX-License-Identifier: Apache-2.0
#include "line_events.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace symup;

namespace {

/// A good root scope with `more` fields, written like R"(,"scopes":[])".
std::string root(const std::string& more) {
  return R"({"scope_type":"FILE","name":"a.c","start_line":1,"end_line":9,)"
         R"("has_injectible_lines":false)" +
         more + '}';
}

/// The same with one symbol, given by its fields.
std::string with_symbol(const std::string& fields) {
  return root(R"(,"symbols":[{)" + fields + "}]");
}

std::string read(const std::string& line) {
  const auto result = convert(line);
  CHECK(result.outcome == ndjson_to_scopes::outcome::root);
  return result.text;
}

void check_invalid(const std::string& line, const std::string& what) {
  CAPTURE(line);
  const auto result = convert(line);
  CHECK(result.outcome == ndjson_to_scopes::outcome::invalid);
  CHECK(result.text == what);
}

} // namespace

TEST_CASE("a line becomes the events of its scopes") {
  CHECK(read(R"( {"scope_type":"FILE","name":"a.c","source_file":"/s/a.c","start_line":0,)"
             R"("end_line":2147483647,"has_injectible_lines":false,"symbols":[{"name":"g",)"
             R"("type":"int","symbol_type":"static_field","line":3}],"scopes":[{"scope_type":)"
             R"("function","name":"f","start_line":4,"end_line":8,"has_injectible_lines":true,)"
             R"("injectible_lines":[{"start":4,"end":5},{"end":8,"start":7}],)"
             R"("language_specifics":{"a":[1, {}]},"symbols":[{"name":"p","type":"char*",)"
             R"("symbol_type":"arg","line":0,"language_specifics":{"b":null}}]}]} )") ==
        "<FILE|a.c|/s/a.c|0-2147483647|||symbol(g|int|static_field|3|)"
        "<function|f||4-8|inj|[4,5][7,8]|{\"a\":[1, {}]}symbol(p|char*|arg|0|{\"b\":null})>>");
}

TEST_CASE("empty lists and objects are as if they were not there") {
  const auto plain = read(root(""));
  CHECK(plain == "<FILE|a.c||1-9|||>");
  CHECK(read(root(R"(,"symbols":[],"scopes":[ ],"injectible_lines":[],"language_specifics":{ },)"
                  R"("source_file":"")")) == plain);
}

TEST_CASE("a root scope's type may be written in either case") {
  for (const std::string type : {"MODULE", "jar", "Assembly", "package", "FILE", "file"})
    CHECK(read(R"({"scope_type":")" + type +
               R"(","name":"","start_line":0,"end_line":0,"has_injectible_lines":true})") ==
          "<" + type + "|||0-0|inj||>");
}

TEST_CASE("line numbers outside the backend's column are clamped") {
  const auto line = [](const std::string& number) {
    return read(with_symbol(R"("name":"s","type":"t","symbol_type":"local","line":)" + number));
  };
  const auto clamped = [](const std::string& number) {
    return "<FILE|a.c||1-9|||symbol(s|t|local|" + number + "|)>";
  };
  CHECK(line("2147483647") == clamped("2147483647"));
  CHECK(line("2147483648") == clamped("2147483647"));
  CHECK(line("9223372036854775808") == clamped("2147483647"));
  CHECK(line("18446744073709551617") == clamped("2147483647"));
  CHECK(line(std::string(400, '1')) == clamped("2147483647"));
  CHECK(line("-1") == clamped("0"));
  CHECK(line("-0") == clamped("0"));
  CHECK(line("-" + std::string(400, '9')) == clamped("0"));
}

TEST_CASE("a symbol's missing line arrives as what it stands for, in any order of fields") {
  const auto lines = [](const std::string& symbol_type) {
    const auto fields = R"("name":"s","type":"t","symbol_type":")" + symbol_type + '"';
    const auto line = read(with_symbol(fields));
    const auto late = read(R"({"symbols":[{)" + fields + "}]," + root("").substr(1));
    CHECK(line == late);
    return line.substr(line.find("symbol("));
  };
  CHECK(lines("field") == "symbol(s|t|field|-|)>");
  CHECK(lines("FIELD") == "symbol(s|t|FIELD|-|)>");
  CHECK(lines("local") == "symbol(s|t|local|2147483647|)>");
  CHECK(lines("arg") == "symbol(s|t|arg|0|)>");
}

TEST_CASE("escapes are undone in texts and left alone in language_specifics") {
  CHECK(read(with_symbol(R"("name":"\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\ude00",)"
                         R"("t\u0079pe":"\ud800x\udc00","symbol_type":"\uD83D\uD83D\uDE00",)"
                         R"("language_specifics":{"k\n":"\u0041 é"})")) ==
        "<FILE|a.c||1-9|||symbol(\"\\/\b\f\n\r\tA\u00e9\u20AC\U0001F600|\uFFFDx\uFFFD|"
        "\uFFFD\U0001F600|0|{\"k\\n\":\"\\u0041 é\"})>");
}

TEST_CASE("a lone surrogate in language_specifics becomes the escape of U+FFFD") {
  CHECK(read(root(R"(,"language_specifics":{"a":"\ud800","b":"\ud83d\ude00"})")) ==
        R"(<FILE|a.c||1-9|||{"a":"\ufffd","b":"\ud83d\ude00"}>)");
}

TEST_CASE("invalid UTF-8 becomes U+FFFD, and faults behind it are where they were") {
  CHECK(read(root(",\"source_file\":\"a\xFF\xE2\x82z\xF0\x9F\x98\x80\xED\xA0\x80\"")) ==
        "<FILE|a.c|a\uFFFD\uFFFDz\U0001F600\uFFFD\uFFFD\uFFFD|1-9|||>");
  const auto line = root(",\"source_file\":\"\xFF\xFF\xFF\",\"x\":1");
  check_invalid(line, std::to_string(line.find("\"x\"")) +
                          ": unknown field \"x\" (known: scope_type, name, source_file, "
                          "start_line, end_line, has_injectible_lines, injectible_lines, "
                          "language_specifics, symbols, scopes)");
}

TEST_CASE("what is missing is named") {
  check_invalid("{}", "0: missing scope_type, name, start_line, end_line, has_injectible_lines");
  check_invalid(R"({"scope_type":"FILE","name":"","start_line":0,"end_line":0})",
                "0: missing has_injectible_lines");
  check_invalid(with_symbol(R"("name":"x","type":"t")"), "102: symbols[0]: missing symbol_type");
  check_invalid(root(R"(,"scopes":[{"scope_type":"x","symbols":[{"name":"n"}]}])"),
                "130: scopes[0].symbols[0]: missing type, symbol_type");
  check_invalid(root(R"(,"injectible_lines":[{"start":1}])"),
                "111: injectible_lines[0]: missing end");
}

TEST_CASE("wrong types are named with their path") {
  check_invalid("[]", "0: expected an object, found an array");
  check_invalid("12", "0: expected an object, found 12");
  check_invalid(root(R"(,"source_file":null)"), "105: source_file: expected a string, found null");
  check_invalid(root(R"(,"scopes":{})"), "100: scopes: expected an array, found an object");
  check_invalid(root(R"(,"scopes":[[]])"), "101: scopes[0]: expected an object, found an array");
  check_invalid(root(R"(,"language_specifics":[])"),
                "112: language_specifics: expected an object, found an array");
  check_invalid(root(R"(,"language_specifics":"{}")"),
                "112: language_specifics: expected an object, found \"{}\"");
  for (const std::string number :
       {"1.0", "1e3", "01", "+1", "0x1", "-", "1a", "--1", "NaN", "null", "true", "\"12\""})
    check_invalid(with_symbol(R"("name":"s","type":"t","symbol_type":"arg","line":)" + number),
                  "152: symbols[0].line: expected an integer, found " + number);
  for (const std::string value : {"1", "null", "\"true\"", "TRUE", "truex"})
    check_invalid(R"({"has_injectible_lines":)" + value + "}",
                  "24: has_injectible_lines: expected true or false, found " + value);
}

TEST_CASE("a field may not come twice, whatever its order and spelling") {
  check_invalid(root(R"(,"name":"b")"), "91: duplicate field \"name\"");
  check_invalid(root(R"(,"n\u0061me":"b")"), "91: duplicate field \"n\\u0061me\"");
  check_invalid(root(R"(,"scopes":[],"scopes":[])"), "103: duplicate field \"scopes\"");
  check_invalid(with_symbol(R"("name":"s","name":"s")"),
                "114: symbols[0]: duplicate field \"name\"");
  check_invalid(root(R"(,"language_specifics":{"a":{"b":1,"c":[0,{"d":1,"d":2}]}})"),
                "138: language_specifics.a.c[1]: duplicate field \"d\"");
  check_invalid(root(R"(,"language_specifics":{"a":1,"\u0061":2})"),
                "119: language_specifics: duplicate field \"\\u0061\"");
}

TEST_CASE("unknown fields are errors or are dropped, but always checked") {
  check_invalid(with_symbol(R"("nam":"s")"),
                "103: symbols[0]: unknown field \"nam\" (known: name, language_specifics, type, "
                "symbol_type, line)");
  const auto drop = [](const std::string& more) {
    return convert(root(more), 256, unknown_field_policy::drop);
  };
  CHECK(drop(R"(,"x":{"y":[1,2,{"z":null}]},"y":1,"injectible_lines":[{"start":2,"end":2,"x":0}])")
            .text == "<FILE|a.c||1-9||[2,2]|>");
  CHECK(drop(R"(,"x":1,"x":2)").text == "102: duplicate field \"x\"");
  CHECK(drop(R"(,"x":[01])").text == "96: x[0]: expected a value, found 01");
}

TEST_CASE("lines must be in order") {
  check_invalid(R"({"scope_type":"FILE","name":"","start_line":5,"end_line":4,)"
                R"("has_injectible_lines":false,"scopes":[]})",
                "57: end_line: 4 is before start_line 5");
  check_invalid(root(R"(,"injectible_lines":[{"start":3,"end":2}])"),
                "111: injectible_lines[0]: end 2 is before start 3");
  check_invalid(root(R"(,"injectible_lines":[{"start":3,"end":4},{"start":4,"end":9}])"),
                "131: injectible_lines[1]: starts at 4, not behind the range before it, which "
                "ends at 4");
}

TEST_CASE("a root scope of another type is refused, inner ones are free") {
  check_invalid(R"({"scope_type":"CLASS"})",
                "14: scope_type: a root scope must be MODULE, JAR, ASSEMBLY, PACKAGE or FILE, "
                "found \"CLASS\"");
  check_invalid(R"({"scope_type":""})",
                "14: scope_type: a root scope must be MODULE, JAR, ASSEMBLY, PACKAGE or FILE, "
                "found \"\"");
}

TEST_CASE("broken JSON is refused where it breaks") {
  check_invalid("   ", "0: no JSON");
  check_invalid("{", "1: expected a field's name, found the end");
  check_invalid(root("").substr(0, 90), "90: expected ',' or '}', found the end");
  check_invalid(root(","), "91: expected a field's name, found }");
  check_invalid(root("") + "x", "91: expected the end of the line, found x");
  check_invalid(root("") + root(""), "91: expected the end of the line, found an object");
  check_invalid(root("") + "}", "91: expected the end of the line, found }");
  check_invalid(R"({"name" "x"})", "8: expected ':', found \"x\"");
  check_invalid(R"({"name":"x)", "8: string without an end");
  check_invalid("{\"name\":\"x\ty\"}", "10: control character in a string (must be escaped)");
  check_invalid(R"({"name":"x\q"})", "10: name: unknown escape in a string");
  check_invalid(R"({"name":"\u12G4"})", "9: name: \\u needs four hexadecimal digits");
  check_invalid(root(R"(,"scopes":[)"), "101: scopes[0]: expected an object, found }");
  check_invalid(root(R"(,"scopes":[}])"), "101: scopes[0]: expected an object, found }");
  check_invalid(root(R"(,"language_specifics":{"a":tru})"),
                "117: language_specifics.a: expected a value, found tru");
  check_invalid(root(R"(,"language_specifics":{"a":[1 2]})"),
                "120: language_specifics.a[0]: expected ',' or ']', found 2");
  check_invalid(root(R"(,"language_specifics":{"a":1.})"),
                "117: language_specifics.a: expected a value, found 1.");
}

TEST_CASE("nesting is limited, and nothing recurses beyond the limit") {
  const auto nested = [](std::size_t depth) {
    const std::string head = R"({"scope_type":"FILE","name":"","start_line":0,"end_line":0,)"
                             R"("has_injectible_lines":false)";
    std::string line;
    for (std::size_t i = 1; i < depth; ++i)
      line += head + ",\"scopes\":[";
    line += head + '}';
    for (std::size_t i = 1; i < depth; ++i)
      line += "]}";
    return line;
  };
  CHECK(convert(nested(7), 7).outcome == ndjson_to_scopes::outcome::root);
  CHECK(convert(nested(1024), 1024).outcome == ndjson_to_scopes::outcome::root);
  CHECK(convert(nested(4), 3).text ==
        "294: scopes[0].scopes[0].scopes[0]: scopes nested deeper than 3");
  CHECK(convert(nested(20000), 1024).outcome == ndjson_to_scopes::outcome::invalid);
  const auto specifics = [](std::size_t depth) {
    return root(",\"language_specifics\":{\"a\":" + std::string(depth - 1, '[') +
                std::string(depth - 1, ']') + '}');
  };
  CHECK(convert(specifics(5), 5).outcome == ndjson_to_scopes::outcome::root);
  CHECK(convert(specifics(6), 5).text ==
        "121: language_specifics.a[0][0][0][0]: nested deeper than 5 levels");
  CHECK(convert(specifics(1000000), 256).outcome == ndjson_to_scopes::outcome::invalid);
  CHECK(convert(std::string(1000000, '{')).outcome == ndjson_to_scopes::outcome::invalid);
}

TEST_CASE("a long line is all or nothing too") {
  std::string symbols;
  while (symbols.size() < 3 * 1024 * 1024)
    symbols += R"({"name":"a_symbol","type":"int","symbol_type":"local","line":7},)";
  symbols.pop_back();
  const auto good = convert(root(",\"symbols\":[" + symbols + "]"));
  CHECK(good.outcome == ndjson_to_scopes::outcome::root);
  CHECK(good.text.size() > 1024 * 1024);
  // The sink must have seen nothing of it, though only the last byte is wrong.
  const auto bad = root(",\"symbols\":[" + symbols + "]");
  CHECK(convert(bad + '}').text ==
        std::to_string(bad.size()) + ": expected the end of the line, found }");
}

TEST_CASE("a sink that says stop is asked nothing more") {
  for (const std::size_t padding : {std::size_t{0}, std::size_t{2} * 1024 * 1024}) {
    auto line = root(",\"symbols\":[{\"name\":\"" + std::string(padding, 'x') +
                     R"(","type":"t","symbol_type":"arg"}],"scopes":[])");
    const auto size = line.size();
    line.resize(size + json_tokens::padding);
    ndjson_to_scopes converter(256, unknown_field_policy::error);
    events_as_text sink;
    sink.stop_after = 1;
    json_fault fault;
    CHECK(converter.convert(line.data(), size, sink, fault) == ndjson_to_scopes::outcome::stopped);
    CHECK(sink.text == "<FILE|a.c||1-9|||");
  }
}
