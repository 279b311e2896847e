// SPDX-License-Identifier: Apache-2.0
#include "native/piece_store.hpp"

#include "native/debug_info_find.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace symup::native {

namespace {

constexpr std::size_t block_bytes = 256U * 1024U;

tl::unexpected<error> file_error(const char* what) {
  return fail(errc::io_failed, std::string("temporary file: ") + what + ": " +
                                   (errno == 0 ? "end of file" : std::strerror(errno)));
}

} // namespace

// Pieces lie one behind the other in a line of blocks, and may cross from one into the next. The
// front of the line is in the file, the rest in memory.
expected<piece_place> piece_store::append(std::string_view piece) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const piece_place place{end_, static_cast<std::uint32_t>(piece.size())};
  end_ += piece.size();
  while (!piece.empty()) {
    if (blocks_.empty() || blocks_.back().size() == block_bytes) {
      blocks_.emplace_back();
      blocks_.back().reserve(block_bytes);
    }
    auto& block = blocks_.back();
    const auto part = std::min(piece.size(), block_bytes - block.size());
    block.append(piece.substr(0, part));
    piece.remove_prefix(part);
  }
  if (blocks_.size() * block_bytes > std::max(options_.memory_limit, 2 * block_bytes))
    if (auto spilled = spill(); !spilled)
      return fail(spilled.error());
  return place;
}

expected<void> piece_store::spill() {
  if (!file_) {
    auto made = make_temporary_file(options_);
    if (!made)
      return fail(made.error());
    file_ = std::move(*made);
  }
  std::size_t done = 0; // all full blocks
  for (; done < blocks_.size() && blocks_[done].size() == block_bytes; ++done) {
    for (std::size_t at = 0; at < block_bytes;) {
      errno = 0;
      const auto wrote = ::pwrite(file_.get(), blocks_[done].data() + at, block_bytes - at,
                                  static_cast<off_t>(in_file_ + at));
      if (wrote <= 0 && errno != EINTR)
        return file_error("write");
      at += static_cast<std::size_t>(std::max<ssize_t>(wrote, 0));
    }
    in_file_ += block_bytes;
  }
  blocks_.erase(blocks_.begin(), blocks_.begin() + static_cast<std::ptrdiff_t>(done));
  spilled_ = in_file_;
  return {};
}

expected<void> piece_store::read(const piece_place& place, std::string& piece) {
  const std::lock_guard<std::mutex> lock(mutex_);
  piece.resize(place.size);
  std::size_t done = 0;
  while (done < place.size) {
    const auto from = place.offset + done;
    auto part = static_cast<std::size_t>(place.size) - done;
    if (from < in_file_) {
      part = static_cast<std::size_t>(std::min<std::uint64_t>(part, in_file_ - from));
      errno = 0;
      const auto got = ::pread(file_.get(), piece.data() + done, part, static_cast<off_t>(from));
      if (got <= 0 && errno != EINTR)
        return file_error("read");
      done += static_cast<std::size_t>(std::max<ssize_t>(got, 0));
      continue;
    }
    const auto& block = blocks_[(from - in_file_) / block_bytes];
    const auto within = static_cast<std::size_t>((from - in_file_) % block_bytes);
    part = std::min(part, block.size() - within);
    std::memcpy(piece.data() + done, block.data() + within, part);
    done += part;
  }
  return {};
}

} // namespace symup::native
