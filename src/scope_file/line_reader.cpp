// SPDX-License-Identifier: Apache-2.0
#include "scope_file/line_reader.hpp"

#include "scope_file/json_tokens.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace symup {

namespace {

constexpr std::size_t usual_capacity = 512 * 1024;
constexpr std::size_t most_at_once = 256 * 1024; // so that little lies behind a long line

bool is_blank(const input_line& line) noexcept {
  return line.text != nullptr &&
         std::string_view(line.text, line.size).find_first_not_of(" \t\r") ==
             std::string_view::npos;
}

} // namespace

expected<bool> line_reader::next(input_line& line) {
  for (;;) {
    auto more = next_any(line);
    if (!more || !*more)
      return more;
    if (line.number == 1 && line.text != nullptr && line.size >= 3 &&
        std::memcmp(line.text, "\xEF\xBB\xBF", 3) == 0) {
      line.text += 3;
      line.size -= 3;
      line.offset += 3;
    }
    if (!is_blank(line))
      return true;
  }
}

expected<bool> line_reader::next_any(input_line& line) {
  if (capacity_ > usual_capacity && end_ - begin_ <= usual_capacity && !resize(usual_capacity))
    return out_of_memory();
  for (std::size_t searched = begin_;;) {
    const char* const found = searched == end_
                                  ? nullptr
                                  : static_cast<const char*>(std::memchr(buffer_.get() + searched,
                                                                         '\n', end_ - searched));
    const auto size = (found != nullptr ? found - buffer_.get() : end_) - begin_;
    if (found != nullptr && size <= max_line_bytes_ + 1) {
      take(line, size, 1);
      return true;
    }
    if (size > max_line_bytes_ + 1) // 1 for a '\r'
      return pass_over(line);
    const auto held = end_ - begin_;
    const auto more = fill();
    if (!more)
      return fail(more.error());
    if (!*more) {
      if (held == 0)
        return false;
      take(line, held, 0);
      return true;
    }
    searched = begin_ + held; // fill() may have moved them
  }
}

// Hands out the line at begin_.
void line_reader::take(input_line& line, std::size_t size, std::size_t end_size) noexcept {
  line = {buffer_.get() + begin_, size, ++lines_, offset_};
  if (size > 0 && end_size == 1 && line.text[size - 1] == '\r')
    --line.size;
  if (line.size > max_line_bytes_)
    line.text = nullptr;
  begin_ += size + end_size;
  offset_ += size + end_size;
}

expected<bool> line_reader::pass_over(input_line& line) {
  line = {nullptr, 0, ++lines_, offset_};
  for (;;) {
    const void* const found = std::memchr(buffer_.get() + begin_, '\n', end_ - begin_);
    const std::size_t behind =
        found != nullptr ? static_cast<const char*>(found) - buffer_.get() + 1 : end_;
    line.size += behind - begin_;
    offset_ += behind - begin_;
    begin_ = behind;
    if (found != nullptr)
      return true;
    const auto more = fill();
    if (!more)
      return fail(more.error());
    if (!*more)
      return true;
  }
}

expected<bool> line_reader::fill() {
  if (!make_room())
    return out_of_memory();
  const auto count = in_.read(buffer_.get() + end_, std::min(capacity_ - end_, most_at_once));
  if (!count)
    return fail(count.error());
  end_ += *count;
  return *count != 0;
}

bool line_reader::make_room() noexcept {
  if (begin_ == end_)
    begin_ = end_ = 0;
  if (capacity_ == 0)
    return resize(usual_capacity);
  if (end_ < capacity_)
    return true;
  return resize(begin_ != 0 ? capacity_ : 2 * capacity_); // a limit is kept by next_any
}

// Moves the bytes held to the start of the buffer and gives it that capacity.
bool line_reader::resize(std::size_t capacity) noexcept {
  if (begin_ != 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (capacity == capacity_)
    return true;
  auto* const bytes =
      static_cast<char*>(std::realloc(buffer_.get(), capacity + json_tokens::padding));
  if (bytes == nullptr)
    return false;
  (void)buffer_.release();
  buffer_.reset(bytes);
  capacity_ = capacity;
  return true;
}

tl::unexpected<error> line_reader::out_of_memory() const {
  return fail(errc::out_of_memory,
              in_.name() + ':' + std::to_string(lines_ + 1) + ": no memory for the line");
}

} // namespace symup
