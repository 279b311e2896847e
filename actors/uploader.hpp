// SPDX-License-Identifier: Apache-2.0
#pragma once

/// UPLOADER: sends batches to one endpoint and tries again where that makes sense.
/// One per endpoint, shared by all uploads. Fed by the BATCHERs; feeds the HTTP engine, whose
/// thread only posts messages back. Runs on the scheduler and never blocks it.

#include "messages.hpp"

#include "request_to_response.hpp"
#include "retry_backoff.hpp"

#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>

namespace symup::actors {

struct response_message {
  std::shared_ptr<const http_response> response;
};

using uploader_actor = caf::typed_actor<
    // Sends a batch; answers with what became of it, after all tries.
    caf::replies_to<upload_atom, request_message>::with<result_message>,
    // Gives up all batches of an upload; each is answered as cancelled.
    caf::reacts_to<cancel_atom, std::uint64_t>,
    // INTERNAL: a transfer has ended.
    caf::reacts_to<answer_atom, std::uint64_t, response_message>,
    // INTERNAL: time for the next try of a batch.
    caf::reacts_to<retry_atom, std::uint64_t>>;

/// How requests leave: the HTTP engine, or a test's stand-in. `start` calls its completion exactly
/// once, on any thread.
struct transport {
  std::function<void(std::uint64_t id, http_request, http_engine::completion)> start;
  std::function<void(std::uint64_t id)> cancel;
  std::shared_ptr<void> owner; ///< what lives as long as the uploader
};

struct uploader_options {
  std::string endpoint_name; ///< for errors: a URL without secrets
  actors::transport transport;
  retry_backoff backoff;
  std::function<std::chrono::system_clock::time_point()> wall_clock;
};

struct uploader_state {
  static inline constexpr const char* name = "uploader";
  /// CAF never answers a promise that is dropped: whoever waits for a batch is told here.
  ~uploader_state();

  struct job {
    request_message message;
    caf::typed_response_promise<result_message> answer;
    std::uint32_t attempts = 0;
    bool running = false; // in the engine; else it waits for its next try
    bool cancelled = false;
  };
  std::optional<uploader_options> options;
  std::map<std::uint64_t, job> jobs;
  std::uint64_t last_id = 0;
};

uploader_actor::behavior_type uploader(uploader_actor::stateful_pointer<uploader_state> self,
                                       uploader_options options);

} // namespace symup::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(symup::actors::response_message)
