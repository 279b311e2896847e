// SPDX-License-Identifier: Apache-2.0
#pragma once

/// DEFLATE WALK: finds where the last block of a raw DEFLATE stream (RFC 1951) begins and ends,
/// which libdeflate does not tell. Called by JSON TO FRAGMENT, on the compressor's thread, on
/// what libdeflate has just written. It reads symbols only to step over them: nothing is
/// decompressed and match distances are not checked, so the cost goes with the compressed size.

#include <cstddef>
#include <optional>

namespace symup {

/// Positions in bits from the start of the stream; bit 0 is the lowest of the first byte.
struct deflate_end {
  std::size_t last_block_bit; ///< the final-block bit of the last block's header
  std::size_t end_bit;        ///< one past the last bit of the last block
};

/// Returns nothing if the bytes do not begin with a whole DEFLATE stream. Whatever the bytes, it
/// reads only them and returns after a time in proportion to their number.
[[nodiscard]] std::optional<deflate_end> walk_deflate(const unsigned char* data,
                                                      std::size_t size) noexcept;

} // namespace symup
