// SPDX-License-Identifier: Apache-2.0
#include "symup/scope_file.hpp"

#include "scope_file/input_stream.hpp"
#include "scope_file/line_reader.hpp"
#include "scope_file/ndjson_to_scopes.hpp"

#include <new>
#include <utility>

namespace symup {

namespace {

constexpr std::size_t most_line_bytes = std::size_t{1} << 30;
constexpr std::size_t most_depth = 1024; // a level of scopes takes part of the stack

expected<void> in_range(const char* option, std::size_t value, std::size_t most) {
  if (value >= 1 && value <= most)
    return {};
  return fail(errc::invalid_config, std::string(option) + ": " + std::to_string(value) +
                                        " is not within 1 ... " + std::to_string(most));
}

} // namespace

std::string to_string(const invalid_line& invalid) {
  return invalid.file + ':' + std::to_string(invalid.line) + ": byte " +
         std::to_string(invalid.offset) + ": " + invalid.what;
}

struct scope_file::state {
  state(scope_file_options options_, std::unique_ptr<stop_signal> stop_,
        std::unique_ptr<input_stream> in_)
      : options(std::move(options_)), stop(std::move(stop_)), in(std::move(in_)),
        lines(*in, options.max_line_bytes), to_scopes(options.max_depth, options.unknown_fields) {}

  expected<bool> next(scope_sink& sink);
  ndjson_to_scopes::outcome convert(const input_line& line, scope_sink& sink, json_fault& fault);

  scope_file_options options;
  std::unique_ptr<stop_signal> stop;
  std::unique_ptr<input_stream> in;
  line_reader lines;
  ndjson_to_scopes to_scopes;
  scope_file_summary summary;
};

expected<scope_file> scope_file::open(const std::string& path, scope_file_options options) try {
  if (auto good = in_range("max_line_bytes", options.max_line_bytes, most_line_bytes); !good)
    return fail(std::move(good.error()));
  if (auto good = in_range("max_depth", options.max_depth, most_depth); !good)
    return fail(std::move(good.error()));
  auto stop = stop_signal::make();
  if (!stop)
    return fail(std::move(stop.error()));
  auto in = input_stream::open(path, **stop);
  if (!in)
    return fail(std::move(in.error()));
  return scope_file(std::make_unique<state>(std::move(options), std::move(*stop), std::move(*in)));
} catch (const std::bad_alloc&) {
  return fail(errc::out_of_memory, "no memory to read " + path);
}

scope_file::scope_file(std::unique_ptr<state> state) noexcept : state_(std::move(state)) {}
scope_file::scope_file(scope_file&& other) noexcept = default;
scope_file& scope_file::operator=(scope_file&& other) noexcept = default;
scope_file::~scope_file() = default;

const scope_file_summary& scope_file::summary() const noexcept {
  return state_->summary;
}
void scope_file::stop() noexcept {
  state_->stop->stop();
}

expected<bool> scope_file::next(scope_sink& sink) try {
  auto result = state_->next(sink);
  state_->summary.lines = state_->lines.lines();
  state_->summary.bytes = state_->lines.bytes();
  return result;
} catch (const std::bad_alloc&) {
  return fail(errc::out_of_memory, state_->in->name() + ':' +
                                       std::to_string(state_->lines.lines()) +
                                       ": no memory for the line");
}

expected<bool> scope_file::state::next(scope_sink& sink) {
  using outcome = ndjson_to_scopes::outcome;
  for (;;) {
    if (stop->stopped())
      return fail(errc::cancelled, "reading was stopped");
    input_line line;
    if (auto more = lines.next(line); !more || !*more)
      return more;
    json_fault fault;
    const auto result = convert(line, sink, fault);
    if (result == outcome::stopped)
      return fail(errc::cancelled, "the taker of scopes said stop");
    if (result == outcome::root) {
      ++summary.root_scopes;
      summary.repaired += to_scopes.repaired() ? 1 : 0;
      return true;
    }
    const invalid_line invalid{in->name(), line.number, line.offset + fault.offset,
                               fault.message()};
    if (options.on_invalid == invalid_line_policy::fail)
      return fail(errc::invalid_line, to_string(invalid));
    ++summary.skipped;
    if (options.on_skipped)
      options.on_skipped(invalid);
  }
}

ndjson_to_scopes::outcome scope_file::state::convert(const input_line& line, scope_sink& sink,
                                                     json_fault& fault) {
  if (line.text != nullptr)
    return to_scopes.convert(line.text, line.size, sink, fault);
  fault.what = "line longer than max_line_bytes (" + std::to_string(options.max_line_bytes) + ')';
  return ndjson_to_scopes::outcome::invalid;
}

} // namespace symup
