// SPDX-License-Identifier: Apache-2.0
#include "native/json_object.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace symup::native {

namespace {

void append_text(std::string& out, std::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
  });
  if (plain) {
    out += '"';
    out += text;
    out += '"';
    return;
  }
  out += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace

json_object::json_object(std::string_view finished)
    : text_(finished.substr(0, finished.empty() ? 0 : finished.size() - 1)) {}

std::string& json_object::key(std::string_view name) {
  text_ += text_.empty() ? '{' : ',';
  append_text(text_, name);
  text_ += ':';
  return text_;
}

json_object& json_object::add(std::string_view name, std::string_view text) {
  append_text(key(name), text);
  return *this;
}

json_object& json_object::add(std::string_view name, const std::vector<std::string>& texts) {
  auto& out = key(name);
  out += '[';
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i != 0)
      out += ',';
    append_text(out, texts[i]);
  }
  out += ']';
  return *this;
}

json_object& json_object::add(std::string_view name, std::uint64_t number) {
  key(name) += std::to_string(number);
  return *this;
}

json_object& json_object::add_true(std::string_view name) {
  key(name) += "true";
  return *this;
}

std::string json_object::finish() const {
  return text_.empty() ? text_ : text_ + '}';
}

} // namespace symup::native
