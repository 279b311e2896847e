// SPDX-License-Identifier: Apache-2.0
#pragma once

/// BATCH -> REQUEST: writes the envelope, the gzip member, the event and the multipart framing
/// around a batch's fragments. Pure: the same batch with the same number makes the same bytes, so
/// a request can be made again for another try. The fragments are listed, not copied.

#include "fragments_to_batch.hpp"
#include "http_request.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace symup {

/// What every batch of an upload says of it. Texts may be anything; they are written as JSON.
struct upload_identity {
  std::string upload_id; ///< a UUID
  std::string service;
  std::string version;
  std::string env; ///< "" = no key
  std::string language;
  std::string runtime_id;
  event_layout layout = event_layout::flat;
};

/// A request with the size of its attachment, which is the "compressed size" of reports.
struct batch_request {
  http_request http;
  std::uint64_t attachment_bytes = 0;
};

/// @param number  1, 2, ... within the upload
[[nodiscard]] batch_request make_request(const upload_identity& identity, const batch& b,
                                         std::uint32_t number);

/// What the attachment holds beside the fragments, at most.
[[nodiscard]] std::size_t envelope_bytes(const upload_identity& identity);
/// What the body holds beside the attachment, at most.
[[nodiscard]] std::size_t framing_bytes(const upload_identity& identity);

} // namespace symup
