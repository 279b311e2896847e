// SPDX-License-Identifier: Apache-2.0
#include "receive/batch_record.hpp"

#include <nlohmann/json.hpp>
#include <openssl/evp.h>

#include <array>
#include <chrono>
#include <ctime>

namespace symup::receive {

namespace {

std::string sha256(std::string_view bytes) {
  constexpr char hex[] = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    text += hex[digest[i] >> 4U];
    text += hex[digest[i] & 15U];
  }
  return text;
}

std::string utc_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  const std::time_t seconds = milliseconds / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S.", &parts);
  const std::string fraction = std::to_string(1000 + milliseconds % 1000).substr(1);
  return std::string(text.data(), size) + fraction + 'Z';
}

} // namespace

bool is_uuid(const std::string& text) noexcept {
  if (text.size() != 36)
    return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? c != '-' : !hex)
      return false;
  }
  return true;
}

batch_record make_record(const checked_batch& batch) {
  return {batch.facts,        batch.file.size(),   batch.event.size(),
          sha256(batch.file), sha256(batch.event), utc_now()};
}

bool same_bytes(const batch_record& a, const batch_record& b) noexcept {
  return a.file_bytes == b.file_bytes && a.event_bytes == b.event_bytes &&
         a.file_sha256 == b.file_sha256 && a.event_sha256 == b.event_sha256;
}

std::string to_line(const batch_record& record) {
  const batch_facts& facts = record.facts;
  return nlohmann::ordered_json{
      {"upload_id", facts.upload_id},
      {"batch_num", facts.batch_num},
      {"final", facts.final},
      {"service", facts.service},
      {"env", facts.env},
      {"version", facts.version},
      {"language", facts.language},
      {"file_bytes", record.file_bytes},
      {"file_sha256", record.file_sha256},
      {"event_bytes", record.event_bytes},
      {"event_sha256", record.event_sha256},
      {"json_bytes", facts.json_bytes},
      {"root_scopes", facts.root_scopes},
      {"scopes", facts.scopes},
      {"symbols", facts.symbols},
      {"received_at", record.received_at},
  }
      .dump();
}

expected<batch_record> parse_line(std::string_view line) {
  try {
    const auto value = nlohmann::json::parse(line);
    batch_record record;
    value.at("upload_id").get_to(record.facts.upload_id);
    value.at("batch_num").get_to(record.facts.batch_num);
    value.at("final").get_to(record.facts.final);
    value.at("service").get_to(record.facts.service);
    value.at("env").get_to(record.facts.env);
    value.at("version").get_to(record.facts.version);
    value.at("language").get_to(record.facts.language);
    value.at("file_bytes").get_to(record.file_bytes);
    value.at("file_sha256").get_to(record.file_sha256);
    value.at("event_bytes").get_to(record.event_bytes);
    value.at("event_sha256").get_to(record.event_sha256);
    value.at("json_bytes").get_to(record.facts.json_bytes);
    value.at("root_scopes").get_to(record.facts.root_scopes);
    value.at("scopes").get_to(record.facts.scopes);
    value.at("symbols").get_to(record.facts.symbols);
    value.at("received_at").get_to(record.received_at);
    if (!is_uuid(record.facts.upload_id) || record.facts.batch_num == 0)
      return fail(errc::invalid_line, "upload_id is no UUID or batch_num is 0");
    return record;
  } catch (const nlohmann::json::exception& problem) {
    return fail(errc::invalid_line, problem.what());
  }
}

std::string label(const batch_facts& facts) {
  const std::string upload = facts.upload_id.empty() ? "unknown" : facts.upload_id;
  const std::string number = facts.batch_num == 0 ? "unknown" : std::to_string(facts.batch_num);
  return "upload " + upload + " batch " + number;
}

} // namespace symup::receive
