// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The seam between those who find scopes (the NDJSON reader, the binary extractor, a host's own
/// walker) and those who take them (an upload, a tape, a file). A source writes one root scope
/// after the other as nested events: begin_scope, its symbols, its inner scopes, end_scope.
/// Nothing is kept as a tree.

#include "symup/scope.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace symup {

/// A scope without its children. Views need to live only during the call they are passed to.
struct scope_head {
  std::string_view scope_type;
  std::string_view name;
  std::string_view source_file;
  std::int64_t start_line = 0;
  std::int64_t end_line = 0;
  bool has_injectible_lines = false;
  const line_range* injectible_lines = nullptr; ///< `injectible_line_count` of them
  std::size_t injectible_line_count = 0;
  std::string_view language_specifics; ///< a valid JSON object, or empty
};

/// A symbol; the meaning of each field is that of struct symbol.
struct symbol_view {
  std::string_view name;
  std::string_view type;
  std::string_view symbol_type;
  std::optional<std::int64_t> line;
  std::string_view language_specifics; ///< a valid JSON object, or empty
};

/// Takes scopes as events. Each call returns false to say "stop": the sink has failed or was
/// cancelled, and the source should return at once; the reason is asked of the sink's owner.
/// Within a scope all symbols come before the first inner scope. Not thread-safe.
class scope_sink {
public:
  virtual ~scope_sink() = default;
  virtual bool begin_scope(const scope_head& head) = 0;
  virtual bool add_symbol(const symbol_view& symbol) = 0;
  virtual bool end_scope() = 0;
};

} // namespace symup
