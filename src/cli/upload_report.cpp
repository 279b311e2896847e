// SPDX-License-Identifier: Apache-2.0
#include "cli/upload_report.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

namespace symup::cli {

namespace {

using json = nlohmann::ordered_json;

json error_json(const std::optional<error>& e) {
  if (!e)
    return nullptr;
  json made = {
      {"category", category(e->code)}, {"code", to_string(e->code)}, {"message", e->message}};
  if (e->upload) {
    made["status"] = e->upload->status;
    made["retryable"] = e->upload->retryable;
    made["attempts"] = e->upload->attempts;
  }
  return made;
}

json binary_json(const binary_summary& b) {
  return {{"language", b.language},         {"units", b.units},
          {"units_failed", b.units_failed}, {"functions", b.functions},
          {"classes", b.classes},           {"left_out_by_filter", b.left_out},
          {"duplicates", b.duplicates},     {"debug_info_bytes", b.debug_info_bytes}};
}

double per_second(std::uint64_t amount, double seconds) {
  return seconds > 0.0 ? static_cast<double>(amount) / seconds : 0.0;
}

} // namespace

std::string readable_bytes(std::uint64_t bytes) {
  if (bytes < 1000)
    return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes);
  for (const char* unit : {"kB", "MB", "GB"}) {
    value /= 1000.0;
    if (value < 1000.0)
      return fmt::format("{:.1f} {}", value, unit);
  }
  return fmt::format("{:.1f} TB", value / 1000.0);
}

std::string report_json(const upload_report& report) {
  const auto& r = report.result;
  json made = {{"upload_id", r.upload_id},
               {"scopes", r.scopes},
               {"json_bytes", r.json_bytes},
               {"batches", r.batches},
               {"compressed_bytes", r.compressed_bytes},
               {"attempts", r.attempts},
               {"retries", r.retries},
               {"final", r.final},
               {"seconds", report.seconds},
               {"skipped_lines", report.skipped_lines},
               {"left_out", r.left_out},
               {"error", error_json(r.error)}};
  if (report.binary)
    made["binary"] = binary_json(*report.binary);
  return made.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string report_table(const upload_report& report) {
  const auto& r = report.result;
  std::string text;
  const auto row = [&](const char* name, const std::string& value) {
    text += fmt::format("  {:<12} {}\n", name, value);
  };
  text += r.error     ? fmt::format("upload {} failed\n", r.upload_id)
          : r.empty() ? fmt::format("{}: no scopes, nothing was sent\n", report.input)
                      : fmt::format("upload {} complete\n", r.upload_id);
  row("scopes", r.scopes == r.scopes_added || r.scopes_added == 0
                    ? fmt::format("{}", r.scopes)
                    : fmt::format("{} of {}", r.scopes, r.scopes_added));
  row("JSON", fmt::format("{} ({}/s)", readable_bytes(r.json_bytes),
                          readable_bytes(static_cast<std::uint64_t>(
                              per_second(r.json_bytes, report.seconds)))));
  row("compressed", fmt::format("{} in {} batch{}", readable_bytes(r.compressed_bytes), r.batches,
                                r.batches == 1 ? "" : "es"));
  row("requests", fmt::format("{}{}", r.attempts,
                              r.retries > 0 ? fmt::format(" ({} retried)", r.retries) : ""));
  row("time", fmt::format("{:.2f} s", report.seconds));
  if (report.binary)
    row("binary",
        fmt::format("{}: {} units ({} damaged), {} functions, {} types; {} left out by "
                    "the filter",
                    report.binary->language, report.binary->units, report.binary->units_failed,
                    report.binary->functions, report.binary->classes, report.binary->left_out));
  if (report.skipped_lines > 0)
    row("skipped", fmt::format("{} invalid lines", report.skipped_lines));
  if (r.left_out > 0)
    row("left out", fmt::format("{} scopes and symbols larger than a batch, the first: {}",
                                r.left_out, r.first_left_out));
  return text;
}

} // namespace symup::cli
