// SPDX-License-Identifier: Apache-2.0
#pragma once

/// SHARED BYTES: an exactly sized, immutable run of bytes with shared ownership: count of owners,
/// size and bytes in one allocation. Fragments are made of it; they pass from the COMPRESSOR
/// through the BATCHER to the UPLOADER and are kept for another try, and are never copied on that
/// way. Copies of a handle may live on any threads, as those of a std::shared_ptr may.

#include <atomic>
#include <cstddef>
#include <cstring>
#include <limits>
#include <new>
#include <string_view>
#include <utility>

namespace symup {

class shared_bytes {
public:
  shared_bytes() = default; ///< no bytes, no allocation

  /// Copies `bytes`. Throws std::bad_alloc.
  [[nodiscard]] static shared_bytes copy_of(std::string_view bytes) {
    shared_bytes result;
    if (bytes.empty())
      return result;
    if (bytes.size() > std::numeric_limits<std::size_t>::max() - sizeof(header))
      throw std::bad_alloc();
    result.header_ = ::new (::operator new(sizeof(header) + bytes.size())) header(bytes.size());
    std::memcpy(static_cast<void*>(result.header_ + 1), bytes.data(), bytes.size());
    return result;
  }

  shared_bytes(const shared_bytes& other) noexcept : header_(other.header_) {
    if (header_ != nullptr)
      header_->owners.fetch_add(1, std::memory_order_relaxed);
  }
  shared_bytes(shared_bytes&& other) noexcept : header_(std::exchange(other.header_, nullptr)) {}
  shared_bytes& operator=(shared_bytes other) noexcept {
    std::swap(header_, other.header_);
    return *this;
  }
  ~shared_bytes() {
    if (header_ != nullptr && header_->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      header_->~header();
      ::operator delete(header_);
    }
  }

  /// Valid as long as any handle to the bytes lives.
  [[nodiscard]] std::string_view view() const noexcept {
    if (header_ == nullptr)
      return {};
    return {reinterpret_cast<const char*>(header_ + 1), header_->size};
  }
  [[nodiscard]] std::size_t size() const noexcept { return header_ ? header_->size : 0; }
  [[nodiscard]] bool empty() const noexcept { return header_ == nullptr; }

private:
  struct header { // the bytes follow it
    explicit header(std::size_t bytes) : size(bytes) {}
    std::atomic<std::size_t> owners{1};
    std::size_t size;
  };
  header* header_ = nullptr;
};

} // namespace symup
