// SPDX-License-Identifier: Apache-2.0
#pragma once

/// JSON STRINGS: what the escapes of a JSON string mean. simdjson 3.0 refuses lone surrogates, and
/// real producers (anything that speaks UTF-16) emit them: here they become U+FFFD.
/// Used by json_walk and ndjson_to_scopes; plain functions and one small cache, no threads.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace symup {

/// Answers "is there a backslash in this part of the text?" for parts that are asked for mostly in
/// rising order, without looking at a byte twice then.
class escape_finder {
public:
  void reset(std::string_view text) noexcept {
    end_ = text.data() + text.size();
    clean_from_ = clean_to_ = text.data();
  }
  [[nodiscard]] bool in(std::string_view part) noexcept {
    const char* const from = part.data();
    const char* const to = from + part.size();
    return (from < clean_from_ || to > clean_to_) && search(from, to);
  }

private:
  bool search(const char* from, const char* to) noexcept;

  const char* end_ = nullptr;
  const char* clean_from_ = nullptr; // no backslash from here ...
  const char* clean_to_ = nullptr;   // ... to here
};

/// What to do with half of a surrogate pair, which is no character.
enum class lone_surrogate : std::uint8_t {
  replace, ///< by U+FFFD
  reject,  ///< the string is wrong
};

/// A wrong escape: where it is, and what is wrong with it. `at` is null if there is none.
struct escape_fault {
  const char* at = nullptr;
  const char* what = "";
  explicit operator bool() const noexcept { return at != nullptr; }
};

/// Writes the text that `raw` (a string token without quotes) means to `out`, which has room for
/// raw.size() bytes, and sets `size` to what was written. Lone surrogates become U+FFFD.
[[nodiscard]] escape_fault unescape(std::string_view raw, char* out, std::size_t& size) noexcept;

/// Checks the escapes in [raw, raw + size) and leaves them escaped. A lone surrogate is a fault or
/// is overwritten in place by the escape of U+FFFD, which is as long.
[[nodiscard]] escape_fault check_escapes(char* raw, std::size_t size,
                                         lone_surrogate policy) noexcept;

/// Sets `repaired` to the text with U+FFFD for each maximal part that is not UTF-8, as Unicode
/// recommends (and Python's errors="replace" does).
void replace_invalid_utf8(std::string_view text, std::string& repaired);

/// The offset in `text` of what is at `offset` in the text repaired from it.
[[nodiscard]] std::size_t offset_before_repair(std::string_view text, std::size_t offset) noexcept;

} // namespace symup
