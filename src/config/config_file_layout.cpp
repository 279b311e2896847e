// SPDX-License-Identifier: Apache-2.0
#include "config/config_file_layout.hpp"

#include <utility>

namespace symup {
namespace {

constexpr std::size_t max_depth = 32;

class layout_scanner {
public:
  explicit layout_scanner(std::string_view text) : text_(text) {}

  expected<std::vector<config_assignment>> run() {
    while (!too_deep_ && skip_to_next()) {
      if (peek() == '}')
        leave_group();
      else if (peek() == '[' && groups_.empty())
        read_section();
      else if (is_key_character(peek()))
        read_assignment();
      else
        advance();
    }
    if (too_deep_)
      return fail(errc::invalid_config, "line " + std::to_string(line_) +
                                            ": groups or lists are nested too deep; allowed: " +
                                            std::to_string(max_depth) + " levels");
    return std::move(found_);
  }

private:
  static bool is_key_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  }
  static bool is_blank(char c) { return c == ' ' || c == '\t'; }

  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek() const { return text_[at_]; }
  void advance() {
    if (text_[at_++] == '\n')
      ++line_;
  }
  void skip_blanks() {
    while (!at_end() && is_blank(peek()))
      advance();
  }
  void skip_comment() {
    while (!at_end() && peek() != '\n')
      advance();
  }

  // To the next thing that is neither blank nor comment nor comma.
  bool skip_to_next() {
    while (!at_end()) {
      if (peek() == ';')
        skip_comment();
      else if (is_blank(peek()) || peek() == '\n' || peek() == ',')
        advance();
      else
        return true;
    }
    return false;
  }

  std::string_view read_key() {
    const std::size_t begin = at_;
    while (!at_end() && is_key_character(peek()))
      advance();
    return text_.substr(begin, at_ - begin);
  }

  [[nodiscard]] std::string path_of(std::string_view key) const {
    std::string path = section_ == "global" ? std::string() : section_;
    for (const std::string_view group : groups_)
      if (!(path.empty() && group == "global"))
        path += (path.empty() ? "" : ".") + std::string(group);
    return path + (path.empty() ? "" : ".") + std::string(key);
  }

  void leave_group() {
    advance();
    if (!groups_.empty())
      groups_.pop_back();
  }

  void read_section() {
    advance();
    skip_blanks();
    const std::size_t begin = at_;
    while (!at_end() && (is_key_character(peek()) || peek() == '.'))
      advance();
    section_ = std::string(text_.substr(begin, at_ - begin));
    found_.push_back({section_, line_, "[]"});
    skip_blanks();
    if (!at_end() && peek() == ']')
      advance();
  }

  void read_assignment() {
    const std::string_view key = read_key();
    const std::size_t line = line_;
    skip_blanks();
    if (!at_end() && peek() == '=')
      advance();
    skip_blanks();
    if (!at_end() && peek() == '{') {
      advance();
      found_.push_back({path_of(key), line, "{"});
      groups_.push_back(key);
      too_deep_ = groups_.size() > max_depth;
      return;
    }
    const std::size_t begin = at_;
    skip_value();
    found_.push_back({path_of(key), line, text_.substr(begin, at_ - begin)});
  }

  void skip_value() {
    if (at_end())
      return;
    if (peek() == '[')
      skip_list();
    else if (!skip_quoted())
      while (!at_end() && std::string_view(" \t\n,;{}[]").find(peek()) == std::string_view::npos)
        advance();
  }

  // A string, an atom or a URI; none of them goes over the end of a line.
  bool skip_quoted() {
    const char open = peek();
    if (open != '"' && open != '\'' && open != '<')
      return false;
    const char close = open == '<' ? '>' : open;
    advance();
    while (!at_end() && peek() != close && peek() != '\n') {
      const bool escape = peek() == '\\' && open == '"';
      advance();
      if (escape && !at_end() && peek() != '\n')
        advance();
    }
    if (!at_end() && peek() == close)
      advance();
    return true;
  }

  void skip_list() {
    std::size_t depth = 0;
    do {
      if (peek() == ';') {
        skip_comment();
        continue;
      }
      if (skip_quoted())
        continue;
      if (peek() == '[' || peek() == '{')
        ++depth;
      else if (peek() == ']' || peek() == '}')
        --depth;
      too_deep_ = too_deep_ || groups_.size() + depth > max_depth;
      advance();
    } while (depth > 0 && !too_deep_ && !at_end());
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::string section_;
  std::vector<std::string_view> groups_;
  std::vector<config_assignment> found_;
  bool too_deep_ = false;
};

} // namespace

expected<std::vector<config_assignment>> layout_of_config(std::string_view text) {
  return layout_scanner(text).run();
}

} // namespace symup
