// SPDX-License-Identifier: Apache-2.0
#include "pipeline.hpp"

#include "upload_front.hpp"

#include "http_settings.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <uuid/uuid.h>

#include <algorithm>
#include <future>
#include <random>
#include <utility>

namespace symup {

using namespace actors;

namespace {

// Longer texts would not leave room for a fragment beside the envelope.
constexpr std::size_t max_identity_bytes = 2048;

// An eighth of memory_limit is for large tapes, and up to a quarter where many processors need it.
std::size_t tape_turns_of(const config& values) {
  const auto fragments = values.memory_limit / values.fragment_bytes;
  return std::max({std::size_t{1}, fragments / 8, std::min(fragments / 4, 2 * values.workers + 4)});
}

std::string random_uuid() {
  uuid_t id;
  uuid_generate_random(id);
  char text[37];
  uuid_unparse_lower(id, text);
  return text;
}

bool is_uuid(const std::string& text) {
  uuid_t id;
  return uuid_parse(text.c_str(), id) == 0;
}

// Idle workers sleep under this policy; under CAF's default they poll (20-30 % of a core at some
// hundred messages a second).
std::unique_ptr<caf::actor_system_config> make_system_config(std::size_t workers) {
  auto config = std::make_unique<caf::actor_system_config>();
  config->set("scheduler.policy", caf::atom("sharing"));
  config->set("scheduler.max-threads", workers);
  return config;
}

transport_maker engine_maker(const finalized_config& config) {
  return [config]() -> expected<transport> {
    auto made = http_engine::make(config.endpoint(), limits_of(config.values()));
    if (!made)
      return fail(std::move(made.error()));
    std::shared_ptr<http_engine> engine = std::move(*made);
    // The functions live beside the owner and not longer than it.
    auto* raw = engine.get();
    return transport{[raw](std::uint64_t id, http_request request, http_engine::completion done) {
                       raw->start(id, std::move(request), std::move(done));
                     },
                     [raw](std::uint64_t id) { raw->cancel(id); }, std::move(engine)};
  };
}

std::function<double()> jitter() {
  return [engine = std::mt19937_64(std::random_device()())]() mutable {
    return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
  };
}

} // namespace

pipeline_impl::pipeline_impl(const finalized_config& config, caf::actor_system* host,
                             transport_maker make_transport)
    : config_(config), counters_(std::make_shared<pipeline_counters>()), system_(host) {
  const auto& values = config_.values();
  const auto tape_bytes = values.fragment_bytes;
  const auto turns = tape_turns_of(values);
  budget_ = std::make_shared<memory_budget>(values.memory_limit, turns * tape_bytes);
  const auto busy = values.workers * 3 + 2; // more than one upload may have on their way
  turns_ = std::make_shared<tape_turns>(turns, busy, [budget = budget_, tape_bytes](int change) {
    change > 0 ? budget->begin_tape(tape_bytes) : budget->end_tape(tape_bytes);
  });
  const auto idle_buffers = values.workers * 2 + 2;
  tape_buffers_ = std::make_shared<buffer_pool>(idle_buffers, values.fragment_bytes * 2);
  json_buffers_ = std::make_shared<buffer_pool>(idle_buffers, values.fragment_bytes * 2);
  if (values.compression_level == automatic_compression_level)
    levels_ = std::make_shared<level_control>(values.workers);
  if (system_ == nullptr) {
    own_config_ = make_system_config(values.workers);
    own_system_ = std::make_unique<caf::actor_system>(*own_config_);
    system_ = own_system_.get();
  }
  supervisor_ = system_->spawn(
      supervisor,
      supervisor_options{config_, budget_, tape_buffers_, turns_, json_buffers_, counters_, levels_,
                         printable_url(config_.endpoint()), std::move(make_transport), jitter(),
                         [] { return std::chrono::system_clock::now(); }});
}

pipeline_impl::~pipeline_impl() {
  (void)shutdown(std::chrono::milliseconds(0));
  caf::scoped_actor self(*system_);
  caf::anon_send_exit(supervisor_, caf::exit_reason::user_shutdown);
  self->wait_for(supervisor_);
}

expected<upload_identity> pipeline_impl::identify(const upload_options& options) const {
  const auto& values = config_.values();
  const auto either = [](const std::string& own, const std::string& from_config) {
    return own.empty() ? from_config : own;
  };
  upload_identity identity;
  identity.upload_id = either(options.upload_id, random_uuid());
  identity.service = either(options.service, values.service);
  identity.version = either(options.version, values.version);
  identity.env = either(options.env, values.env);
  identity.language = either(options.language, values.language);
  identity.runtime_id = either(options.runtime_id, values.runtime_id);
  identity.layout = values.event_layout;
  if (identity.service.empty() || identity.version.empty())
    return fail(errc::invalid_config, identity.service.empty()
                                          ? "service is not set: an upload must name its service"
                                          : "version is not set: an upload must name its version");
  if (!is_uuid(identity.upload_id))
    return fail(errc::invalid_config,
                "upload_id \"" + identity.upload_id.substr(0, 50) + "\" is not a UUID");
  for (const auto* text : {&identity.service, &identity.version, &identity.env, &identity.language,
                           &identity.runtime_id}) {
    if (text->size() > max_identity_bytes)
      return fail(errc::invalid_config, "service, version, env, language and runtime_id may have " +
                                            std::to_string(max_identity_bytes) +
                                            " bytes each; one has " + std::to_string(text->size()));
  }
  return identity;
}

expected<begun_upload> pipeline_impl::ask_begin(upload_options& options, upload_identity identity,
                                                bool fed_by_messages) {
  auto promise = std::make_shared<std::promise<expected<begun_upload>>>();
  auto answer = promise->get_future();
  caf::anon_send(supervisor_, begin_atom::value,
                 begin_message{std::make_shared<upload_identity>(std::move(identity)),
                               std::move(options.on_done), fed_by_messages,
                               [promise = std::move(promise)](expected<begun_upload> begun) {
                                 promise->set_value(std::move(begun));
                               }});
  try {
    return answer.get();
  } catch (const std::future_error&) { // the supervisor is gone, and the message with it
    return fail(errc::shut_down, "the pipeline is shut down");
  }
}

expected<std::shared_ptr<upload_impl>> pipeline_impl::begin(upload_options options) {
  auto identity = identify(options);
  if (!identity)
    return fail(std::move(identity.error()));
  const auto id = identity->upload_id;
  auto begun = ask_begin(options, std::move(*identity), false);
  if (!begun)
    return fail(std::move(begun.error()));
  auto front = std::make_shared<upload_impl>(*begun, id, config_.values().overflow, budget_,
                                             tape_buffers_, turns_);
  front->listen();
  return front;
}

expected<upload_actor> pipeline_impl::begin_for_actors(upload_options options) {
  auto identity = identify(options);
  if (!identity)
    return fail(std::move(identity.error()));
  auto begun = ask_begin(options, std::move(*identity), true);
  if (!begun)
    return fail(std::move(begun.error()));
  return upload_actor(begun->intake);
}

pipeline_stats pipeline_impl::stats() const {
  auto stats = counters_->read();
  stats.memory_used = budget_->used();
  stats.memory_peak = budget_->peak();
  stats.compression_level = levels_ ? levels_->level() : config_.values().compression_level;
  return stats;
}

shutdown_report pipeline_impl::shutdown(std::chrono::milliseconds deadline) {
  // The clock counts nanoseconds: a "for ever" in milliseconds would overflow into the past.
  constexpr std::chrono::milliseconds longest = std::chrono::hours(24 * 365);
  const auto wait = std::clamp(deadline, std::chrono::milliseconds(0), longest);
  shutdown_report report;
  caf::scoped_actor self(*system_);
  self->request(supervisor_, caf::infinite, drain_atom::value,
                static_cast<std::int64_t>(wait.count()))
      .receive([&](const report_message& message) { report = *message.report; },
               [](const caf::error&) {}); // it has ended already: nothing to report
  return report;
}

// -- the public faces ---

namespace {

// A transport that cannot be made is found here, not by the first upload: the supervisor gets the
// one that was made, and makes another only if its uploader dies.
expected<pipeline> start_in(caf::actor_system* host, const finalized_config& config,
                            transport_maker make_transport) {
  auto first = make_transport();
  if (!first)
    return fail(std::move(first.error()));
  auto held = std::make_shared<std::optional<transport>>(std::move(*first));
  auto make = [held, again = std::move(make_transport)]() -> expected<transport> {
    if (auto made = std::exchange(*held, std::nullopt))
      return std::move(*made);
    return again();
  };
  return pipeline(std::make_shared<pipeline_impl>(config, host, std::move(make)));
}

} // namespace

expected<pipeline> pipeline::start(const finalized_config& config) {
  return start_in(nullptr, config, engine_maker(config));
}

expected<pipeline> start_pipeline(caf::actor_system& system, const finalized_config& config) {
  return start_in(&system, config, engine_maker(config));
}

expected<pipeline> start_pipeline_over(const finalized_config& config,
                                       transport_maker make_transport) {
  return start_in(nullptr, config, std::move(make_transport));
}

expected<upload_actor> begin_upload(pipeline& pipeline, upload_options options) {
  return pipeline.impl()->begin_for_actors(std::move(options));
}

error to_error(const caf::error& e) {
  return from_caf(e);
}

pipeline::pipeline(std::shared_ptr<pipeline_impl> impl) noexcept : impl_(std::move(impl)) {}
pipeline::pipeline(pipeline&&) noexcept = default;
pipeline& pipeline::operator=(pipeline&&) noexcept = default;
pipeline::~pipeline() = default;

expected<upload> pipeline::begin(upload_options options) {
  auto begun = impl_->begin(std::move(options));
  if (!begun)
    return fail(std::move(begun.error()));
  return upload(std::move(*begun));
}

pipeline_stats pipeline::stats() const {
  return impl_->stats();
}

shutdown_report pipeline::shutdown(std::chrono::milliseconds deadline) {
  return impl_->shutdown(deadline);
}

upload::upload(std::shared_ptr<upload_impl> impl) noexcept : impl_(std::move(impl)) {}
upload::upload(upload&&) noexcept = default;

upload& upload::operator=(upload&& other) noexcept {
  if (this != &other) {
    if (impl_)
      impl_->abandon();
    impl_ = std::move(other.impl_);
  }
  return *this;
}

upload::~upload() {
  if (impl_)
    impl_->abandon();
}

expected<void> upload::add(const scope& root) {
  return impl_->add(root);
}
scope_sink& upload::sink() {
  return *impl_;
}
expected<void> upload::flush() {
  return impl_->flush();
}
void upload::end() {
  impl_->end();
}
receipt upload::finish() {
  impl_->end();
  return impl_->wait();
}
receipt upload::wait() const {
  return impl_->wait();
}
void upload::cancel() {
  impl_->cancel();
}
const std::string& upload::id() const noexcept {
  return impl_->id();
}
upload_progress upload::progress() const {
  return impl_->progress();
}
std::optional<error> upload::failure() const {
  return impl_->failure();
}

} // namespace symup
