// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What a line becomes, in one string that a test can compare: "<type|name|file|1-2|inj|ranges|ls"
/// opens a scope, "symbol(...)" is one, ">" closes.

#include "scope_file/ndjson_to_scopes.hpp"

#include <string>
#include <string_view>

namespace symup {

class events_as_text final : public scope_sink {
public:
  bool begin_scope(const scope_head& head) override {
    text += '<';
    for (const auto field : {head.scope_type, head.name, head.source_file})
      text.append(field) += '|';
    text += std::to_string(head.start_line) + '-' + std::to_string(head.end_line) + '|';
    text += head.has_injectible_lines ? "inj|" : "|";
    for (std::size_t i = 0; i < head.injectible_line_count; ++i)
      text += '[' + std::to_string(head.injectible_lines[i].start) + ',' +
              std::to_string(head.injectible_lines[i].end) + ']';
    text += '|';
    text += head.language_specifics;
    return go_on();
  }
  bool add_symbol(const symbol_view& symbol) override {
    text += "symbol(";
    for (const auto field : {symbol.name, symbol.type, symbol.symbol_type})
      text.append(field) += '|';
    text += symbol.line ? std::to_string(*symbol.line) : "-";
    text += '|';
    text.append(symbol.language_specifics) += ')';
    return go_on();
  }
  bool end_scope() override {
    text += '>';
    return go_on();
  }

  std::string text;
  int stop_after = -1; ///< events; -1 = never

private:
  bool go_on() { return stop_after < 0 || --stop_after > 0; }
};

struct converted {
  ndjson_to_scopes::outcome outcome;
  std::string text; ///< the events, or "OFFSET: message"
};

inline converted convert(std::string line, std::size_t max_depth = 256,
                         unknown_field_policy unknown = unknown_field_policy::error) {
  const auto size = line.size();
  line.resize(size + json_tokens::padding, '}'); // what lies behind a line must not matter
  ndjson_to_scopes converter(max_depth, unknown);
  events_as_text sink;
  json_fault fault;
  const auto outcome = converter.convert(line.data(), size, sink, fault);
  if (outcome == ndjson_to_scopes::outcome::invalid)
    return {outcome, sink.text + std::to_string(fault.offset) + ": " + fault.message()};
  return {outcome, sink.text};
}

} // namespace symup
