// SPDX-License-Identifier: Apache-2.0
#include "receive/attachment_check.hpp"

#include "receive/attachment_handler.hpp"
#include "receive/gzip_reader.hpp"
#include "receive/json_bytes.hpp"

namespace symup::receive {

void check_attachment(std::string_view gzip, const batch_limits& limits, batch_facts& facts,
                      std::vector<violation>& list) {
  gzip_reader reader(gzip, limits.max_json_bytes);
  std::vector<violation> found;
  attachment_handler handler(limits.max_depth, facts, found);
  read_json(reader, handler, "attachment", found);
  facts.json_bytes = reader.bytes();
  // Damaged gzip makes damaged JSON: only the cause is worth telling.
  if (reader.problem().has_value())
    found.assign(1, *reader.problem());
  for (violation& v : found)
    add(list, v.rule, std::move(v.text));
}

} // namespace symup::receive
