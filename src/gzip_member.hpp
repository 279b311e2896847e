// SPDX-License-Identifier: Apache-2.0
#pragma once

/// GZIP MEMBER: the pieces around fragments that make one gzip member (RFC 1952) of them:
///
///   gzip_header | fragments and stored blocks, in any order | a final block | gzip_trailer
///
/// Called by the BATCHER when a batch closes, on its actor's thread; the member is sent as the
/// list of its pieces. Pure functions.

#include "shared_bytes.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace symup {

/// No time, no name, no level, unknown system: the same JSON makes the same bytes everywhere.
inline constexpr std::string_view gzip_header{"\x1F\x8B\x08\x00\x00\x00\x00\x00\x00\xFF", 10};

inline constexpr std::size_t gzip_trailer_size = 8;

/// An empty stored block that ends the stream, for a member whose last piece is not final.
inline constexpr std::string_view final_empty_block{"\x01\x00\x00\xFF\xFF", 5};

/// The size of what stored_block makes of `text_size` bytes.
[[nodiscard]] std::size_t stored_block_size(std::size_t text_size) noexcept;

/// `text` uncompressed, as one stored block or, above 65 535 bytes, as several. `final` marks the
/// last one as the end of the stream. An empty text makes an empty block. Throws std::bad_alloc.
[[nodiscard]] shared_bytes stored_block(std::string_view text, bool final);

/// CRC-32 and length of the uncompressed text of the pieces so far.
struct crc_sum {
  std::uint32_t crc = 0;
  std::uint64_t length = 0;

  /// Adds a piece of which both are known, without its text.
  void append(std::uint32_t piece_crc, std::uint64_t piece_length) noexcept;
  /// Adds a stored block's text.
  void append(std::string_view text) noexcept;
};

/// CRC-32 and length modulo 2^32, low byte first.
[[nodiscard]] std::array<char, gzip_trailer_size> gzip_trailer(const crc_sum& sum) noexcept;

} // namespace symup
