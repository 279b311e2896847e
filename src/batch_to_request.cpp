// SPDX-License-Identifier: Apache-2.0
#include "batch_to_request.hpp"

#include "gzip_member.hpp"

#include <nlohmann/json.hpp>

#include <limits>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace symup {

namespace {

using json = nlohmann::ordered_json;

constexpr auto largest_number = std::numeric_limits<std::uint32_t>::max();

// Keeps texts that are not UTF-8 from failing the upload.
std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string envelope_prefix(const upload_identity& id, std::uint32_t number) {
  json head = {{"service", id.service}};
  if (!id.env.empty())
    head["env"] = id.env;
  head["version"] = id.version;
  head["language"] = id.language;
  head["upload_id"] = id.upload_id;
  head["batch_num"] = number;
  auto text = dump(head);
  text.back() = ',';
  return text + "\"scopes\":[";
}

std::string envelope_suffix(bool final) {
  return final ? "],\"final\":true}" : "],\"final\":false}";
}

std::string event_text(const upload_identity& id, std::uint32_t number, bool final,
                       std::uint64_t attachment_bytes) {
  json event = {{"ddsource", "dd_debugger"}, {"service", id.service}, {"version", id.version}};
  if (id.layout == event_layout::flat) {
    event["language"] = id.language;
    event["runtimeId"] = id.runtime_id;
    event["type"] = "symdb";
    event["uploadId"] = id.upload_id;
    event["batchNum"] = number;
    event["final"] = final;
    event["attachmentSize"] = attachment_bytes;
  } else {
    event["runtimeId"] = id.runtime_id;
    event["debugger"] = {{"type", "symdb"},
                         {"upload_id", id.upload_id},
                         {"batch_num", number},
                         {"final", final},
                         {"attachment_size", attachment_bytes}};
  }
  return dump(event);
}

// The boundary must be the same for each try; the upload's random id keeps it out of the parts.
std::string boundary_of(const upload_identity& id, std::uint32_t number) {
  return "symup-" + id.upload_id + '-' + std::to_string(number);
}

std::string part_head(const std::string& boundary, std::string_view name, std::string_view filename,
                      std::string_view content_type) {
  std::string text = "--" + boundary + "\r\nContent-Disposition: form-data; name=\"";
  text.append(name).append("\"; filename=\"").append(filename);
  text.append("\"\r\nContent-Type: ").append(content_type).append("\r\n\r\n");
  return text;
}

std::string file_head(const std::string& boundary) {
  return part_head(boundary, "file", "file.gz", "application/gzip");
}

std::string event_part(const std::string& boundary, const std::string& event) {
  return "\r\n" + part_head(boundary, "event", "event.json", "application/json") + event +
         "\r\n--" + boundary + "--\r\n";
}

body_piece piece_of(shared_bytes bytes) {
  const auto owner = std::make_shared<const shared_bytes>(std::move(bytes));
  return {owner, owner->view()};
}

// A fragment's piece keeps the whole fragment, and so its share of the memory budget.
body_piece piece_of(const fragment_ptr& fragment) {
  return {fragment, fragment->deflate.buffer.view()};
}

// Collects the pieces of the gzip member with the CRC of what they decompress to.
class member_writer {
public:
  explicit member_writer(std::vector<body_piece>& pieces) : pieces_(pieces) {
    add({nullptr, gzip_header});
  }
  void text(std::string_view text, bool last = false) {
    if (text.empty())
      return;
    sum_.append(text);
    add(piece_of(stored_block(text, last)));
  }
  void fragment(const fragment_ptr& fragment) {
    sum_.append(fragment->deflate.crc32, fragment->deflate.json_bytes);
    add(piece_of(fragment));
  }
  /// Ends the member; returns its size.
  std::uint64_t finish(std::string_view suffix) {
    text(suffix, true);
    const auto trailer = gzip_trailer(sum_);
    add(piece_of(shared_bytes::copy_of({trailer.data(), trailer.size()})));
    return bytes_;
  }

private:
  void add(body_piece piece) {
    bytes_ += piece.bytes.size();
    pieces_.push_back(std::move(piece));
  }

  std::vector<body_piece>& pieces_;
  crc_sum sum_;
  std::uint64_t bytes_ = 0;
};

std::uint64_t write_member(const upload_identity& id, const batch& b, std::uint32_t number,
                           std::vector<body_piece>& pieces) {
  member_writer member(pieces);
  member.text(envelope_prefix(id, number));
  for (const auto& f : b.fragments) {
    member.text(f == b.fragments.front() ? f->edges.reopen : f->edges.join);
    member.fragment(f);
  }
  member.text(b.fragments.back()->edges.close);
  return member.finish(envelope_suffix(b.final));
}

} // namespace

batch_request make_request(const upload_identity& identity, const batch& b, std::uint32_t number) {
  const auto boundary = boundary_of(identity, number);
  std::vector<body_piece> body;
  body.reserve(b.fragments.size() * 2 + 6);
  body.push_back(piece_of(shared_bytes::copy_of(file_head(boundary))));
  const auto attachment_bytes = write_member(identity, b, number, body);
  body.push_back(piece_of(shared_bytes::copy_of(
      event_part(boundary, event_text(identity, number, b.final, attachment_bytes)))));
  return {make_http_request("multipart/form-data; boundary=" + boundary, std::move(body)),
          attachment_bytes};
}

std::size_t envelope_bytes(const upload_identity& identity) {
  return gzip_header.size() + stored_block_size(envelope_prefix(identity, largest_number).size()) +
         stored_block_size(envelope_suffix(false).size()) + gzip_trailer_size;
}

std::size_t framing_bytes(const upload_identity& identity) {
  const auto boundary = boundary_of(identity, largest_number);
  const auto event =
      event_text(identity, largest_number, false, std::numeric_limits<std::uint64_t>::max());
  return file_head(boundary).size() + event_part(boundary, event).size();
}

} // namespace symup
