// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What goes in: scopes and symbols as plain values, with the meaning they have in SymDB.
/// A service builds these (or writes events into a scope_sink, which spares the objects) and hands
/// root scopes to an upload.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace symup {

/// The largest line the backend's column holds. On a scope's end it means "unknown end", on a
/// local "unknown line". Lines outside 0 ... max_line are clamped.
inline constexpr std::int64_t max_line = 2147483647;

/// Source lines from `start` to `end`, both included.
struct line_range {
  std::int64_t start = 0;
  std::int64_t end = 0;
};

/// A field, argument or local.
struct symbol {
  std::string name;
  std::string type;
  std::string symbol_type; ///< "field", "static_field", "arg", "local" (or upper case)
  /// 0 on a field or argument: usable on every line of its scope. Unset: unknown; the key is then
  /// left out for a `field`, written as max_line for a `local` and as 0 for anything else.
  std::optional<std::int64_t> line;
  std::string language_specifics; ///< a JSON object as text; "" = none
};

/// A package, file, type, function or block, with what it holds.
struct scope {
  /// A root must be MODULE, JAR, ASSEMBLY, PACKAGE or FILE (either case).
  std::string scope_type;
  std::string name;        ///< "" for a lexical block
  std::string source_file; ///< "" = left out
  std::int64_t start_line = 0;
  std::int64_t end_line = 0; ///< not before start_line
  bool has_injectible_lines = false;
  std::vector<line_range> injectible_lines; ///< sorted, disjoint
  std::string language_specifics;           ///< a JSON object as text; "" = none
  std::vector<symbol> symbols;
  std::vector<scope> scopes;
};

} // namespace symup
