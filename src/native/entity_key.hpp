// SPDX-License-Identifier: Apache-2.0
#pragma once

/// ENTITY KEY: what a class, function or variable is known by in every unit that describes it.
/// Made of names and paths only, never of anything that depends on the order of arrival, so that
/// any number of threads finds the same entities. Pure; any thread.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <tuple>

namespace symup::native {

/// 128 bits of hash: wide enough to be taken for the thing itself.
struct entity_key {
  std::uint64_t high = 0, low = 0;
  bool operator==(const entity_key& other) const noexcept {
    return high == other.high && low == other.low;
  }
  bool operator!=(const entity_key& other) const noexcept { return !(*this == other); }
  bool operator<(const entity_key& other) const noexcept {
    return std::tie(high, low) < std::tie(other.high, other.low);
  }
  [[nodiscard]] bool empty() const noexcept { return high == 0 && low == 0; }
};

struct entity_key_hash {
  std::size_t operator()(const entity_key& key) const noexcept {
    return static_cast<std::size_t>(key.low);
  }
};

/// Hashes a sequence of texts and numbers; each part counts with its length, so that "ab","c" and
/// "a","bc" differ.
class key_hasher {
public:
  key_hasher& text(std::string_view value) noexcept;
  key_hasher& number(std::uint64_t value) noexcept;
  key_hasher& key(const entity_key& value) noexcept { return number(value.high).number(value.low); }
  [[nodiscard]] entity_key finish() const noexcept;

private:
  std::uint64_t high_ = 0x9E3779B97F4A7C15U, low_ = 0xD1B54A32D192ED03U;
};

/// "a::vector<int>::push<char>" -> "a::vector<...>::push<...>"; operators (operator<, operator->)
/// and names that begin with '<' stay as they are. `in_place_of` stands for each argument list.
[[nodiscard]] std::string without_template_arguments(std::string_view name,
                                                     std::string_view in_place_of = "<...>");

/// Whether without_template_arguments() would change the name.
[[nodiscard]] bool has_template_arguments(std::string_view name);

/// One spelling for the compilers' several: "> >" becomes ">>".
[[nodiscard]] std::string normalised_arguments(std::string_view name);

} // namespace symup::native
