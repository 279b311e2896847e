// SPDX-License-Identifier: Apache-2.0
#pragma once

/// One accepted batch as the index keeps it: the decoded facts and what identifies its bytes. The
/// intake server makes it, upload_check compares it, batch_store and verify write and read it as a
/// line of JSON. A value; any thread.

#include "receive/batch_check.hpp"
#include "symup/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace symup::receive {

struct batch_record {
  batch_facts facts;
  std::uint64_t file_bytes = 0, event_bytes = 0;
  std::string file_sha256, event_sha256; ///< lower-case hexadecimal
  std::string received_at;               ///< UTC, "2026-01-31T12:00:00.000Z"
};

/// Of a batch without violations; `received_at` is now.
[[nodiscard]] batch_record make_record(const checked_batch& batch);

/// The parts are the same byte for byte (up to SHA-256).
[[nodiscard]] bool same_bytes(const batch_record& a, const batch_record& b) noexcept;

/// One line of index.ndjson, without its newline.
[[nodiscard]] std::string to_line(const batch_record& record);

/// Reads such a line; the error says what is wrong with it, not where it stands.
[[nodiscard]] expected<batch_record> parse_line(std::string_view line);

/// "upload 6ba7b810-... batch 3", for messages.
[[nodiscard]] std::string label(const batch_facts& facts);

} // namespace symup::receive
