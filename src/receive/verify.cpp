// SPDX-License-Identifier: Apache-2.0
#include "receive/verify.hpp"

#include "receive/batch_check.hpp"
#include "receive/batch_store.hpp"
#include "receive/upload_check.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <system_error>

namespace symup::receive {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t max_part_bytes = 1ULL << 30U;

class verifier {
public:
  verifier(fs::path folder, const batch_limits& limits)
      : folder_(std::move(folder)), limits_(limits) {}

  verify_report run(const std::vector<batch_record>& index) {
    for (const batch_record& record : index)
      check_record(record);
    for (const auto& [id, upload] : uploads_)
      tell("upload " + id, upload.complete());
    find_leftovers();
    report_.batches = index.size();
    report_.uploads = uploads_.size();
    return std::move(report_);
  }

private:
  void tell(const std::string& where, const std::vector<violation>& list) {
    for (const violation& v : list)
      report_.violations.push_back({where, std::string(v.rule), v.text});
  }

  std::optional<std::string> read(const fs::path& name) {
    known_files_.insert(name);
    std::error_code problem;
    const auto size = fs::file_size(folder_ / name, problem);
    std::string why = problem ? problem.message() : std::string();
    if (!problem && size > max_part_bytes)
      why = "larger than " + std::to_string(max_part_bytes) + " bytes";
    std::string bytes;
    if (why.empty()) {
      std::ifstream input(folder_ / name, std::ios::binary);
      bytes.resize(size);
      input.read(bytes.data(), static_cast<std::streamsize>(size));
      if (!input)
        why = "cannot be read to its end";
    }
    if (why.empty())
      return bytes;
    tell(name.string(), {{"store.missing", why}});
    return std::nullopt;
  }

  void check_record(const batch_record& record) {
    const batch_files files = files_of(record.facts);
    upload_check& upload = uploads_[record.facts.upload_id];
    const auto file = read(files.file);
    const auto event = read(files.event);
    if (!file.has_value() || !event.has_value())
      return;
    const checked_batch batch = check_batch({{"file", "file.gz", "application/gzip", *file},
                                             {"event", "event.json", "application/json", *event}},
                                            limits_);
    const std::string where = label(record.facts);
    tell(where, batch.violations);
    if (!batch.violations.empty())
      return;
    count(batch);
    compare(where, record, make_record(batch));
    judge(where, upload, make_record(batch));
  }

  void count(const checked_batch& batch) {
    report_.root_scopes += batch.facts.root_scopes;
    report_.scopes += batch.facts.scopes;
    report_.symbols += batch.facts.symbols;
    report_.json_bytes += batch.facts.json_bytes;
    report_.compressed_bytes += batch.file.size();
  }

  /// The index line must say what the files say.
  void compare(const std::string& where, const batch_record& said, batch_record found) {
    found.received_at = said.received_at;
    if (to_line(said) != to_line(found))
      tell(where, {{"store.index", "the index says other things than the files"}});
  }

  void judge(const std::string& where, upload_check& upload, const batch_record& record) {
    std::vector<violation> list;
    const auto verdict = upload.judge(record, list);
    if (verdict == upload_check::verdict::resent)
      list.push_back({"store.twice", "stands twice in the index"});
    tell(where, list);
    // Taken in even if refused, so that one fault is not told again as a gap.
    if (verdict != upload_check::verdict::resent)
      upload.accept(record);
  }

  void find_leftovers() {
    std::error_code problem;
    for (fs::recursive_directory_iterator entry(folder_, problem), end; entry != end && !problem;
         entry.increment(problem)) {
      const fs::path name = entry->path().lexically_relative(folder_);
      if (entry->is_directory(problem))
        continue;
      if (name != index_name && known_files_.count(name) == 0)
        tell(name.string(), {{"store.leftover", "the index does not know this file"}});
    }
    if (problem)
      tell(folder_.string(), {{"store.missing", problem.message()}});
  }

  fs::path folder_;
  batch_limits limits_;
  verify_report report_;
  std::map<std::string, upload_check> uploads_;
  std::set<fs::path> known_files_;
};

} // namespace

expected<verify_report> verify(const fs::path& folder, const batch_limits& limits) {
  const auto index = read_index(folder, nullptr);
  if (!index.has_value())
    return fail(index.error());
  return verifier(folder, limits).run(*index);
}

std::string to_text(const verify_report& report) {
  std::string text;
  for (const auto& v : report.violations)
    text += v.where + ": " + v.rule + ": " + v.text + '\n';
  text += report.violations.empty() ? "complete and correct: " : "NOT in order: ";
  const auto number = [&text](std::uint64_t value, const char* what, const char* behind) {
    text += std::to_string(value) + ' ' + what + behind;
  };
  number(report.uploads, "uploads", ", ");
  number(report.batches, "batches", ", ");
  number(report.root_scopes, "root scopes", ", ");
  number(report.scopes, "scopes", ", ");
  number(report.symbols, "symbols", ", ");
  number(report.json_bytes, "JSON bytes", ", ");
  number(report.compressed_bytes, "compressed bytes", ", ");
  number(report.violations.size(), "violations", "\n");
  return text;
}

std::string to_json(const verify_report& report) {
  auto violations = nlohmann::ordered_json::array();
  for (const auto& v : report.violations)
    violations.push_back({{"where", v.where}, {"rule", v.rule}, {"text", v.text}});
  const nlohmann::ordered_json object{
      {"ok", report.violations.empty()},
      {"uploads", report.uploads},
      {"batches", report.batches},
      {"root_scopes", report.root_scopes},
      {"scopes", report.scopes},
      {"symbols", report.symbols},
      {"json_bytes", report.json_bytes},
      {"compressed_bytes", report.compressed_bytes},
      {"violations", std::move(violations)},
  };
  // A file name on disk may be any bytes.
  return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

} // namespace symup::receive
