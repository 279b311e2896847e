// SPDX-License-Identifier: Apache-2.0
#pragma once

/// SCOPE WALK: one pass over the tokens of a line that should be a root scope, checking all of it
/// and writing events into a sink as long as the fields' order allows. NDJSON TO SCOPES makes one
/// per pass. Recurses once for each scope within a scope, up to the depth limit.

#include "scope_file/json_strings.hpp"
#include "scope_file/json_tokens.hpp"
#include "scope_file/json_walk.hpp"
#include "scope_file/ndjson_to_scopes.hpp"
#include "scope_file/scope_fields.hpp"

#include "symup/scope_sink.hpp"

#include <array>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

namespace symup {

/// What the passes over one line share.
struct scope_walk_input {
  json_tokens& tokens;
  escape_finder& escapes;
  json_walk& json;
  std::size_t max_depth;
  unknown_field_policy unknown_fields;
  /// The first pass adds to it; the second needs it in the order of `begin`.
  std::vector<reordered_scope>& reordered;
};

class scope_walk {
public:
  scope_walk(const scope_walk_input& in, json_fault& fault) : in_(in), fault_(fault) {}

  /// The first pass. Writes to the sink until the order of fields forbids it; `sink` may be null.
  /// Returns false on a fault or when the sink says stop.
  bool check(scope_sink* sink);
  /// The second pass, over a line that the first one found right.
  bool write(scope_sink& sink);

  /// The first pass has written the whole root scope.
  [[nodiscard]] bool complete() const noexcept { return sink_ != nullptr; }
  [[nodiscard]] bool stopped() const noexcept { return stopped_; }

private:
  /// A scope whose fields are being read.
  struct open_scope {
    scope_head head;
    scope_field_set seen = 0;
    bool begun = false;     // begin_scope is written, or would be
    bool reordered = false; // cannot be streamed
    reordered_scope at;
  };

  // Each works at token at_ and moves it behind what it read; false = fault_ is set or stopped_.
  bool root();
  bool scope(std::size_t depth);
  bool scope_in_second_pass(const reordered_scope& at, std::size_t depth);
  bool scope_value(open_scope& open, scope_field field, std::size_t depth);
  bool head_value(scope_head& head, scope_field field, std::size_t depth);
  bool symbols();
  bool symbol();
  bool scopes(std::size_t depth);
  bool begin(open_scope& open);
  bool end();
  bool check_head(const open_scope& open);
  bool root_type(std::string_view type, std::uint32_t token);

  bool text(std::string_view& value);
  bool kind(std::string_view& value); // a text no longer than a tape holds
  bool integer(std::int64_t& value);
  bool boolean(bool& value);
  bool specifics(std::string_view& value);
  bool ranges(scope_head& head);
  bool range(line_range& value);
  bool unknown_field(std::string_view name, std::uint32_t name_token, scope_field_set allowed);

  template <class OnValue>
  bool each_field(scope_field_set allowed, scope_field_set& seen, OnValue on_value);
  template <class OnElement>
  bool each_element(OnElement on_element);

  bool missing(scope_field_set fields, std::uint32_t object);
  bool fail_at(std::size_t offset, std::string what);
  bool fail_token(std::uint32_t token, std::string what) {
    return fail_at(in_.tokens.offset(token), std::move(what));
  }
  bool wanted(const char* what) {
    return fail_token(at_, std::string("expected ") + what + ", found " + in_.tokens.describe(at_));
  }
  bool within(std::string_view element); // puts it before the fault's path; returns false
  bool within(std::size_t index);
  [[nodiscard]] char next() const noexcept { return in_.tokens.kind(at_); }

  const scope_walk_input in_;
  json_fault& fault_;
  scope_sink* sink_ = nullptr;
  std::uint32_t at_ = 0;
  bool second_pass_ = false;
  bool stopped_ = false;
  std::size_t next_reordered_ = 0;
  std::vector<line_range> ranges_; // of the head being read
  std::vector<std::string> unknown_names_;
  // Unescaped texts of the one head or symbol that waits to be written.
  std::array<char, 1024> first_texts_;
  std::pmr::monotonic_buffer_resource texts_{first_texts_.data(), first_texts_.size()};
};

} // namespace symup
