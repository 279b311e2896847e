// SPDX-License-Identifier: Apache-2.0
#include "receive/json_bytes.hpp"

namespace symup::receive {

namespace {

std::string_view rule_of(std::string_view what) {
  if (what.find("ill-formed UTF-8") != std::string_view::npos)
    return "json.utf8";
  if (what.find("; expected end of input") != std::string_view::npos)
    return "json.trailing";
  return "json.syntax";
}

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text)
    out += c >= 0x20 && c < 0x7f ? c : '?';
  return out;
}

} // namespace

void add_parse_error(std::vector<violation>& list, std::string_view where, std::string_view what) {
  constexpr std::size_t longest = 300;
  // The message quotes the offending token, which may be long; the end of it says what is wrong.
  std::string text = printable(what);
  if (text.size() > longest)
    text = text.substr(0, longest / 2) + " ... " + text.substr(text.size() - longest / 2);
  add(list, rule_of(what), std::string(where) + ": " + text);
}

} // namespace symup::receive
