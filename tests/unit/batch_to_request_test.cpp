// SPDX-License-Identifier: Apache-2.0
#include "batch_to_request.hpp"

#include "generated_scopes.hpp"
#include "made_fragments.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <zlib.h>

#include <string>

using namespace symup;
using nlohmann::ordered_json;

namespace {

const upload_identity identity{"0f8fad5b-d9cb-469f-a165-70867728950e",
                               "my \"service\"",
                               "1.0",
                               "",
                               "cpp",
                               "runtime-1",
                               event_layout::flat};

std::string text_of(const http_request& request) {
  std::string text;
  for (const auto& piece : request.body)
    text += piece.bytes;
  CHECK(text.size() == request.body_bytes);
  return text;
}

std::string between(const std::string& text, const std::string& from, const std::string& to) {
  const auto start = text.find(from);
  REQUIRE(start != std::string::npos);
  const auto end = text.find(to, start + from.size());
  REQUIRE(end != std::string::npos);
  return text.substr(start + from.size(), end - start - from.size());
}

std::string gunzip(const std::string& gz) {
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 15 + 16) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gz.data()));
  stream.avail_in = static_cast<uInt>(gz.size());
  std::string text;
  int status = Z_OK;
  while (status == Z_OK) {
    char chunk[4096];
    stream.next_out = reinterpret_cast<Bytef*>(chunk);
    stream.avail_out = sizeof chunk;
    status = inflate(&stream, Z_NO_FLUSH);
    text.append(chunk, sizeof chunk - stream.avail_out);
  }
  CHECK(status == Z_STREAM_END);
  CHECK(stream.avail_in == 0);
  inflateEnd(&stream);
  return text;
}

struct parts {
  std::string file, event;
};

parts parts_of(const batch_request& request) {
  const auto text = text_of(request.http);
  const auto boundary =
      request.http.content_type.substr(std::string("multipart/form-data; boundary=").size());
  parts result;
  result.file = between(text,
                        "--" + boundary +
                            "\r\nContent-Disposition: form-data; name=\"file\"; "
                            "filename=\"file.gz\"\r\nContent-Type: application/gzip\r\n\r\n",
                        "\r\n--" + boundary);
  result.event = between(text,
                         "Content-Disposition: form-data; name=\"event\"; "
                         "filename=\"event.json\"\r\nContent-Type: application/json\r\n\r\n",
                         "\r\n--" + boundary + "--\r\n");
  CHECK(result.file.size() == request.attachment_bytes);
  return result;
}

batch small_batch(bool final) {
  testing::scope_generator generate(1);
  return {testing::fragments_of({generate.source_file(2)}), final};
}

} // namespace

TEST_CASE("the attachment's envelope and the flat event, to the byte") {
  const auto made = parts_of(make_request(identity, small_batch(true), 3));
  const auto attachment = gunzip(made.file);
  CHECK(attachment.rfind(R"({"service":"my \"service\"","version":"1.0","language":"cpp",)"
                         R"("upload_id":"0f8fad5b-d9cb-469f-a165-70867728950e","batch_num":3,)"
                         R"("scopes":[{"scope_type":"FILE")",
                         0) == 0);
  CHECK(attachment.substr(attachment.size() - 15) == R"(],"final":true})");
  CHECK(made.event == R"({"ddsource":"dd_debugger","service":"my \"service\"","version":"1.0",)"
                      R"("language":"cpp","runtimeId":"runtime-1","type":"symdb",)"
                      R"("uploadId":"0f8fad5b-d9cb-469f-a165-70867728950e","batchNum":3,)"
                      R"("final":true,"attachmentSize":)" +
                          std::to_string(made.file.size()) + "}");
}

TEST_CASE("the nested event and the env key") {
  auto other = identity;
  other.layout = event_layout::nested;
  other.env = "prod";
  const auto made = parts_of(make_request(other, small_batch(false), 1));
  CHECK(made.event == R"({"ddsource":"dd_debugger","service":"my \"service\"","version":"1.0",)"
                      R"("runtimeId":"runtime-1","debugger":{"type":"symdb",)"
                      R"("upload_id":"0f8fad5b-d9cb-469f-a165-70867728950e","batch_num":1,)"
                      R"("final":false,"attachment_size":)" +
                          std::to_string(made.file.size()) + "}}");
  CHECK(gunzip(made.file).rfind(R"({"service":"my \"service\"","env":"prod","version":)", 0) == 0);
}

TEST_CASE("texts of the identity that are not UTF-8 do not break the JSON") {
  auto other = identity;
  other.service = "caf\xE9\n";
  const auto made = parts_of(make_request(other, small_batch(true), 1));
  CHECK(ordered_json::parse(made.event)["service"] == "caf\uFFFD\n");
  CHECK(ordered_json::parse(gunzip(made.file))["service"] == "caf\uFFFD\n");
}

TEST_CASE("a request made again is the same to the byte") {
  const auto content = small_batch(true);
  CHECK(text_of(make_request(identity, content, 7).http) ==
        text_of(make_request(identity, content, 7).http));
}

TEST_CASE("fragments that begin and end inside a root scope make whole batches") {
  testing::scope_generator generate(2);
  const auto root = generate.source_file(80);
  group_limits limits;
  limits.fragment_bytes = 3000;
  const auto fragments = testing::fragments_of({root}, limits);
  REQUIRE(fragments.size() > 5);
  for (std::size_t from = 0; from < fragments.size(); ++from) {
    for (auto to = from + 1; to <= std::min(fragments.size(), from + 3); ++to) {
      const batch content{{fragments.begin() + static_cast<std::ptrdiff_t>(from),
                           fragments.begin() + static_cast<std::ptrdiff_t>(to)},
                          false};
      const auto made = parts_of(make_request(identity, content, 1));
      const auto json = ordered_json::parse(gunzip(made.file));
      REQUIRE(json["scopes"].size() == 1);
      CHECK(json["scopes"][0]["name"] == root.name);
    }
  }
}

TEST_CASE("the sizes a batch is planned with are never below what it becomes") {
  auto long_names = identity;
  long_names.service = std::string(2000, '"');
  long_names.env = std::string(2000, '\x01');
  for (const auto& who : {identity, long_names}) {
    for (const auto number : {1U, 4'294'967'295U}) {
      const auto content = small_batch(true);
      const auto request = make_request(who, content, number);
      const auto planned = envelope_bytes(who) + fragments_bytes(content);
      CHECK(request.attachment_bytes <= planned);
      CHECK(request.http.body_bytes <= planned + framing_bytes(who));
      CHECK(planned + framing_bytes(who) - request.http.body_bytes < 128);
    }
  }
}
