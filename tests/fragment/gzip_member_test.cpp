// SPDX-License-Identifier: Apache-2.0
#include "gzip_member.hpp"

#include "gunzip.hpp"
#include "samples.hpp"

#include <doctest/doctest.h>

using namespace symup;
using namespace symup::samples;
using namespace std::string_view_literals;

TEST_CASE("the header says deflate, no time, no level and an unknown system") {
  CHECK(gzip_header == "\x1F\x8B\x08\x00\x00\x00\x00\x00\x00\xFF"sv);
}

TEST_CASE("a member without any text is valid") {
  const auto decoded = gunzip(member_writer().finish());
  REQUIRE(decoded.has_value());
  CHECK(decoded->empty());
}

TEST_CASE("a stored block is its head and the text") {
  CHECK(stored_block(",", false).view() == "\x00\x01\x00\xFE\xFF,"sv);
  CHECK(stored_block("ab", true).view() == "\x01\x02\x00\xFD\xFF"sv
                                           "ab"sv);
  CHECK(stored_block("", false).view() == "\x00\x00\x00\xFF\xFF"sv);
  CHECK(stored_block("", true).view() == final_empty_block);
}

TEST_CASE("a text above 65 535 bytes takes several stored blocks") {
  for (const std::size_t size : {65535, 65536, 131070, 131071, 200000}) {
    const std::string text = noise(size, size);
    const auto block = stored_block(text, false);
    CHECK(block.size() == size + 5 * ((size + 65534) / 65535));
    CHECK(block.size() == stored_block_size(size));
    for (const bool at_end : {false, true}) {
      member_writer member;
      member.add_stored(at_end ? "" : text);
      const auto decoded = gunzip(member.finish(at_end ? text : ""));
      CHECK((decoded && *decoded == text));
    }
  }
}

TEST_CASE("the checksum of pieces is that of the whole text") {
  const std::string text = scope_json(1, 300000);
  for (const std::size_t piece : {std::size_t{1000}, std::size_t{65536}, text.size()}) {
    crc_sum sum;
    for (std::size_t at = 0, n = 0; at < text.size(); at += piece, ++n) {
      const auto part = std::string_view(text).substr(at, piece);
      const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(part.data()), part.size());
      if (n % 2 == 0)
        sum.append(static_cast<std::uint32_t>(crc), part.size());
      else
        sum.append(part);
    }
    CHECK(sum.crc == crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), text.size()));
    CHECK(sum.length == text.size());
  }
}

TEST_CASE("an empty piece leaves the checksum as it is") {
  crc_sum sum;
  sum.append("text");
  const auto crc = sum.crc;
  sum.append("");
  sum.append(std::string_view());
  sum.append(0, 0);
  CHECK(sum.crc == crc);
  CHECK(sum.length == 4);
}

TEST_CASE("the trailer is checksum and length modulo 4 GiB, low byte first") {
  const auto bytes = gzip_trailer({0x01020304, 0x1A0B0C0D0});
  CHECK(std::string_view(bytes.data(), bytes.size()) == "\x04\x03\x02\x01\xD0\xC0\xB0\xA0"sv);
}

TEST_CASE("handles share the same bytes until the last one goes") {
  auto first = shared_bytes::copy_of("abc");
  const char* where = first.view().data();
  auto second = first;
  CHECK(second.view().data() == where);
  auto third = std::move(first);
  CHECK(first.empty()); // NOLINT(bugprone-use-after-move): a moved-from handle holds nothing
  second = third;
  third = shared_bytes();
  CHECK(second.view() == "abc");
  CHECK(second.size() == 3);
  CHECK(second.view().data() == where);
  CHECK(shared_bytes::copy_of("").empty());
}
