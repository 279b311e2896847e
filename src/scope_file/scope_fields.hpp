// SPDX-License-Identifier: Apache-2.0
#pragma once

/// SCOPE FIELDS: the names of the wire format's fields, as NDJSON_TO_SCOPES meets them.

#include <cstdint>
#include <cstring>
#include <string_view>

namespace symup {

/// The fields of scopes, symbols and line ranges.
enum class scope_field : std::uint8_t {
  scope_type,
  name,
  source_file,
  start_line,
  end_line,
  has_injectible_lines,
  injectible_lines,
  language_specifics,
  symbols,
  scopes,
  type,
  symbol_type,
  line,
  start,
  end,
  unknown,
};

inline constexpr std::string_view scope_field_names[] = {"scope_type",
                                                         "name",
                                                         "source_file",
                                                         "start_line",
                                                         "end_line",
                                                         "has_injectible_lines",
                                                         "injectible_lines",
                                                         "language_specifics",
                                                         "symbols",
                                                         "scopes",
                                                         "type",
                                                         "symbol_type",
                                                         "line",
                                                         "start",
                                                         "end"};

/// A set of fields.
using scope_field_set = std::uint32_t;

constexpr scope_field_set bit(scope_field field) noexcept {
  return scope_field_set{1} << static_cast<unsigned>(field);
}
template <class... Fields>
constexpr scope_field_set set_of(Fields... fields) noexcept {
  return (bit(fields) | ...);
}

inline constexpr auto required_of_scope =
    set_of(scope_field::scope_type, scope_field::name, scope_field::start_line,
           scope_field::end_line, scope_field::has_injectible_lines);
inline constexpr auto fields_of_scope =
    required_of_scope | set_of(scope_field::source_file, scope_field::injectible_lines,
                               scope_field::language_specifics, scope_field::symbols,
                               scope_field::scopes);
inline constexpr auto required_of_symbol =
    set_of(scope_field::name, scope_field::type, scope_field::symbol_type);
inline constexpr auto fields_of_symbol =
    required_of_symbol | set_of(scope_field::line, scope_field::language_specifics);
inline constexpr auto fields_of_range = set_of(scope_field::start, scope_field::end);

inline std::string_view to_string(scope_field field) noexcept {
  return scope_field_names[static_cast<unsigned>(field)];
}

/// The field of that name among `allowed`, or unknown.
inline scope_field find_scope_field(std::string_view name, scope_field_set allowed) noexcept {
  const auto among = [name, allowed](auto... fields) {
    auto found = scope_field::unknown;
    (void)((to_string(fields) == name && (found = fields, true)) || ...);
    return found != scope_field::unknown && (allowed & bit(found)) != 0 ? found
                                                                        : scope_field::unknown;
  };
  switch (name.size()) {
  case 3:
    return among(scope_field::end);
  case 4:
    return among(scope_field::name, scope_field::type, scope_field::line);
  case 5:
    return among(scope_field::start);
  case 6:
    return among(scope_field::scopes);
  case 7:
    return among(scope_field::symbols);
  case 8:
    return among(scope_field::end_line);
  case 10:
    return among(scope_field::scope_type, scope_field::start_line);
  case 11:
    return among(scope_field::source_file, scope_field::symbol_type);
  case 16:
    return among(scope_field::injectible_lines);
  case 18:
    return among(scope_field::language_specifics);
  case 20:
    return among(scope_field::has_injectible_lines);
  default:
    return scope_field::unknown;
  }
}

} // namespace symup
