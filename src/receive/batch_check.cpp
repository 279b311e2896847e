// SPDX-License-Identifier: Apache-2.0
#include "receive/batch_check.hpp"

#include "receive/attachment_check.hpp"
#include "receive/event_check.hpp"

#include <string>

namespace symup::receive {

namespace {

struct wanted_part {
  std::string_view name, filename, content_type;
};
constexpr wanted_part file_part{"file", "file.gz", "application/gzip"};
constexpr wanted_part event_part{"event", "event.json", "application/json"};

void check_word(std::string_view rule, std::string_view part, std::string_view what,
                std::string_view got, std::string_view wanted, std::vector<violation>& list) {
  if (got != wanted)
    add(list, rule,
        "part " + in_quotes(part) + ": the " + std::string(what) + " is " + in_quotes(got) +
            ", must be " + in_quotes(wanted));
}

const batch_part* find_part(const std::vector<batch_part>& parts, const wanted_part& wanted,
                            std::vector<violation>& list) {
  for (const batch_part& part : parts) {
    if (part.name != wanted.name)
      continue;
    check_word("part.filename", part.name, "filename", part.filename, wanted.filename, list);
    check_word("part.content_type", part.name, "Content-Type", part.content_type,
               wanted.content_type, list);
    return &part;
  }
  add(list, "part.missing", "there is no part named " + in_quotes(wanted.name));
  return nullptr;
}

template <class T>
void check_same(std::string_view rule, const std::optional<T>& event, const T& attachment,
                const char* what, std::vector<violation>& list) {
  if (event.has_value() && *event != attachment)
    add(list, rule, std::string("event and attachment differ in ") + what);
}

void check_agreement(const event_facts& event, const batch_facts& facts, std::size_t file_bytes,
                     bool attachment_is_right, std::vector<violation>& list) {
  if (event.attachment_size.has_value() && *event.attachment_size != file_bytes)
    add(list, "event.attachment_size",
        "event says the file part has " + std::to_string(*event.attachment_size) +
            " bytes, it has " + std::to_string(file_bytes));
  if (!attachment_is_right)
    return; // its facts may be missing
  check_same("agree.service", event.service, facts.service, "service", list);
  check_same("agree.version", event.version, facts.version, "version", list);
  check_same("agree.language", event.language, facts.language, "language", list);
  check_same("agree.upload_id", event.upload_id, facts.upload_id, "upload_id", list);
  check_same("agree.batch_num", event.batch_num, std::uint64_t{facts.batch_num}, "batch_num", list);
  check_same("agree.final", event.final, facts.final, "final", list);
}

} // namespace

checked_batch check_batch(const std::vector<batch_part>& parts, const batch_limits& limits) {
  checked_batch result;
  auto& list = result.violations;
  if (parts.size() != 2)
    add(list, "part.count", "there are " + std::to_string(parts.size()) + " parts, must be 2");
  const batch_part* file = find_part(parts, file_part, list);
  const batch_part* event = find_part(parts, event_part, list);
  bool attachment_is_right = false;
  if (file != nullptr) {
    result.file = file->body;
    const std::size_t before = list.size();
    check_attachment(file->body, limits, result.facts, list);
    attachment_is_right = list.size() == before;
  }
  if (event != nullptr) {
    result.event = event->body;
    const event_facts said = check_event(event->body, limits, list);
    if (file != nullptr)
      check_agreement(said, result.facts, file->body.size(), attachment_is_right, list);
  }
  return result;
}

} // namespace symup::receive
