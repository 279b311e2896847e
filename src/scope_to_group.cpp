// SPDX-License-Identifier: Apache-2.0
#include "scope_to_group.hpp"

#include "buffer_pool.hpp"
#include "scope_file/json_object_check.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace symup {

namespace {

constexpr std::array<std::string_view, 5> root_types = {"MODULE", "JAR", "ASSEMBLY", "PACKAGE",
                                                        "FILE"};
constexpr std::size_t first_tape_bytes = 1024;
constexpr std::size_t max_specifics_depth = 256; // objects and arrays within each other

bool is_root_type(std::string_view type) {
  std::string upper(type);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return std::find(root_types.begin(), root_types.end(), upper) != root_types.end();
}

std::int64_t clamped(std::int64_t line) {
  return std::clamp<std::int64_t>(line, 0, max_line);
}

std::string quoted(std::string_view name) {
  constexpr std::size_t longest = 100;
  return '"' + std::string(name.substr(0, longest)) + (name.size() > longest ? "...\"" : "\"");
}

// The rule a head breaks, or "".
std::string broken_rule(const scope_head& head, bool is_root) {
  if (is_root && !is_root_type(head.scope_type))
    return "a root scope's type must be MODULE, JAR, ASSEMBLY, PACKAGE or FILE (either case), "
           "not " +
           quoted(head.scope_type);
  if (head.scope_type.empty())
    return "scope_type is empty";
  if (clamped(head.start_line) > clamped(head.end_line))
    return "start_line " + std::to_string(head.start_line) + " is after end_line " +
           std::to_string(head.end_line);
  std::int64_t last_end = -1;
  for (std::size_t i = 0; i < head.injectible_line_count; ++i) {
    const auto start = clamped(head.injectible_lines[i].start);
    const auto end = clamped(head.injectible_lines[i].end);
    if (start > end || start <= last_end)
      return "injectible_lines must be sorted and disjoint: [" + std::to_string(start) + ", " +
             std::to_string(end) + "] at index " + std::to_string(i);
    last_end = end;
  }
  return {};
}

scope_head head_of(const scope& s) {
  return {s.scope_type,
          s.name,
          s.source_file,
          s.start_line,
          s.end_line,
          s.has_injectible_lines,
          s.injectible_lines.data(),
          s.injectible_lines.size(),
          s.language_specifics};
}

symbol_view view_of(const symbol& s) {
  return {s.name, s.type, s.symbol_type, s.line, s.language_specifics};
}

// language_specifics are a host's text and go out as they are.
std::string broken_object(const std::string& specifics) {
  const auto checked = check_json_object(specifics, max_specifics_depth);
  return checked ? std::string() : "language_specifics: " + checked.error().message;
}

std::string broken_specifics(const scope& s) {
  if (!s.language_specifics.empty()) {
    if (auto rule = broken_object(s.language_specifics); !rule.empty())
      return rule;
  }
  for (const auto& inner : s.symbols) {
    if (inner.language_specifics.empty())
      continue;
    if (auto rule = broken_object(inner.language_specifics); !rule.empty())
      return "symbol " + quoted(inner.name) + ": " + rule;
  }
  return {};
}

std::string check_tree(const scope& s, std::size_t depth, std::size_t max_depth,
                       std::size_t& json_bytes) {
  json_bytes += json_bytes_of(head_of(s)) + json_bytes_of_end;
  for (const auto& inner : s.symbols)
    json_bytes += json_bytes_of(view_of(inner));
  if (depth > max_depth)
    return quoted(s.name) + ": scopes are nested deeper than " + std::to_string(max_depth);
  if (auto rule = broken_rule(head_of(s), depth == 1); !rule.empty())
    return quoted(s.name) + ": " + rule;
  if (auto rule = broken_specifics(s); !rule.empty())
    return quoted(s.name) + ": " + rule;
  for (const auto& inner : s.scopes) {
    if (auto rule = check_tree(inner, depth + 1, max_depth, json_bytes); !rule.empty())
      return quoted(s.name) + " > " + rule;
  }
  return {};
}

} // namespace

expected<std::size_t> check_scope(const scope& root, std::size_t max_depth) {
  std::size_t json_bytes = 0;
  if (auto rule = check_tree(root, 1, max_depth, json_bytes); !rule.empty())
    return fail(errc::invalid_scope, "scope " + rule);
  return json_bytes;
}

group_writer::group_writer(group_limits limits, std::shared_ptr<memory_budget> budget,
                           std::shared_ptr<buffer_pool> tapes, group_taker take, turn_taker turns)
    : limits_(limits), budget_(std::move(budget)), tapes_(std::move(tapes)), take_(std::move(take)),
      turns_(std::move(turns)), memory_(budget_) {}

bool group_writer::write(const scope& s) {
  if (!open(head_of(s)))
    return false;
  for (const auto& inner : s.symbols) {
    if (!add_symbol(view_of(inner)))
      return false;
  }
  for (const auto& inner : s.scopes) {
    if (!write(inner))
      return false;
  }
  return end_scope();
}

// -- events ---

bool group_writer::begin_scope(const scope_head& head) {
  if (omitted_depth_ > 0)
    return open(head);
  if (open_.size() >= limits_.max_depth)
    return refuse("scope " + quoted(head.name) + ": scopes are nested deeper than " +
                  std::to_string(limits_.max_depth));
  if (auto rule = broken_rule(head, open_.empty()); !rule.empty())
    return refuse("scope " + quoted(head.name) + ": " + rule);
  return open(head);
}

bool group_writer::open(const scope_head& head) {
  if (omitted_depth_ > 0) {
    ++omitted_depth_;
    ++omitted_.leaves;
    return true;
  }
  const auto json_bytes = json_bytes_of(head);
  if (open_json_bytes_ + json_bytes > limits_.max_head_bytes) {
    omit("scope " + quoted(head.name));
    omitted_depth_ = 1;
    return true;
  }
  if (!make_room(json_bytes))
    return false;
  if (open_.empty()) {
    root_offset_ = tape_.bytes().size();
    root_json_bytes_ = tape_.json_bytes();
    root_leaves_ = group_leaves_;
  } else {
    open_.back().phase = scope_phase::scopes;
  }
  const auto offset = tape_.bytes().size();
  tape_.begin_scope(head);
  open_.push_back({false, offset, tape_.bytes().size() - offset, json_bytes, scope_phase::head});
  open_json_bytes_ += json_bytes;
  ++group_leaves_;
  return true;
}

bool group_writer::add_symbol(const symbol_view& symbol) {
  if (omitted_depth_ > 0) {
    ++omitted_.leaves;
    return true;
  }
  if (open_.empty() || open_.back().phase == scope_phase::scopes)
    return refuse("symbol " + quoted(symbol.name) +
                  (open_.empty() ? ": it stands outside of any scope"
                                 : ": a scope's symbols come before its inner scopes"));
  if (!make_room(json_bytes_of(symbol)))
    return false;
  open_.back().phase = scope_phase::symbols;
  tape_.add_symbol(symbol);
  ++group_leaves_;
  return true;
}

bool group_writer::end_scope() {
  if (omitted_depth_ > 0) {
    --omitted_depth_;
    return true;
  }
  if (open_.empty())
    return refuse("end_scope without a begin_scope");
  tape_.end_scope();
  open_json_bytes_ -= open_.back().json_bytes;
  open_.pop_back();
  if (!open_.empty())
    return true;
  ++roots_;
  ++group_roots_;
  return limits_.group_per_root ? cut() : true;
}

bool group_writer::cut() {
  return tape_.empty() || cut_here();
}

void group_writer::discard() noexcept {
  tape_ = scope_tape();
  turn_.end();
  memory_.release();
}

// -- cutting ---

// Called before each leaf, and only there groups are cut within a root: each begins with a leaf.
bool group_writer::make_room(std::size_t json_bytes) {
  while (!tape_.empty() &&
         (cut_is_due_ || tape_.json_bytes() + json_bytes > limits_.fragment_bytes)) {
    if (!cut_somewhere())
      return false;
  }
  // A record is never larger on the tape than in JSON.
  if (tape_.bytes().size() + json_bytes <= tape_.capacity())
    return true;
  take_turn_for(json_bytes);
  if (tape_.bytes().size() + json_bytes > small_tape && !turn_ && turns_ && !tape_.empty() &&
      !cut_somewhere())
    return false;
  grow_tape(tape_.bytes().size() + json_bytes);
  return true;
}

std::size_t group_writer::group_json_bytes() const noexcept {
  return turn_ || !turns_ ? limits_.fragment_bytes : std::min(small_tape, limits_.fragment_bytes);
}

void group_writer::take_turn_for(std::size_t json_bytes) {
  if (tape_.bytes().size() + json_bytes > small_tape && !turn_)
    take_turn();
}

void group_writer::take_turn() {
  if (turns_) {
    turn_ = turns_();
    if (!turn_)
      return;
  }
  if (tapes_ && tape_.capacity() < limits_.fragment_bytes) {
    scope_tape large(tapes_->take());
    large.reserve(limits_.fragment_bytes);
    large.append(tape_);
    tape_ = std::move(large);
  }
  count_tape();
}

void group_writer::grow_tape(std::size_t bytes) {
  if (bytes <= tape_.capacity())
    return;
  const auto next =
      tape_.capacity() == 0 ? first_tape_bytes : std::max(tape_.capacity() * 2, small_tape);
  tape_.reserve(std::max(bytes, next));
  count_tape();
}

void group_writer::count_tape() {
  const auto held_by_turn = turn_ ? limits_.fragment_bytes : 0;
  memory_.resize(tape_.capacity() - std::min(held_by_turn, tape_.capacity()));
}

// A group ends at the last root scope if there is one in it.
bool group_writer::cut_somewhere() {
  return !open_.empty() && group_roots_ > 0 && root_offset_ > 0 ? cut_at_root_start() : cut_here();
}

bool group_writer::cut_at_root_start() {
  const auto offset = root_offset_;
  scope_tape rest;
  rest.reserve(std::max(tape_.bytes().size() - offset, small_tape));
  rest.append(tape_.bytes().substr(offset), tape_.json_bytes() - root_json_bytes_);
  tape_.truncate(offset, root_json_bytes_);
  const auto rest_leaves = group_leaves_ - root_leaves_;
  group_leaves_ = root_leaves_;

  auto group = take_group();
  group.ends_at_root = true;
  tape_ = std::move(rest);
  memory_.resize(tape_.capacity());
  group_leaves_ = rest_leaves;
  open_scopes_.clear();
  parent_phase_ = scope_phase::head;
  for (auto& open : open_)
    open.offset -= offset;
  root_offset_ = root_json_bytes_ = 0;
  root_leaves_ = 0;
  return emit(std::move(group));
}

bool group_writer::cut_here() {
  std::string heads;
  for (auto& open : open_) {
    const auto from = open.before_group ? std::string_view(open_scopes_) : tape_.bytes();
    const auto head = from.substr(open.offset, open.size);
    open.offset = heads.size();
    open.before_group = true;
    heads += head;
  }
  auto group = take_group();
  group.ends_at_root = open_.empty();
  open_scopes_ = std::move(heads);
  parent_phase_ = open_.empty() ? scope_phase::head : open_.back().phase;
  root_offset_ = root_json_bytes_ = 0;
  root_leaves_ = 0;
  return emit(std::move(group));
}

scope_group group_writer::take_group() {
  scope_group group;
  cut_is_due_ = false;
  group.sequence = ++sequence_;
  group.tape = std::exchange(tape_, scope_tape());
  group.open_scopes = std::move(open_scopes_);
  group.parent_phase = parent_phase_;
  group.roots = std::exchange(group_roots_, 0);
  group.leaves = std::exchange(group_leaves_, 0);
  group.memory = std::exchange(memory_, memory_hold(budget_));
  turn_.filled();
  group.turn = std::move(turn_);
  return group;
}

bool group_writer::emit(scope_group&& group) {
  return take_(std::move(group));
}

bool group_writer::refuse(std::string what) {
  failure_ = error{errc::invalid_scope, std::move(what), std::nullopt};
  return false;
}

void group_writer::omit(std::string name) {
  if (omitted_.leaves++ == 0)
    omitted_.first = std::move(name);
}

} // namespace symup
