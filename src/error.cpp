// SPDX-License-Identifier: Apache-2.0
#include "symup/error.hpp"

namespace symup {

std::string_view to_string(errc code) noexcept {
  switch (code) {
  case errc::invalid_config:
    return "invalid_config";
  case errc::invalid_scope:
    return "invalid_scope";
  case errc::leaf_too_large:
    return "leaf_too_large";
  case errc::invalid_line:
    return "invalid_line";
  case errc::io_failed:
    return "io_failed";
  case errc::no_debug_info:
    return "no_debug_info";
  case errc::unsupported_binary:
    return "unsupported_binary";
  case errc::encoding_failed:
    return "encoding_failed";
  case errc::rejected:
    return "rejected";
  case errc::out_of_memory:
    return "out_of_memory";
  case errc::cancelled:
    return "cancelled";
  case errc::shut_down:
    return "shut_down";
  case errc::closed:
    return "closed";
  case errc::http_status:
    return "http_status";
  case errc::transport:
    return "transport";
  case errc::timeout:
    return "timeout";
  case errc::payload_too_large:
    return "payload_too_large";
  case errc::internal:
    break;
  }
  return "internal";
}

std::string_view category(errc code) noexcept {
  switch (static_cast<std::uint8_t>(code) / 10) {
  case 1:
    return "configuration";
  case 2:
    return "invalid_input";
  case 3:
    return "encoding";
  case 4:
    return "overload";
  case 5:
    return "cancelled";
  case 6:
    return "upload_failed";
  default:
    return "internal";
  }
}

std::string to_string(const error& e) {
  std::string text(category(e.code));
  text += '/';
  text += to_string(e.code);
  text += ": ";
  text += e.message;
  return text;
}

} // namespace symup
