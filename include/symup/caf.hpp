// SPDX-License-Identifier: Apache-2.0
#pragma once

/// For hosts that have an actor system of their own: run the pipeline in it, take its settings from
/// the host's CAF configuration, and feed uploads from actors. The one public header with CAF in
/// it.

#include "symup/config.hpp"
#include "symup/error.hpp"
#include "symup/pipeline.hpp"
#include "symup/receipt.hpp"
#include "symup/scope.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/fwd.hpp>
#include <caf/typed_actor.hpp>

#include <memory>
#include <vector>

namespace symup {

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
/// everything else; their code is that of symup::errc.
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

} // namespace symup

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(symup::scopes_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(symup::upload_result_message)
