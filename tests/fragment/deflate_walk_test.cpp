// SPDX-License-Identifier: Apache-2.0
#include "deflate_walk.hpp"

#include "samples.hpp"

#include <doctest/doctest.h>
#include <libdeflate.h>
#include <zlib.h>

#include <cstring>
#include <memory>

using namespace symup;
using namespace symup::samples;

namespace {

/// Walks a copy that ends where its allocation ends, so that AddressSanitizer sees a byte too far.
std::optional<deflate_end> walk(std::string_view stream) {
  const std::unique_ptr<unsigned char[]> exact(new unsigned char[stream.size()]);
  std::memcpy(exact.get(), stream.data(), stream.size());
  const auto end = walk_deflate(exact.get(), stream.size());
  if (end) {
    CHECK(end->last_block_bit < end->end_bit);
    CHECK(end->end_bit <= stream.size() * 8);
  }
  return end;
}

std::string deflate_libdeflate(std::string_view text, int level) {
  auto* compressor = libdeflate_alloc_compressor(level);
  std::string stream(libdeflate_deflate_compress_bound(compressor, text.size()), '\0');
  stream.resize(libdeflate_deflate_compress(compressor, text.data(), text.size(), stream.data(),
                                            stream.size()));
  libdeflate_free_compressor(compressor);
  return stream;
}

std::string deflate_zlib(std::string_view text, int level, int strategy, std::size_t flush_every) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, level, Z_DEFLATED, -15, 9, strategy) == Z_OK);
  std::string bytes(text.size() * 2 + 1000 + text.size() / flush_every * 20, '\0');
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  int status = Z_OK;
  while (status == Z_OK) {
    const auto piece = text.substr(0, flush_every);
    text.remove_prefix(piece.size());
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
    stream.avail_in = static_cast<uInt>(piece.size());
    status = deflate(&stream, text.empty() ? Z_FINISH : Z_FULL_FLUSH);
    REQUIRE(stream.avail_in == 0);
  }
  CHECK(status == Z_STREAM_END);
  bytes.resize(stream.total_out);
  deflateEnd(&stream);
  return bytes;
}

/// The same positions from zlib, which can stop at each block's end.
std::optional<deflate_end> inflate_to_end(std::string_view stream) {
  z_stream z{};
  REQUIRE(inflateInit2(&z, -15) == Z_OK);
  std::string window(1 << 16, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(stream.data()));
  z.avail_in = static_cast<uInt>(stream.size());
  std::optional<deflate_end> end;
  std::size_t block_start = 0;
  for (int status = Z_OK; status == Z_OK;) {
    z.next_out = reinterpret_cast<Bytef*>(window.data());
    z.avail_out = static_cast<uInt>(window.size());
    status = inflate(&z, Z_BLOCK);
    if ((z.data_type & 128) == 0)
      continue; // the window is full
    const std::size_t position = z.total_in * 8 - static_cast<unsigned>(z.data_type & 7);
    if ((z.data_type & 64) != 0) {
      end = deflate_end{block_start, position};
      break;
    }
    block_start = position;
  }
  inflateEnd(&z);
  return end;
}

void check_walk(const std::string& stream, const std::string& what) {
  const auto found = walk(stream);
  const auto expected = inflate_to_end(stream);
  REQUIRE_MESSAGE(expected.has_value(), what);
  REQUIRE_MESSAGE(found.has_value(), what);
  CHECK_MESSAGE(found->last_block_bit == expected->last_block_bit, what);
  CHECK_MESSAGE(found->end_bit == expected->end_bit, what);
}

std::vector<std::string> small_streams() {
  std::vector<std::string> streams;
  for (const auto& [name, text] : all(5000)) {
    streams.push_back(deflate_libdeflate(text, 6));
    streams.push_back(deflate_zlib(text, 6, Z_DEFAULT_STRATEGY, 2000));
  }
  return streams;
}

} // namespace

TEST_CASE("the end of every stream of libdeflate is found where zlib finds it") {
  const auto texts = all(100000);
  for (int level = 0; level <= 12; ++level)
    for (const auto& [name, text] : texts)
      check_walk(deflate_libdeflate(text, level), name + ", level " + std::to_string(level));
}

TEST_CASE("the end of zlib's streams of stored, fixed and dynamic blocks is found") {
  const auto texts = all(100000);
  for (const int strategy : {Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE})
    for (const int level : {0, 6})
      for (const auto& [name, text] : texts) {
        check_walk(deflate_zlib(text, level, strategy, 1 << 20), name);
        check_walk(deflate_zlib(text, level, strategy, 3000), name + ", flushed");
      }
}

TEST_CASE("codes of all fifteen lengths are walked") {
  // Fibonacci counts make the deepest code there can be.
  std::string text;
  for (std::size_t symbol = 0, count = 1, next = 1; symbol < 22; ++symbol) {
    text.append(count, static_cast<char>('a' + symbol));
    next += std::exchange(count, next);
  }
  dice random(4);
  for (std::size_t i = text.size(); i > 1; --i)
    std::swap(text[i - 1], text[random.below(static_cast<std::uint32_t>(i))]);
  check_walk(deflate_zlib(text, 6, Z_HUFFMAN_ONLY, 1 << 20), "zlib");
  check_walk(deflate_libdeflate(text, 6), "libdeflate");
}

TEST_CASE("bytes after the stream change nothing") {
  for (const auto& stream : small_streams()) {
    const auto end = walk(stream);
    const auto longer = walk(stream + std::string(20, '\xFF'));
    REQUIRE(end.has_value());
    REQUIRE(longer.has_value());
    CHECK(longer->last_block_bit == end->last_block_bit);
    CHECK(longer->end_bit == end->end_bit);
  }
}

TEST_CASE("no strict prefix of a stream is taken for a whole one") {
  for (const auto& stream : small_streams())
    for (std::size_t size = 0; size < stream.size(); ++size)
      CHECK_FALSE(walk(std::string_view(stream).substr(0, size)).has_value());
}

TEST_CASE("a stream with one byte changed is walked within its bounds") {
  for (const auto& stream : small_streams()) {
    std::string changed = stream;
    for (std::size_t i = 0; i < std::min<std::size_t>(stream.size(), 1000); ++i) {
      for (const int change : {0x01, 0x04, 0x80, 0xFF}) {
        changed[i] = static_cast<char>(stream[i] ^ change);
        (void)walk(changed); // checks what it returns
      }
      changed[i] = stream[i];
    }
  }
}

TEST_CASE("noise is walked within its bounds") {
  for (std::uint64_t seed = 0; seed < 20000; ++seed)
    (void)walk(noise(seed, seed % 100));
}

TEST_CASE("streams that break a rule of the format are refused") {
  using namespace std::string_view_literals;
  CHECK_FALSE(walk("").has_value());
  CHECK_FALSE(walk("\x07"sv).has_value());                  // block type 3
  CHECK_FALSE(walk("\x01\x01\x00\x00\x00x"sv).has_value()); // length and complement differ
  CHECK_FALSE(walk("\x01\x05\x00\xFA\xFFx"sv).has_value()); // stored bytes missing
  CHECK_FALSE(walk("\xFD\xFF\xFF\xFF\xFF\xFF\xFF\xFF"sv).has_value()); // too many code lengths
  CHECK_FALSE(walk("\x00\x00\x00\xFF\xFF"sv).has_value());             // no final block
}
