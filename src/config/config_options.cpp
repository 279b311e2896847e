// SPDX-License-Identifier: Apache-2.0
#include "config/config_options.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace symup {
namespace {

constexpr std::int64_t kib = 1024;
constexpr std::int64_t mib = 1024 * kib;
constexpr std::int64_t gib = 1024 * mib;
constexpr std::int64_t second = 1000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;

// Envelope and event repeat these texts, each byte escaped to at most six: 1024 keeps both well
// within what finalize() reserves of max_batch_bytes for them.
constexpr std::int64_t max_word = 1024;
constexpr std::int64_t max_address = 4096;

std::vector<config_option> make_options() {
  using k = value_kind;
  using c = config;
  constexpr std::string_view who = "Upload";
  constexpr std::string_view where = "Destination";
  constexpr std::string_view batches = "Batches";
  constexpr std::string_view flow = "Flow";
  constexpr std::string_view http = "HTTP";
  // clang-format off
  return {
      {"service", who, "--service", "DD_SERVICE", k::text, &c::service, "NAME", 0, max_word, {},
       "Service the scopes belong to; required for an upload"},
      {"version", who, "--version", "DD_VERSION", k::text, &c::version, "VER", 0, max_word, {},
       "Version of the service; required for an upload"},
      {"env", who, "--env", "DD_ENV", k::text, &c::env, "NAME", 0, max_word, {},
       "Environment of the service; empty = not sent"},
      {"language", who, "--language", "", k::text, &c::language, "WORD", 1, max_word, {},
       "Language of the scopes"},
      {"runtime_id", who, "--runtime-id", "", k::text, &c::runtime_id, "ID", 0, max_word, {},
       "Id of the running process; empty = a random UUID"},

      {"url", where, "--url", "DD_TRACE_AGENT_URL", k::text, &c::url, "URL", 0, max_address, {},
       "http://, https:// or unix:// URL of an agent or intake; without a path, "
       "/symdb/v1/input is meant"},
      {"agent_host", where, "--agent-host", "DD_AGENT_HOST", k::text, &c::agent_host, "HOST",
       1, 253, {},
       "Host of the agent"},
      {"agent_port", where, "--agent-port", "DD_TRACE_AGENT_PORT", k::integer, &c::agent_port,
       "PORT", 1, 65535, {},
       "Port of the agent"},
      {"site", where, "--site", "DD_SITE", k::text, &c::site, "SITE", 0, 200, {},
       "Upload directly to this site, such as datadoghq.com; needs the API key"},
      {"api_key", where, "", "DD_API_KEY", k::text, &c::api_key, "KEY", 0, max_word, {},
       "API key, sent to the site only; never shown", true},
      {"headers", where, "--header", "", k::headers, &c::headers, "'Name: value'", 0, 64, {},
       "HTTP header added to every request; may be repeated"},
      {"proxy", where, "--proxy", "", k::text, &c::proxy, "URL", 0, max_address, {},
       "http:// or https:// URL of an HTTP proxy; empty = none"},
      {"ca_file", where, "--ca-file", "", k::text, &c::ca_file, "FILE", 0, max_address, {},
       "PEM file of certificate authorities to trust; empty = the system's"},

      {"event_layout", batches, "--event-layout", "", k::word, &c::event_layout, "WORD",
       0, 0, {"flat", "nested"},
       "Layout of the event that goes with each batch"},
      {"flush_threshold", batches, "--flush-threshold", "", k::bytes, &c::flush_threshold, "BYTES",
       -gib, gib, {},
       "Compressed size at which a batch is sent; 0 or less = after every root scope"},
      {"max_batch_bytes", batches, "--max-batch-bytes", "", k::bytes, &c::max_batch_bytes, "BYTES",
       1, gib, {},
       "Largest HTTP body; never exceeded"},
      {"fragment_bytes", batches, "--fragment-bytes", "", k::bytes, &c::fragment_bytes, "BYTES",
       256, 64 * mib, {},
       "JSON that is compressed as one piece"},
      {"split_roots", batches, "--split-roots", "", k::word, &c::split_roots, "WORD",
       0, 0, {"when_needed", "at_threshold"},
       "Cut a root scope only where max_batch_bytes demands it, or at the threshold too"},
      {"compression_level", batches, "--compression-level", "", k::integer_or_auto,
       &c::compression_level, "N", 1, 12, {},
       "1 = fast, 12 = small, auto = what keeps the slower of processors and network busy"},
      {"flush_interval", batches, "--flush-interval", "", k::duration, &c::flush_interval, "TIME",
       0, 24 * hour, {},
       "Send a partial batch after this time; 0 = only full ones"},

      {"overflow", flow, "--overflow", "", k::word, &c::overflow, "WORD", 0, 0, {"wait", "reject"},
       "What a producer meets when the pipeline is full"},
      {"workers", flow, "--workers", "", k::count, &c::workers, "N", 0, 256, {},
       "Encoders and compressors, each; 0 = one per core"},
      {"max_inflight_groups", flow, "--max-inflight-groups", "", k::count, &c::max_inflight_groups,
       "N", 0, 4096, {},
       "Groups of scopes of an upload not yet in a batch; 0 = 2 * workers + 2"},
      {"max_inflight_batches", flow, "--max-inflight", "", k::count, &c::max_inflight_batches, "N",
       1, 1024, {},
       "Batches of an upload closed and not yet accepted"},
      {"max_uploads", flow, "--max-uploads", "", k::count, &c::max_uploads, "N", 1, 1'000'000, {},
       "Uploads open at once"},
      {"memory_limit", flow, "--memory-limit", "", k::bytes, &c::memory_limit, "BYTES",
       1, 1024 * gib, {},
       "Memory for all scopes and batches held"},

      {"max_connections", http, "--max-connections", "", k::count, &c::max_connections, "N",
       1, 1024, {},
       "Connections to the endpoint"},
      {"connect_timeout", http, "--connect-timeout", "", k::duration, &c::connect_timeout, "TIME",
       1, hour, {},
       "Longest time to connect"},
      {"stall_timeout", http, "--stall-timeout", "", k::duration, &c::stall_timeout, "TIME",
       1, hour, {},
       "Longest time without a byte in or out"},
      {"request_timeout", http, "--request-timeout", "", k::duration, &c::request_timeout, "TIME",
       1, 24 * hour, {},
       "Longest time of one request"},
      {"max_attempts", http, "--max-attempts", "", k::count, &c::max_attempts, "N", 1, 1000, {},
       "Requests for one batch, the first included"},
      {"retry_delay", http, "--retry-delay", "", k::duration, &c::retry_delay, "TIME", 0, hour, {},
       "Longest wait before the first retry; doubles with each"},
      {"max_retry_delay", http, "--max-retry-delay", "", k::duration, &c::max_retry_delay, "TIME",
       0, 24 * hour, {},
       "Longest wait before any retry, Retry-After included"},
      {"max_response_bytes", http, "--max-response-bytes", "", k::bytes, &c::max_response_bytes,
       "BYTES", 0, 16 * mib, {},
       "What is kept of an answer for error messages"},
  };
  // clang-format on
}

// Levenshtein distance with one row.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({substituted, row[j] + 1, row[j - 1] + 1}));
    }
  }
  return row.back();
}

} // namespace

const std::vector<config_option>& config_options() {
  static const std::vector<config_option> options = make_options();
  return options;
}

const config_option* find_option(std::string_view name) noexcept {
  const auto& options = config_options();
  const auto found = std::find_if(options.begin(), options.end(),
                                  [name](const config_option& o) { return o.name == name; });
  return found == options.end() ? nullptr : &*found;
}

std::string_view nearest_option(std::string_view name) {
  constexpr std::size_t longest = 64; // bounds the work; no option's name is near that
  if (name.size() > longest)
    return {};
  std::string key(name);
  std::replace(key.begin(), key.end(), '-', '_');
  std::string_view nearest;
  std::size_t least = std::max<std::size_t>(2, key.size() / 3) + 1;
  for (const config_option& option : config_options()) {
    std::size_t distance = edit_distance(key, option.name);
    if (!option.flag.empty()) { // the word of the command line: max_inflight, header
      std::string word(option.flag.substr(2));
      std::replace(word.begin(), word.end(), '-', '_');
      distance = std::min(distance, edit_distance(key, word));
    }
    if (distance < least) {
      least = distance;
      nearest = option.name;
    }
  }
  return nearest;
}

} // namespace symup
