// SPDX-License-Identifier: Apache-2.0
#include "pipeline_setup.hpp"

#include <doctest/doctest.h>

#include <thread>

namespace symup::testing {

namespace {

void add_tree(const scope& s, scope_counts& counts) {
  ++counts.scopes;
  counts.symbols += s.symbols.size();
  for (const auto& inner : s.scopes)
    add_tree(inner, counts);
}

} // namespace

void scope_counts::add(const scope& root) {
  ++roots;
  add_tree(root, *this);
}

std::vector<scope> make_roots(std::size_t count, std::size_t functions, std::uint32_t seed) {
  scope_generator generate(seed);
  std::vector<scope> roots;
  for (std::size_t i = 0; i < count; ++i)
    roots.push_back(generate.source_file(functions));
  return roots;
}

scope_counts count(const std::vector<scope>& roots) {
  scope_counts counts;
  for (const auto& root : roots)
    counts.add(root);
  return counts;
}

checked_intake::checked_intake(const std::string& faults, const std::string& listen)
    : server_(fail(errc::internal, "not started")) {
  auto parsed = receive::parse_fault_spec(faults);
  REQUIRE(parsed);
  receive::intake_options options;
  options.listen = listen;
  options.faults = *parsed;
  options.on_violation = [this](const std::string& line) {
    const std::lock_guard lock(mutex_);
    violations_.push_back(line);
  };
  server_ = receive::intake_server::start(std::move(options));
  REQUIRE(server_);
}

checked_intake::~checked_intake() {
  server_->stop();
  for (const auto& line : violations_)
    FAIL_CHECK(line);
}

scope_counts checked_intake::taken_of(const std::string& upload_id) const {
  scope_counts taken;
  for (const auto& batch : batches_of(upload_id)) {
    taken.roots += batch.root_scopes;
    taken.scopes += batch.scopes;
    taken.symbols += batch.symbols;
  }
  return taken;
}

config quick_config(const std::string& url) {
  config values;
  values.service = "shop";
  values.version = "1.2.3";
  values.url = url;
  values.workers = 2;
  values.fragment_bytes = 16 * 1024;
  values.max_batch_bytes = 256 * 1024;
  values.flush_threshold = 32 * 1024;
  values.retry_delay = std::chrono::milliseconds(2);
  values.max_retry_delay = std::chrono::milliseconds(20);
  return values;
}

finalized_config checked(const config& values) {
  auto result = finalize(values);
  REQUIRE_MESSAGE(result.has_value(), (result ? "" : result.error().message));
  return *result;
}

pipeline start(const config& values) {
  auto started = pipeline::start(checked(values));
  REQUIRE(started);
  return std::move(*started);
}

upload begin(pipeline& pipe, upload_options options) {
  auto begun = pipe.begin(std::move(options));
  REQUIRE(begun);
  return std::move(*begun);
}

void add_all(upload& up, const std::vector<scope>& roots) {
  for (const auto& root : roots) {
    const auto added = up.add(root);
    REQUIRE_MESSAGE(added.has_value(), (added ? "" : to_string(added.error())));
  }
}

void check_complete(const receipt& result, const checked_intake& intake, const scope_counts& sent) {
  INFO("upload ", result.upload_id);
  CHECK_MESSAGE(!result.error, (result.error ? to_string(*result.error) : ""));
  CHECK(result.final);
  CHECK(result.left_out == 0);
  CHECK(result.scopes == sent.roots);
  CHECK(result.scopes_added == sent.roots);
  const auto batches = intake.batches_of(result.upload_id);
  CHECK(result.batches == batches.size());
  std::uint32_t number = 0;
  for (const auto& batch : batches) {
    CHECK(batch.batch_num == ++number);
    CHECK(batch.final == (number == batches.size()));
    CHECK(batch.root_scopes > 0);
  }
  CHECK(intake.taken_of(result.upload_id).symbols == sent.symbols);
}

bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline)
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1)); // how often it looks
  }
  return true;
}

} // namespace symup::testing
