// SPDX-License-Identifier: Apache-2.0
#include "fragments_to_batch.hpp"

#include "gzip_member.hpp"

#include <algorithm>
#include <utility>

namespace symup {

namespace {

std::size_t text_bytes(const std::string& text) noexcept {
  return text.empty() ? 0 : stored_block_size(text.size());
}

// What a fragment adds to a batch, its close not counted.
std::size_t added_bytes(const scope_fragment& f, bool is_first) noexcept {
  return f.deflate.buffer.size() + text_bytes(is_first ? f.edges.reopen : f.edges.join);
}

} // namespace

std::size_t fragments_bytes(const batch& b) noexcept {
  std::size_t bytes = 0;
  for (const auto& f : b.fragments)
    bytes += added_bytes(*f, &f == &b.fragments.front());
  return b.fragments.empty() ? 0 : bytes + text_bytes(b.fragments.back()->edges.close);
}

std::uint64_t roots_in(const batch& b) noexcept {
  std::uint64_t roots = 0;
  for (const auto& f : b.fragments)
    roots += f->roots;
  return roots;
}

std::uint64_t json_bytes_in(const batch& b) noexcept {
  std::uint64_t bytes = 0;
  for (const auto& f : b.fragments)
    bytes += f->deflate.json_bytes;
  return bytes;
}

bool batch_cutter::fits(const batch& open, const scope_fragment& next,
                        std::size_t limit) const noexcept {
  const auto before = open.fragments.empty() ? 0 : open_bytes_;
  return before + added_bytes(next, open.fragments.empty()) + text_bytes(next.edges.close) +
             limits_.envelope_bytes + limits_.framing_bytes <=
         limit;
}

// The soft threshold: reached, and at a place where a batch may end.
bool batch_cutter::is_ripe() const noexcept {
  const auto& newest = *open_.fragments.back();
  if (!newest.ends_at_root && limits_.split_roots == split_policy::when_needed)
    return false;
  const auto attachment = open_bytes_ + text_bytes(newest.edges.close) + limits_.envelope_bytes;
  return static_cast<std::int64_t>(attachment) >= limits_.flush_threshold;
}

bool batch_cutter::closes_before(const scope_fragment& next) const noexcept {
  const auto limit =
      std::min(limits_.max_batch_bytes, lowered_limit_.value_or(limits_.max_batch_bytes));
  return fits_alone(next) && !open_.fragments.empty() &&
         (must_close_ || is_ripe() || !fits(open_, next, limit));
}

std::optional<batch> batch_cutter::add(fragment_ptr fragment) {
  if (!fits_alone(*fragment)) {
    omitted_leaves_ += fragment->leaves;
    must_close_ = true; // the next one's join counts on what is left out here
    return std::nullopt;
  }
  std::optional<batch> closed;
  if (closes_before(*fragment))
    closed = close();
  must_close_ = false;
  open_bytes_ += added_bytes(*fragment, open_.fragments.empty());
  open_.fragments.push_back(std::move(fragment));
  return closed;
}

std::optional<batch> batch_cutter::flush() {
  if (open_.fragments.size() < 2)
    return std::nullopt;
  auto newest = std::move(open_.fragments.back());
  open_.fragments.pop_back();
  auto closed = close();
  open_bytes_ = added_bytes(*newest, true);
  open_.fragments.push_back(std::move(newest));
  return closed;
}

std::optional<batch> batch_cutter::finish() {
  if (open_.fragments.empty())
    return std::nullopt;
  auto last = close();
  last.final = true;
  return last;
}

batch batch_cutter::close() {
  open_bytes_ = 0;
  return std::exchange(open_, batch{});
}

void batch_cutter::lower_limit(std::size_t refused_bytes) noexcept {
  const auto half = refused_bytes / 2 + 1;
  lowered_limit_ = std::min(half, lowered_limit_.value_or(half));
}

std::size_t batch_cutter::flushable_bytes() const noexcept {
  if (open_.fragments.size() < 2)
    return 0;
  return open_bytes_ - open_.fragments.back()->deflate.buffer.size();
}

} // namespace symup
