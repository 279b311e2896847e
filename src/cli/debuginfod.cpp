// SPDX-License-Identifier: Apache-2.0
#include "cli/debuginfod.hpp"

#include "cli/config_flags.hpp"

#include <curl/curl.h>

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>

namespace symup::cli {

namespace {

constexpr curl_off_t max_download_bytes = curl_off_t{8} * 1024 * 1024 * 1024;
constexpr long connect_seconds = 10;
constexpr long stall_seconds = 60;

using easy_handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using file_handle = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

std::string without_slash(std::string url) {
  while (!url.empty() && url.back() == '/')
    url.pop_back();
  return url;
}

// Returns what went wrong, or "".
std::string download(const std::string& url, std::FILE* out) {
  const easy_handle curl(curl_easy_init(), &curl_easy_cleanup);
  if (!curl)
    return "out of memory";
  char problem[CURL_ERROR_SIZE] = "";
  auto* handle = curl.get();
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(handle, CURLOPT_MAXREDIRS, 5L);
  curl_easy_setopt(handle, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, connect_seconds);
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, stall_seconds);
  curl_easy_setopt(handle, CURLOPT_MAXFILESIZE_LARGE, max_download_bytes);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, out);
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, problem);
  const auto code = curl_easy_perform(handle);
  if (code == CURLE_OK)
    return {};
  return problem[0] != '\0' ? problem : curl_easy_strerror(code);
}

} // namespace

downloaded_files::~downloaded_files() {
  std::error_code ignored;
  for (const auto& path : paths_)
    std::filesystem::remove(path, ignored);
}

expected<std::string> downloaded_files::fetch(const std::vector<std::string>& urls,
                                              const std::string& build_id) {
  std::string said;
  for (const auto& server : urls) {
    auto name = temporary_dir() + "/symup-debuginfo-XXXXXX";
    const int fd = mkstemp(name.data());
    if (fd < 0)
      return fail(errc::io_failed, "cannot make a temporary file " + name);
    paths_.push_back(name);
    file_handle file(fdopen(fd, "wb"), &std::fclose);
    const auto url = without_slash(server) + "/buildid/" + build_id + "/debuginfo";
    auto problem = file ? download(url, file.get()) : std::string("out of memory");
    if (problem.empty() && std::fflush(file.get()) != 0)
      problem = "cannot write " + name;
    if (problem.empty())
      return name;
    said += (said.empty() ? "" : "; ") + url + ": " + problem;
  }
  return fail(errc::no_debug_info, said);
}

} // namespace symup::cli
