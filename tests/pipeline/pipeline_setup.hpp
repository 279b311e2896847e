// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What the tests of this folder are made of: a strict intake in this process, a pipeline to it,
/// scopes to send, and what the intake must say about them in the end.

#include "generated_scopes.hpp"
#include "receive/intake_server.hpp"
#include "symup/pipeline.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace symup::testing {

/// Root scopes, and all scopes and symbols within them.
struct scope_counts {
  std::uint64_t roots = 0, scopes = 0, symbols = 0;
  void add(const scope& root);
};

[[nodiscard]] std::vector<scope> make_roots(std::size_t count, std::size_t functions = 5,
                                            std::uint32_t seed = 1);
[[nodiscard]] scope_counts count(const std::vector<scope>& roots);

/// The strict intake, checking everything and storing nothing. Whatever it refuses fails the test.
class checked_intake {
public:
  explicit checked_intake(const std::string& faults = "",
                          const std::string& listen = "127.0.0.1:0");
  ~checked_intake();

  [[nodiscard]] receive::intake_server& server() noexcept { return *server_; }
  [[nodiscard]] const std::string& url() const { return server_->url(); }
  [[nodiscard]] std::vector<receive::batch_facts> batches_of(const std::string& upload_id) const {
    return server_->taken().batches_of(upload_id);
  }
  /// What the accepted batches of an upload hold.
  [[nodiscard]] scope_counts taken_of(const std::string& upload_id) const;

private:
  std::mutex mutex_;
  std::vector<std::string> violations_;
  expected<receive::intake_server> server_;
};

/// Small pieces and short pauses: much happens with little data.
[[nodiscard]] config quick_config(const std::string& url);
[[nodiscard]] finalized_config checked(const config& values);
[[nodiscard]] pipeline start(const config& values);
[[nodiscard]] upload begin(pipeline& pipe, upload_options options = {});

/// Adds all; each must be taken.
void add_all(upload& up, const std::vector<scope>& roots);

/// The receipt of a complete upload that lost nothing, and what the intake says to it.
void check_complete(const receipt& result, const checked_intake& intake, const scope_counts& sent);

/// Waits until the condition holds, at most 20 s; looks often. Returns whether it came to hold.
[[nodiscard]] bool eventually(const std::function<bool()>& condition);

} // namespace symup::testing
