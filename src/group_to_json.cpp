// SPDX-License-Identifier: Apache-2.0
#include "group_to_json.hpp"

#include "json_text.hpp"

#include <string_view>
#include <vector>

namespace symup {

namespace {

void append_head(byte_buffer& json, const tape_record& head) {
  json.append("{\"scope_type\":");
  append_json_string(json, head.scope_type);
  json.append(",\"name\":");
  append_json_string(json, head.name);
  if (!head.source_file.empty()) {
    json.append(",\"source_file\":");
    append_json_string(json, head.source_file);
  }
  json.append(",\"start_line\":");
  append_json_line(json, head.start_line);
  json.append(",\"end_line\":");
  append_json_line(json, head.end_line);
  json.append(head.has_injectible_lines ? std::string_view(",\"has_injectible_lines\":true")
                                        : std::string_view(",\"has_injectible_lines\":false"));
  for (std::size_t i = 0; i < head.injectible_lines.size(); ++i) {
    const auto range = head.injectible_lines[i];
    json.append(i == 0 ? std::string_view(",\"injectible_lines\":[{\"start\":")
                       : std::string_view(",{\"start\":"));
    append_json_line(json, static_cast<std::int32_t>(range.start));
    json.append(",\"end\":");
    append_json_line(json, static_cast<std::int32_t>(range.end));
    json.append('}');
  }
  if (!head.injectible_lines.empty())
    json.append(']');
  if (!head.language_specifics.empty()) {
    json.append(",\"language_specifics\":");
    json.append(head.language_specifics);
  }
}

void append_symbol(byte_buffer& json, const tape_record& symbol) {
  json.append("{\"name\":");
  append_json_string(json, symbol.name);
  json.append(",\"type\":");
  append_json_string(json, symbol.type);
  json.append(",\"symbol_type\":");
  append_json_string(json, symbol.symbol_type);
  if (symbol.has_line) {
    json.append(",\"line\":");
    append_json_line(json, symbol.line);
  }
  if (!symbol.language_specifics.empty()) {
    json.append(",\"language_specifics\":");
    json.append(symbol.language_specifics);
  }
  json.append('}');
}

// What stands between a scope's last output and its next symbol or scope.
std::string_view join_text(scope_phase phase, tape_event next) {
  if (phase == scope_phase::scopes || (phase == scope_phase::symbols && next == tape_event::symbol))
    return ",";
  if (phase == scope_phase::symbols)
    return "],\"scopes\":[";
  return next == tape_event::symbol ? ",\"symbols\":[" : ",\"scopes\":[";
}

std::string_view close_text(scope_phase phase) {
  return phase == scope_phase::head ? "}" : "]}";
}

// The heads of the open scopes, opened up to where the first leaf of the group stands.
std::string reopen_text(std::string_view open_scopes, tape_event first) {
  byte_buffer json;
  tape_reader reader(open_scopes);
  tape_record head;
  bool outermost = true;
  while (reader.next(head)) {
    if (!outermost)
      json.append(join_text(scope_phase::head, tape_event::begin_scope));
    outermost = false;
    append_head(json, head);
  }
  json.append(join_text(scope_phase::head, first));
  return std::string(json.view());
}

constexpr std::size_t usual_depth = 32;

// Where the encoder stands: the scopes that are open, with what was written of each last.
std::vector<scope_phase> phases_at_start(const scope_group& group) {
  std::vector<scope_phase> phases;
  phases.reserve(usual_depth);
  tape_reader reader(group.open_scopes);
  tape_record head;
  while (reader.next(head))
    phases.push_back(scope_phase::scopes);
  if (!phases.empty())
    phases.back() = group.parent_phase;
  return phases;
}

} // namespace

fragment_edges encode_group(const scope_group& group, byte_buffer& json) {
  json.reserve(json.size() + group.tape.json_bytes());
  fragment_edges edges;
  auto phases = phases_at_start(group);
  tape_reader reader(group.tape.bytes());
  tape_record record;
  bool first = true;
  while (reader.next(record)) {
    if (record.event == tape_event::end_scope) {
      json.append(close_text(phases.back()));
      phases.pop_back();
      continue;
    }
    const auto join =
        phases.empty() ? std::string_view(",") : join_text(phases.back(), record.event);
    if (first) {
      edges.join = join;
      if (!phases.empty())
        edges.reopen = reopen_text(group.open_scopes, record.event);
    } else {
      json.append(join);
    }
    first = false;
    if (record.event == tape_event::symbol) {
      phases.back() = scope_phase::symbols;
      append_symbol(json, record);
    } else {
      if (!phases.empty())
        phases.back() = scope_phase::scopes;
      phases.push_back(scope_phase::head);
      append_head(json, record);
    }
  }
  for (auto phase = phases.rbegin(); phase != phases.rend(); ++phase)
    edges.close += close_text(*phase);
  return edges;
}

} // namespace symup
