// SPDX-License-Identifier: Apache-2.0
#pragma once

/// HUFFMAN CODE: the codes of a DEFLATE block (RFC 1951, 3.2.2), from the lengths that stand at its
/// head to a table to look codes up in. Used by DEFLATE WALK only.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace symup {

struct decoded_symbol {
  unsigned symbol, code_length; // code_length 0: no such code
};

/// A canonical Huffman code: its symbols in the order of their codes.
struct huffman_code {
  static constexpr unsigned max_code_length = 15;
  static constexpr std::size_t max_symbols = 288; ///< literals and lengths, of all codes the most

  std::array<std::uint16_t, max_code_length + 1> count; // of symbols, by code length
  std::array<std::uint16_t, max_symbols> symbols;

  /// Returns false if the lengths ask for more codes than there are. Too few are no error, as a
  /// block without matches has no distance codes.
  bool assign(const std::uint8_t* lengths, std::size_t size) {
    count.fill(0);
    for (std::size_t i = 0; i < size; ++i)
      ++count[lengths[i]];
    std::uint32_t used = 0;
    std::array<std::uint16_t, max_code_length + 2> first{};
    for (unsigned length = 1; length <= max_code_length; ++length) {
      used += std::uint32_t{count[length]} << (max_code_length - length);
      first[length + 1] = static_cast<std::uint16_t>(first[length] + count[length]);
    }
    for (std::size_t i = 0; i < size; ++i)
      if (lengths[i] != 0)
        symbols[first[lengths[i]]++] = static_cast<std::uint16_t>(i);
    return used <= 1U << max_code_length;
  }

  /// Fills a table of 2^Bits entries that is indexed by the next bits of the stream. Codes longer
  /// than Bits get `long_code`, bits that begin no code get `invalid`.
  template <unsigned Bits, class MakeEntry>
  void fill(std::uint32_t* table, std::uint32_t long_code, std::uint32_t invalid,
            MakeEntry make_entry) const {
    std::uint32_t code = 0; // lowest bit first, as in the stream
    std::size_t next = 0;
    table[0] = invalid;
    for (unsigned length = 1; length <= max_code_length; ++length) {
      if (length <= Bits) // what is decided by fewer bits holds whatever the next bit
        std::memcpy(table + (1U << (length - 1)), table, sizeof *table << (length - 1));
      for (unsigned n = count[length]; n > 0; --n) {
        if (length <= Bits)
          table[code] = make_entry(symbols[next++], length);
        else
          table[code & ((1U << Bits) - 1)] = long_code;
        std::uint32_t bit = 1U << (length - 1); // add one, at the reversed end
        while ((code & bit) != 0)
          bit >>= 1;
        code = bit == 0 ? 0 : (code & (bit - 1)) | bit;
      }
    }
  }

  /// Reads a code bit by bit.
  [[nodiscard]] decoded_symbol decode(std::uint64_t bits) const {
    std::uint32_t code = 0, first = 0, index = 0;
    for (unsigned length = 1; length <= max_code_length; ++length) {
      code |= bits & 1U;
      bits >>= 1;
      if (code - first < count[length])
        return {symbols[index + code - first], length};
      index += count[length];
      first = (first + count[length]) << 1;
      code <<= 1;
    }
    return {0, 0};
  }
};

} // namespace symup
