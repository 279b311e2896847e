// SPDX-License-Identifier: Apache-2.0
#include "receive/gzip_reader.hpp"

#include <algorithm>
#include <string>

namespace symup::receive {

namespace {

constexpr int gzip_only = 16 + MAX_WBITS;
constexpr std::size_t largest_input = 1U << 30U;

std::string_view rule_of(const char* zlib_message) {
  const std::string_view message = zlib_message == nullptr ? "" : zlib_message;
  if (message == "incorrect data check")
    return "gzip.crc";
  if (message == "incorrect length check")
    return "gzip.length";
  if (message == "incorrect header check")
    return "gzip.header";
  return "gzip.corrupt";
}

} // namespace

gzip_reader::gzip_reader(std::string_view gzip, std::uint64_t max_bytes)
    : max_bytes_(max_bytes), rest_(gzip) {
  initialised_ = inflateInit2(&stream_, gzip_only) == Z_OK;
  if (!initialised_)
    end_with("limits.memory", "no memory to inflate the file part");
}

gzip_reader::~gzip_reader() {
  if (initialised_)
    inflateEnd(&stream_);
}

void gzip_reader::end_with(std::string_view rule, std::string text) {
  problem_ = violation{rule, std::move(text)};
  done_ = true;
}

void gzip_reader::finish_member() {
  done_ = true;
  const std::size_t behind = stream_.avail_in + rest_.size();
  if (behind != 0)
    end_with("gzip.trailing", std::to_string(behind) +
                                  " bytes stand behind the gzip member; there must be one member "
                                  "and nothing after it");
}

bool gzip_reader::refill() {
  next_ = last_ = buffer_.data();
  while (!done_) {
    if (stream_.avail_in == 0) {
      const auto piece = rest_.substr(0, largest_input);
      rest_.remove_prefix(piece.size());
      stream_.next_in = const_cast<Bytef*>( // zlib only reads
          reinterpret_cast<const Bytef*>(piece.data()));
      stream_.avail_in = static_cast<uInt>(piece.size());
    }
    stream_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
    stream_.avail_out = static_cast<uInt>(buffer_.size());
    const int result = inflate(&stream_, Z_NO_FLUSH);
    const std::size_t made = buffer_.size() - stream_.avail_out;
    bytes_ += made;
    if (result == Z_STREAM_END)
      finish_member();
    else if (result == Z_BUF_ERROR)
      end_with("gzip.truncated", "the gzip member ends too early");
    else if (result != Z_OK)
      end_with(rule_of(stream_.msg),
               "the file part is no intact gzip member: " +
                   std::string(stream_.msg == nullptr ? "zlib gave up" : stream_.msg));
    if (bytes_ > max_bytes_)
      end_with("limits.json_bytes",
               "the attachment inflates to more than " + std::to_string(max_bytes_) + " bytes");
    if (made != 0) {
      last_ = buffer_.data() + made;
      return true;
    }
  }
  return false;
}

} // namespace symup::receive
