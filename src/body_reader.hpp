// SPDX-License-Identifier: Apache-2.0
#pragma once

/// BODY READER: a position in the pieces of a request's body. The transfer reads with it into the
/// sender's buffer, and rewinds when a request must be sent again on another connection. Used on
/// the thread of the HTTP engine only; the pieces must outlive it.

#include "http_request.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace symup {

class body_reader {
public:
  body_reader() = default;
  explicit body_reader(const std::vector<body_piece>& pieces) : pieces_(&pieces) {}

  /// Copies the next bytes, `room` of them unless the body ends before. 0 = at the end.
  std::size_t read(char* to, std::size_t room) noexcept {
    std::size_t copied = 0;
    while (copied < room && pieces_ && piece_ < pieces_->size()) {
      const std::string_view rest = (*pieces_)[piece_].bytes.substr(offset_);
      const std::size_t count = std::min(room - copied, rest.size());
      if (count > 0)
        std::memcpy(to + copied, rest.data(), count);
      copied += count;
      offset_ += count;
      if (count == rest.size()) {
        ++piece_;
        offset_ = 0;
      }
    }
    return copied;
  }

  /// Goes to a position counted from the front. False if the body is shorter.
  bool seek(std::uint64_t position) noexcept {
    piece_ = 0;
    offset_ = 0;
    while (pieces_ && piece_ < pieces_->size()) {
      const std::size_t size = (*pieces_)[piece_].bytes.size();
      if (position < size) {
        offset_ = static_cast<std::size_t>(position);
        return true;
      }
      position -= size;
      ++piece_;
    }
    return position == 0;
  }

private:
  const std::vector<body_piece>* pieces_ = nullptr;
  std::size_t piece_ = 0;
  std::size_t offset_ = 0; // in that piece; always < its size, or 0
};

} // namespace symup
