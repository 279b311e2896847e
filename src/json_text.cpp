// SPDX-License-Identifier: Apache-2.0
#include "json_text.hpp"

#include <array>
#include <charconv>
#include <cstring>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace symup {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD"; // U+FFFD

// What a byte asks for: nothing, an escape, or a look at its UTF-8.
enum class byte_kind : std::uint8_t { plain, escape, high };

constexpr std::array<byte_kind, 256> make_kinds() {
  std::array<byte_kind, 256> kinds{};
  for (int c = 0; c < 256; ++c)
    kinds[static_cast<std::size_t>(c)] = c >= 0x80                           ? byte_kind::high
                                         : c < 0x20 || c == '"' || c == '\\' ? byte_kind::escape
                                                                             : byte_kind::plain;
  return kinds;
}

constexpr auto kinds = make_kinds();

byte_kind kind_of(char c) noexcept {
  return kinds[static_cast<unsigned char>(c)];
}

// Copies plain bytes from the front of `text` and returns how many they were.
std::size_t copy_plain(char* out, const char* text, std::size_t size) noexcept {
  std::size_t at = 0;
#ifdef __SSE2__
  const auto quote = _mm_set1_epi8('"');
  const auto backslash = _mm_set1_epi8('\\');
  const auto space = _mm_set1_epi8(0x20);
  for (; at + 16 <= size; at += 16) {
    const auto chunk = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + at));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + at), chunk);
    // Signed comparison: control characters and all bytes from 0x80 on are below the space.
    const auto special =
        _mm_or_si128(_mm_cmplt_epi8(chunk, space),
                     _mm_or_si128(_mm_cmpeq_epi8(chunk, quote), _mm_cmpeq_epi8(chunk, backslash)));
    if (const auto mask = _mm_movemask_epi8(special); mask != 0)
      return at + static_cast<std::size_t>(__builtin_ctz(static_cast<unsigned>(mask)));
  }
#endif
  for (; at < size && kind_of(text[at]) == byte_kind::plain; ++at)
    out[at] = text[at];
  return at;
}

char* put(char* out, std::string_view text) noexcept {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

char* put_escape(char* out, char c) noexcept {
  switch (c) {
  case '"':
    return put(out, "\\\"");
  case '\\':
    return put(out, "\\\\");
  case '\n':
    return put(out, "\\n");
  case '\r':
    return put(out, "\\r");
  case '\t':
    return put(out, "\\t");
  case '\b':
    return put(out, "\\b");
  case '\f':
    return put(out, "\\f");
  default:
    constexpr const char* digits = "0123456789abcdef";
    const char text[] = {'\\', 'u', '0', '0', digits[(c >> 4) & 0xF], digits[c & 0xF]};
    return put(out, {text, sizeof text});
  }
}

struct utf8_part {
  std::size_t size; // bytes of the character, or of the ill-formed part
  bool valid;
};

// Reads the character that begins with a byte >= 0x80 (Unicode, table 3-7).
utf8_part read_utf8(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto lead = byte(0);
  std::size_t length = 0;
  unsigned char low = 0x80, high = 0xBF; // allowed range of the second byte
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    low = lead == 0xE0 ? 0xA0 : 0x80;
    high = lead == 0xED ? 0x9F : 0xBF;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    low = lead == 0xF0 ? 0x90 : 0x80;
    high = lead == 0xF4 ? 0x8F : 0xBF;
  } else {
    return {1, false};
  }
  for (std::size_t i = 1; i < length; ++i) {
    if (i >= text.size() || byte(i) < low || byte(i) > high)
      return {i, false};
    low = 0x80;
    high = 0xBF;
  }
  return {length, true};
}

// Large texts are written in slices, so that room for the worst case is never made for all of them.
constexpr std::size_t max_slice = 32 * 1024;

std::size_t slice_size(std::string_view text) noexcept {
  if (text.size() <= max_slice)
    return text.size();
  auto size = max_slice; // not within a character: back up over its continuation bytes
  for (int i = 0; i < 3 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80; ++i)
    --size;
  return size;
}

char* put_slice(char* out, std::string_view text) noexcept {
  while (!text.empty()) {
    const auto plain = copy_plain(out, text.data(), text.size());
    out += plain;
    text.remove_prefix(plain);
    if (text.empty())
      break;
    if (kind_of(text.front()) == byte_kind::escape) {
      out = put_escape(out, text.front());
      text.remove_prefix(1);
    } else {
      const auto part = read_utf8(text);
      out = put(out, part.valid ? text.substr(0, part.size) : replacement);
      text.remove_prefix(part.size);
    }
  }
  return out;
}

} // namespace

void append_json_string(byte_buffer& out, std::string_view text) {
  bool first = true;
  do {
    const auto slice = text.substr(0, slice_size(text));
    text.remove_prefix(slice.size());
    char* at = out.prepare(slice.size() * 6 + 2); // no byte makes more than the six of \u00XX
    if (first)
      *at++ = '"';
    first = false;
    at = put_slice(at, slice);
    if (text.empty())
      *at++ = '"';
    out.commit(at);
  } while (!text.empty());
}

void append_json_line(byte_buffer& out, std::int32_t line) {
  char* at = out.prepare(12);
  out.commit(std::to_chars(at, at + 12, line).ptr);
}

} // namespace symup
