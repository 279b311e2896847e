// SPDX-License-Identifier: Apache-2.0
#pragma once

/// One received batch, its parts in memory -> decoded facts and what is wrong. A pure function:
/// the intake server calls it on its pool for every request, verify for every stored batch. What
/// comes next is upload_check, over the batches of one upload.

#include "receive/batch_facts.hpp"
#include "receive/violation.hpp"

#include <string_view>
#include <vector>

namespace symup::receive {

/// One part of the multipart body, as views into it.
struct batch_part {
  std::string_view name, filename, content_type;
  std::string_view body;
};

struct checked_batch {
  batch_facts facts;                 ///< as far as known; complete if there are no violations
  std::vector<violation> violations; ///< empty = the batch is right by itself
  std::string_view file, event;      ///< bodies of the two parts
};

[[nodiscard]] checked_batch check_batch(const std::vector<batch_part>& parts,
                                        const batch_limits& limits);

} // namespace symup::receive
