// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What the actors say to each other: the verbs, the payloads, and how errors travel. Payloads are
/// handles to shared values: a message between actors of one process copies a pointer. They never
/// leave the process, so they have no type ids and cannot clash with a host's.

#include "byte_buffer.hpp"
#include "group_to_json.hpp"
#include "http_request.hpp"
#include "scope_fragment.hpp"
#include "scope_group.hpp"
#include "symup/error.hpp"
#include "symup/receipt.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/error.hpp>

#include <cstdint>
#include <memory>

namespace symup::actors {

// -- verbs ---

using abort_atom = caf::atom_constant<caf::atom("abort")>;
using add_atom = caf::atom_constant<caf::atom("add")>;
using answer_atom = caf::atom_constant<caf::atom("answer")>;
using begin_atom = caf::atom_constant<caf::atom("begin")>;
using cancel_atom = caf::atom_constant<caf::atom("cancel")>;
using compress_atom = caf::atom_constant<caf::atom("compress")>;
using drain_atom = caf::atom_constant<caf::atom("drain")>;
using encode_atom = caf::atom_constant<caf::atom("encode")>;
using ended_atom = caf::atom_constant<caf::atom("ended")>;
using finish_atom = caf::atom_constant<caf::atom("finish")>;
using flush_atom = caf::atom_constant<caf::atom("flush")>;
using granted_atom = caf::atom_constant<caf::atom("granted")>;
using relieve_atom = caf::atom_constant<caf::atom("relieve")>;
using retry_atom = caf::atom_constant<caf::atom("retry")>;
using submit_atom = caf::atom_constant<caf::atom("submit")>;
using take_atom = caf::atom_constant<caf::atom("take")>;
using tick_atom = caf::atom_constant<caf::atom("tick")>;
using turn_atom = caf::atom_constant<caf::atom("turn")>;
using upload_atom = caf::atom_constant<caf::atom("upload")>;

// -- payloads ---

/// From INTAKE to ENCODER.
struct group_message {
  std::shared_ptr<scope_group> group;
};

/// A group's JSON, from ENCODER to COMPRESSOR. The buffer goes back to its pool there.
struct encoded_group {
  byte_buffer json;
  fragment_edges edges;
  std::uint64_t sequence = 0;
  std::uint64_t roots = 0;
  std::uint64_t leaves = 0;
  bool ends_at_root = true;
  memory_hold memory;
  tape_turn turn;
};
struct json_message {
  std::shared_ptr<encoded_group> group;
};

/// From COMPRESSOR to BATCHER.
struct fragment_message {
  fragment_ptr fragment;
};

/// From BATCHER to UPLOADER: one batch of the upload `key`.
struct request_message {
  std::uint64_t key = 0;
  std::uint32_t number = 0;
  std::shared_ptr<const http_request> request;
};

/// What became of a batch.
enum class batch_fate : std::uint8_t {
  accepted,
  too_large, ///< 413: cut it in two
  failed,
};
struct batch_result {
  batch_fate fate = batch_fate::failed;
  std::uint32_t attempts = 0;
  std::optional<symup::error> error; ///< set when it failed
};
struct result_message {
  std::shared_ptr<const batch_result> result;
};

/// The producer's last word: how much there was in all.
struct upload_end {
  std::uint64_t last_sequence = 0;
  std::uint64_t roots = 0;
  std::uint64_t left_out = 0;
  std::string first_left_out;
};
struct end_message {
  std::shared_ptr<const upload_end> end;
};

struct error_message {
  std::shared_ptr<const symup::error> reason;
};

struct receipt_message {
  std::shared_ptr<const receipt> result;
};

struct report_message {
  std::shared_ptr<const shutdown_report> report;
};

// -- errors ---

/// Errors of HTTP have the category "upload", all others "symup"; the code is that of errc. The
/// context holds the whole error.
[[nodiscard]] caf::error to_caf(const symup::error& e);

/// Any error of CAF's own (a stage that died, a closed mailbox) becomes errc::internal.
[[nodiscard]] symup::error from_caf(const caf::error& e);

} // namespace symup::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(symup::actors::group_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(symup::actors::json_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(symup::actors::fragment_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(symup::actors::request_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(symup::actors::result_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(symup::actors::end_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(symup::actors::error_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(symup::actors::receipt_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(symup::actors::report_message)
