// SPDX-License-Identifier: Apache-2.0
#include "gzip_member.hpp"

#include <libdeflate.h>
#include <zlib.h>

#include <algorithm>
#include <string>

namespace symup {
namespace {

constexpr std::size_t max_stored_text = 65535;
constexpr std::size_t stored_head = 5; // header byte, length, complement of the length

char low_byte(std::size_t value) {
  return static_cast<char>(value & 0xFF);
}

} // namespace

std::size_t stored_block_size(std::size_t text_size) noexcept {
  const std::size_t blocks = text_size == 0 ? 1 : (text_size - 1) / max_stored_text + 1;
  return text_size + blocks * stored_head;
}

shared_bytes stored_block(std::string_view text, bool final) {
  std::string bytes;
  bytes.reserve(stored_block_size(text.size()));
  do {
    const std::size_t size = std::min(text.size(), max_stored_text);
    const bool last = size == text.size();
    const std::size_t complement = ~size;
    bytes += last && final ? '\1' : '\0';
    for (const char c :
         {low_byte(size), low_byte(size >> 8), low_byte(complement), low_byte(complement >> 8)})
      bytes += c;
    bytes += text.substr(0, size);
    text.remove_prefix(size);
  } while (!text.empty());
  return shared_bytes::copy_of(bytes);
}

void crc_sum::append(std::uint32_t piece_crc, std::uint64_t piece_length) noexcept {
  crc =
      static_cast<std::uint32_t>(crc32_combine(crc, piece_crc, static_cast<z_off_t>(piece_length)));
  length += piece_length;
}

void crc_sum::append(std::string_view text) noexcept {
  if (text.empty()) // libdeflate takes a null pointer for "start anew"
    return;
  crc = libdeflate_crc32(crc, text.data(), text.size());
  length += text.size();
}

std::array<char, gzip_trailer_size> gzip_trailer(const crc_sum& sum) noexcept {
  std::array<char, gzip_trailer_size> bytes{};
  for (unsigned i = 0; i < 4; ++i) {
    bytes[i] = low_byte(sum.crc >> 8 * i);
    bytes[4 + i] = low_byte(static_cast<std::uint32_t>(sum.length) >> 8 * i);
  }
  return bytes;
}

} // namespace symup
