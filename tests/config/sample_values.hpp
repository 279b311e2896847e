// SPDX-License-Identifier: Apache-2.0
#pragma once

/// For each option a valid text that is not its default.

#include <map>
#include <string>

inline const std::map<std::string, std::string>& sample_values() {
  static const std::map<std::string, std::string> samples = {
      {"service", "shop"},
      {"version", "1.2.3"},
      {"env", "prod"},
      {"language", "go"},
      {"runtime_id", "00000000-0000-0000-0000-000000000001"},
      {"url", "https://agent.example:9000/x"},
      {"agent_host", "agent.example"},
      {"agent_port", "9126"},
      {"site", "datadoghq.eu"},
      {"api_key", "0123456789abcdef"},
      {"headers", "X-Team: blue"},
      {"proxy", "http://proxy.example:3128"},
      {"ca_file", "/etc/ssl/own.pem"},
      {"event_layout", "nested"},
      {"flush_threshold", "1MiB"},
      {"max_batch_bytes", "5MiB"},
      {"fragment_bytes", "128KiB"},
      {"split_roots", "at_threshold"},
      {"compression_level", "auto"},
      {"flush_interval", "10s"},
      {"overflow", "reject"},
      {"workers", "3"},
      {"max_inflight_groups", "7"},
      {"max_inflight_batches", "2"},
      {"max_uploads", "10"},
      {"memory_limit", "32MiB"},
      {"max_connections", "4"},
      {"connect_timeout", "1s"},
      {"stall_timeout", "10s"},
      {"request_timeout", "90s"},
      {"max_attempts", "3"},
      {"retry_delay", "250ms"},
      {"max_retry_delay", "1m"},
      {"max_response_bytes", "4KiB"},
  };
  return samples;
}
