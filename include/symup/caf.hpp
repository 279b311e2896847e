// SPDX-License-Identifier: Apache-2.0
#pragma once

/// For hosts that have an actor system of their own: take symup's settings from the host's CAF
/// configuration, run the pipeline in the host's system, and feed uploads from actors. The one
/// public header with CAF in it. Configuration is read on the thread that parses the host's.
///
///     struct host_config : caf::actor_system_config {
///       symup::host_options symup;
///       host_config() { symup.add_to(custom_options_); } // --symup.flush_threshold=1MiB
///     };
///     host_config cfg;
///     if (auto err = cfg.parse(argc, argv)) ...          // the file may hold symup { ... }
///     symup::config_sources sources;
///     auto loaded = cfg.symup.load(cfg.content, sources);
///     auto config = sources.finish();
///     caf::actor_system system(cfg);
///     auto pipeline = symup::start_pipeline(system, *config);

#include "symup/config.hpp"
#include "symup/config_sources.hpp"
#include "symup/error.hpp"
#include "symup/pipeline.hpp"
#include "symup/receipt.hpp"
#include "symup/scope.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/fwd.hpp>
#include <caf/typed_actor.hpp>

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace symup {

// -- the host's configuration ---

/// Takes the group `symup` of settings that the host has parsed, all at the rank of a file. What
/// CAF's parser drops before a host sees it (a group that is not closed, a second group) is found
/// only by load_config_file (symup/config_file.hpp) on the same file.
[[nodiscard]] expected<void> load_config(const caf::settings& content, config_sources& sources);

/// symup's options on the host's command line. It must live as long as the config_option_set it was
/// added to, at the same address.
class host_options {
public:
  host_options() = default;
  host_options(const host_options&) = delete;
  host_options& operator=(const host_options&) = delete;

  /// Adds --symup.NAME for each option but api_key. All are texts of any kind to CAF; symup checks
  /// them. --symup.headers may be repeated.
  void add_to(caf::config_option_set& options);

  /// Takes what stood on the host's command line, at that rank, and the rest by load_config.
  [[nodiscard]] expected<void> load(const caf::settings& content, config_sources& sources) const;

private:
  struct flag {
    std::string_view name;
    bool repeatable;
    std::vector<std::string> texts;
  };
  friend struct flag_access; // CAF's callbacks, in the source
  std::deque<flag> flags_;   // addresses stay
};

// -- uploads fed by actors ---

/// Root scopes on their way from a host's actor to an upload.
struct scopes_message {
  std::shared_ptr<const std::vector<scope>> scopes;
};

/// How an upload ended, for a host's actor.
struct upload_result_message {
  std::shared_ptr<const receipt> result;
};

using add_scopes_atom = caf::atom_constant<caf::atom("addscopes")>;
using finish_upload_atom = caf::atom_constant<caf::atom("finishup")>;
using cancel_upload_atom = caf::atom_constant<caf::atom("cancelup")>;

/// An upload as actors see it. Errors have the category "upload" for what HTTP did and "symup" for
/// everything else; their code is that of symup::errc, and to_error() gives the whole of them.
using upload_actor = caf::typed_actor<
    // Takes root scopes. Answered when there is room for more, or with an error: errc::rejected
    // (only with overflow = reject; nothing was taken), errc::invalid_scope (nothing was taken), or
    // what the upload failed with.
    caf::replies_to<add_scopes_atom, scopes_message>::with<caf::ok_atom>,
    // The clean end. Answered with the receipt when the upload is complete or has failed.
    caf::replies_to<finish_upload_atom>::with<upload_result_message>,
    // Gives the upload up; its final batch will not be sent.
    caf::reacts_to<cancel_upload_atom>>;

/// Starts a pipeline inside the host's actor system, which must outlive it. Adds its actors, one
/// thread for HTTP, and nothing else.
[[nodiscard]] expected<pipeline> start_pipeline(caf::actor_system& system,
                                                const finalized_config& config);

/// Begins an upload that is fed by messages. Errors as pipeline::begin.
[[nodiscard]] expected<upload_actor> begin_upload(pipeline& pipeline, upload_options options = {});

/// What an upload_actor answered an error with. CAF's own errors (the upload's actors are gone)
/// become errc::internal.
[[nodiscard]] error to_error(const caf::error& e);

} // namespace symup

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(symup::scopes_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(symup::upload_result_message)
