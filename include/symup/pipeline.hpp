// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The pipeline as a host without CAF sees it: start one, begin uploads, add scopes, finish.
/// Behind it run the actors of `actors/`; nothing of CAF shows here. A host with an actor system
/// of its own includes symup/caf.hpp as well.
///
/// The library touches no signals, locale or environment, writes no log and does not call
/// curl_global_init: a host with several threads calls that itself before it starts a pipeline.

#include "symup/config.hpp"
#include "symup/error.hpp"
#include "symup/receipt.hpp"
#include "symup/scope.hpp"
#include "symup/scope_sink.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace symup {

/// What one upload says of itself. Empty fields are filled from the config.
struct upload_options {
  std::string service;
  std::string version;
  std::string env;
  std::string language;
  std::string runtime_id;
  std::string upload_id; ///< a UUID; "" = a random one
  /// Called once when the upload has ended, on a thread of the pipeline; must not block (so it must
  /// not call wait() or finish(), which return after it) or throw.
  std::function<void(const receipt&)> on_done;
};

class upload_impl;
class pipeline_impl;

/// One upload. May be used from several threads at once, but for sink(). Destroying it before
/// finish() or end() cancels it.
class upload {
public:
  upload(upload&&) noexcept;
  upload& operator=(upload&&) noexcept;
  ~upload();

  /// Adds a root scope with all it holds; the scope may be freed afterwards. Waits while the
  /// pipeline is full, or fails with errc::rejected if `overflow` is `reject`.
  /// Other errors: invalid_scope (nothing was taken, the upload goes on), closed, cancelled,
  /// shut_down, or whatever made the upload fail.
  expected<void> add(const scope& root);

  /// For sources that write scopes as events instead: the same, without objects. Waits while the
  /// pipeline is full. One thread at a time, nothing else added meanwhile; an invalid event makes
  /// the upload fail. After the sink has said stop, failure() tells why.
  [[nodiscard]] scope_sink& sink();

  /// Sends what was added so far, the newest fragment excepted (it may have to be the final one).
  /// Between root scopes. Does not wait for the answer, but as add() while the pipeline is full.
  expected<void> flush();

  /// The clean end: the rest goes out, the last batch as final. Returns at once; the receipt comes
  /// through on_done and wait(). Does nothing after the first call or after cancel().
  void end();
  /// end(), then waits for the receipt.
  receipt finish();
  /// Waits for the receipt of an upload that was ended, cancelled or has failed.
  [[nodiscard]] receipt wait() const;

  /// Gives the upload up: running requests are broken off, the final batch is never sent.
  void cancel();

  [[nodiscard]] const std::string& id() const noexcept;
  [[nodiscard]] upload_progress progress() const;
  /// Why the upload has failed, if it has.
  [[nodiscard]] std::optional<error> failure() const;

private:
  friend class pipeline;
  explicit upload(std::shared_ptr<upload_impl> impl) noexcept;
  std::shared_ptr<upload_impl> impl_;
};

/// A pipeline to one endpoint, for many uploads at once. Thread-safe.
class pipeline {
public:
  /// Starts a pipeline with an actor system of its own: one scheduler thread per worker, one for
  /// timers, one for HTTP, none of which does anything while there is no upload.
  [[nodiscard]] static expected<pipeline> start(const finalized_config& config);

  pipeline(pipeline&&) noexcept;
  pipeline& operator=(pipeline&&) noexcept;
  /// shutdown(0).
  ~pipeline();

  /// Begins an upload. Errors: invalid_config (service or version missing, upload_id not a UUID,
  /// texts too long), rejected (max_uploads are open), shut_down.
  [[nodiscard]] expected<upload> begin(upload_options options = {});

  [[nodiscard]] pipeline_stats stats() const;

  /// Lets no new upload begin, waits until the open ones have ended, at most for `deadline`, then
  /// cuts off the rest (errc::shut_down) and says what was delivered and what not. Later calls
  /// return an empty report.
  shutdown_report shutdown(std::chrono::milliseconds deadline);

  /// For symup/caf.hpp.
  [[nodiscard]] const std::shared_ptr<pipeline_impl>& impl() const noexcept { return impl_; }
  explicit pipeline(std::shared_ptr<pipeline_impl> impl) noexcept;

private:
  std::shared_ptr<pipeline_impl> impl_;
};

} // namespace symup
