// SPDX-License-Identifier: Apache-2.0
#include "receive/violation.hpp"

#include <utility>

namespace symup::receive {

std::string in_quotes(std::string_view bytes) {
  constexpr std::size_t longest = 120;
  constexpr char hex[] = "0123456789abcdef";
  std::string text = "\"";
  for (const char c : bytes.substr(0, longest)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      text += c;
    } else {
      text += "\\x";
      text += hex[byte >> 4U];
      text += hex[byte & 15U];
    }
  }
  text += bytes.size() > longest ? "\"..." : "\"";
  return text;
}

std::string to_string(const violation& v) {
  return std::string(v.rule) + ": " + v.text;
}

void add(std::vector<violation>& list, std::string_view rule, std::string text) {
  if (list.size() < max_violations)
    list.push_back({rule, std::move(text)});
}

} // namespace symup::receive
