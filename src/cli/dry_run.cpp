// SPDX-License-Identifier: Apache-2.0
#include "cli/dry_run.hpp"

#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

namespace symup::cli {

namespace {

// The boundary names upload and batch: "...boundary=symup-UPLOAD_ID-NUMBER".
std::string name_of(const http_request& request) {
  constexpr std::string_view mark = "boundary=symup-";
  return request.content_type.substr(request.content_type.find(mark) + mark.size());
}

bool write_body(const std::filesystem::path& path, const http_request& request) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  for (const auto& piece : request.body)
    out.write(piece.bytes.data(), static_cast<std::streamsize>(piece.bytes.size()));
  out.close();
  return out.good();
}

http_response response_to(const std::filesystem::path& path, const http_request& request) {
  http_response response;
  if (write_body(path, request)) {
    response.kind = response_kind::answered;
    response.status = 202;
  } else {
    response.kind = response_kind::answered;
    response.status = 507; // a full disk is worth another try; the message names the file
    response.body = "cannot write " + path.string();
  }
  return response;
}

} // namespace

expected<actors::transport> dry_run_transport(const std::string& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed)
    return fail(errc::io_failed, "--dry-run " + folder + ": " + failed.message());
  return actors::transport{
      [folder = std::filesystem::path(folder)](std::uint64_t id, http_request request,
                                               const http_engine::completion& done) {
        done(id, response_to(folder / (name_of(request) + ".multipart"), request));
      },
      [](std::uint64_t) {}, nullptr};
}

} // namespace symup::cli
