// SPDX-License-Identifier: Apache-2.0
#include "json_to_fragment.hpp"

#include "deflate_walk.hpp"

#include <libdeflate.h>

#include <cstring>
#include <new>
#include <string>

namespace symup {
namespace {

/// An empty stored block: three header bits, padding to a byte boundary, length 0 and ~0. The
/// header may begin a byte of its own.
constexpr std::size_t max_empty_block = 5;

/// A group is about 256 KiB; the buffer for a rare far larger leaf is given back.
constexpr std::size_t max_kept_scratch = std::size_t{1} << 20;

/// Turns a whole DEFLATE stream into a fragment, in place; returns its new size. There must be
/// room for max_empty_block bytes more.
std::size_t make_joinable(unsigned char* stream, const deflate_end& end) {
  stream[end.last_block_bit / 8] &= static_cast<unsigned char>(~(1U << end.last_block_bit % 8));
  const std::size_t used_bits = end.end_bit % 8;
  std::size_t size = end.end_bit / 8;
  if (used_bits == 0)
    stream[size++] = 0; // header and padding
  else {
    stream[size++] &= static_cast<unsigned char>((1U << used_bits) - 1);
    if (used_bits > 5) // the header goes on in the next byte
      stream[size++] = 0;
  }
  std::memcpy(stream + size, "\x00\x00\xFF\xFF", 4);
  return size + 4;
}

} // namespace

void fragment_compressor::deleter::operator()(libdeflate_compressor* compressor) const noexcept {
  libdeflate_free_compressor(compressor);
}

expected<fragment_compressor> fragment_compressor::make(int level) {
  if (level < min_compression_level || level > max_compression_level)
    return fail(errc::invalid_config, "compression level " + std::to_string(level) +
                                          ": allowed are " + std::to_string(min_compression_level) +
                                          " to " + std::to_string(max_compression_level));
  compressor_ptr compressor(libdeflate_alloc_compressor(level));
  if (compressor == nullptr)
    return fail(errc::out_of_memory, "no memory for a compressor");
  return fragment_compressor(std::move(compressor));
}

expected<deflate_fragment> fragment_compressor::compress(std::string_view json) {
  try {
    return compress_or_fail(json);
  } catch (const std::bad_alloc&) {
    return fail(errc::out_of_memory,
                "no memory to compress " + std::to_string(json.size()) + " bytes of JSON");
  }
}

expected<deflate_fragment> fragment_compressor::compress_or_fail(std::string_view json) {
  const std::size_t bound = libdeflate_deflate_compress_bound(compressor_.get(), json.size());
  if (scratch_size_ < bound + max_empty_block) {
    scratch_size_ = 0;
    scratch_.reset(); // first, so that both are never held
    scratch_.reset(new unsigned char[bound + max_empty_block]);
    scratch_size_ = bound + max_empty_block;
  }
  unsigned char* stream = scratch_.get();
  const std::size_t size =
      libdeflate_deflate_compress(compressor_.get(), json.data(), json.size(), stream, bound);
  if (size == 0)
    return fail(errc::encoding_failed,
                "libdeflate did not compress " + std::to_string(json.size()) + " bytes of JSON");
  const auto end = walk_deflate(stream, size);
  if (!end || (end->end_bit + 7) / 8 != size)
    return fail(errc::encoding_failed, "the end of libdeflate's output was not found");

  deflate_fragment fragment;
  fragment.buffer =
      shared_bytes::copy_of({reinterpret_cast<char*>(stream), make_joinable(stream, *end)});
  fragment.crc32 = libdeflate_crc32(0, json.data(), json.size());
  fragment.json_bytes = json.size();
  if (scratch_size_ > max_kept_scratch) {
    scratch_.reset();
    scratch_size_ = 0;
  }
  return fragment;
}

} // namespace symup
