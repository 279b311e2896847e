// SPDX-License-Identifier: Apache-2.0
#include "native/entity_key.hpp"

#include <cstring>

namespace symup::native {

namespace {

std::uint64_t mix(std::uint64_t value) noexcept {
  value ^= value >> 32U;
  value *= 0xD6E8FEB86659FD93U;
  value ^= value >> 32U;
  value *= 0xD6E8FEB86659FD93U;
  value ^= value >> 32U;
  return value;
}

bool in_identifier(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80U;
}

// Where the symbols of an operator's name end: "operator<<" at its 'o' -> behind "<<"; 0 if none.
std::size_t operator_end(std::string_view name, std::size_t at) noexcept {
  constexpr std::string_view word = "operator";
  if (name.compare(at, word.size(), word) != 0 || (at != 0 && in_identifier(name[at - 1])))
    return 0;
  auto end = at + word.size();
  if (end >= name.size() || in_identifier(name[end]) || name[end] == ' ')
    return 0;
  if (name.compare(end, 3, "<=>") == 0)
    return end + 3;
  if (name.compare(end, 2, "<<") == 0) // operator<< ; operator< <int> has a blank
    return end + (name.compare(end, 3, "<<=") == 0 ? 3 : 2);
  if (name[end] == '<')
    return end + (name.compare(end, 2, "<=") == 0 ? 2 : 1);
  while (end < name.size() && std::strchr("=!>+-*/%&|^~,()[]", name[end]) != nullptr)
    ++end;
  return end;
}

// Where the argument list that opens at `at` ends (behind its '>'), or npos.
std::size_t arguments_end(std::string_view name, std::size_t at) noexcept {
  std::size_t angles = 0, parentheses = 0;
  for (; at < name.size(); ++at) {
    const char c = name[at];
    if (c == '(') {
      ++parentheses;
    } else if (c == ')' && parentheses != 0) {
      --parentheses;
    } else if (parentheses != 0 || (c == '>' && name[at - 1] == '-')) {
      continue; // (1 > 2), a decltype's ->
    } else if (c == '<') {
      ++angles;
    } else if (c == '>' && --angles == 0) {
      return at + 1;
    }
  }
  return std::string_view::npos;
}

} // namespace

key_hasher& key_hasher::number(std::uint64_t value) noexcept {
  high_ = mix(high_ ^ value) + 0x9E3779B97F4A7C15U;
  low_ = (low_ ^ mix(value + 0xA0761D6478BD642FU)) * 0xE7037ED1A0B428DBU;
  low_ ^= low_ >> 29U;
  return *this;
}

key_hasher& key_hasher::text(std::string_view value) noexcept {
  number(value.size());
  while (value.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, value.data(), 8);
    number(word);
    value.remove_prefix(8);
  }
  if (!value.empty()) {
    std::uint64_t word = 0;
    std::memcpy(&word, value.data(), value.size());
    number(word);
  }
  return *this;
}

entity_key key_hasher::finish() const noexcept {
  entity_key key{mix(high_ ^ (low_ >> 17U)), mix(low_ + high_)};
  if (key.empty())
    key.low = 1; // empty() means "no key"
  return key;
}

std::string without_template_arguments(std::string_view name, std::string_view in_place_of) {
  std::string out;
  out.reserve(name.size());
  for (std::size_t at = 0; at < name.size();) {
    if (name[at] == 'o') {
      if (const auto end = operator_end(name, at); end != 0) {
        out.append(name.substr(at, end - at));
        at = end;
        if (at < name.size() && name[at] == ' ') // "operator< <int>"
          ++at;
        if (at < name.size() && name[at] == '<') {
          if (const auto after = arguments_end(name, at); after != std::string_view::npos) {
            out.append(in_place_of);
            at = after;
          }
        }
        continue;
      }
    }
    if (name[at] == '<' && at != 0 && in_identifier(name[at - 1])) {
      if (const auto end = arguments_end(name, at); end != std::string_view::npos) {
        out.append(in_place_of);
        at = end;
        continue;
      }
    }
    out += name[at++];
  }
  return out;
}

bool has_template_arguments(std::string_view name) {
  if (name.find('<') == std::string_view::npos)
    return false;
  return without_template_arguments(name) != name;
}

std::string normalised_arguments(std::string_view name) {
  std::string out;
  out.reserve(name.size());
  for (const char c : name) {
    if (c == '>' && out.size() >= 2 && out.back() == ' ' && out[out.size() - 2] == '>')
      out.pop_back();
    out += c;
  }
  return out;
}

} // namespace symup::native
