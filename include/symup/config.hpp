// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Settings. A host fills a `config` (by hand, from the environment, from a CAF config file; the
/// command line does all three) and calls finalize(), which checks every value and works out what
/// follows from them. The pipeline takes only the finalized form. The table of all options with
/// their words for help, file and environment is in src/config/config_options.hpp.

#include "symup/error.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace symup {

/// What `add` does when the pipeline is full.
enum class overflow_policy : std::uint8_t {
  wait, ///< the caller waits for room
  /// The caller is told at once (errc::rejected) and nothing of the scope is taken. A root scope
  /// larger than a fragment that was begun is taken whole, which may wait.
  reject,
};

/// Where the threshold may end a batch.
enum class split_policy : std::uint8_t {
  when_needed,  ///< at root scopes; inside one only when max_batch_bytes demands it
  at_threshold, ///< after any fragment, inside a root too
};

/// Where the upload's bookkeeping stands in the event.
enum class event_layout : std::uint8_t {
  flat,   ///< at the top, camelCase: what agents send since 7.79
  nested, ///< under "debugger", snake_case: the first form
};

/// Written "auto": the level that keeps the slower of processors and network busy, between 1 and 9,
/// found anew while batches are answered.
inline constexpr int automatic_compression_level = 0;

struct http_header {
  std::string name;
  std::string value;
  bool operator==(const http_header& other) const noexcept {
    return name == other.name && value == other.value;
  }
};

/// Everything that can be set, with its default. Sizes are bytes. Ranges stand in the table of
/// options; finalize() checks them.
struct config {
  using milliseconds = std::chrono::milliseconds;

  // -- who: the defaults of an upload ---
  std::string service;          ///< required, here or at begin
  std::string version;          ///< required, here or at begin
  std::string env;              ///< "" = no env key
  std::string language = "cpp"; ///< SymDB's word for the language
  std::string runtime_id;       ///< "" = a random UUID per pipeline

  // -- where ---
  /// http://, https:// or unix:// URL of an agent or intake, without credentials; without a path
  /// the agent's /symdb/v1/input is meant. Set, it goes before the next four.
  std::string url;
  std::string agent_host = "localhost";
  std::uint16_t agent_port = 8126;
  /// Set: straight to https://debugger-intake.SITE/api/v2/debugger with the API key. It goes
  /// before agent_host.
  std::string site;
  std::string api_key;              ///< secret: sent to `site` only, never printed
  std::vector<http_header> headers; ///< added to every request
  std::string proxy;                ///< URL of an HTTP proxy; "" = none
  std::string ca_file;              ///< PEM file of CAs to trust; "" = the system's

  // -- batches ---
  symup::event_layout event_layout = symup::event_layout::flat;
  std::int64_t flush_threshold = 2 * 1024 * 1024; ///< compressed; <= 0: after each root scope
  std::size_t max_batch_bytes = 10 * 1024 * 1024; ///< the whole HTTP body, never exceeded
  std::size_t fragment_bytes = 256 * 1024;        ///< JSON compressed as one piece
  split_policy split_roots = split_policy::when_needed;
  /// 1 (fast) ... 12 (small), or automatic_compression_level
  int compression_level = 6;
  milliseconds flush_interval{0}; ///< send what there is after this time; 0 = only when full

  // -- flow ---
  overflow_policy overflow = overflow_policy::wait;
  std::size_t workers = 0;                     ///< encoders and compressors each; 0 = one per core
  std::size_t max_inflight_groups = 0;         ///< per upload, not yet batched; 0 = 2 * workers + 2
  std::size_t max_inflight_batches = 4;        ///< per upload, closed and not yet accepted
  std::size_t max_uploads = 1024;              ///< open at once
  std::size_t memory_limit = 64 * 1024 * 1024; ///< for all scopes and batches held

  // -- HTTP ---
  std::size_t max_connections = 8;
  milliseconds connect_timeout{5'000};
  milliseconds stall_timeout{30'000};         ///< no byte in or out for this long
  milliseconds request_timeout{120'000};      ///< one request from start to answer
  std::size_t max_attempts = 6;               ///< of one batch, the first included
  milliseconds retry_delay{500};              ///< doubles with each retry, full jitter
  milliseconds max_retry_delay{30'000};       ///< also the longest Retry-After that is waited for
  std::size_t max_response_bytes = 64 * 1024; ///< kept of an answer, for error messages
};

/// Where requests go, worked out from url, agent_host, agent_port, site and api_key.
struct endpoint {
  std::string url;                  ///< http:// or https://, with path
  std::string unix_socket;          ///< path of the agent's socket; "" = TCP
  std::vector<http_header> headers; ///< all to be sent but Content-Type; may hold the API key
  bool operator==(const endpoint& other) const noexcept {
    return url == other.url && unix_socket == other.unix_socket && headers == other.headers;
  }
};

/// A config that was found right. Only finalize() makes one. A copy of values() may be changed and
/// finalized again: it leads to the same endpoint unless that was changed.
class finalized_config {
public:
  [[nodiscard]] const config& values() const noexcept { return values_; }
  [[nodiscard]] const symup::endpoint& endpoint() const noexcept { return endpoint_; }

private:
  finalized_config() = default;
  friend class config_finalizer; // src/config/config_finalize.cpp
  config values_;                // with every "0 = auto" replaced by the number it stands for
  symup::endpoint endpoint_;
};

/// Checks every value, replaces each "auto" and works out the endpoint: url, else site (which needs
/// api_key), else agent_host. Errors (errc::invalid_config) name the option, its value and what is
/// allowed. Throws nothing, reads no environment and no file.
[[nodiscard]] expected<finalized_config> finalize(config values);

} // namespace symup
