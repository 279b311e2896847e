// SPDX-License-Identifier: Apache-2.0
#pragma once

/// INPUT STREAM: the bytes of a file or of standard input, unpacked if they are gzip. The LINE
/// READER draws from it. A read that waits (a pipe, a terminal) is ended by a stop signal. zlib's
/// own gzread would wait until its buffer is full, deaf to any signal; so inflate is fed here.
/// One thread reads; any thread may stop.

#include "symup/error.hpp"

#include <zlib.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace symup {

/// A file descriptor that is closed with its owner.
class owned_fd {
public:
  explicit owned_fd(int fd = -1) noexcept : fd_(fd) {}
  owned_fd(owned_fd&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  owned_fd& operator=(owned_fd&& other) noexcept;
  ~owned_fd();
  [[nodiscard]] int get() const noexcept { return fd_; }

private:
  int fd_;
};

/// Set once, never taken back. Wakes who polls fd().
class stop_signal {
public:
  [[nodiscard]] static expected<std::unique_ptr<stop_signal>> make();
  /// Safe in a signal handler and on any thread.
  void stop() noexcept;
  [[nodiscard]] bool stopped() const noexcept { return stopped_.load(std::memory_order_acquire); }
  [[nodiscard]] int fd() const noexcept { return event_.get(); } ///< readable once stopped

private:
  explicit stop_signal(owned_fd event) noexcept : event_(std::move(event)) {}
  owned_fd event_;
  std::atomic<bool> stopped_{false};
};

class input_stream {
public:
  /// `path` "-" = standard input, of which a duplicate is read. `stop` must outlive the stream.
  [[nodiscard]] static expected<std::unique_ptr<input_stream>> open(const std::string& path,
                                                                    const stop_signal& stop);
  ~input_stream();
  input_stream(const input_stream&) = delete;
  input_stream& operator=(const input_stream&) = delete;

  /// Waits for unpacked bytes and writes 1 ... size of them; returns 0 at the end only. `size` > 0.
  /// Errors: io_failed (a read failed; gzip damaged, cut short, or followed by something else) and
  /// cancelled. Bytes before the damage are handed out first.
  [[nodiscard]] expected<std::size_t> read(char* out, std::size_t size);

  /// The file's name for messages.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

private:
  enum class format : std::uint8_t { undecided, plain, gzip };

  input_stream(std::string name, owned_fd file, bool may_wait, const stop_signal& stop);
  expected<std::size_t> read_file(char* out, std::size_t size);
  expected<bool> refill(); // false at the end of the file
  expected<void> decide_format();
  expected<std::size_t> read_plain(char* out, std::size_t size);
  expected<std::size_t> read_gzip(char* out, std::size_t size);
  expected<bool> next_member(); // false: there is none
  [[nodiscard]] tl::unexpected<error> broken(const std::string& what) const;

  std::string name_;
  owned_fd file_;
  bool may_wait_;
  const stop_signal& stop_;
  format format_ = format::undecided;
  bool in_member_ = false;     // of gzip: its end has not come yet
  std::uint64_t packed_ = 0;   // bytes read from the file
  std::unique_ptr<char[]> in_; // bytes as they are in the file
  std::size_t in_begin_ = 0, in_end_ = 0;
  z_stream inflater_{};
};

} // namespace symup
