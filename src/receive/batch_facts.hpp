// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What is known of one batch after decoding it. Filled by attachment_check, compared with the
/// event by batch_check, kept per upload by upload_check.

#include <cstddef>
#include <cstdint>
#include <string>

namespace symup::receive {

/// Bounds of what one batch may make the receiver do.
struct batch_limits {
  std::uint64_t max_json_bytes = 1ULL << 30U; ///< of the inflated attachment
  std::size_t max_depth = 512;                ///< JSON objects and arrays inside each other
  std::size_t max_event_bytes = 64 * 1024;
};

struct batch_facts {
  std::string upload_id;
  std::uint32_t batch_num = 0;
  bool final = false;
  std::string service, version, language;
  std::string env; ///< "" = none
  std::uint64_t json_bytes = 0;
  std::uint64_t root_scopes = 0; ///< entries of the attachment's own list
  std::uint64_t scopes = 0;      ///< on all levels, roots included
  std::uint64_t symbols = 0;
};

/// 8-4-4-4-12 hexadecimal digits; so it is a safe name of a folder, too.
[[nodiscard]] bool is_uuid(const std::string& text) noexcept;

} // namespace symup::receive
