// SPDX-License-Identifier: Apache-2.0
#include "yardsticks.hpp"

#include "group_to_json.hpp"
#include "json_to_fragment.hpp"
#include "scope_to_group.hpp"

#include <nlohmann/json.hpp>
#include <zlib.h>

#include <atomic>
#include <functional>
#include <thread>

namespace symup::bench {

namespace {

using nlohmann::ordered_json;

ordered_json document(const symbol& s) {
  ordered_json j = {{"name", s.name}, {"type", s.type}, {"symbol_type", s.symbol_type}};
  if (s.line)
    j["line"] = *s.line;
  return j;
}

ordered_json document(const scope& s) {
  ordered_json j = {
      {"scope_type", s.scope_type},   {"name", s.name},
      {"source_file", s.source_file}, {"start_line", s.start_line},
      {"end_line", s.end_line},       {"has_injectible_lines", s.has_injectible_lines}};
  for (const auto& range : s.injectible_lines)
    j["injectible_lines"].push_back({{"start", range.start}, {"end", range.end}});
  if (!s.language_specifics.empty())
    j["language_specifics"] = ordered_json::parse(s.language_specifics);
  for (const auto& inner : s.symbols)
    j["symbols"].push_back(document(inner));
  for (const auto& inner : s.scopes)
    j["scopes"].push_back(document(inner));
  return j;
}

// zlib as one stream whose output is only counted.
class counted_zlib {
public:
  counted_zlib() { deflateInit2(&stream_, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY); }
  ~counted_zlib() { deflateEnd(&stream_); }
  counted_zlib(const counted_zlib&) = delete;
  counted_zlib& operator=(const counted_zlib&) = delete;
  void write(std::string_view text, int flush = Z_NO_FLUSH) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream_.avail_in = static_cast<uInt>(text.size());
    do {
      stream_.next_out = chunk_;
      stream_.avail_out = sizeof chunk_;
      deflate(&stream_, flush);
      bytes_ += sizeof chunk_ - stream_.avail_out;
    } while (stream_.avail_out == 0);
  }
  [[nodiscard]] std::uint64_t finish() {
    write({}, Z_FINISH);
    return bytes_;
  }

private:
  z_stream stream_{};
  Bytef chunk_[64 * 1024];
  std::uint64_t bytes_ = 0;
};

// Hands out the roots round and round until there was enough JSON.
void for_json_bytes(const std::vector<scope>& roots, std::uint64_t json_bytes,
                    const std::function<std::uint64_t(const scope&)>& each, measured& out) {
  while (out.json_bytes < json_bytes) {
    for (const auto& root : roots)
      out.json_bytes += each(root);
  }
}

} // namespace

void nlohmann_and_zlib(const std::vector<scope>& roots, std::uint64_t json_bytes, measured& out) {
  counted_zlib zlib;
  for_json_bytes(
      roots, json_bytes,
      [&](const scope& root) {
        const auto text = document(root).dump();
        zlib.write(text);
        return text.size();
      },
      out);
  out.compressed_bytes = zlib.finish();
}

void encoder_and_zlib(const std::vector<scope>& roots, std::uint64_t json_bytes, measured& out) {
  counted_zlib zlib;
  byte_buffer json;
  group_writer writer({}, nullptr, nullptr, [&](scope_group&& group) {
    json.clear();
    (void)encode_group(group, json);
    zlib.write(json.view());
    out.json_bytes += json.size();
    return true;
  });
  while (out.json_bytes < json_bytes) {
    for (const auto& root : roots)
      writer.write(root);
  }
  writer.cut();
  out.compressed_bytes = zlib.finish();
}

void loop_without_actors(const std::vector<scope>& roots, std::uint64_t json_bytes,
                         std::size_t threads, int level, std::size_t fragment_bytes,
                         measured& out) {
  std::atomic<std::uint64_t> json_total{0}, compressed_total{0};
  const auto loop = [&] {
    auto compressor = fragment_compressor::make(level);
    byte_buffer json;
    group_limits limits;
    limits.fragment_bytes = fragment_bytes;
    group_writer writer(limits, nullptr, nullptr, [&](scope_group&& group) {
      json.clear();
      (void)encode_group(group, json);
      compressed_total += compressor->compress(json.view())->buffer.size();
      json_total += json.size();
      return true;
    });
    while (json_total < json_bytes) {
      for (const auto& root : roots) {
        if (check_scope(root, limits.max_depth)) // as an upload does
          writer.write(root);
      }
    }
    writer.cut();
  };
  std::vector<std::thread> running;
  for (std::size_t i = 0; i < threads; ++i)
    running.emplace_back(loop);
  for (auto& thread : running)
    thread.join();
  out.json_bytes = json_total;
  out.compressed_bytes = compressed_total;
}

} // namespace symup::bench
