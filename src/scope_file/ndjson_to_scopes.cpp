// SPDX-License-Identifier: Apache-2.0
#include "scope_file/ndjson_to_scopes.hpp"

#include "scope_file/scope_walk.hpp"

#include <algorithm>

namespace symup {

namespace {

/// Lines up to this length are written to a tape while they are checked; longer ones are walked
/// twice, so that memory does not hold them twice.
constexpr std::size_t short_line = 1024 * 1024;

bool pass_on(const scope_tape& tape, scope_sink& sink) {
  if (auto* other = dynamic_cast<scope_tape*>(&sink)) {
    other->append(tape);
    return true;
  }
  return replay(tape.bytes(), sink);
}

} // namespace

ndjson_to_scopes::outcome ndjson_to_scopes::convert(char* text, std::size_t size, scope_sink& sink,
                                                    json_fault& fault) {
  repaired_ = false;
  auto found = tokens_.find(text, size, fault);
  if (found == json_tokens::outcome::invalid_utf8) {
    repaired_ = true;
    replace_invalid_utf8({text, size}, repaired_text_);
    const auto repaired_size = repaired_text_.size();
    repaired_text_.resize(repaired_size + json_tokens::padding);
    found = tokens_.find(repaired_text_.data(), repaired_size, fault);
    auto result = outcome::invalid;
    if (found == json_tokens::outcome::found)
      result = convert_tokens(repaired_size, sink, fault);
    if (result == outcome::invalid)
      fault.offset = offset_before_repair({text, size}, fault.offset);
    release_large();
    return result;
  }
  const auto result =
      found == json_tokens::outcome::found ? convert_tokens(size, sink, fault) : outcome::invalid;
  if (size > short_line)
    release_large();
  return result;
}

ndjson_to_scopes::outcome ndjson_to_scopes::convert_tokens(std::size_t size, scope_sink& sink,
                                                           json_fault& fault) {
  escapes_.reset({tokens_.text(), size});
  reordered_.clear();
  tape_.clear();
  const scope_walk_input input{tokens_, escapes_, walk_, max_depth_, unknown_fields_, reordered_};
  scope_walk first(input, fault);
  if (!first.check(size <= short_line ? &tape_ : nullptr))
    return outcome::invalid;
  if (first.complete())
    return pass_on(tape_, sink) ? outcome::root : outcome::stopped;

  // Outer scopes were noted after the inner ones; the second pass meets them in reading order.
  std::sort(reordered_.begin(), reordered_.end(),
            [](const auto& a, const auto& b) { return a.begin < b.begin; });
  escapes_.reset({tokens_.text(), size});
  scope_walk second(input, fault);
  return second.write(sink) ? outcome::root : outcome::stopped;
}

void ndjson_to_scopes::release_large() noexcept {
  tokens_.release();
  std::vector<reordered_scope>().swap(reordered_);
  std::string().swap(repaired_text_);
}

} // namespace symup
