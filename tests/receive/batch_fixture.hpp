// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Right batches for the tests of the receiving side, made with nlohmann and zlib.

#include <nlohmann/json.hpp>
#include <zlib.h>

#include <string>

namespace symup::receive::test {

using nlohmann::ordered_json;

inline const std::string upload_id = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";

inline std::string gzip(const std::string& bytes) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, bytes.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

inline ordered_json attachment(int number, bool final) {
  const ordered_json symbol{{"name", "x"}, {"type", "int"}, {"symbol_type", "arg"}, {"line", 1}};
  const ordered_json root{
      {"scope_type", "FILE"},          {"name", "a.c"},      {"start_line", 0}, {"end_line", 9},
      {"has_injectible_lines", false}, {"symbols", {symbol}}};
  return {{"service", "s"},      {"version", "v"},   {"language", "cpp"}, {"upload_id", upload_id},
          {"batch_num", number}, {"scopes", {root}}, {"final", final}};
}

struct wire_batch {
  std::string file, event;
};

inline wire_batch make_batch(const ordered_json& attachment) {
  wire_batch batch;
  batch.file = gzip(attachment.dump());
  batch.event = ordered_json{{"ddsource", "dd_debugger"},
                             {"service", attachment.at("service")},
                             {"version", attachment.at("version")},
                             {"language", attachment.at("language")},
                             {"runtimeId", "r"},
                             {"type", "symdb"},
                             {"uploadId", attachment.at("upload_id")},
                             {"batchNum", attachment.at("batch_num")},
                             {"final", attachment.at("final")},
                             {"attachmentSize", batch.file.size()}}
                    .dump();
  return batch;
}

inline std::string multipart(const wire_batch& batch) {
  return "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file.gz\"\r\n"
         "Content-Type: application/gzip\r\n\r\n" +
         batch.file +
         "\r\n--B\r\nContent-Disposition: form-data; name=\"event\"; filename=\"event.json\"\r\n"
         "Content-Type: application/json\r\n\r\n" +
         batch.event + "\r\n--B--\r\n";
}

inline const std::string content_type = "multipart/form-data; boundary=B";

} // namespace symup::receive::test
