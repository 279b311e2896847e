// SPDX-License-Identifier: Apache-2.0
#include "receive/multipart_parse.hpp"

#include <algorithm>
#include <optional>

namespace symup::receive {

namespace {

constexpr std::size_t max_parts = 8;
constexpr std::size_t max_boundary = 70;
constexpr std::size_t max_header_bytes = 4096;

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

bool skip(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix)
    return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool is_boundary_char(char c) {
  constexpr std::string_view others = "'()+_,-./:=? ";
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         others.find(c) != std::string_view::npos;
}

/// Cuts off the text up to `mark` and the mark itself.
std::optional<std::string_view> take_until(std::string_view& text, std::string_view mark) {
  const auto at = text.find(mark);
  if (at == std::string_view::npos)
    return std::nullopt;
  const auto taken = text.substr(0, at);
  text.remove_prefix(at + mark.size());
  return taken;
}

/// `form-data; name="N"; filename="F"`, to the letter.
bool parse_disposition(std::string_view value, batch_part& part) {
  if (!skip(value, "form-data; name=\""))
    return false;
  const auto name = take_until(value, "\"");
  if (!name.has_value() || !skip(value, "; filename=\""))
    return false;
  const auto filename = take_until(value, "\"");
  if (!filename.has_value() || !value.empty())
    return false;
  part.name = *name;
  part.filename = *filename;
  return true;
}

bool parse_part_header(std::string_view line, batch_part& part, std::vector<violation>& list) {
  const auto colon = line.find(':');
  const auto name = line.substr(0, colon);
  auto value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  skip(value, " ");
  if (equal_ignoring_case(name, "Content-Disposition") && part.name.empty()) {
    if (parse_disposition(value, part))
      return true;
    add(list, "part.disposition",
        "a part has Content-Disposition " + in_quotes(value) +
            ", must be form-data; name=\"...\"; filename=\"...\"");
    return false;
  }
  if (equal_ignoring_case(name, "Content-Type") && part.content_type.empty()) {
    part.content_type = value;
    return true;
  }
  add(list, "part.header",
      "a part has the header line " + in_quotes(line) +
          "; allowed are Content-Disposition and Content-Type, once each");
  return false;
}

/// Reads the header lines up to the empty one.
bool parse_part_headers(std::string_view& rest, batch_part& part, std::vector<violation>& list) {
  std::string_view head = rest.substr(0, max_header_bytes);
  while (const auto line = take_until(head, "\r\n")) {
    rest.remove_prefix(line->size() + 2);
    if (line->empty())
      break;
    if (!parse_part_header(*line, part, list))
      return false;
  }
  if (!part.name.empty() && !part.content_type.empty())
    return true;
  add(list, "part.header", "a part lacks a Content-Disposition with a name, or a Content-Type");
  return false;
}

} // namespace

std::string parse_boundary(std::string_view content_type, std::vector<violation>& list) {
  std::string_view text = content_type;
  const auto type = text.substr(0, text.find(';'));
  text.remove_prefix(type.size());
  if (equal_ignoring_case(type, "multipart/form-data") && skip(text, ";")) {
    skip(text, " ");
    if (skip(text, "boundary=")) {
      const bool is_quoted = text.size() > 2 && text.front() == '"' && text.back() == '"';
      if (is_quoted)
        text = text.substr(1, text.size() - 2);
      const auto allowed = [&](char c) {
        return is_boundary_char(c) && (is_quoted || (c != ' ' && c != '='));
      };
      if (!text.empty() && text.size() <= max_boundary && text.back() != ' ' &&
          std::all_of(text.begin(), text.end(), allowed))
        return std::string(text);
    }
  }
  add(list, "http.content_type",
      "Content-Type is " + in_quotes(content_type) +
          ", must be multipart/form-data; boundary=... (1 to 70 characters)");
  return {};
}

std::vector<batch_part> parse_multipart(std::string_view body, std::string_view boundary,
                                        std::vector<violation>& list) {
  std::vector<batch_part> parts;
  const std::string first = "--" + std::string(boundary);
  const std::string delimiter = "\r\n" + first;
  std::string_view rest = body;
  if (!skip(rest, first)) {
    add(list, "multipart.preamble", "the body does not begin with its boundary");
    return parts;
  }
  while (skip(rest, "\r\n")) {
    batch_part part;
    if (!parse_part_headers(rest, part, list))
      return parts;
    const auto content = take_until(rest, delimiter);
    if (!content.has_value()) {
      add(list, "multipart.end", "the last part has no boundary behind it");
      return parts;
    }
    part.body = *content;
    parts.push_back(part);
    if (parts.size() > max_parts) {
      add(list, "part.count", "there are more than " + std::to_string(max_parts) + " parts");
      return parts;
    }
  }
  if (!skip(rest, "--"))
    add(list, "multipart.end", "a boundary is followed by neither CRLF nor \"--\"");
  else if (!rest.empty() && rest != "\r\n")
    add(list, "multipart.epilogue", "other bytes follow the closing boundary");
  return parts;
}

} // namespace symup::receive
