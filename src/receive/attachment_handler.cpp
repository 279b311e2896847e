// SPDX-License-Identifier: Apache-2.0
#include "receive/attachment_handler.hpp"

#include "receive/json_bytes.hpp"

#include <limits>

namespace symup::receive {

namespace {

constexpr std::int64_t max_line = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t max_number = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t max_free_keys = 65536;

bool is_list(kind what) noexcept {
  return what == kind::scopes || what == kind::symbols || what == kind::ranges;
}

bool is_object(kind what) noexcept {
  return what == kind::object || fields_of(what).count != 0;
}

} // namespace

std::string attachment_handler::path() const {
  std::string text = "attachment";
  for (std::size_t i = 0; i < depth_; ++i) {
    const frame& f = frames_[i];
    if (f.list && f.elements != 0)
      text += '[' + std::to_string(f.elements - 1) + ']';
    else if (!f.list && f.current != nullptr)
      text += '.' + std::string(f.current->name);
    else if (!f.list && !f.free_key.empty())
      text += '.' + in_quotes(f.free_key);
  }
  return text;
}

bool attachment_handler::tell(std::string_view rule, const std::string& text) {
  add(list_, rule, path() + ' ' + text);
  return list_.size() < max_violations;
}

bool attachment_handler::mismatch(kind wanted, std::string_view got) {
  return tell(wanted == kind::line || wanted == kind::number ? "attachment.integer"
                                                             : "attachment.type",
              "is " + std::string(got) + ", must be " + std::string(words_for(wanted)));
}

kind attachment_handler::expect() {
  if (depth_ == 0)
    return kind::attachment;
  frame& f = top();
  if (f.list) {
    ++f.elements;
    return element_of(f.what);
  }
  return f.current == nullptr ? kind::anything : f.current->what;
}

bool attachment_handler::null() {
  const kind wanted = expect();
  return wanted == kind::anything || mismatch(wanted, "null");
}

bool attachment_handler::boolean(bool value) {
  const kind wanted = expect();
  if (wanted == kind::boolean && top().what == kind::attachment)
    facts_.final = value;
  return wanted == kind::boolean || wanted == kind::anything || mismatch(wanted, "a boolean");
}

bool attachment_handler::number_integer(std::int64_t value) {
  return integer(value);
}

bool attachment_handler::number_unsigned(std::uint64_t value) {
  constexpr std::uint64_t largest = std::numeric_limits<std::int64_t>::max();
  return integer(static_cast<std::int64_t>(value < largest ? value : largest));
}

bool attachment_handler::number_float(double, const std::string& text) {
  const kind wanted = expect();
  return wanted == kind::anything || mismatch(wanted, "the number " + text.substr(0, 40));
}

bool attachment_handler::integer(std::int64_t value) {
  const kind wanted = expect();
  if (wanted == kind::anything)
    return true;
  const bool fits = (wanted == kind::line && value >= 0 && value <= max_line) ||
                    (wanted == kind::number && value >= 1 && value <= max_number);
  if (!fits)
    return mismatch(wanted, std::to_string(value));
  if (wanted == kind::number)
    facts_.batch_num = static_cast<std::uint32_t>(value);
  else
    take_line(value);
  return true;
}

void attachment_handler::take_line(std::int64_t value) {
  frame& f = top();
  const std::string_view name = f.current->name;
  if (name == "start_line" || name == "start")
    f.start = value;
  else if (name == "end_line" || name == "end")
    f.end = value;
}

bool attachment_handler::string(std::string& value) {
  const kind wanted = expect();
  if (wanted == kind::anything)
    return true;
  if (wanted != kind::text && wanted != kind::some_text)
    return mismatch(wanted, "a string");
  if (wanted == kind::some_text && value.empty())
    return tell("attachment.empty",
                "is empty, must be left out or " + std::string(words_for(wanted)));
  take_text(value);
  return list_.size() < max_violations;
}

void attachment_handler::take_text(std::string& value) {
  frame& f = top();
  const std::string_view name = f.current->name;
  if (f.what == kind::attachment) {
    if (name == "service")
      facts_.service = value;
    else if (name == "env")
      facts_.env = value;
    else if (name == "version")
      facts_.version = value;
    else if (name == "language")
      facts_.language = value;
    else if (is_uuid(value))
      facts_.upload_id = value;
    else
      tell("attachment.upload_id", "is " + in_quotes(value) + ", must be a UUID");
  } else if (name == "symbol_type") {
    f.is_field = value == "field" || value == "FIELD";
  } else if (name == "scope_type" && depth_ == 3 && !is_root_type(value)) {
    // Frames of a root: attachment, its list, the scope.
    tell("scope.root_type",
         "is " + in_quotes(value) + ", a root must be MODULE, JAR, ASSEMBLY, PACKAGE or FILE");
  }
}

bool attachment_handler::binary(nlohmann::json::binary_t&) {
  return false;
} // not in JSON text

bool attachment_handler::open(kind what, bool list) {
  if (depth_ == max_depth_) {
    tell("json.depth", "is nested deeper than " + std::to_string(max_depth_));
    return false;
  }
  if (depth_ == frames_.size())
    frames_.emplace_back();
  frame& f = frames_[depth_++];
  f.what = what;
  f.list = list;
  f.elements = 0;
  f.current = nullptr;
  f.seen = 0;
  f.start = f.end = f.last_end = -1;
  f.is_field = false;
  f.keys.clear();
  f.free_key.clear();
  return true;
}

bool attachment_handler::start_object(std::size_t) {
  const kind wanted = expect();
  if (wanted != kind::anything && !is_object(wanted))
    return mismatch(wanted, "an object") && open(kind::anything, false);
  if (wanted == kind::scope) {
    ++facts_.scopes;
    facts_.root_scopes += depth_ == 2 ? 1 : 0;
  }
  facts_.symbols += wanted == kind::symbol ? 1 : 0;
  return open(wanted, false);
}

bool attachment_handler::start_array(std::size_t) {
  const kind wanted = expect();
  if (wanted != kind::anything && !is_list(wanted))
    return mismatch(wanted, "a list") && open(kind::anything, true);
  return open(wanted, true);
}

bool attachment_handler::key(std::string& name) {
  frame& f = top();
  ++f.elements;
  return fields_of(f.what).count == 0 ? free_key(f, name) : known_key(f, name);
}

bool attachment_handler::known_key(frame& f, const std::string& name) {
  const field_list fields = fields_of(f.what);
  std::uint32_t index = 0;
  while (index < fields.count && fields.first[index].name != name)
    ++index;
  f.current = nullptr;
  f.free_key.clear();
  if (index == fields.count) {
    std::string copy = name;
    return tell("attachment.unknown_key", "has the unknown key " + in_quotes(name)) &&
           free_key(f, copy);
  }
  const std::uint32_t bit = 1U << index;
  const bool repeated = (f.seen & bit) != 0;
  const bool late = f.what == kind::attachment && f.seen >= bit;
  f.seen |= bit;
  if (repeated && !tell("json.duplicate_key", "has the key " + in_quotes(name) + " twice"))
    return false;
  if (late && !repeated &&
      !tell("attachment.key_order", "has the key " + in_quotes(name) +
                                        " too late; the order is service, env, version, language, "
                                        "upload_id, batch_num, scopes, final"))
    return false;
  f.current = fields.first + index;
  return true;
}

bool attachment_handler::free_key(frame& f, std::string& name) {
  f.free_key.clear();
  if (f.keys.size() == max_free_keys)
    return tell("limits.keys", "has more than " + std::to_string(max_free_keys) + " keys"), false;
  if (!f.keys.insert(name).second)
    return tell("json.duplicate_key", "has the key " + in_quotes(name) + " twice");
  f.free_key = name;
  return true;
}

bool attachment_handler::end_array() {
  // Each list of the format is left out, or the batch not sent, when there is nothing in it.
  if (is_list(top().what) && top().elements == 0)
    tell("attachment.empty", "is an empty list, which must be left out");
  return close();
}

bool attachment_handler::end_object() {
  frame& f = top();
  f.current = nullptr; // the path names the object itself now
  f.free_key.clear();
  check_missing(f);
  if (f.what == kind::scope || f.what == kind::range)
    check_lines(f);
  if (f.what == kind::object && f.elements == 0)
    tell("attachment.empty", "is an empty object, which must be left out");
  if (f.what == kind::range)
    check_range_order(f);
  return close();
}

bool attachment_handler::close() {
  --depth_;
  return list_.size() < max_violations;
}

bool attachment_handler::has(const frame& f, std::string_view name) const {
  const field_list fields = fields_of(f.what);
  for (std::uint32_t i = 0; i < fields.count; ++i)
    if (fields.first[i].name == name)
      return (f.seen & (1U << i)) != 0;
  return false;
}

void attachment_handler::check_missing(const frame& f) {
  const field_list fields = fields_of(f.what);
  for (std::uint32_t i = 0; i < fields.count; ++i)
    if (fields.first[i].required && (f.seen & (1U << i)) == 0)
      tell("attachment.missing_key", "lacks the key " + in_quotes(fields.first[i].name));
  if (f.what == kind::symbol && !f.is_field && !has(f, "line"))
    tell("symbol.line", "lacks the key \"line\", which only a field may lack");
}

void attachment_handler::check_lines(const frame& f) {
  if (f.start >= 0 && f.end >= 0 && f.start > f.end)
    tell(f.what == kind::scope ? "scope.line_order" : "range.line_order",
         "starts on line " + std::to_string(f.start) + " and ends before it, on " +
             std::to_string(f.end));
}

void attachment_handler::check_range_order(const frame& range) {
  if (range.start < 0 || range.end < 0)
    return; // told already
  frame& ranges = frames_[depth_ - 2];
  if (range.start <= ranges.last_end)
    tell("range.order", "starts on line " + std::to_string(range.start) +
                            ", the range before it ends on " + std::to_string(ranges.last_end) +
                            "; ranges must be sorted and disjoint");
  ranges.last_end = range.end;
}

bool attachment_handler::parse_error(std::size_t, const std::string&,
                                     const nlohmann::json::exception& problem) {
  add_parse_error(list_, path(), problem.what());
  return false;
}

} // namespace symup::receive
