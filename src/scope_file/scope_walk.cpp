// SPDX-License-Identifier: Apache-2.0
#include "scope_file/scope_walk.hpp"

#include <algorithm>

namespace symup {

namespace {

constexpr std::size_t max_kind = 0xFFFF; // what a tape holds of a scope_type or symbol_type

bool equal_ignoring_case(std::string_view word, std::string_view upper) noexcept {
  return word.size() == upper.size() &&
         std::equal(word.begin(), word.end(), upper.begin(),
                    [](char a, char b) { return (a >= 'a' && a <= 'z' ? a - 32 : a) == b; });
}

// As a scope_tape does, so that a line that is long comes out like one that goes over a tape.
std::optional<std::int64_t> meant_by_no_line(std::string_view symbol_type) noexcept {
  if (equal_ignoring_case(symbol_type, "FIELD"))
    return std::nullopt;
  return equal_ignoring_case(symbol_type, "LOCAL") ? max_line : 0;
}

std::uint32_t& value_of(reordered_scope& at, scope_field field) noexcept {
  return at.values[static_cast<unsigned>(field)];
}

} // namespace

bool scope_walk::check(scope_sink* sink) {
  sink_ = sink;
  return root();
}

bool scope_walk::write(scope_sink& sink) {
  sink_ = &sink;
  second_pass_ = true;
  return root();
}

bool scope_walk::root() {
  at_ = 0;
  if (!scope(1))
    return false;
  return at_ == in_.tokens.size() || wanted("the end of the line");
}

bool scope_walk::scope(std::size_t depth) {
  if (next() != '{')
    return wanted("an object");
  if (depth > in_.max_depth)
    return fail_token(at_, "scopes nested deeper than " + std::to_string(in_.max_depth));
  const auto& reordered = in_.reordered;
  if (second_pass_ && next_reordered_ < reordered.size() && reordered[next_reordered_].begin == at_)
    return scope_in_second_pass(reordered[next_reordered_++], depth);

  open_scope open;
  open.at.begin = at_;
  texts_.release();
  if (!each_field(fields_of_scope, open.seen,
                  [&](scope_field field) { return scope_value(open, field, depth); }))
    return false;
  if (open.reordered) {
    open.at.behind = at_;
    in_.reordered.push_back(open.at);
    return check_head(open);
  }
  return (open.begun || begin(open)) && end();
}

// The first pass found this scope right, and where its values are.
bool scope_walk::scope_in_second_pass(const reordered_scope& at, std::size_t depth) {
  open_scope open;
  open.at = at;
  texts_.release();
  const auto go_to = [&](scope_field field) { return at_ = value_of(open.at, field); };
  for (unsigned i = 0; i < static_cast<unsigned>(scope_field::symbols); ++i)
    if (const auto field = static_cast<scope_field>(i); go_to(field) != 0) {
      open.seen |= bit(field);
      if (!head_value(open.head, field, depth))
        return false;
    }
  if (!begin(open) || (go_to(scope_field::symbols) != 0 && !symbols()) ||
      (go_to(scope_field::scopes) != 0 && !scopes(depth)))
    return false;
  at_ = at.behind;
  return end();
}

bool scope_walk::scope_value(open_scope& open, scope_field field, std::size_t depth) {
  value_of(open.at, field) = at_;
  const bool children = field == scope_field::symbols || field == scope_field::scopes;
  if (!open.reordered) {
    if (!children)
      open.reordered = open.begun;
    else if (field == scope_field::symbols && (open.seen & bit(scope_field::scopes)) != 0)
      open.reordered = true;
    else if (!open.begun && ((open.seen & required_of_scope) != required_of_scope ||
                             open.head.start_line > open.head.end_line))
      open.reordered = true; // or wrong: said at the end of the scope
    else if (!open.begun && !begin(open))
      return false;
    if (open.reordered)
      sink_ = nullptr;
  }
  if (field == scope_field::symbols)
    return symbols();
  if (field == scope_field::scopes)
    return scopes(depth);
  return head_value(open.head, field, depth);
}

bool scope_walk::head_value(scope_head& head, scope_field field, std::size_t depth) {
  const auto token = at_;
  switch (field) {
  case scope_field::scope_type:
    return kind(head.scope_type) && (depth > 1 || root_type(head.scope_type, token));
  case scope_field::name:
    return text(head.name);
  case scope_field::source_file:
    return text(head.source_file);
  case scope_field::start_line:
    return integer(head.start_line);
  case scope_field::end_line:
    return integer(head.end_line);
  case scope_field::has_injectible_lines:
    return boolean(head.has_injectible_lines);
  case scope_field::injectible_lines:
    return ranges(head);
  default:
    return specifics(head.language_specifics);
  }
}

bool scope_walk::root_type(std::string_view type, std::uint32_t token) {
  for (const std::string_view root : {"MODULE", "JAR", "ASSEMBLY", "PACKAGE", "FILE"})
    if (equal_ignoring_case(type, root))
      return true;
  return fail_token(token, "a root scope must be MODULE, JAR, ASSEMBLY, PACKAGE or FILE, found " +
                               in_.tokens.describe(token));
}

bool scope_walk::check_head(const open_scope& open) {
  if (const auto lacking = required_of_scope & ~open.seen; lacking != 0)
    return missing(lacking, open.at.begin);
  if (open.head.start_line > open.head.end_line) {
    auto at = open.at;
    fail_token(value_of(at, scope_field::end_line), std::to_string(open.head.end_line) +
                                                        " is before start_line " +
                                                        std::to_string(open.head.start_line));
    return within(to_string(scope_field::end_line));
  }
  return true;
}

bool scope_walk::begin(open_scope& open) {
  open.begun = true;
  if (!check_head(open))
    return false;
  stopped_ = sink_ != nullptr && !sink_->begin_scope(open.head);
  return !stopped_;
}

bool scope_walk::end() {
  stopped_ = sink_ != nullptr && !sink_->end_scope();
  return !stopped_;
}

bool scope_walk::scopes(std::size_t depth) {
  return each_element([&](std::size_t) { return scope(depth + 1); });
}

bool scope_walk::symbols() {
  return each_element([&](std::size_t) { return symbol(); });
}

bool scope_walk::symbol() {
  if (next() != '{')
    return wanted("an object");
  const auto object = at_;
  symbol_view view;
  scope_field_set seen = 0;
  texts_.release();
  const auto value = [&](scope_field field) {
    switch (field) {
    case scope_field::name:
      return text(view.name);
    case scope_field::type:
      return text(view.type);
    case scope_field::symbol_type:
      return kind(view.symbol_type);
    case scope_field::line:
      return integer(view.line.emplace());
    default:
      return specifics(view.language_specifics);
    }
  };
  if (!each_field(fields_of_symbol, seen, value))
    return false;
  if (const auto lacking = required_of_symbol & ~seen; lacking != 0)
    return missing(lacking, object);
  if (!view.line)
    view.line = meant_by_no_line(view.symbol_type);
  stopped_ = sink_ != nullptr && !sink_->add_symbol(view);
  return !stopped_;
}

template <class OnValue>
bool scope_walk::each_field(scope_field_set allowed, scope_field_set& seen, OnValue on_value) {
  const auto& tokens = in_.tokens;
  const auto first_unknown = unknown_names_.size();
  ++at_; // the '{'
  for (bool first = true; first ? next() != '}' : next() == ','; first = false) {
    if (!first)
      ++at_;
    if (next() != '"')
      return wanted("a field's name");
    auto name = tokens.raw_string(at_);
    std::string unescaped;
    if (in_.escapes.in(name)) {
      unescaped.resize(name.size());
      std::size_t size = 0;
      if (const auto wrong = unescape(name, unescaped.data(), size))
        return fail_at(wrong.at - tokens.text(), wrong.what);
      unescaped.resize(size);
      name = unescaped;
    }
    const auto name_token = at_++;
    if (next() != ':')
      return wanted("':'");
    ++at_;
    const auto field = find_scope_field(name, allowed);
    if (field == scope_field::unknown) {
      if (!unknown_field(name, name_token, allowed))
        return false;
      continue;
    }
    if ((seen & bit(field)) != 0)
      return fail_token(name_token, "duplicate field " + tokens.describe(name_token));
    seen |= bit(field);
    if (!on_value(field))
      return within(to_string(field));
  }
  if (next() != '}')
    return wanted("',' or '}'");
  ++at_;
  if (unknown_names_.size() > first_unknown) {
    const auto names = unknown_names_.begin() + static_cast<std::ptrdiff_t>(first_unknown);
    std::sort(names, unknown_names_.end());
    const auto twice = std::adjacent_find(names, unknown_names_.end());
    if (twice != unknown_names_.end())
      return fail_token(at_ - 1, "duplicate field \"" + excerpt(*twice) + '"');
    unknown_names_.resize(first_unknown);
  }
  return true;
}

template <class OnElement>
bool scope_walk::each_element(OnElement on_element) {
  if (next() != '[')
    return wanted("an array");
  ++at_;
  if (next() == ']') {
    ++at_;
    return true;
  }
  for (std::size_t index = 0;; ++index) {
    if (!on_element(index))
      return within(index);
    if (next() == ']')
      break;
    if (next() != ',')
      return wanted("',' or ']'");
    ++at_;
  }
  ++at_;
  return true;
}

bool scope_walk::unknown_field(std::string_view name, std::uint32_t name_token,
                               scope_field_set allowed) {
  if (in_.unknown_fields == unknown_field_policy::error) {
    std::string known;
    for (unsigned i = 0; i < static_cast<unsigned>(scope_field::unknown); ++i)
      if ((allowed & bit(static_cast<scope_field>(i))) != 0)
        known += (known.empty() ? "" : ", ") + std::string(scope_field_names[i]);
    return fail_token(name_token, "unknown field " + in_.tokens.describe(name_token) +
                                      " (known: " + known + ')');
  }
  if (!in_.json.check(in_.tokens, in_.escapes, in_.max_depth, at_, fault_)) {
    fault_.path.insert(0, '.' + excerpt(name));
    return false;
  }
  unknown_names_.emplace_back(name);
  return true;
}

bool scope_walk::text(std::string_view& value) {
  if (next() != '"')
    return wanted("a string");
  value = in_.tokens.raw_string(at_);
  if (in_.escapes.in(value)) {
    auto* const room = static_cast<char*>(texts_.allocate(value.size(), 1));
    std::size_t size = 0;
    if (const auto wrong = unescape(value, room, size))
      return fail_at(wrong.at - in_.tokens.text(), wrong.what);
    value = {room, size};
  }
  ++at_;
  return true;
}

bool scope_walk::kind(std::string_view& value) {
  const auto token = at_;
  return text(value) && (value.size() <= max_kind ||
                         fail_token(token, "longer than " + std::to_string(max_kind) + " bytes"));
}

bool scope_walk::integer(std::int64_t& value) {
  const auto bytes = at_ == in_.tokens.size() ? std::string_view() : in_.tokens.bytes(at_);
  const auto digits = bytes.substr(!bytes.empty() && bytes[0] == '-' ? 1 : 0);
  if (digits.empty() || (digits[0] == '0' && digits.size() > 1))
    return wanted("an integer");
  std::uint64_t number = 0; // may wrap around: used only where the digits are few
  for (const char c : digits) {
    const auto digit = static_cast<unsigned>(c - '0');
    if (digit > 9)
      return wanted("an integer");
    number = number * 10 + digit;
  }
  if (digits.size() > 18 || number > max_line)
    number = max_line;
  value = digits.size() == bytes.size() ? static_cast<std::int64_t>(number) : 0;
  ++at_;
  return true;
}

bool scope_walk::boolean(bool& value) {
  const auto bytes = at_ == in_.tokens.size() ? std::string_view() : in_.tokens.bytes(at_);
  value = bytes == "true";
  if (!value && bytes != "false")
    return wanted("true or false");
  ++at_;
  return true;
}

bool scope_walk::specifics(std::string_view& value) {
  if (next() != '{')
    return wanted("an object");
  const auto first = at_;
  if (!in_.json.check(in_.tokens, in_.escapes, in_.max_depth, at_, fault_))
    return false;
  if (at_ > first + 2) {
    const auto begin = in_.tokens.offset(first);
    value = {in_.tokens.text() + begin, in_.tokens.offset(at_ - 1) + 1 - begin};
  }
  return true;
}

bool scope_walk::ranges(scope_head& head) {
  ranges_.clear();
  const auto element = [&](std::size_t) {
    const auto object = at_;
    line_range next_range;
    if (!range(next_range))
      return false;
    if (!ranges_.empty() && next_range.start <= ranges_.back().end)
      return fail_token(object, "starts at " + std::to_string(next_range.start) +
                                    ", not behind the range before it, which ends at " +
                                    std::to_string(ranges_.back().end));
    ranges_.push_back(next_range);
    return true;
  };
  if (!each_element(element))
    return false;
  head.injectible_lines = ranges_.data();
  head.injectible_line_count = ranges_.size();
  return true;
}

bool scope_walk::range(line_range& value) {
  if (next() != '{')
    return wanted("an object");
  const auto object = at_;
  scope_field_set seen = 0;
  if (!each_field(fields_of_range, seen, [&](scope_field field) {
        return integer(field == scope_field::start ? value.start : value.end);
      }))
    return false;
  if (const auto lacking = fields_of_range & ~seen; lacking != 0)
    return missing(lacking, object);
  return value.start <= value.end ||
         fail_token(object, "end " + std::to_string(value.end) + " is before start " +
                                std::to_string(value.start));
}

bool scope_walk::missing(scope_field_set fields, std::uint32_t object) {
  std::string names;
  for (unsigned i = 0; i < static_cast<unsigned>(scope_field::unknown); ++i)
    if ((fields & bit(static_cast<scope_field>(i))) != 0)
      names += (names.empty() ? "" : ", ") + std::string(scope_field_names[i]);
  return fail_token(object, "missing " + names);
}

bool scope_walk::fail_at(std::size_t offset, std::string what) {
  fault_ = {offset, {}, std::move(what)};
  return false;
}

bool scope_walk::within(std::string_view element) {
  if (!stopped_)
    fault_.path.insert(0, '.' + std::string(element));
  return false;
}

bool scope_walk::within(std::size_t index) {
  if (!stopped_)
    fault_.path.insert(0, '[' + std::to_string(index) + ']');
  return false;
}

} // namespace symup
