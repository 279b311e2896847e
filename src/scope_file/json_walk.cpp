// SPDX-License-Identifier: Apache-2.0
#include "scope_file/json_walk.hpp"

#include <algorithm>

namespace symup {

namespace {
constexpr std::size_t kept_keys = 64 * 1024;
}

bool json_walk::check(json_tokens& tokens, escape_finder& escapes, std::size_t max_depth,
                      std::uint32_t& at, json_fault& fault) {
  max_depth_ = max_depth;
  tokens_ = &tokens;
  escapes_ = &escapes;
  fault_ = &fault;
  at_ = at;
  open_.clear();
  keys_.clear();
  const bool good = value();
  at = at_;
  unescaped_keys_.release();
  if (keys_.capacity() > kept_keys)
    std::vector<key>().swap(keys_);
  return good;
}

// Walks from one scalar or bracket to the next until the first value is complete.
bool json_walk::value() {
  for (;;) {
    // At the start of a value; in an object, behind its name and colon.
    const char c = tokens_->kind(at_);
    if (c == '{' || c == '[') {
      if (!open(c))
        return false;
      if (tokens_->kind(at_) != (c == '{' ? '}' : ']')) {
        if (c == '{' && !field_name())
          return false;
        continue;
      }
      if (!close())
        return false;
    } else if (!scalar()) {
      return false;
    }
    // Behind a value.
    for (;;) {
      if (open_.empty())
        return true;
      auto& inside = open_.back();
      const char next = tokens_->kind(at_);
      if (next == ',') {
        ++at_;
        ++inside.elements;
        if (inside.object && !field_name())
          return false;
        break;
      }
      if (next != (inside.object ? '}' : ']'))
        return fail_here(std::string("expected ',' or '") + (inside.object ? '}' : ']') +
                         "', found " + tokens_->describe(at_));
      if (!close())
        return false;
    }
  }
}

bool json_walk::open(char bracket) {
  if (open_.size() >= max_depth_)
    return fail_here("nested deeper than " + std::to_string(max_depth_) + " levels");
  open_.push_back({bracket == '{', keys_.size(), 0});
  ++at_;
  return true;
}

bool json_walk::close() {
  const auto inside = open_.back();
  if (inside.object) {
    if (keys_.size() - inside.first_key > 1 && !no_key_twice(inside.first_key))
      return false;
    keys_.resize(inside.first_key);
  }
  open_.pop_back();
  ++at_;
  return true;
}

bool json_walk::field_name() {
  if (tokens_->kind(at_) != '"') {
    keys_.resize(open_.back().first_key); // the path is that of the object
    return fail_here("expected a field's name, found " + tokens_->describe(at_));
  }
  const auto name_token = at_;
  if (!string())
    return false;
  auto text = tokens_->raw_string(name_token);
  if (escapes_->in(text)) {
    auto* const room = static_cast<char*>(unescaped_keys_.allocate(text.size(), 1));
    std::size_t size = 0;
    (void)unescape(text, room, size); // was checked by string()
    text = {room, size};
  }
  keys_.push_back({text, name_token});
  if (tokens_->kind(at_) != ':')
    return fail_here("expected ':', found " + tokens_->describe(at_));
  ++at_;
  return true;
}

bool json_walk::string() {
  const auto raw = tokens_->raw_string(at_);
  if (escapes_->in(raw)) {
    char* const text = tokens_->text() + (raw.data() - tokens_->text());
    if (const auto wrong = check_escapes(text, raw.size(), surrogates_))
      return fail_at(wrong.at - tokens_->text(), wrong.what);
  }
  ++at_;
  return true;
}

bool json_walk::scalar() {
  const char c = tokens_->kind(at_);
  if (c == '"')
    return string();
  if (at_ == tokens_->size())
    return fail_here("expected a value, found the end");
  const auto bytes = tokens_->bytes(at_);
  if (bytes != "true" && bytes != "false" && bytes != "null" && !is_json_number(bytes))
    return fail_here("expected a value, found " + tokens_->describe(at_));
  ++at_;
  return true;
}

bool json_walk::no_key_twice(std::size_t first_key) {
  const auto first = keys_.begin() + static_cast<std::ptrdiff_t>(first_key);
  const key* twice = nullptr;
  if (keys_.end() - first <= 8) {
    for (auto later = first + 1; later != keys_.end() && twice == nullptr; ++later)
      for (auto earlier = first; earlier != later; ++earlier)
        if (earlier->text == later->text)
          twice = &*later;
  } else {
    std::sort(first, keys_.end(), [](const key& a, const key& b) {
      const int order = a.text.compare(b.text);
      return order != 0 ? order < 0 : a.token < b.token;
    });
    const auto pair = std::adjacent_find(
        first, keys_.end(), [](const key& a, const key& b) { return a.text == b.text; });
    if (pair != keys_.end())
      twice = &pair[1];
  }
  if (twice == nullptr)
    return true;
  const auto token = twice->token;
  keys_.resize(first_key); // the path is that of the object
  return fail_at(tokens_->offset(token), "duplicate field " + tokens_->describe(token));
}

bool json_walk::fail_at(std::size_t offset, std::string what) {
  *fault_ = {offset, path(), std::move(what)};
  return false;
}

std::string json_walk::path() const {
  constexpr std::size_t longest = 400;
  std::string path;
  for (std::size_t i = 0; i < open_.size() && path.size() < longest; ++i) {
    const auto& inside = open_[i];
    if (!inside.object) {
      path += '[' + std::to_string(inside.elements) + ']';
      continue;
    }
    // The name of the field being walked is the last of its object: names of the objects within
    // come behind it.
    const auto behind = i + 1 < open_.size() ? open_[i + 1].first_key : keys_.size();
    if (behind > inside.first_key)
      path += '.' + excerpt(tokens_->raw_string(keys_[behind - 1].token));
  }
  return path;
}

} // namespace symup
