// SPDX-License-Identifier: Apache-2.0
#include "response_to_outcome.hpp"

#include <curl/curl.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace symup {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// No one waits longer, and it is far from any overflow.
constexpr seconds longest_wait = std::chrono::hours(24 * 365);

constexpr std::size_t max_excerpt_bytes = 200;

next_step step_for(int status) noexcept {
  if (status >= 200 && status < 300)
    return next_step::done;
  if (status == 413)
    return next_step::split;
  if (status == 408 || status == 425 || status == 429)
    return next_step::retry;
  if (status >= 500 && status < 600 && status != 501)
    return next_step::retry;
  return next_step::fatal;
}

std::string_view reason_phrase(int status) noexcept {
  switch (status) {
  case 301:
    return "Moved Permanently";
  case 302:
    return "Found";
  case 303:
    return "See Other";
  case 304:
    return "Not Modified";
  case 307:
    return "Temporary Redirect";
  case 308:
    return "Permanent Redirect";
  case 400:
    return "Bad Request";
  case 401:
    return "Unauthorized";
  case 402:
    return "Payment Required";
  case 403:
    return "Forbidden";
  case 404:
    return "Not Found";
  case 405:
    return "Method Not Allowed";
  case 406:
    return "Not Acceptable";
  case 407:
    return "Proxy Authentication Required";
  case 408:
    return "Request Timeout";
  case 409:
    return "Conflict";
  case 410:
    return "Gone";
  case 411:
    return "Length Required";
  case 413:
    return "Content Too Large";
  case 414:
    return "URI Too Long";
  case 415:
    return "Unsupported Media Type";
  case 421:
    return "Misdirected Request";
  case 422:
    return "Unprocessable Content";
  case 425:
    return "Too Early";
  case 429:
    return "Too Many Requests";
  case 431:
    return "Request Header Fields Too Large";
  case 500:
    return "Internal Server Error";
  case 501:
    return "Not Implemented";
  case 502:
    return "Bad Gateway";
  case 503:
    return "Service Unavailable";
  case 504:
    return "Gateway Timeout";
  case 507:
    return "Insufficient Storage";
  default:
    return {};
  }
}

// The beginning of an answer, fit for a log line: valid UTF-8, one line, no control characters.
std::string excerpt(std::string_view body) {
  std::string text(body.substr(0, max_excerpt_bytes));
  const bool is_cut = text.size() < body.size();
  if (is_cut) // not in the middle of a character
    while (!text.empty() && (static_cast<unsigned char>(body[text.size()]) & 0xC0) == 0x80 &&
           text.size() + 4 > max_excerpt_bytes)
      text.pop_back();
  const bool is_utf8 = simdjson::validate_utf8(text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x80 && !is_utf8)
      text[i] = '?';
    else if (byte < 0x20 || byte == 0x7F)
      text[i] = ' ';
    else if (byte == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0)
      text.replace(i, 2, "?"); // U+0080 ... U+009F: controls too, for some terminals
  }
  const auto last = text.find_last_not_of(' ');
  text.erase(last == std::string::npos ? 0 : last + 1);
  if (is_cut && !text.empty())
    text += "...";
  return text;
}

std::string message_for(const http_response& response, std::string_view where) {
  std::string text(where);
  if (response.kind != response_kind::answered)
    return text + ": " + response.transport_error;
  text += " answered " + std::to_string(response.status);
  if (const auto reason = reason_phrase(response.status); !reason.empty())
    text.append(" ").append(reason);
  if (const std::string body = excerpt(response.body); !body.empty())
    text += ": " + body;
  return text;
}

errc code_for(const http_response& response) noexcept {
  switch (response.kind) {
  case response_kind::answered:
    return response.status == 413 ? errc::payload_too_large : errc::http_status;
  case response_kind::transport_failed:
    return errc::transport;
  case response_kind::timed_out:
    return errc::timeout;
  case response_kind::cancelled:
    break;
  }
  return errc::cancelled;
}

} // namespace

outcome response_to_outcome(const http_response& response, std::string_view where,
                            std::uint32_t attempts, std::chrono::system_clock::time_point now) {
  outcome result;
  if (response.kind == response_kind::cancelled) {
    result.failure = {errc::cancelled, "the upload was cancelled", std::nullopt};
    return result;
  }
  result.step =
      response.kind == response_kind::answered ? step_for(response.status) : next_step::retry;
  if (result.step == next_step::done)
    return result;
  const bool retryable = result.step == next_step::retry;
  if (retryable && response.retry_after)
    result.retry_after = parse_retry_after(*response.retry_after, now);
  result.failure = {code_for(response), message_for(response, where),
                    upload_failure{response.status, retryable, attempts}};
  return result;
}

std::optional<milliseconds> parse_retry_after(std::string_view value,
                                              std::chrono::system_clock::time_point now) {
  constexpr std::string_view blanks = " \t";
  value.remove_prefix(std::min(value.find_first_not_of(blanks), value.size()));
  value.remove_suffix(value.size() - (value.find_last_not_of(blanks) + 1));
  if (value.empty())
    return std::nullopt;
  if (value.find_first_not_of("0123456789") == std::string_view::npos) {
    seconds::rep count = 0;
    const auto parsed = std::from_chars(value.data(), value.data() + value.size(), count);
    return parsed.ec == std::errc{} ? std::min(seconds(count), longest_wait) : longest_wait;
  }
  // Dates start with the day's name; libcurl's parser takes much else ("12:00", "-5") for a date.
  const bool starts_with_letter =
      (value[0] >= 'A' && value[0] <= 'Z') || (value[0] >= 'a' && value[0] <= 'z');
  const std::time_t date =
      starts_with_letter ? curl_getdate(std::string(value).c_str(), nullptr) : -1;
  if (date == -1)
    return std::nullopt;
  // In seconds: the clock's nanoseconds overflow before HTTP's dates do.
  const auto now_seconds = std::chrono::floor<seconds>(now.time_since_epoch());
  return std::clamp(seconds(date) - now_seconds, seconds(0), longest_wait);
}

} // namespace symup
