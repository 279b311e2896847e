// SPDX-License-Identifier: Apache-2.0
#include "json_to_fragment.hpp"

#include "gunzip.hpp"
#include "samples.hpp"

#include <doctest/doctest.h>

using namespace symup;
using namespace symup::samples;

namespace {

constexpr int levels[] = {1, 6, 9, 12};
constexpr std::size_t group = 256 * 1024;

// doctest would print megabytes of both on failure.
bool same(const std::optional<std::string>& decoded, const std::string& expected) {
  return decoded && *decoded == expected;
}

/// All samples as fragments with stored commas between, and what the member must decode to.
struct joined {
  std::string member, text;
};
joined join(int level, const std::vector<sample>& texts) {
  auto compressor = make_compressor(level);
  joined result;
  member_writer member;
  member.add_stored("[");
  for (const auto& sample : texts) {
    auto fragment = compressor.compress(sample.text);
    REQUIRE_MESSAGE(fragment.has_value(), sample.name);
    CHECK(fragment->json_bytes == sample.text.size());
    member.add(*fragment);
    member.add_stored(",");
    result.text.append(sample.text).append(",");
  }
  result.member = member.finish("]");
  result.text = "[" + result.text + "]";
  return result;
}

} // namespace

TEST_CASE("a single fragment of any text at any level decodes to that text") {
  for (const int level : levels) {
    auto compressor = make_compressor(level);
    for (const auto& sample : all(group)) {
      auto fragment = compressor.compress(sample.text);
      REQUIRE(fragment.has_value());
      member_writer member;
      member.add(*fragment);
      CHECK_MESSAGE(same(gunzip(member.finish()), sample.text), sample.name << ", level " << level);
    }
  }
}

TEST_CASE("many fragments with stored commas between them are one gzip member") {
  for (const int level : levels) {
    const auto [member, text] = join(level, all(group));
    CHECK_MESSAGE(same(gunzip(member), text), "level " << level);
  }
}

TEST_CASE("the member decodes when it is given byte by byte") {
  const auto [member, text] = join(6, all(group));
  CHECK(same(gunzip(member, 1, 1 << 16), text));
}

TEST_CASE("the member decodes into windows of seven bytes") {
  const auto [member, text] = join(6, all(group));
  CHECK(same(gunzip(member, member.size(), 7), text));
  CHECK(same(gunzip(member, 1, 7), text));
}

TEST_CASE("fragments stand in any order and any number of times") {
  auto compressor = make_compressor(6);
  const auto texts = all(65536);
  std::vector<deflate_fragment> fragments;
  for (const auto& [name, text] : texts)
    fragments.push_back(*compressor.compress(text));
  dice random(7);
  for (int round = 0; round < 20; ++round) {
    member_writer member;
    std::string expected;
    for (int n = 0; n < 30; ++n) {
      const std::size_t i = random.below(static_cast<std::uint32_t>(fragments.size()));
      member.add(fragments[i]);
      expected += texts[i].text;
    }
    CHECK(same(gunzip(member.finish()), expected));
  }
}

TEST_CASE("a fragment ends with an empty stored block at a byte boundary") {
  auto compressor = make_compressor(6);
  for (const auto& [name, text] : all(65536)) {
    const auto fragment = compressor.compress(text);
    REQUIRE(fragment.has_value());
    const auto bytes = fragment->buffer.view();
    REQUIRE(bytes.size() >= 5);
    CHECK(bytes.substr(bytes.size() - 4) == std::string_view("\0\0\xFF\xFF", 4));
  }
}

TEST_CASE("without a final block after the fragments the member does not end") {
  auto compressor = make_compressor(6);
  for (const auto& sample : all(65536)) {
    member_writer member;
    member.add(*compressor.compress(sample.text));
    std::string bytes = member.finish();
    bytes.resize(bytes.size() - gzip_trailer_size - final_empty_block.size());
    CHECK_FALSE_MESSAGE(gunzip(bytes).has_value(), sample.name);
  }
}

TEST_CASE("every way in which the last block ends within its byte is joined rightly") {
  auto compressor = make_compressor(6);
  for (std::size_t size = 0; size < 400; ++size) {
    const std::string text = scope_json(size, 1000).substr(0, size);
    member_writer member;
    for (int n = 0; n < 3; ++n)
      member.add(*compressor.compress(text));
    CHECK(same(gunzip(member.finish()), text + text + text));
  }
}

TEST_CASE("a fragment of no text adds nothing") {
  auto compressor = make_compressor(6);
  const auto fragment = compressor.compress({});
  REQUIRE(fragment.has_value());
  CHECK(fragment->crc32 == 0);
  CHECK(fragment->json_bytes == 0);
  member_writer member;
  member.add_stored("a");
  member.add(*fragment);
  member.add_stored("b");
  CHECK(same(gunzip(member.finish()), "ab"));
}

TEST_CASE("text that does not compress grows by the heads of stored blocks only") {
  auto compressor = make_compressor(6);
  const std::string text = noise(3, group);
  const auto fragment = compressor.compress(text);
  REQUIRE(fragment.has_value());
  CHECK(fragment->buffer.size() <= text.size() + 5 * (text.size() / 65535 + 2));
}

TEST_CASE("a compressor goes on well after a text far larger than a group") {
  auto compressor = make_compressor(1);
  for (const std::size_t size : {std::size_t{100}, std::size_t{5} << 20, std::size_t{100}}) {
    const std::string text = scope_json(size, size);
    member_writer member;
    member.add(*compressor.compress(text));
    CHECK(same(gunzip(member.finish()), text));
  }
}

TEST_CASE("the same text makes the same fragment again") {
  auto one = make_compressor(6), other = make_compressor(6);
  const std::string text = scope_json(5, group);
  const auto first = one.compress(text);
  CHECK(one.compress("something else").has_value());
  CHECK(one.compress(text)->buffer.view() == first->buffer.view());
  CHECK(other.compress(text)->buffer.view() == first->buffer.view());
}

TEST_CASE("a level outside 1 to 12 is refused with the level and what is allowed") {
  for (const int level : {-1, 0, 13}) {
    const auto compressor = fragment_compressor::make(level);
    REQUIRE_FALSE(compressor.has_value());
    CHECK(compressor.error().code == errc::invalid_config);
    CHECK(compressor.error().message ==
          "compression level " + std::to_string(level) + ": allowed are 1 to 12");
  }
}

TEST_CASE("fragments of 256 KiB are at most 3 % larger than zlib level 6 as one stream") {
  const std::string text = scope_json(2026, 4 << 20);
  auto compressor = make_compressor(6);
  member_writer member;
  for (const auto& fragment : compress_pieces(compressor, text, group))
    member.add(fragment);
  const std::string bytes = member.finish();
  CHECK(same(gunzip(bytes), text));

  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string one_stream(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(one_stream.data());
  stream.avail_out = static_cast<uInt>(one_stream.size());
  CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  const std::size_t zlib_size = stream.total_out;
  deflateEnd(&stream);
  MESSAGE("fragments: " << bytes.size() << " bytes, one zlib stream: " << zlib_size);
  CHECK(static_cast<double>(bytes.size()) <= 1.03 * static_cast<double>(zlib_size));
}
