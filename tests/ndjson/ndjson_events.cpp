// SPDX-License-Identifier: Apache-2.0
// Reads a scope file from standard input and prints its events, one a line, as JSON arrays; an
// invalid line as ["invalid", LINE]. compare_with_python.py says what they should be.
#include "symup/scope_file.hpp"

#include <nlohmann/json.hpp>

#include <iostream>

using namespace symup;

namespace {

class printer final : public scope_sink {
public:
  bool begin_scope(const scope_head& head) override {
    auto ranges = nlohmann::json::array();
    for (std::size_t i = 0; i < head.injectible_line_count; ++i)
      ranges.push_back({head.injectible_lines[i].start, head.injectible_lines[i].end});
    print({"scope", head.scope_type, head.name, head.source_file, head.start_line, head.end_line,
           head.has_injectible_lines, ranges, head.language_specifics});
    return true;
  }
  bool add_symbol(const symbol_view& symbol) override {
    print({"symbol", symbol.name, symbol.type, symbol.symbol_type,
           symbol.line ? nlohmann::json(*symbol.line) : nlohmann::json(),
           symbol.language_specifics});
    return true;
  }
  bool end_scope() override {
    print(nlohmann::json::array({"end"}));
    return true;
  }
  static void print(const nlohmann::json& event) { std::cout << event.dump(-1, ' ', true) << '\n'; }
};

} // namespace

int main() {
  scope_file_options options;
  options.on_invalid = invalid_line_policy::skip;
  options.on_skipped = [](const invalid_line& line) {
    printer::print({"invalid", line.line});
    std::cerr << to_string(line) << '\n';
  };
  auto file = scope_file::open("-", options);
  printer sink;
  for (;;) {
    const auto more = file ? file->next(sink) : expected<bool>(false);
    if (!more)
      std::cerr << to_string(more.error()) << '\n';
    if (!more || !*more)
      return file && more ? 0 : 1;
  }
}
