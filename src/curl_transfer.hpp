// SPDX-License-Identifier: Apache-2.0
#pragma once

/// CURL TRANSFER: one easy handle of libcurl, set up for an endpoint and used for one request
/// after the other. The HTTP engine makes up to max_connections of them and runs them; everything
/// here happens on the engine's thread, but for make, which the engine's maker may call first.

#include "body_reader.hpp"
#include "http_request.hpp"
#include "http_response.hpp"
#include "http_settings.hpp"

#include <curl/curl.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace symup {

class curl_transfer {
public:
  /// `settings` must outlive the transfer. Errors: out_of_memory; invalid_config if this libcurl
  /// cannot do what is asked (no Unix sockets, say).
  static expected<std::unique_ptr<curl_transfer>> make(const http_settings& settings);

  curl_transfer(const curl_transfer&) = delete;
  curl_transfer& operator=(const curl_transfer&) = delete;

  [[nodiscard]] CURL* handle() const noexcept { return easy_.get(); }

  /// Sets the handle up for a request, which must stay where it is until finish. False: no memory.
  bool begin(const http_request& request) noexcept;

  /// What became of the request, from libcurl's result. The handle is out of its multi by now.
  http_response finish(CURLcode result) noexcept;

  /// Has anything moved since the last call? Always true while still connecting: that has a
  /// timeout of its own.
  bool has_progressed() noexcept;

private:
  explicit curl_transfer(const http_settings& settings) noexcept : settings_(settings) {}
  CURLcode configure() noexcept;
  void fill_in(http_response& response, CURLcode result);
  [[nodiscard]] std::uint64_t sent_bytes() const noexcept;
  void blot_out_secrets(std::string& text) const;

  static std::size_t on_read(char* to, std::size_t size, std::size_t count, void* self) noexcept;
  static int on_seek(void* self, curl_off_t offset, int origin) noexcept;
  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count,
                               void* self) noexcept;
  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self) noexcept;

  struct easy_delete {
    void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
  };
  struct list_delete {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
  };

  const http_settings& settings_;
  std::unique_ptr<curl_slist, list_delete> headers_; // before easy_: the handle points to it
  char error_text_[CURL_ERROR_SIZE] = {};
  std::unique_ptr<CURL, easy_delete> easy_;

  // of the request that runs
  body_reader reader_;
  std::uint64_t body_bytes_ = 0;
  std::uint64_t header_bytes_ = 0; // received
  std::uint64_t answer_bytes_ = 0; // received, the headers not counted
  std::uint64_t moved_before_ = 0; // as of the last has_progressed
  std::string answer_;             // the beginning
};

} // namespace symup
