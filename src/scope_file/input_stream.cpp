// SPDX-License-Identifier: Apache-2.0
#include "scope_file/input_stream.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <system_error>

namespace symup {

namespace {

constexpr std::size_t in_size = 64 * 1024;

std::string system_message(int code) {
  return std::system_category().message(code);
}

} // namespace

owned_fd& owned_fd::operator=(owned_fd&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

owned_fd::~owned_fd() {
  if (fd_ >= 0)
    ::close(fd_);
}

expected<std::unique_ptr<stop_signal>> stop_signal::make() {
  owned_fd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (event.get() < 0)
    return fail(errc::io_failed, "cannot make an event descriptor: " + system_message(errno));
  return std::unique_ptr<stop_signal>(new stop_signal(std::move(event)));
}

void stop_signal::stop() noexcept {
  const auto saved = errno; // of what a signal handler interrupts
  stopped_.store(true, std::memory_order_release);
  const std::uint64_t one = 1;
  if (::write(event_.get(), &one, sizeof one) < 0) {
    // Full: it is readable already.
  }
  errno = saved;
}

expected<std::unique_ptr<input_stream>> input_stream::open(const std::string& path,
                                                           const stop_signal& stop) {
  const bool standard_input = path == "-";
  auto name = standard_input ? std::string("<stdin>") : path;
  // Without O_NONBLOCK the open of a named pipe would wait for its writer, deaf to any signal.
  owned_fd file(standard_input ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                               : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) < 0)
    return fail(errc::io_failed, name + ": cannot open: " + system_message(errno));
  if (S_ISDIR(status.st_mode))
    return fail(errc::io_failed, name + ": is a directory");
  return std::unique_ptr<input_stream>(
      new input_stream(std::move(name), std::move(file), !S_ISREG(status.st_mode), stop));
}

input_stream::input_stream(std::string name, owned_fd file, bool may_wait, const stop_signal& stop)
    : name_(std::move(name)), file_(std::move(file)), may_wait_(may_wait), stop_(stop),
      in_(new char[in_size]) {}

input_stream::~input_stream() {
  if (format_ == format::gzip)
    inflateEnd(&inflater_);
}

expected<std::size_t> input_stream::read(char* out, std::size_t size) {
  if (format_ == format::undecided)
    if (auto decided = decide_format(); !decided)
      return fail(std::move(decided.error()));
  return format_ == format::gzip ? read_gzip(out, size) : read_plain(out, size);
}

expected<std::size_t> input_stream::read_file(char* out, std::size_t size) {
  for (;;) {
    if (stop_.stopped())
      return fail(errc::cancelled, "reading was stopped");
    if (may_wait_) {
      pollfd ready[] = {{file_.get(), POLLIN, 0}, {stop_.fd(), POLLIN, 0}};
      if (::poll(ready, 2, -1) < 0 && errno != EINTR)
        return broken("cannot wait for input: " + system_message(errno));
      if (ready[0].revents == 0)
        continue;
    }
    const auto count = ::read(file_.get(), out, size);
    if (count >= 0) {
      packed_ += static_cast<std::uint64_t>(count);
      return static_cast<std::size_t>(count);
    }
    if (errno != EINTR && errno != EAGAIN)
      return broken("cannot read: " + system_message(errno));
  }
}

// Adds to the bytes in in_, which has room.
expected<bool> input_stream::refill() {
  if (in_begin_ == in_end_)
    in_begin_ = in_end_ = 0;
  auto count = read_file(in_.get() + in_end_, in_size - in_end_);
  if (!count)
    return fail(std::move(count.error()));
  in_end_ += *count;
  return *count != 0;
}

expected<void> input_stream::decide_format() {
  while (in_end_ < 2) {
    const auto more = refill();
    if (!more)
      return fail(more.error());
    if (!*more)
      break;
  }
  format_ = format::plain;
  if (in_end_ < 2 || std::memcmp(in_.get(), "\x1f\x8b", 2) != 0)
    return {};
  if (inflateInit2(&inflater_, 15 + 16) != Z_OK) // 16 = with gzip's header and trailer
    return fail(errc::out_of_memory, "no memory to unpack " + name_);
  format_ = format::gzip;
  in_member_ = true;
  return {};
}

expected<std::size_t> input_stream::read_plain(char* out, std::size_t size) {
  const auto held = std::min(size, in_end_ - in_begin_);
  if (held == 0)
    return read_file(out, size);
  std::memcpy(out, in_.get() + in_begin_, held);
  in_begin_ += held;
  return held;
}

expected<std::size_t> input_stream::read_gzip(char* out, std::size_t size) {
  const auto room = static_cast<uInt>(std::min<std::size_t>(size, INT_MAX));
  for (;;) {
    if (!in_member_) {
      const auto another = next_member();
      if (!another)
        return fail(another.error());
      if (!*another)
        return 0;
    }
    if (in_begin_ == in_end_) {
      const auto more = refill();
      if (!more)
        return fail(more.error());
      if (!*more)
        return broken("gzip data is cut short");
    }
    inflater_.next_in = reinterpret_cast<Bytef*>(in_.get() + in_begin_);
    inflater_.avail_in = static_cast<uInt>(in_end_ - in_begin_);
    inflater_.next_out = reinterpret_cast<Bytef*>(out);
    inflater_.avail_out = room;
    const int result = inflate(&inflater_, Z_NO_FLUSH);
    in_begin_ = in_end_ - inflater_.avail_in;
    in_member_ = result != Z_STREAM_END;
    const std::size_t written = room - inflater_.avail_out;
    if (written != 0)
      return written; // an error, if there was one, comes again
    if (result == Z_MEM_ERROR)
      return fail(errc::out_of_memory, "no memory to unpack " + name_);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
      return broken(std::string("gzip data is damaged: ") +
                    (inflater_.msg != nullptr ? inflater_.msg : "unknown reason"));
  }
}

// Behind a member there may be another, zeros that fill up a block, or nothing.
expected<bool> input_stream::next_member() {
  for (;;) {
    while (in_begin_ != in_end_ && in_[in_begin_] == '\0')
      ++in_begin_;
    if (in_begin_ != in_end_)
      break;
    const auto more = refill();
    if (!more || !*more)
      return more;
  }
  if (in_[in_begin_] != '\x1f')
    return broken("gzip data is followed by something else");
  inflateReset(&inflater_);
  in_member_ = true;
  return true;
}

tl::unexpected<error> input_stream::broken(const std::string& what) const {
  return fail(errc::io_failed,
              name_ + ": " + what + " (after " + std::to_string(packed_) + " bytes of the file)");
}

} // namespace symup
