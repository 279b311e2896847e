// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Decodes the `file` part: one gzip member, strict JSON, the attachment's exact shape, every
/// scope and symbol. Constant memory: it sees the JSON as a stream of tokens and keeps only the
/// path to the one being read. Called by batch_check; any thread.

#include "receive/batch_facts.hpp"
#include "receive/violation.hpp"

#include <string_view>
#include <vector>

namespace symup::receive {

/// Fills `facts` as far as they are known, adds what is wrong to `list`.
void check_attachment(std::string_view gzip, const batch_limits& limits, batch_facts& facts,
                      std::vector<violation>& list);

} // namespace symup::receive
