// SPDX-License-Identifier: Apache-2.0
#include "curl_transfer.hpp"

#include "symup/version.hpp"

#include <algorithm>
#include <new>
#include <string>
#include <utility>

namespace symup {
namespace {

// Memory of each connection that sends. Four times as much makes a connection cost 290 KiB instead
// of 95 and is faster (1.4 to 2 times, on loopback) only for bodies of several MiB; requests of
// 256 KiB are slower with it, because such a buffer is mapped and unmapped for each.
constexpr long upload_buffer_bytes = 64L * 1024;

// An answer longer than what is kept is read to its end up to this many bytes, because the
// connection can then be used again; a longer one costs the connection.
constexpr std::uint64_t max_dropped_bytes = 1024UL * 1024;

// libcurl 7.88 bounds one header line, not their sum.
constexpr std::uint64_t max_header_bytes = 256UL * 1024;

// Longer than any date; what is longer is no Retry-After.
constexpr std::size_t max_retry_after_bytes = 128;

std::string user_agent() {
  return "symup/" + std::string(library_version);
}

long to_long(std::chrono::milliseconds time) {
  return static_cast<long>(time.count());
}

} // namespace

expected<std::unique_ptr<curl_transfer>> curl_transfer::make(const http_settings& settings) {
  std::unique_ptr<curl_transfer> transfer(new (std::nothrow) curl_transfer(settings));
  if (transfer)
    transfer->easy_.reset(curl_easy_init());
  if (!transfer || !transfer->easy_)
    return fail(errc::out_of_memory, "no memory for an HTTP transfer");
  const CURLcode result = transfer->configure();
  if (result == CURLE_OUT_OF_MEMORY)
    return fail(errc::out_of_memory, "no memory for an HTTP transfer");
  if (result != CURLE_OK)
    return fail(errc::invalid_config, "this libcurl (" LIBCURL_VERSION
                                      " at build time) cannot reach the endpoint: " +
                                          std::string(curl_easy_strerror(result)));
  return transfer;
}

// The options all requests share. What is not set here is libcurl's default, and those read nothing
// of the environment: no .netrc, no cookies, no redirects; the proxy variables are the exception.
CURLcode curl_transfer::configure() noexcept {
  CURLcode result = CURLE_OK;
  const auto set = [&result, this](CURLoption option, auto value) {
    if (result == CURLE_OK)
      result = curl_easy_setopt(easy_.get(), option, value);
  };
  const http_limits& limits = settings_.limits;
  set(CURLOPT_URL, settings_.to.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  // One request a connection, so that what an early answer does to a body is known.
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_USERAGENT, user_agent().c_str()); // copied
  set(CURLOPT_POST, 1L);
  set(CURLOPT_UPLOAD_BUFFERSIZE, upload_buffer_bytes);
  set(CURLOPT_READFUNCTION, &curl_transfer::on_read);
  set(CURLOPT_READDATA, static_cast<void*>(this));
  set(CURLOPT_SEEKFUNCTION, &curl_transfer::on_seek);
  set(CURLOPT_SEEKDATA, static_cast<void*>(this));
  set(CURLOPT_HEADERFUNCTION, &curl_transfer::on_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(CURLOPT_WRITEFUNCTION, &curl_transfer::on_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(CURLOPT_ERRORBUFFER, error_text_);
  set(CURLOPT_CONNECTTIMEOUT_MS, to_long(limits.connect_timeout));
  set(CURLOPT_TIMEOUT_MS, to_long(limits.request_timeout));
  set(CURLOPT_NOSIGNAL, 1L);
  // Without it, ending a transfer waits for its name resolver, which holds up all others.
  set(CURLOPT_QUICK_EXIT, 1L);
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  // An empty string, unlike null, keeps libcurl from reading http_proxy, no_proxy and the like.
  const bool direct = !settings_.to.unix_socket.empty();
  set(CURLOPT_PROXY, direct ? "" : limits.proxy.c_str());
  set(CURLOPT_NOPROXY, "");
  set(CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE)); // the API key is not for proxies
  if (!limits.ca_file.empty()) {
    set(CURLOPT_CAINFO, limits.ca_file.c_str());
    set(CURLOPT_CAPATH, static_cast<const char*>(nullptr)); // these CAs and no others
    set(CURLOPT_PROXY_CAINFO, limits.ca_file.c_str());
    set(CURLOPT_PROXY_CAPATH, static_cast<const char*>(nullptr));
  }
  if (!settings_.to.unix_socket.empty())
    set(CURLOPT_UNIX_SOCKET_PATH, settings_.to.unix_socket.c_str());
  return result;
}

bool curl_transfer::begin(const http_request& request) noexcept {
  // A handle counts over its whole life how often it resent on a new connection what was lost on a
  // kept one, and fails the sixth time; only a reset sets the count back. Connections are kept.
  curl_easy_reset(easy_.get());
  if (configure() != CURLE_OK)
    return false;
  reader_ = body_reader(request.body);
  body_bytes_ = request.body_bytes;
  header_bytes_ = answer_bytes_ = moved_before_ = 0;
  answer_.clear();
  error_text_[0] = '\0';
  try {
    std::unique_ptr<curl_slist, list_delete> list;
    const auto append = [&list](const std::string& line) {
      curl_slist* longer = curl_slist_append(list.get(), line.c_str());
      if (!longer)
        throw std::bad_alloc();
      static_cast<void>(list.release()); // now part of the longer one
      list.reset(longer);
    };
    append("Content-Type: " + request.content_type);
    append("Expect:"); // libcurl would ask first and wait up to a second for bodies over 1 MiB
    for (const std::string& line : settings_.header_lines)
      append(line);
    headers_.swap(list);
  } catch (const std::bad_alloc&) {
    return false;
  }
  return curl_easy_setopt(easy_.get(), CURLOPT_HTTPHEADER, headers_.get()) == CURLE_OK &&
         curl_easy_setopt(easy_.get(), CURLOPT_POSTFIELDSIZE_LARGE,
                          static_cast<curl_off_t>(body_bytes_)) == CURLE_OK;
}

http_response curl_transfer::finish(CURLcode result) noexcept {
  http_response response;
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  response.sent_bytes = sent_bytes();
  // A status counts even when the exchange broke later: the rest of the answer is of no interest,
  // and a refusal may well come with a reset of the connection. But nobody has accepted what was
  // not sent whole, even where libcurl is content.
  const bool is_final = status >= 200;
  const bool is_success = status >= 200 && status < 300;
  if (is_final && (!is_success || response.sent_bytes >= body_bytes_)) {
    response.kind = response_kind::answered;
    response.status = static_cast<int>(status);
  } else {
    response.kind = result == CURLE_OPERATION_TIMEDOUT ? response_kind::timed_out
                                                       : response_kind::transport_failed;
  }
  try {
    fill_in(response, result);
  } catch (const std::bad_alloc&) {
    // The texts are for people; the kind and the status are what is acted on.
  }
  reader_ = {};
  std::string().swap(answer_);
  return response;
}

void curl_transfer::fill_in(http_response& response, CURLcode result) {
  if (response.kind != response_kind::answered) {
    if (result == CURLE_OK)
      response.transport_error = "the connection was closed before the whole body was sent";
    else
      response.transport_error = error_text_[0] ? error_text_ : curl_easy_strerror(result);
    blot_out_secrets(response.transport_error);
    return;
  }
  curl_header* header = nullptr;
  if (curl_easy_header(easy_.get(), "Retry-After", 0, CURLH_HEADER, -1, &header) == CURLHE_OK &&
      std::char_traits<char>::length(header->value) <= max_retry_after_bytes)
    response.retry_after = header->value;
  blot_out_secrets(answer_);
  answer_.resize(std::min(answer_.size(), settings_.limits.max_response_bytes));
  response.body = std::move(answer_);
}

// Some servers and proxies repeat the request's headers in their error pages.
void curl_transfer::blot_out_secrets(std::string& text) const {
  constexpr std::string_view blot = "***";
  for (const std::string& secret : settings_.secrets)
    for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at))
      text.replace(at, secret.size(), blot);
}

std::uint64_t curl_transfer::sent_bytes() const noexcept {
  curl_off_t sent = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_SIZE_UPLOAD_T, &sent);
  return static_cast<std::uint64_t>(sent);
}

bool curl_transfer::has_progressed() noexcept {
  curl_off_t connected_after = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_PRETRANSFER_TIME_T, &connected_after);
  const std::uint64_t moved = sent_bytes() + header_bytes_ + answer_bytes_;
  const bool progressed = connected_after == 0 || moved != moved_before_;
  moved_before_ = moved;
  return progressed;
}

std::size_t curl_transfer::on_read(char* to, std::size_t size, std::size_t count,
                                   void* self) noexcept {
  return static_cast<curl_transfer*>(self)->reader_.read(to, size * count);
}

int curl_transfer::on_seek(void* self, curl_off_t offset, int origin) noexcept {
  auto& reader = static_cast<curl_transfer*>(self)->reader_;
  const bool sought =
      origin == SEEK_SET && offset >= 0 && reader.seek(static_cast<std::uint64_t>(offset));
  return sought ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
}

std::size_t curl_transfer::on_header(char*, std::size_t size, std::size_t count,
                                     void* self) noexcept {
  auto& transfer = *static_cast<curl_transfer*>(self);
  transfer.header_bytes_ += size * count;
  return transfer.header_bytes_ <= max_header_bytes ? size * count : 0; // 0 ends the transfer
}

std::size_t curl_transfer::on_body(char* bytes, std::size_t size, std::size_t count,
                                   void* self) noexcept {
  auto& transfer = *static_cast<curl_transfer*>(self);
  const std::size_t length = size * count;
  transfer.answer_bytes_ += length;
  // Room for one secret more than is kept: one that is cut in two would not be recognised.
  const http_settings& settings = transfer.settings_;
  const std::size_t longest_secret = settings.secrets.empty() ? 0 : settings.secrets.front().size();
  const std::size_t kept = settings.limits.max_response_bytes + longest_secret;
  try {
    std::string& answer = transfer.answer_;
    answer.append(bytes, std::min(length, kept - std::min(kept, answer.size())));
  } catch (const std::bad_alloc&) {
    // Only the wording of an error suffers.
  }
  return transfer.answer_bytes_ <= kept + max_dropped_bytes ? length : 0; // 0 ends the transfer
}

} // namespace symup
