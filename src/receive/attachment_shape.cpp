// SPDX-License-Identifier: Apache-2.0
#include "receive/attachment_shape.hpp"

#include <algorithm>
#include <iterator>

namespace symup::receive {

field_list fields_of(kind what) noexcept {
  switch (what) {
  case kind::attachment:
    return {attachment_fields, std::size(attachment_fields)};
  case kind::scope:
    return {scope_fields, std::size(scope_fields)};
  case kind::symbol:
    return {symbol_fields, std::size(symbol_fields)};
  case kind::range:
    return {range_fields, std::size(range_fields)};
  default:
    return {};
  }
}

kind element_of(kind list) noexcept {
  switch (list) {
  case kind::scopes:
    return kind::scope;
  case kind::symbols:
    return kind::symbol;
  case kind::ranges:
    return kind::range;
  default:
    return kind::anything;
  }
}

std::string_view words_for(kind what) noexcept {
  switch (what) {
  case kind::text:
    return "a string";
  case kind::some_text:
    return "a string that is not empty";
  case kind::line:
    return "an integer from 0 to 2147483647";
  case kind::number:
    return "an integer from 1 to 4294967295";
  case kind::boolean:
    return "true or false";
  case kind::scopes:
  case kind::symbols:
  case kind::ranges:
    return "a list that is not empty";
  case kind::scope:
  case kind::symbol:
  case kind::range:
  case kind::attachment:
    return "an object";
  case kind::object:
    return "an object that is not empty";
  case kind::anything:
    break;
  }
  return "anything";
}

bool is_root_type(std::string_view scope_type) noexcept {
  constexpr std::string_view types[] = {"MODULE", "JAR", "ASSEMBLY", "PACKAGE", "FILE",
                                        "module", "jar", "assembly", "package", "file"};
  return std::find(std::begin(types), std::end(types), scope_type) != std::end(types);
}

} // namespace symup::receive
