// SPDX-License-Identifier: Apache-2.0
#pragma once

/// HTTP REQUEST: what is sent, as a value. The step before (batch to request) frames a batch's
/// fragments and makes one; request_to_response sends it. A body is a list of immutable shared
/// pieces that are read one after the other and never copied together, so keeping a copy of the
/// request costs a few pointers, and sending it again sends the same bytes.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace symup {

/// Some bytes and what keeps them alive. No owner: the bytes outlive everything (a literal).
struct body_piece {
  std::shared_ptr<const void> owner;
  std::string_view bytes; ///< may be empty
};

struct http_request {
  std::string content_type; ///< with the boundary; no control characters
  std::vector<body_piece> body;
  std::uint64_t body_bytes = 0; ///< the sum of the pieces: the Content-Length
};

/// A request with its length counted.
[[nodiscard]] inline http_request make_http_request(std::string content_type,
                                                    std::vector<body_piece> body) {
  http_request request{std::move(content_type), std::move(body), 0};
  for (const body_piece& piece : request.body)
    request.body_bytes += piece.bytes.size();
  return request;
}

} // namespace symup
