// SPDX-License-Identifier: Apache-2.0
#include "scope_file/json_object_check.hpp"

#include "scope_file/json_walk.hpp"

#include <limits>
#include <new>

namespace symup {

namespace {

constexpr std::size_t kept_bytes = 64 * 1024;

struct checker {
  std::string text; // a copy with padding behind it
  json_tokens tokens;
  escape_finder escapes;
  json_walk walk{lone_surrogate::reject};
};

bool check(checker& my, std::size_t size, std::size_t max_depth, json_fault& fault) {
  const auto outcome = my.tokens.find(my.text.data(), size, fault);
  if (outcome == json_tokens::outcome::invalid_utf8)
    fault = {0, {}, "invalid UTF-8"};
  if (outcome != json_tokens::outcome::found)
    return false;
  if (my.tokens.kind(0) != '{') {
    fault = {my.tokens.offset(0), {}, "expected an object, found " + my.tokens.describe(0)};
    return false;
  }
  my.escapes.reset({my.text.data(), size});
  std::uint32_t at = 0;
  if (!my.walk.check(my.tokens, my.escapes, max_depth, at, fault))
    return false;
  if (at != my.tokens.size()) {
    fault = {my.tokens.offset(at), {}, "expected the end, found " + my.tokens.describe(at)};
    return false;
  }
  return true;
}

} // namespace

expected<void> check_json_object(std::string_view text, std::size_t max_depth) try {
  if (text.size() > std::numeric_limits<std::uint32_t>::max() - json_tokens::padding)
    return fail(errc::invalid_scope, "JSON text longer than 4 GiB");
  thread_local checker my;
  if (my.text.size() < text.size() + json_tokens::padding)
    my.text.resize(text.size() + json_tokens::padding);
  text.copy(my.text.data(), text.size());
  json_fault fault;
  const bool good = check(my, text.size(), max_depth, fault);
  if (my.text.capacity() > kept_bytes) {
    my.text = std::string();
    my.tokens.release();
  }
  if (good)
    return {};
  return fail(errc::invalid_scope, "byte " + std::to_string(fault.offset) + ": " + fault.message());
} catch (const std::bad_alloc&) {
  return fail(errc::out_of_memory,
              "no memory to check a JSON text of " + std::to_string(text.size()) + " bytes");
}

} // namespace symup
