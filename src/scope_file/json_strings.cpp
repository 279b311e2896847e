// SPDX-License-Identifier: Apache-2.0
#include "scope_file/json_strings.hpp"

#include <cstdint>

namespace symup {

namespace {

constexpr char32_t replacement = 0xFFFD;

struct escape {
  char32_t code = 0;
  std::size_t length = 0; // of the escape; 0 = wrong
  bool lone = false;      // half of a surrogate pair; `code` is the replacement
  const char* what = "";
};

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9')
    return c - '0';
  c = static_cast<char>(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// The value of "\uXXXX" at `at`, or -1.
std::int32_t unit_at(const char* at, const char* end) noexcept {
  if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
    return -1;
  std::int32_t unit = 0;
  for (int i = 2; i < 6; ++i) {
    const int digit = hex_digit(at[i]);
    if (digit < 0)
      return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

escape decode_unicode(const char* at, const char* end) noexcept {
  const auto unit = unit_at(at, end);
  if (unit < 0)
    return {0, 0, false, "\\u needs four hexadecimal digits"};
  if (unit < 0xD800 || unit > 0xDFFF)
    return {static_cast<char32_t>(unit), 6, false, ""};
  const auto low = unit < 0xDC00 ? unit_at(at + 6, end) : -1;
  if (low < 0xDC00 || low > 0xDFFF)
    return {replacement, 6, true, "lone surrogate"};
  return {static_cast<char32_t>(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)), 12, false, ""};
}

// `at` is on a backslash. A string token never ends in an odd number of them.
escape decode(const char* at, const char* end) noexcept {
  switch (end - at < 2 ? '\0' : at[1]) {
  case '"':
  case '\\':
  case '/':
    return {static_cast<unsigned char>(at[1]), 2, false, ""};
  case 'b':
    return {'\b', 2, false, ""};
  case 'f':
    return {'\f', 2, false, ""};
  case 'n':
    return {'\n', 2, false, ""};
  case 'r':
    return {'\r', 2, false, ""};
  case 't':
    return {'\t', 2, false, ""};
  case 'u':
    return decode_unicode(at, end);
  default:
    return {0, 0, false, "unknown escape in a string"};
  }
}

char* append_utf8(char* out, char32_t code) noexcept {
  const auto put = [&out](char32_t byte) { *out++ = static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  }
  return out;
}

const char* next_backslash(const char* from, const char* end) noexcept {
  const void* found = from == end ? nullptr : std::memchr(from, '\\', end - from);
  return found == nullptr ? end : static_cast<const char*>(found);
}

struct utf8_part {
  std::size_t size = 1;
  bool valid = false;
};

// The character, or the longest part of one, that `text` begins with. The second byte's range
// depends on the first one (no overlong forms, no surrogates, nothing above U+10FFFF).
utf8_part first_part(std::string_view text) noexcept {
  const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto lead = byte(0);
  if (lead < 0x80)
    return {1, true};
  if (lead < 0xC2 || lead > 0xF4)
    return {1, false};
  const std::size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (text.size() < 2 || byte(1) < low || byte(1) > high)
    return {1, false};
  for (std::size_t i = 2; i < size; ++i)
    if (i >= text.size() || (byte(i) & 0xC0) != 0x80)
      return {i, false};
  return {size, true};
}

} // namespace

bool escape_finder::search(const char* from, const char* to) noexcept {
  if (from < clean_from_) // going back: look at this part only
    return next_backslash(from, to) != to;
  clean_from_ = from;
  clean_to_ = next_backslash(from, end_);
  return clean_to_ < to;
}

escape_fault unescape(std::string_view raw, char* out, std::size_t& size) noexcept {
  const char* at = raw.data();
  const char* const end = at + raw.size();
  char* const begin = out;
  while (at != end) {
    const char* const backslash = next_backslash(at, end);
    std::memcpy(out, at, backslash - at);
    out += backslash - at;
    at = backslash;
    if (at == end)
      break;
    const auto found = decode(at, end);
    if (found.length == 0)
      return {at, found.what};
    out = append_utf8(out, found.code);
    at += found.length;
  }
  size = static_cast<std::size_t>(out - begin);
  return {};
}

escape_fault check_escapes(char* raw, std::size_t size, lone_surrogate policy) noexcept {
  char* const end = raw + size;
  for (;;) {
    raw += next_backslash(raw, end) - raw;
    if (raw == end)
      return {};
    const auto found = decode(raw, end);
    if (found.length == 0 || (found.lone && policy == lone_surrogate::reject))
      return {raw, found.what};
    if (found.lone)
      std::memcpy(raw, "\\ufffd", 6);
    raw += found.length;
  }
}

void replace_invalid_utf8(std::string_view text, std::string& repaired) {
  repaired.clear();
  repaired.reserve(text.size() + 64);
  std::size_t valid_from = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto part = first_part(text.substr(i));
    if (!part.valid) {
      repaired.append(text, valid_from, i - valid_from);
      repaired += "\xEF\xBF\xBD";
      valid_from = i + part.size;
    }
    i += part.size;
  }
  repaired.append(text, valid_from);
}

std::size_t offset_before_repair(std::string_view text, std::size_t offset) noexcept {
  std::size_t i = 0;
  for (std::size_t repaired = 0; i < text.size() && repaired < offset;) {
    const auto part = first_part(text.substr(i));
    repaired += part.valid ? part.size : 3;
    if (repaired > offset)
      break;
    i += part.size;
  }
  return i;
}

} // namespace symup
