// SPDX-License-Identifier: Apache-2.0
#pragma once

/// JSON WALK: checks one free-form JSON value completely: grammar, numbers, escapes, no key twice
/// in an object, nesting within a limit. Nothing is built, nothing recurses. ndjson_to_scopes calls
/// it for language_specifics and unknown fields, json_object_check for a host's texts.

#include "scope_file/json_strings.hpp"
#include "scope_file/json_tokens.hpp"

#include <memory_resource>
#include <vector>

namespace symup {

class json_walk {
public:
  explicit json_walk(lone_surrogate surrogates) : surrogates_(surrogates) {}

  /// Checks the value that begins at token `at` and moves `at` behind it. Objects and arrays may
  /// be nested max_depth deep. On a fault, its path is relative to the value. Lone surrogates may
  /// be overwritten in the text (see check_escapes). Throws std::bad_alloc.
  [[nodiscard]] bool check(json_tokens& tokens, escape_finder& escapes, std::size_t max_depth,
                           std::uint32_t& at, json_fault& fault);

private:
  struct key {
    std::string_view text; // unescaped
    std::uint32_t token;
  };
  struct container {
    bool object;
    std::size_t first_key; // in keys_
    std::size_t elements;  // before the one being walked
  };

  // Each works at token at_ and moves it; false = fault_ is set.
  bool value();
  bool scalar();
  bool string();
  bool field_name();
  bool open(char bracket);
  bool close();
  bool no_key_twice(std::size_t first_key);
  bool fail_at(std::size_t offset, std::string what);
  bool fail_here(std::string what) { return fail_at(tokens_->offset(at_), std::move(what)); }
  [[nodiscard]] std::string path() const;

  lone_surrogate surrogates_;
  std::size_t max_depth_ = 0;
  json_tokens* tokens_ = nullptr;
  escape_finder* escapes_ = nullptr;
  json_fault* fault_ = nullptr;
  std::uint32_t at_ = 0;
  std::vector<container> open_;
  std::vector<key> keys_; // of all open objects
  std::pmr::monotonic_buffer_resource unescaped_keys_;
};

} // namespace symup
