// SPDX-License-Identifier: Apache-2.0
#pragma once

/// JSON TO FRAGMENT: compresses a group's JSON into one raw DEFLATE fragment that can stand
/// anywhere inside a gzip member. Called by the COMPRESSOR with what the ENCODER made, on a pool
/// worker's thread; the fragment goes on to the BATCHER, which joins fragments (gzip_member.hpp)
/// in any order and batch without compressing again.

#include "shared_bytes.hpp"
#include "symup/error.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

struct libdeflate_compressor;

namespace symup {

struct deflate_fragment {
  shared_bytes buffer;          ///< DEFLATE blocks, none of them final; ends at a byte boundary
  std::uint32_t crc32 = 0;      ///< of the JSON
  std::uint64_t json_bytes = 0; ///< length of the JSON
};

/// The levels of libdeflate: fastest to smallest.
inline constexpr int min_compression_level = 1, max_compression_level = 12;

/// One libdeflate compressor and one buffer for its output, used again for each fragment. Not
/// thread-safe: one per worker.
class fragment_compressor {
public:
  /// Errors: invalid_config for a level outside min ... max_compression_level, out_of_memory.
  [[nodiscard]] static expected<fragment_compressor> make(int level);

  /// Any bytes will do, an empty text too. Errors: out_of_memory, encoding_failed.
  [[nodiscard]] expected<deflate_fragment> compress(std::string_view json);

private:
  struct deleter {
    void operator()(libdeflate_compressor* compressor) const noexcept;
  };
  using compressor_ptr = std::unique_ptr<libdeflate_compressor, deleter>;
  explicit fragment_compressor(compressor_ptr compressor) : compressor_(std::move(compressor)) {}

  expected<deflate_fragment> compress_or_fail(std::string_view json); // throws std::bad_alloc

  compressor_ptr compressor_;
  std::unique_ptr<unsigned char[]> scratch_;
  std::size_t scratch_size_ = 0;
};

} // namespace symup
