// SPDX-License-Identifier: Apache-2.0
#pragma once

/// JSON TOKENS: where each token of a JSON text begins. The vectorised first stage of simdjson
/// finds them (and checks UTF-8 and the control characters in strings); the grammar is checked by
/// who walks them: json_walk and ndjson_to_scopes. Tokens are numbered, so a walker can come back
/// to any of them, which simdjson's own forward-only interface does not offer.
/// Runs on the caller's thread; one object is used for one text after the other.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace simdjson::internal {
class dom_parser_implementation;
}

namespace symup {

/// What is wrong with a JSON text, and where.
struct json_fault {
  std::size_t offset = 0; ///< bytes from the start of the text
  std::string path;       ///< elements as ".name" and "[index]", "" for the text as a whole
  std::string what;
  /// "path: what", or "what" alone where there is no path.
  [[nodiscard]] std::string message() const;
};

class json_tokens {
public:
  /// Bytes that must be readable behind a text.
  static constexpr std::size_t padding = 64;

  enum class outcome : std::uint8_t { found, invalid_utf8, fault };

  json_tokens();
  ~json_tokens();
  json_tokens(const json_tokens&) = delete;
  json_tokens& operator=(const json_tokens&) = delete;

  /// Finds the tokens of text[0, size) and writes a NUL behind the text as the end's mark. The
  /// text must have `padding` bytes behind it and outlive the tokens. Throws std::bad_alloc.
  outcome find(char* text, std::size_t size, json_fault& fault);

  /// Gives the memory back (four bytes for each token at least).
  void release() noexcept;

  [[nodiscard]] std::uint32_t size() const noexcept { return size_; }
  [[nodiscard]] char* text() const noexcept { return text_; }
  [[nodiscard]] std::uint32_t offset(std::uint32_t token) const noexcept { return starts_[token]; }

  /// The first byte of a token; NUL for the one past the last.
  [[nodiscard]] char kind(std::uint32_t token) const noexcept { return text_[starts_[token]]; }

  /// The bytes of a scalar token. `token` < size().
  [[nodiscard]] std::string_view bytes(std::uint32_t token) const noexcept {
    const auto begin = starts_[token];
    auto end = starts_[token + 1];
    while (end > begin + 1 && is_space(text_[end - 1]))
      --end;
    return {text_ + begin, end - begin};
  }

  /// A string token without its quotes, escapes left as they are.
  [[nodiscard]] std::string_view raw_string(std::uint32_t token) const noexcept {
    const auto quoted = bytes(token);
    return {quoted.data() + 1, quoted.size() - 2};
  }

  /// A token in words for a message: "an object", "12", "the end", ...
  [[nodiscard]] std::string describe(std::uint32_t token) const;

private:
  static bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
  void make_room(std::size_t size);

  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage1_;
  char* text_ = nullptr;
  const std::uint32_t* starts_ = nullptr;
  std::uint32_t size_ = 0;
};

/// Text of an input for a message: cut to a bearable length, control characters masked.
[[nodiscard]] std::string excerpt(std::string_view text);

/// Is this token of a number's grammar? (What JSON calls a number, nothing more.)
[[nodiscard]] bool is_json_number(std::string_view token) noexcept;

} // namespace symup
