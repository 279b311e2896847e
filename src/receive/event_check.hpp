// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Decodes the `event` part, in either layout, and checks its exact shape. Called by batch_check,
/// which compares the facts with those of the attachment. Any thread.

#include "receive/batch_facts.hpp"
#include "receive/violation.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace symup::receive {

/// What the event says. A value that is missing or wrong is empty here and in the list.
struct event_facts {
  std::optional<std::string> service, version, language, upload_id;
  std::optional<std::uint64_t> batch_num, attachment_size;
  std::optional<bool> final;
};

[[nodiscard]] event_facts check_event(std::string_view json, const batch_limits& limits,
                                      std::vector<violation>& list);

} // namespace symup::receive
