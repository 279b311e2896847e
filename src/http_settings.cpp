// SPDX-License-Identifier: Apache-2.0
#include "http_settings.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <limits>
#include <memory>
#include <string_view>
#include <utility>

namespace symup {
namespace {

using url_handle = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

// An empty handle if the text is no http:// or https:// URL with a host.
url_handle parse_http_url(const std::string& text) {
  url_handle none(nullptr, &curl_url_cleanup);
  // libcurl would guess a scheme for "localhost:8126"; ours must be written out.
  const auto has_scheme = [&text](const char* scheme) {
    return curl_strnequal(text.c_str(), scheme, std::strlen(scheme)) != 0;
  };
  if (!has_scheme("http://") && !has_scheme("https://"))
    return none;
  url_handle url(curl_url(), &curl_url_cleanup);
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK)
    return none;
  return url;
}

bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [marks](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           marks.find(c) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
  });
}

// The headers that say how the body is framed: a second opinion would desynchronise the receiver.
bool belongs_to_engine(const std::string& name) {
  constexpr const char* owned[] = {"Content-Type",      "Content-Length", "Content-Encoding",
                                   "Transfer-Encoding", "Connection",     "Expect"};
  return std::any_of(std::begin(owned), std::end(owned), [&name](const char* other) {
    return curl_strequal(name.c_str(), other) != 0;
  });
}

expected<void> add_header(http_settings& settings, const http_header& header) {
  if (!is_token(header.name))
    return fail(errc::invalid_config, "header name \"" + header.name +
                                          "\" is not allowed: letters, digits and "
                                          "!#$%&'*+-.^_`|~ are");
  if (belongs_to_engine(header.name))
    return fail(errc::invalid_config, "header " + header.name + " is set by symup itself");
  if (!is_field_value(header.value))
    return fail(errc::invalid_config,
                "the value of header " + header.name + " holds a control character");
  // "Name;" is libcurl's notation for a header without a value.
  settings.header_lines.push_back(header.value.empty() ? header.name + ";"
                                                       : header.name + ": " + header.value);
  // Shorter values are no secrets, and blotting them out would only garble messages.
  constexpr std::size_t shortest_secret = 8;
  if (header.value.size() >= shortest_secret)
    settings.secrets.push_back(header.value);
  return {};
}

expected<void> check_limits(const http_limits& limits) {
  const auto positive = [](const char* name, std::chrono::milliseconds value) -> expected<void> {
    if (value.count() > 0 && value.count() <= std::numeric_limits<int>::max())
      return {};
    return fail(errc::invalid_config, std::string(name) + " = " + std::to_string(value.count()) +
                                          " ms: 1 ms to 24 days are allowed");
  };
  if (limits.max_connections == 0 || limits.max_connections > 4096)
    return fail(errc::invalid_config,
                "max_connections = " + std::to_string(limits.max_connections) +
                    ": 1 to 4096 are allowed");
  return positive("connect_timeout", limits.connect_timeout)
      .and_then([&] { return positive("stall_timeout", limits.stall_timeout); })
      .and_then([&] { return positive("request_timeout", limits.request_timeout); });
}

} // namespace

http_limits limits_of(const config& values) {
  return {values.max_connections, values.connect_timeout,    values.stall_timeout,
          values.request_timeout, values.max_response_bytes, values.proxy,
          values.ca_file};
}

expected<http_settings> check_http_settings(endpoint to, http_limits limits) {
  http_settings settings{std::move(to), std::move(limits), {}, {}};
  if (!parse_http_url(settings.to.url))
    return fail(errc::invalid_config, "the endpoint " + printable_url(settings.to) +
                                          " is not an http:// or https:// URL");
  if (!settings.limits.proxy.empty() && !parse_http_url(settings.limits.proxy))
    return fail(errc::invalid_config, "proxy is not an http:// or https:// URL");
  if (!settings.limits.ca_file.empty() && !std::ifstream(settings.limits.ca_file))
    return fail(errc::invalid_config, "ca_file " + settings.limits.ca_file + " cannot be read");
  if (auto checked = check_limits(settings.limits); !checked)
    return fail(std::move(checked.error()));
  for (const http_header& header : settings.to.headers)
    if (auto added = add_header(settings, header); !added)
      return fail(std::move(added.error()));
  std::sort(settings.secrets.begin(), settings.secrets.end(),
            [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  return settings;
}

std::string printable_url(const endpoint& to) {
  const url_handle url = parse_http_url(to.url);
  if (!url)
    return "(malformed URL)"; // whatever it holds may be a secret
  for (const CURLUPart part :
       {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS, CURLUPART_QUERY, CURLUPART_FRAGMENT})
    curl_url_set(url.get(), part, nullptr, 0);
  char* text = nullptr;
  if (curl_url_get(url.get(), CURLUPART_URL, &text, 0) != CURLUE_OK)
    return "(malformed URL)";
  const std::unique_ptr<char, decltype(&curl_free)> owner(text, &curl_free);
  return to.unix_socket.empty() ? std::string(text)
                                : std::string(text) + " at unix socket " + to.unix_socket;
}

} // namespace symup
