// SPDX-License-Identifier: Apache-2.0
#include "receive/upload_check.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace symup::receive;

namespace {

batch_record batch(std::uint32_t number, bool final = false, const std::string& bytes = "b") {
  batch_record record;
  record.facts.upload_id = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
  record.facts.batch_num = number;
  record.facts.final = final;
  record.facts.service = "s";
  record.facts.version = "v";
  record.facts.language = "cpp";
  record.file_sha256 = bytes + std::to_string(number);
  return record;
}

/// "fresh", "resent" or the rule; accepts what is fresh.
std::string add_to(upload_check& upload, const batch_record& record) {
  std::vector<violation> list;
  switch (upload.judge(record, list)) {
  case upload_check::verdict::fresh:
    upload.accept(record);
    return "fresh";
  case upload_check::verdict::resent:
    return "resent";
  case upload_check::verdict::refused:
    break;
  }
  REQUIRE(list.size() == 1);
  return std::string(list.front().rule);
}

std::string missing(const upload_check& upload) {
  std::string rules;
  for (const violation& v : upload.complete())
    rules += to_string(v) + '\n';
  return rules;
}

} // namespace

TEST_CASE("batches 1 to N in any order, final last, are complete") {
  upload_check upload;
  for (const std::uint32_t number : {3U, 1U, 2U})
    CHECK(add_to(upload, batch(number)) == "fresh");
  CHECK(add_to(upload, batch(4, true)) == "fresh");
  CHECK(missing(upload).empty());
}

TEST_CASE("one final batch alone is complete, none is not") {
  upload_check upload;
  CHECK(missing(upload) == "upload.no_final: no batch is final\n");
  CHECK(add_to(upload, batch(1, true)) == "fresh");
  CHECK(missing(upload).empty());
}

TEST_CASE("gaps are no violation on the way but at the end") {
  upload_check upload;
  CHECK(add_to(upload, batch(2)) == "fresh");
  CHECK(add_to(upload, batch(6)) == "fresh");
  CHECK(missing(upload) ==
        "upload.gap: batch 1 is missing\nupload.gap: batches 3 to 5 are missing\n"
        "upload.no_final: no batch is final\n");
}

TEST_CASE("a repeat must have the same bytes, also of the final batch") {
  upload_check upload;
  CHECK(add_to(upload, batch(1)) == "fresh");
  CHECK(add_to(upload, batch(2, true)) == "fresh");
  CHECK(add_to(upload, batch(1)) == "resent");
  CHECK(add_to(upload, batch(2, true)) == "resent");
  CHECK(add_to(upload, batch(1, false, "other")) == "upload.resend");
  batch_record other_event = batch(1);
  other_event.event_sha256 = "x";
  CHECK(add_to(upload, other_event) == "upload.resend");
  other_event = batch(1);
  other_event.event_bytes = 1;
  CHECK(add_to(upload, other_event) == "upload.resend");
  other_event = batch(1);
  other_event.file_bytes = 1;
  CHECK(add_to(upload, other_event) == "upload.resend");
}

TEST_CASE("final before a lower number was accepted is refused and may come again later") {
  upload_check upload;
  CHECK(add_to(upload, batch(1)) == "fresh");
  CHECK(add_to(upload, batch(3, true)) == "upload.final_too_early");
  CHECK(add_to(upload, batch(2)) == "fresh");
  CHECK(add_to(upload, batch(3, true)) == "fresh");
  CHECK(missing(upload).empty());
}

TEST_CASE("nothing comes after final and there is only one") {
  upload_check upload;
  CHECK(add_to(upload, batch(1, true)) == "fresh");
  CHECK(add_to(upload, batch(2)) == "upload.after_final");
  CHECK(add_to(upload, batch(2, true)) == "upload.second_final");
}

TEST_CASE("final below a number that was accepted is refused") {
  upload_check upload;
  CHECK(add_to(upload, batch(1)) == "fresh");
  CHECK(add_to(upload, batch(3)) == "fresh");
  CHECK(add_to(upload, batch(2, true)) == "upload.final_not_last");
}

TEST_CASE("service, version and language are the same in all batches of an upload") {
  upload_check upload;
  CHECK(add_to(upload, batch(1)) == "fresh");
  auto other = batch(2);
  other.facts.service = "x";
  CHECK(add_to(upload, other) == "upload.service");
  other = batch(2);
  other.facts.version = "x";
  CHECK(add_to(upload, other) == "upload.version");
  other = batch(2);
  other.facts.language = "x";
  CHECK(add_to(upload, other) == "upload.language");
}
