// SPDX-License-Identifier: Apache-2.0
#include "deflate_walk.hpp"

#include "bit_reader.hpp"
#include "huffman_code.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace symup {
namespace {

constexpr unsigned end_of_block = 256;
constexpr std::size_t max_litlen_symbols = huffman_code::max_symbols;
constexpr std::size_t max_distance_symbols = 32;

// One table holds the literal/length codes in its first half and the distance codes in its second.
// An entry says how many bits to step over (code and extra bits) and in which half the next symbol
// is looked up, so that stepping needs no branch: literals and lengths come in no order that a
// processor could predict.
//   bits 0-7   bits to step over; 0 for a special entry
//   bits 8-11  length of the end-of-block code
//   bits 12-13 what is special
//   bits 16-31 index of the half to look in next; a special entry names its own half, so that
//              further steps from it stand still and a test after several steps is enough
constexpr unsigned table_bits = 11;
constexpr std::uint32_t table_size = 1U << table_bits;
constexpr std::uint32_t literals = 0;
constexpr std::uint32_t distances = table_size;
constexpr std::uint32_t end_entry = 1U << 12;
constexpr std::uint32_t long_code_entry = 2U << 12;
constexpr std::uint32_t invalid_entry = 3U << 12;
constexpr std::uint32_t special_entries = 3U << 12;

constexpr std::uint32_t next_in(std::uint32_t half) {
  return half << 16;
}

std::uint32_t litlen_entry(unsigned symbol, unsigned code_length) {
  if (symbol < end_of_block)
    return next_in(literals) | code_length;
  if (symbol == end_of_block)
    return next_in(literals) | end_entry | code_length << 8;
  if (symbol > 285)
    return next_in(literals) | invalid_entry;
  const unsigned extra_bits = symbol < 265 || symbol == 285 ? 0 : (symbol - 261) / 4;
  return next_in(distances) | (code_length + extra_bits);
}

std::uint32_t distance_entry(unsigned symbol, unsigned code_length) {
  if (symbol > 29)
    return next_in(distances) | invalid_entry;
  const unsigned extra_bits = symbol < 4 ? 0 : symbol / 2 - 1;
  return next_in(literals) | (code_length + extra_bits);
}

class walker {
public:
  walker(const unsigned char* data, std::size_t size) : in_(data, size) {}

  std::optional<deflate_end> run() {
    for (;;) {
      if (!in_.refill())
        return std::nullopt;
      const std::size_t start = in_.position();
      const bool final = in_.take(1) != 0;
      if (!block(in_.take(2)) || in_.past_end())
        return std::nullopt;
      if (final)
        return deflate_end{start, in_.position()};
    }
  }

private:
  bool block(unsigned type) {
    switch (type) {
    case 0:
      return stored();
    case 1:
      return fixed() && symbols();
    case 2:
      return dynamic() && symbols();
    default:
      return false;
    }
  }

  bool stored() {
    if (!in_.skip_bytes(0) || !in_.refill())
      return false;
    const unsigned length = in_.take(16);
    const unsigned complement = in_.take(16);
    return (length ^ complement) == 0xFFFF && in_.skip_bytes(length);
  }

  bool fixed() {
    lengths_.fill(8);
    std::fill_n(lengths_.begin() + 144, 112, std::uint8_t{9});
    std::fill_n(lengths_.begin() + 256, 24, std::uint8_t{7});
    std::fill_n(lengths_.begin() + max_litlen_symbols, max_distance_symbols, std::uint8_t{5});
    return make_table(max_litlen_symbols, max_distance_symbols);
  }

  /// Reads the code lengths at the head of a block.
  bool dynamic() {
    const std::size_t litlens = in_.take(5) + 257;
    const std::size_t dists = in_.take(5) + 1;
    const std::size_t precodes = in_.take(4) + 4;
    if (litlens > 286 || dists > 30 || !read_precode(precodes))
      return false;
    const std::size_t total = litlens + dists;
    for (std::size_t i = 0; i < total;) {
      if (!in_.refill())
        return false;
      const std::uint32_t entry = precode_table_[in_.bits() & (precode_size - 1)];
      if (entry == 0)
        return false;
      in_.skip(entry & 0xFF);
      const unsigned symbol = entry >> 16;
      if (symbol < 16) {
        lengths_[i++] = static_cast<std::uint8_t>(symbol);
        continue;
      }
      if (symbol == 16 && i == 0)
        return false;
      const std::uint8_t value = symbol == 16 ? lengths_[i - 1] : 0;
      const std::size_t times = symbol == 16   ? 3 + in_.take(2)
                                : symbol == 17 ? 3 + in_.take(3)
                                               : 11 + in_.take(7);
      if (times > total - i)
        return false;
      std::fill_n(lengths_.begin() + static_cast<std::ptrdiff_t>(i), times, value);
      i += times;
    }
    return lengths_[end_of_block] != 0 && make_table(litlens, dists);
  }

  bool read_precode(std::size_t size) {
    static constexpr std::uint8_t order[] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                             11, 4,  12, 3, 13, 2, 14, 1, 15};
    std::uint8_t lengths[sizeof order] = {};
    for (std::size_t i = 0; i < size; ++i) {
      if (!in_.refill())
        return false;
      lengths[order[i]] = static_cast<std::uint8_t>(in_.take(3));
    }
    huffman_code code;
    if (!code.assign(lengths, sizeof order))
      return false;
    code.fill<precode_bits>(precode_table_.data(), 0, 0, [](unsigned symbol, unsigned length) {
      return std::uint32_t{symbol} << 16 | length;
    });
    return true;
  }

  bool make_table(std::size_t litlens, std::size_t dists) {
    if (!litlen_code_.assign(lengths_.data(), litlens) ||
        !distance_code_.assign(lengths_.data() + litlens, dists))
      return false;
    litlen_code_.fill<table_bits>(table_.data() + literals, next_in(literals) | long_code_entry,
                                  next_in(literals) | invalid_entry, litlen_entry);
    distance_code_.fill<table_bits>(table_.data() + distances, next_in(distances) | long_code_entry,
                                    next_in(distances) | invalid_entry, distance_entry);
    return true;
  }

  /// Steps over the symbols of a block, to after its end-of-block code.
  bool symbols() {
    bit_reader in = in_; // a copy stays in registers
    std::uint32_t entry = next_in(literals);
    const auto step = [&] {
      entry = table_[(in.bits() & (table_size - 1)) + (entry >> 16)];
      in.skip(entry & 0xFF);
    };
    for (;;) {
      if (!in.refill())
        return false;
      // A length takes at most 16 bits here and a distance 24. A special entry after the first
      // step leaves 32 bits, and a long code with its extra bits takes at most 28.
      step();
      step();
      if ((entry & special_entries) == 0)
        continue;
      if ((entry & special_entries) == long_code_entry)
        entry = long_code(in.bits(), entry >> 16);
      if ((entry & special_entries) == invalid_entry)
        return false;
      if ((entry & special_entries) == end_entry) {
        in.skip(entry >> 8 & 15);
        in_ = in;
        return true;
      }
      in.skip(entry & 0xFF);
    }
  }

  [[nodiscard]] std::uint32_t long_code(std::uint64_t bits, std::uint32_t half) const {
    const bool litlen = half == literals;
    const auto [symbol, length] = litlen ? litlen_code_.decode(bits) : distance_code_.decode(bits);
    if (length == 0)
      return invalid_entry;
    return litlen ? litlen_entry(symbol, length) : distance_entry(symbol, length);
  }

  static constexpr unsigned precode_bits = 7;
  static constexpr std::uint32_t precode_size = 1U << precode_bits;

  bit_reader in_;
  std::array<std::uint32_t, std::size_t{2} * table_size> table_;
  std::array<std::uint32_t, precode_size> precode_table_;
  std::array<std::uint8_t, max_litlen_symbols + max_distance_symbols> lengths_;
  huffman_code litlen_code_, distance_code_;
};

} // namespace

std::optional<deflate_end> walk_deflate(const unsigned char* data, std::size_t size) noexcept {
  return walker(data, size).run();
}

} // namespace symup
