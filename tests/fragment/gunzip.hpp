// SPDX-License-Identifier: Apache-2.0
#pragma once

/// zlib as the independent decoder: inflates one gzip member, given and taking bytes in steps.

#include <zlib.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace symup::samples {

/// Returns nothing unless `member` is exactly one valid member, checksum and length included.
inline std::optional<std::string> gunzip(std::string_view member, std::size_t in_step,
                                         std::size_t out_step) {
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK)
    return std::nullopt;
  std::string text, window(out_step, '\0');
  int status = Z_OK;
  while (status == Z_OK || status == Z_BUF_ERROR) {
    if (stream.avail_in == 0) {
      if (member.empty() && status == Z_BUF_ERROR)
        break;
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(member.data()));
      stream.avail_in = static_cast<uInt>(std::min(in_step, member.size()));
      member.remove_prefix(stream.avail_in);
    }
    stream.next_out = reinterpret_cast<Bytef*>(window.data());
    stream.avail_out = static_cast<uInt>(window.size());
    status = inflate(&stream, Z_NO_FLUSH);
    text.append(window, 0, window.size() - stream.avail_out);
  }
  const bool whole = status == Z_STREAM_END && stream.avail_in == 0 && member.empty();
  inflateEnd(&stream);
  return whole ? std::optional<std::string>(std::move(text)) : std::nullopt;
}

inline std::optional<std::string> gunzip(std::string_view member) {
  return gunzip(member, member.size(), std::size_t{1} << 20);
}

} // namespace symup::samples
