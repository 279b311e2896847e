// SPDX-License-Identifier: Apache-2.0
#pragma once

/// JSON OBJECT: the small objects of language_specifics, built as text. Names in them are arbitrary
/// bytes of the binary: escaped, and what is not UTF-8 replaced. Pure; any thread.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace symup::native {

class json_object {
public:
  json_object() = default;
  /// Goes on with an object made before ("" or "{...}").
  explicit json_object(std::string_view finished);
  json_object& add(std::string_view key, std::string_view text);
  json_object& add(std::string_view key, const std::vector<std::string>& texts);
  json_object& add(std::string_view key, std::uint64_t number);
  json_object& add_true(std::string_view key);
  /// "{...}", or "" if nothing was added.
  [[nodiscard]] std::string finish() const;

private:
  std::string& key(std::string_view name);
  std::string text_; // without the closing brace
};

} // namespace symup::native
