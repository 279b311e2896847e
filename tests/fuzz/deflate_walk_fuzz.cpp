// SPDX-License-Identifier: Apache-2.0
// Where the walk finds an end in any bytes, it must be the one that zlib finds; where zlib finds
// one, the walk must find it too.

#include "deflate_walk.hpp"

#include <zlib.h>

#include <cstdlib>

namespace {

/// Bytes that zlib takes for a whole stream; 0 if it does not take them.
std::size_t inflated_bytes(const unsigned char* data, std::size_t size) {
  z_stream stream{};
  if (inflateInit2(&stream, -15) != Z_OK)
    std::abort();
  unsigned char window[4096];
  stream.next_in = const_cast<Bytef*>(data);
  stream.avail_in = static_cast<uInt>(size);
  int status = Z_OK;
  while (status == Z_OK) {
    stream.next_out = window;
    stream.avail_out = sizeof window;
    status = inflate(&stream, Z_NO_FLUSH);
  }
  const std::size_t used = status == Z_STREAM_END ? stream.total_in : 0;
  inflateEnd(&stream);
  return used;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const auto end = symup::walk_deflate(data, size);
  if (end && (end->last_block_bit >= end->end_bit || end->end_bit > size * 8))
    std::abort();
  // zlib refuses more than the walk does, such as a distance before the start.
  const std::size_t used = inflated_bytes(data, size);
  if (used != 0 && (!end || (end->end_bit + 7) / 8 != used))
    std::abort();
  return 0;
}
