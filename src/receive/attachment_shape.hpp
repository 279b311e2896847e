// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The attachment's objects as tables: which keys each may have, of which kind, and which must be
/// there. attachment_check walks the JSON along these. Constants; any thread.

#include <cstdint>
#include <string_view>

namespace symup::receive {

/// What a value is or has to be.
enum class kind : std::uint8_t {
  text,      ///< string
  some_text, ///< string that is not empty
  line,      ///< integer 0 ... 2147483647
  number,    ///< integer 1 ... 4294967295
  boolean,
  scopes,  ///< list of scopes, not empty
  scope,   ///< object
  symbols, ///< list of symbols, not empty
  symbol,  ///< object
  ranges,  ///< list of {start, end}, not empty, sorted, disjoint
  range,   ///< object
  object,  ///< any object that is not empty
  attachment,
  anything,
};

struct field {
  std::string_view name;
  kind what;
  bool required;
};

struct field_list {
  const field* first = nullptr;
  std::uint32_t count = 0;
};

/// In the order the attachment must have them.
inline constexpr field attachment_fields[] = {
    {"service", kind::some_text, true}, {"env", kind::some_text, false},
    {"version", kind::some_text, true}, {"language", kind::some_text, true},
    {"upload_id", kind::text, true},    {"batch_num", kind::number, true},
    {"scopes", kind::scopes, true},     {"final", kind::boolean, true},
};

inline constexpr field scope_fields[] = {
    {"scope_type", kind::text, true},
    {"name", kind::text, true},
    {"source_file", kind::some_text, false},
    {"start_line", kind::line, true},
    {"end_line", kind::line, true},
    {"has_injectible_lines", kind::boolean, true},
    {"injectible_lines", kind::ranges, false},
    {"language_specifics", kind::object, false},
    {"symbols", kind::symbols, false},
    {"scopes", kind::scopes, false},
};

inline constexpr field symbol_fields[] = {
    {"name", kind::text, true},
    {"type", kind::text, true},
    {"symbol_type", kind::text, true},
    {"line", kind::line, false}, // may be missing on a field only
    {"language_specifics", kind::object, false},
};

inline constexpr field range_fields[] = {
    {"start", kind::line, true},
    {"end", kind::line, true},
};

/// The keys of an object whose keys are fixed; an empty list for every other kind.
[[nodiscard]] field_list fields_of(kind what) noexcept;

/// The kind of a list's elements; `anything` for every other kind.
[[nodiscard]] kind element_of(kind list) noexcept;

/// "an integer from 0 to 2147483647", for messages.
[[nodiscard]] std::string_view words_for(kind what) noexcept;

/// MODULE, JAR, ASSEMBLY, PACKAGE or FILE, all upper or all lower case.
[[nodiscard]] bool is_root_type(std::string_view scope_type) noexcept;

} // namespace symup::receive
