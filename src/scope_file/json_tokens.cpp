// SPDX-License-Identifier: Apache-2.0
#include "scope_file/json_tokens.hpp"

#include <simdjson.h>

#include <algorithm>
#include <new>

namespace symup {

static_assert(json_tokens::padding >= simdjson::SIMDJSON_PADDING);

namespace {

// simdjson says that a text is wrong but not where: looks again, slowly.
json_fault find_string_fault(std::string_view text) {
  std::size_t opened = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '"') {
      in_string = !in_string;
      opened = i;
    } else if (in_string && c == '\\') {
      ++i;
    } else if (in_string && c < 0x20) {
      return {i, {}, "control character in a string (must be escaped)"};
    }
  }
  return {opened, {}, "string without an end"};
}

std::size_t digits_from(std::string_view token, std::size_t at) noexcept {
  while (at < token.size() && token[at] >= '0' && token[at] <= '9')
    ++at;
  return at;
}

} // namespace

std::string json_fault::message() const {
  constexpr std::size_t most = 400; // deep nesting makes long paths; their ends tell most
  if (path.empty())
    return what;
  auto shown = path.substr(path.front() == '.' ? 1 : 0);
  if (shown.size() > most)
    shown.replace(most / 2, shown.size() - most, "...");
  return shown + ": " + what;
}

json_tokens::json_tokens() = default;
json_tokens::~json_tokens() = default;

void json_tokens::release() noexcept {
  stage1_.reset();
  starts_ = nullptr;
  size_ = 0;
}

void json_tokens::make_room(std::size_t size) {
  if (stage1_ && stage1_->capacity() >= size)
    return;
  // Short texts vary in size: take room for the next ones too. Pages of long ones that are not
  // needed are never touched.
  const auto capacity = std::max<std::size_t>(size, std::min<std::size_t>(2 * size, 1 << 20));
  release();
  const auto& cpu = simdjson::get_active_implementation();
  if (cpu->create_dom_parser_implementation(std::max<std::size_t>(capacity, 1024), 1, stage1_) !=
      simdjson::SUCCESS)
    throw std::bad_alloc();
}

json_tokens::outcome json_tokens::find(char* text, std::size_t size, json_fault& fault) {
  make_room(size);
  text_ = text;
  size_ = 0;
  const auto error = stage1_->stage1(reinterpret_cast<const std::uint8_t*>(text), size,
                                     simdjson::stage1_mode::regular);
  if (error == simdjson::UTF8_ERROR)
    return outcome::invalid_utf8;
  if (error == simdjson::UNESCAPED_CHARS || error == simdjson::UNCLOSED_STRING) {
    fault = find_string_fault({text, size});
    return outcome::fault;
  }
  if (error != simdjson::SUCCESS) {
    fault = {0, {}, error == simdjson::EMPTY ? "no JSON" : simdjson::error_message(error)};
    return outcome::fault;
  }
  size_ = stage1_->n_structural_indexes;
  stage1_->structural_indexes[size_] = static_cast<std::uint32_t>(size);
  starts_ = stage1_->structural_indexes.get();
  text[size] = '\0';
  return outcome::found;
}

std::string json_tokens::describe(std::uint32_t token) const {
  switch (kind(token)) {
  case '{':
    return "an object";
  case '[':
    return "an array";
  case '\0':
    if (token == size_)
      return "the end";
    [[fallthrough]];
  default:
    return excerpt(bytes(token));
  }
}

std::string excerpt(std::string_view text) {
  constexpr std::size_t most = 60;
  std::string out;
  auto end = std::min(text.size(), most);
  while (end < text.size() && end > most - 4 &&
         (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    --end; // not within a character
  for (const char c : text.substr(0, end))
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  if (end < text.size())
    out += "...";
  return out;
}

bool is_json_number(std::string_view token) noexcept {
  std::size_t at = !token.empty() && token[0] == '-' ? 1 : 0;
  const auto whole = at;
  at = digits_from(token, at);
  if (at == whole || (token[whole] == '0' && at > whole + 1))
    return false;
  if (at < token.size() && token[at] == '.') {
    const auto fraction = ++at;
    at = digits_from(token, at);
    if (at == fraction)
      return false;
  }
  if (at < token.size() && (token[at] == 'e' || token[at] == 'E')) {
    ++at;
    if (at < token.size() && (token[at] == '+' || token[at] == '-'))
      ++at;
    const auto exponent = at;
    at = digits_from(token, at);
    if (at == exponent)
      return false;
  }
  return at == token.size();
}

} // namespace symup
