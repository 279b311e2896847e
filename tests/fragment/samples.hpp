// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What the fragment tests compress: texts of every kind, the same on each run and each machine.

#include "gzip_member.hpp"
#include "json_to_fragment.hpp"

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace symup::samples {

/// The standard's engine without its distributions, which differ between libraries.
class dice {
public:
  explicit dice(std::uint64_t seed) : engine_(seed) {}
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(engine_() % limit); }

private:
  std::mt19937_64 engine_;
};

/// Root scopes as JSON, without envelope, commas between them; at least `size` bytes.
std::string scope_json(std::uint64_t seed, std::size_t size);

/// Bytes that do not compress.
std::string noise(std::uint64_t seed, std::size_t size);

/// Bytes of few values, unevenly spread: literals with codes of many lengths.
std::string skewed(std::uint64_t seed, std::size_t size);

struct sample {
  std::string name;
  std::string text;
};

/// Tiny, repeated, random, text-like and incompressible texts, up to `largest` bytes.
std::vector<sample> all(std::size_t largest);

/// A batch in small: prefix, fragments with commas between, suffix; as one gzip member.
class member_writer {
public:
  member_writer() : bytes_(gzip_header) {}
  void add(const deflate_fragment& fragment);
  void add_stored(std::string_view text);
  /// Ends the stream by a final stored block with `text`, or the constant one without.
  std::string finish(std::string_view text = {});

private:
  std::string bytes_;
  crc_sum sum_;
};

/// One compressed text, cut in pieces of `piece` bytes; throws the error as a std::runtime_error.
std::vector<deflate_fragment> compress_pieces(fragment_compressor& compressor,
                                              std::string_view text, std::size_t piece);
fragment_compressor make_compressor(int level);

} // namespace symup::samples
