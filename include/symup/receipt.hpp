// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What came of an upload, and how a pipeline is doing.

#include "symup/error.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace symup {

/// The end of an upload, good or bad: what the intake has accepted, and what stopped the rest.
struct receipt {
  std::string upload_id;
  std::string service;
  std::string version;
  std::uint64_t scopes = 0;           ///< root scopes in accepted batches
  std::uint64_t scopes_added = 0;     ///< root scopes that were given to the upload
  std::uint64_t json_bytes = 0;       ///< their JSON, without the envelopes
  std::uint32_t batches = 0;          ///< accepted
  std::uint64_t compressed_bytes = 0; ///< attachments of the accepted batches
  std::uint64_t attempts = 0;         ///< HTTP requests
  std::uint64_t retries = 0;          ///< of these, requests after the first for the same batch
  bool final = false;                 ///< the final batch was accepted: the upload is complete
  std::chrono::milliseconds duration{0};
  /// Scopes and symbols that are larger than a batch may be and were left out.
  std::uint64_t left_out = 0;
  std::string first_left_out;        ///< names the first of them, where it is known
  std::optional<symup::error> error; ///< why the upload ended without its final batch

  /// Nothing was added, so nothing was sent. Not an error.
  [[nodiscard]] bool empty() const noexcept { return !error && !final; }
};

/// How far an upload is. Numbers only grow.
struct upload_progress {
  std::uint64_t scopes_added = 0;    ///< root scopes
  std::uint64_t json_bytes = 0;      ///< compressed so far
  std::uint64_t scopes_accepted = 0; ///< root scopes
  std::uint32_t batches_accepted = 0;
  std::uint64_t compressed_bytes_accepted = 0;
  std::uint64_t retries = 0;
};

/// Counts over all uploads of a pipeline since it started.
struct pipeline_stats {
  std::uint64_t uploads_open = 0;
  std::uint64_t uploads_complete = 0;
  std::uint64_t uploads_failed = 0;
  std::uint64_t scopes_accepted = 0;
  std::uint64_t batches_accepted = 0;
  std::uint64_t compressed_bytes_accepted = 0;
  std::uint64_t attempts = 0;
  std::uint64_t retries = 0;
  std::size_t memory_used = 0; ///< scopes and batches held now, as counted against memory_limit
  std::size_t memory_peak = 0;
  int compression_level = 0; ///< of what is compressed next; changes if the setting is "auto"
};

/// What a shutdown delivered and what it did not.
struct shutdown_report {
  std::vector<receipt> delivered; ///< uploads that became complete while it waited
  std::vector<receipt> aborted;   ///< uploads that it cut off at the deadline
};

} // namespace symup
