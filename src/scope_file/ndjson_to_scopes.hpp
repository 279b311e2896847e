// SPDX-License-Identifier: Apache-2.0
#pragma once

/// NDJSON TO SCOPES: one line of a scope file becomes events into a scope_sink. Called by
/// scope_file for each line of its LINE READER; what comes next is the sink's business. Runs on
/// the caller's thread; one object is used for all lines of a file, keeping its buffers.

#include "scope_file/json_strings.hpp"
#include "scope_file/json_tokens.hpp"
#include "scope_file/json_walk.hpp"
#include "scope_tape.hpp"

#include "symup/scope_file.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace symup {

/// A scope whose fields come in an order that cannot be streamed: a head field after symbols or
/// scopes, or scopes before symbols. Found in the first pass over a line, used in the second.
struct reordered_scope {
  static constexpr std::size_t field_count = 10; // the scope_fields up to `scopes`
  std::uint32_t begin = 0;                       // token of its '{'
  std::uint32_t behind = 0;                      // token behind its '}'
  std::uint32_t values[field_count] = {};        // token of each field's value, 0 = no such field
};

class ndjson_to_scopes {
public:
  enum class outcome : std::uint8_t {
    root,    ///< the sink has it all
    invalid, ///< the sink has nothing, the fault says why
    stopped, ///< the sink said stop
  };

  ndjson_to_scopes(std::size_t max_depth, unknown_field_policy unknown_fields)
      : max_depth_(max_depth), unknown_fields_(unknown_fields) {}

  /// Converts text[0, size), which has json_tokens::padding bytes behind it and may be written to.
  /// The fault's offset is relative to `text`. Throws std::bad_alloc.
  outcome convert(char* text, std::size_t size, scope_sink& sink, json_fault& fault);

  /// Had the last line invalid UTF-8 (which was replaced)?
  [[nodiscard]] bool repaired() const noexcept { return repaired_; }

private:
  outcome convert_tokens(std::size_t size, scope_sink& sink, json_fault& fault);
  void release_large() noexcept;

  std::size_t max_depth_;
  unknown_field_policy unknown_fields_;
  bool repaired_ = false;
  json_tokens tokens_;
  escape_finder escapes_;
  json_walk walk_{lone_surrogate::replace};
  scope_tape tape_; // of a short line
  std::string repaired_text_;
  std::vector<reordered_scope> reordered_;
};

} // namespace symup
