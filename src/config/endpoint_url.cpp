// SPDX-License-Identifier: Apache-2.0
#include "config/endpoint_url.hpp"

#include <curl/curl.h>

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <memory>

namespace symup {
namespace {

constexpr std::string_view agent_path = "/symdb/v1/input";
constexpr std::string_view unix_scheme = "unix://";
constexpr const char* no_http_scheme = "does not begin with http:// or https://";
constexpr const char* socket_url = "http://localhost/symdb/v1/input";

struct url_deleter {
  void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};
using url_handle = std::unique_ptr<CURLU, url_deleter>;

// A part of the URL; "" if there is none.
std::string part_of(const url_handle& url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, 0) != CURLUE_OK)
    return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; });
}

// Parses and checks what endpoint and proxy have in common.
tl::expected<url_handle, std::string> parse_http_url(const std::string& text) {
  if (has_control_characters(text))
    return tl::unexpected<std::string>("holds blanks or control characters");
  // libcurl is lenient here: it would take http:///x and http:/x for http://x.
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || text.compare(colon, 3, "://") != 0)
    return tl::unexpected<std::string>(no_http_scheme);
  if (text.compare(colon, 4, ":///") == 0)
    return tl::unexpected<std::string>("has no host");
  url_handle url(curl_url());
  if (!url)
    return tl::unexpected<std::string>("cannot be parsed: out of memory");
  const CURLUcode code = curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_PATH_AS_IS);
  const std::string scheme = part_of(url, CURLUPART_SCHEME);
  if (code == CURLUE_UNSUPPORTED_SCHEME || code == CURLUE_BAD_SCHEME ||
      (code == CURLUE_OK && scheme != "http" && scheme != "https"))
    return tl::unexpected<std::string>(no_http_scheme);
  if (code != CURLUE_OK)
    return tl::unexpected<std::string>(std::string("is no URL: ") + curl_url_strerror(code));
  if (!part_of(url, CURLUPART_USER).empty() || !part_of(url, CURLUPART_PASSWORD).empty())
    return tl::unexpected<std::string>("holds credentials, which are refused in a URL");
  if (part_of(url, CURLUPART_PORT) == "0")
    return tl::unexpected<std::string>("has port 0");
  return url;
}

endpoint_or_problem endpoint_of_socket(std::string_view path) {
  if (path.empty() || path.front() != '/' || path == "/")
    return tl::unexpected<std::string>("is not unix:// and the absolute path of a socket");
  if (path.size() >= sizeof(sockaddr_un::sun_path))
    return tl::unexpected<std::string>("has a socket path longer than the system's " +
                                       std::to_string(sizeof(sockaddr_un::sun_path) - 1) +
                                       " bytes");
  if (has_control_characters(path))
    return tl::unexpected<std::string>("holds blanks or control characters");
  return endpoint{socket_url, std::string(path), {}};
}

bool is_host_name(std::string_view name, std::string_view more) {
  constexpr std::string_view letters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
  return !name.empty() && name.front() != '.' && name.front() != '-' &&
         std::all_of(name.begin(), name.end(), [&](char c) {
           return letters.find(c) != std::string_view::npos ||
                  more.find(c) != std::string_view::npos;
         });
}

bool is_ipv6_address(const std::string& text) {
  in6_addr address{};
  return inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

} // namespace

endpoint_or_problem endpoint_of_url(const std::string& url) {
  if (url.compare(0, unix_scheme.size(), unix_scheme) == 0)
    return endpoint_of_socket(std::string_view(url).substr(unix_scheme.size()));
  auto parsed = parse_http_url(url);
  if (!parsed) {
    if (parsed.error() == no_http_scheme)
      return tl::unexpected<std::string>("does not begin with http://, https:// or unix://");
    return tl::unexpected(std::move(parsed.error()));
  }
  const url_handle& handle = *parsed;
  const std::string path = part_of(handle, CURLUPART_PATH);
  if (path.empty() || path == "/")
    curl_url_set(handle.get(), CURLUPART_PATH, std::string(agent_path).c_str(), 0);
  curl_url_set(handle.get(), CURLUPART_FRAGMENT, nullptr, 0); // never part of a request
  return endpoint{part_of(handle, CURLUPART_URL), {}, {}};
}

endpoint_or_problem endpoint_of_agent(const std::string& host, std::uint16_t port) {
  const bool ipv6 = is_ipv6_address(host);
  if (!ipv6 && !is_host_name(host, "_"))
    return tl::unexpected<std::string>("is not a host name or IP address");
  return endpoint_of_url("http://" + (ipv6 ? '[' + host + ']' : host) + ':' + std::to_string(port));
}

endpoint_or_problem endpoint_of_site(const std::string& site) {
  if (!is_host_name(site, ""))
    return tl::unexpected<std::string>("is not a site such as datadoghq.com");
  return endpoint_of_url("https://debugger-intake." + site + "/api/v2/debugger");
}

std::string proxy_problem(const std::string& url) {
  auto parsed = parse_http_url(url);
  return parsed ? std::string() : std::move(parsed.error());
}

} // namespace symup
