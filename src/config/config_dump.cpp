// SPDX-License-Identifier: Apache-2.0
#include "config/config_dump.hpp"

#include "config/config_options.hpp"
#include "config/config_values.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace symup {
namespace {

using json = nlohmann::ordered_json;

std::string to_json_text(const json& value, int indent = -1) {
  return value.dump(indent, ' ', false, json::error_handler_t::replace);
}

// Text that would move a terminal's cursor or look like nothing is shown as a JSON string.
std::string printable(const std::string& text) {
  const bool plain = !text.empty() && text.front() != ' ' && text.back() != ' ' &&
                     std::none_of(text.begin(), text.end(), [](char c) {
                       return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
                     });
  return plain ? text : to_json_text(text);
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width)
    text.resize(width, ' ');
  return text;
}

// The values as they are printed: one, or a line for each header.
std::vector<std::string> shown_values(const config_option& option, const config& values) {
  if (option.kind != value_kind::headers)
    return {printable(show_option(option, values))};
  std::vector<std::string> lines;
  for (const http_header& header :
       values.*std::get<std::vector<http_header> config::*>(option.field))
    lines.push_back(printable(show_header(header)));
  if (lines.empty())
    lines.emplace_back("none");
  return lines;
}

json json_value(const config_option& option, const config& values) {
  return std::visit(
      [&](auto field) -> json {
        using value = std::decay_t<decltype(values.*field)>;
        if constexpr (std::is_integral_v<value>) {
          if (render_option(option, values) == automatic)
            return automatic;
          return values.*field;
        } else if constexpr (std::is_same_v<value, std::vector<http_header>>) {
          json list = json::array();
          for (const http_header& header : values.*field)
            list.push_back(show_header(header));
          return list;
        } else {
          return show_option(option, values);
        }
      },
      option.field);
}

std::string without_query(const endpoint& where) {
  const std::size_t query = where.url.find('?');
  if (query == std::string::npos)
    return where.url;
  return where.url.substr(0, query + 1) + "(not shown)";
}

// How an option is written in a config file. Text always in quotes: CAF knows no size units.
std::string file_value(const config_option& option) {
  const std::string text = render_option(option, config{});
  switch (option.kind) {
  case value_kind::count:
  case value_kind::integer:
    return text;
  case value_kind::integer_or_auto:
    return text == automatic ? to_json_text(text) : text;
  case value_kind::headers:
    return "[]";
  default:
    return to_json_text(text);
  }
}

std::string joined(std::string_view first, std::string_view second) {
  std::string text(first);
  if (!first.empty() && !second.empty())
    text += ", ";
  return text.append(second);
}

constexpr std::string_view reference_head =
    R"(; symup: every option with its default. Uncomment what is to be different.
; A comment begins with a semicolon. Sizes (4096, "512K", "2MiB", "1G"; K = 1024) and times
; ("500ms", "5s", "2m", "1h") with a unit stand in double quotes.
; What is set here gives way to the environment, and that to the command line.
; This file is generated: symup config --reference
symup {
)";

constexpr std::string_view key_advice = "  ; Better set in the environment; a file that holds it "
                                        "should be readable by its owner only.\n";

} // namespace

std::string dump_text(const config_sources& sources, const finalized_config& config) {
  constexpr std::size_t name_width = 22;
  constexpr std::size_t value_width = 38;
  std::string text = "endpoint                " + without_query(config.endpoint()) + '\n';
  if (!config.endpoint().unix_socket.empty())
    text += "  unix socket           " + printable(config.endpoint().unix_socket) + '\n';
  for (const http_header& header : config.endpoint().headers)
    text += "  header                " + printable(show_header(header)) + '\n';
  std::string_view group;
  for (const config_option& option : config_options()) {
    if (option.group != std::exchange(group, option.group))
      text += '\n' + std::string(group) + '\n';
    std::string name(option.name);
    for (const std::string& value : shown_values(option, config.values())) {
      text += "  " + padded(std::exchange(name, ""), name_width) + padded(value, value_width) +
              "  " + sources.origin(option.name) + '\n';
    }
  }
  return text;
}

std::string dump_json(const config_sources& sources, const finalized_config& config) {
  json headers = json::array();
  for (const http_header& header : config.endpoint().headers)
    headers.push_back(show_header(header));
  json options = json::object();
  for (const config_option& option : config_options())
    options[std::string(option.name)] = {{"value", json_value(option, config.values())},
                                         {"origin", sources.origin(option.name)}};
  const json dump = {{"endpoint",
                      {{"url", without_query(config.endpoint())},
                       {"unix_socket", config.endpoint().unix_socket},
                       {"headers", std::move(headers)}}},
                     {"options", std::move(options)}};
  return to_json_text(dump, 2) + '\n';
}

std::string reference_file() {
  std::string text(reference_head);
  std::string_view group;
  for (const config_option& option : config_options()) {
    if (option.group != std::exchange(group, option.group))
      text += "\n  ; ---- " + std::string(group) + " ----\n";
    const std::string words = joined(option.flag, option.environment);
    text += "\n  ; " + std::string(option.help) + ".\n";
    text += "  ; Allowed: " + allowed_range(option) + ". Also: " + words + ".\n";
    if (option.secret)
      text += key_advice;
    text += "  ;" + std::string(option.name) + " = " + file_value(option) + '\n';
  }
  return text + "}\n";
}

std::string options_markdown() {
  std::string text = "| option | default | command line | environment | meaning |\n"
                     "|---|---|---|---|---|\n";
  const auto code = [](const std::string& word) { return word.empty() ? "" : '`' + word + '`'; };
  std::string_view group;
  for (const config_option& option : config_options()) {
    if (option.group != std::exchange(group, option.group))
      text += "| **" + std::string(group) + "** | | | | |\n";
    text += "| " + code(std::string(option.name)) + " | " + code(render_option(option, config{})) +
            " | " + code(std::string(option.flag)) + " | " + code(std::string(option.environment)) +
            " | " + std::string(option.help);
    if (option.kind != value_kind::text && option.kind != value_kind::headers)
      text += " (" + allowed_range(option) + ')';
    text += " |\n";
  }
  return text;
}

} // namespace symup
