// SPDX-License-Identifier: Apache-2.0
#pragma once

/// BIT READER: the bits of a DEFLATE stream, lowest bit of each byte first, up to 56 at a time.
/// Used by DEFLATE WALK only.

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace symup {

/// Nothing is read outside the bytes. `skip` and `take` need as many bits as refill() has made
/// readable before.
class bit_reader {
public:
  bit_reader(const unsigned char* data, std::size_t size) : data_(data), size_(size) {}

  /// Makes at least 56 bits readable; past the end they are zeros. Returns false if bits past the
  /// end were stepped over already.
  bool refill() {
    if (next_ + 8 > size_)
      return refill_at_end();
    std::uint64_t word = 0;
    std::memcpy(&word, data_ + next_, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    bits_ |= word << count_;
    next_ += (63 - count_) >> 3;
    count_ |= 56;
    return true;
  }

  [[nodiscard]] std::uint64_t bits() const {
    return bits_;
  }
  void skip(unsigned count) {
    bits_ >>= count;
    count_ -= count;
  }
  unsigned take(unsigned count) {
    const auto value = static_cast<unsigned>(bits_ & ((1U << count) - 1));
    skip(count);
    return value;
  }

  [[nodiscard]] std::size_t position() const {
    return next_ * 8 - count_;
  }
  [[nodiscard]] bool past_end() const {
    return position() > size_ * 8;
  }

  /// Steps to the next byte boundary and over `count` bytes; returns false if there are not enough.
  bool skip_bytes(std::size_t count) {
    const std::size_t byte = (position() + 7) / 8;
    if (byte > size_ || count > size_ - byte)
      return false;
    next_ = byte + count;
    bits_ = 0;
    count_ = 0;
    return true;
  }

private:
  bool refill_at_end() {
    if (past_end())
      return false;
    for (; count_ < 56; count_ += 8, ++next_)
      if (next_ < size_)
        bits_ |= std::uint64_t{data_[next_]} << count_;
    return true;
  }

  const unsigned char* data_;
  std::size_t size_;
  std::size_t next_ = 0; // byte to be read next; past the end as many as zeros were made up
  std::uint64_t bits_ = 0;
  unsigned count_ = 0; // of valid bits in bits_; above them may be more, equal to the stream's
};

} // namespace symup
