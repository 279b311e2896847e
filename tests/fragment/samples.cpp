// SPDX-License-Identifier: Apache-2.0
#include "samples.hpp"

#include <algorithm>
#include <stdexcept>

namespace symup::samples {
namespace {

constexpr const char* words[] = {
    "get",    "set",   "make",   "open",   "close",  "read",   "write", "parse",  "token",
    "node",   "tree",  "list",   "item",   "key",    "value",  "index", "count",  "buffer",
    "stream", "file",  "path",   "name",   "user",   "order",  "cart",  "price",  "total",
    "cache",  "entry", "event",  "queue",  "worker", "thread", "lock",  "state",  "config",
    "option", "flag",  "result", "error",  "code",   "line",   "scope", "symbol", "type",
    "module", "class", "method", "client", "server", "http",   "json",  "batch",  "upload"};
constexpr const char* types[] = {"int", "str", "bool", "float", "list", "dict", "bytes", "object"};

std::string identifier(dice& random, unsigned most_words) {
  std::string name = words[random.below(std::size(words))];
  for (unsigned n = random.below(most_words); n > 0; --n)
    name.append("_").append(words[random.below(std::size(words))]);
  if (random.below(6) == 0)
    name += std::to_string(random.below(100));
  return name;
}

std::string head(const char* type, const std::string& name, const std::string& file,
                 std::uint32_t start, std::uint32_t end) {
  return std::string(R"({"scope_type":")") + type + R"(","name":")" + name +
         R"(","source_file":")" + file + R"(","start_line":)" + std::to_string(start) +
         R"(,"end_line":)" + std::to_string(end) + R"(,"has_injectible_lines":true)";
}

std::string method(dice& random, const std::string& owner, const std::string& file,
                   std::uint32_t line) {
  const std::uint32_t length = 3 + random.below(60);
  std::string text =
      head("FUNCTION", owner + "." + identifier(random, 3), file, line, line + length);
  text += R"(,"injectible_lines":[{"start":)" + std::to_string(line + 1) + R"(,"end":)" +
          std::to_string(line + length) + R"(}],"symbols":[)";
  for (std::uint32_t n = 1 + random.below(8); n > 0; --n) { // calls in a fixed order
    text += R"({"name":")" + identifier(random, 2);
    text += R"(","type":")" + std::string(types[random.below(std::size(types))]);
    text += R"(","symbol_type":")" + std::string(random.below(3) == 0 ? "ARG" : "LOCAL");
    text += R"(","line":)" + std::to_string(line + random.below(length));
    text += n > 1 ? "}," : "}]}";
  }
  return text;
}

std::string root_scope(dice& random) {
  const std::string module = identifier(random, 3);
  const std::string file = "/usr/lib/app/" + identifier(random, 2) + "/" + module + ".py";
  std::uint32_t line = 1;
  std::string text = head("MODULE", module, file, 0, 5000) + R"(,"scopes":[)";
  for (std::uint32_t classes = 1 + random.below(5); classes > 0; --classes) {
    const std::string owner = module + "." + identifier(random, 2);
    text += head("CLASS", owner, file, line, line + 400) + R"(,"scopes":[)";
    for (std::uint32_t n = 1 + random.below(12); n > 0; --n, line += 40 + random.below(30))
      text += method(random, owner, file, line) + (n > 1 ? "," : "]}");
    text += classes > 1 ? "," : "]}";
  }
  return text;
}

std::string repeated(std::string_view piece, std::size_t size) {
  std::string text;
  while (text.size() < size)
    text += piece;
  text.resize(size);
  return text;
}

} // namespace

std::string scope_json(std::uint64_t seed, std::size_t size) {
  dice random(seed);
  std::string text = root_scope(random);
  while (text.size() < size)
    text += "," + root_scope(random);
  return text;
}

std::string noise(std::uint64_t seed, std::size_t size) {
  dice random(seed);
  std::string text(size, '\0');
  std::generate(text.begin(), text.end(), [&] { return static_cast<char>(random.below(256)); });
  return text;
}

std::string skewed(std::uint64_t seed, std::size_t size) {
  dice random(seed);
  std::string text(size, '\0');
  std::generate(text.begin(), text.end(), [&] {
    unsigned value = 0; // each value half as likely as the one before
    for (std::uint32_t bits = random.below(1U << 24); (bits & 1U) != 0; bits >>= 1)
      ++value;
    return static_cast<char>(value);
  });
  return text;
}

std::vector<sample> all(std::size_t largest) {
  std::vector<sample> samples = {
      {"empty", ""}, {"one byte", "{"}, {"two bytes", "{}"}, {"three bytes", "[1]"}};
  for (const std::size_t size : {std::size_t{100}, std::size_t{5000}, std::size_t{65535},
                                 std::size_t{65536}, std::size_t{200000}, largest}) {
    if (size > largest)
      continue;
    const std::string suffix = " of " + std::to_string(size) + " bytes";
    samples.push_back({"one byte repeated" + suffix, std::string(size, 'a')});
    samples.push_back({"three bytes repeated" + suffix, repeated("abc", size)});
    samples.push_back({"noise" + suffix, noise(size, size)});
    samples.push_back({"skewed bytes" + suffix, skewed(size, size)});
    samples.push_back({"scopes" + suffix, scope_json(size, size)});
    samples.push_back(
        {"scopes and noise" + suffix,
         scope_json(size, size / 2) + noise(size, size / 4) + scope_json(1, size / 4)});
  }
  return samples;
}

void member_writer::add(const deflate_fragment& fragment) {
  bytes_ += fragment.buffer.view();
  sum_.append(fragment.crc32, fragment.json_bytes);
}

void member_writer::add_stored(std::string_view text) {
  bytes_ += stored_block(text, false).view();
  sum_.append(text);
}

std::string member_writer::finish(std::string_view text) {
  if (text.empty())
    bytes_ += final_empty_block;
  else
    bytes_ += stored_block(text, true).view();
  sum_.append(text);
  const auto trailer = gzip_trailer(sum_);
  return bytes_.append(trailer.data(), trailer.size());
}

std::vector<deflate_fragment> compress_pieces(fragment_compressor& compressor,
                                              std::string_view text, std::size_t piece) {
  std::vector<deflate_fragment> fragments;
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    auto fragment = compressor.compress(text.substr(0, piece));
    if (!fragment)
      throw std::runtime_error(to_string(fragment.error()));
    fragments.push_back(std::move(*fragment));
  }
  return fragments;
}

fragment_compressor make_compressor(int level) {
  auto compressor = fragment_compressor::make(level);
  if (!compressor)
    throw std::runtime_error(to_string(compressor.error()));
  return std::move(*compressor);
}

} // namespace symup::samples
