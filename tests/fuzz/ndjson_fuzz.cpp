// SPDX-License-Identifier: Apache-2.0
// libFuzzer: any bytes as a line. What is refused must leave the sink alone; what is taken must
// come out the same when it is written as JSON again in the usual order of fields.
#include "scope_file/json_object_check.hpp"
#include "scope_file/ndjson_to_scopes.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <string>
#include <vector>

using namespace symup;

namespace {

constexpr std::size_t max_depth = 64;

class json_writer final : public scope_sink {
public:
  bool begin_scope(const scope_head& head) override {
    open_.push_back({{"scope_type", head.scope_type},
                     {"name", head.name},
                     {"source_file", head.source_file},
                     {"start_line", head.start_line},
                     {"end_line", head.end_line},
                     {"has_injectible_lines", head.has_injectible_lines},
                     {"injectible_lines", nlohmann::ordered_json::array()}});
    for (std::size_t i = 0; i < head.injectible_line_count; ++i)
      open_.back()["injectible_lines"].push_back(
          {{"start", head.injectible_lines[i].start}, {"end", head.injectible_lines[i].end}});
    check(head.language_specifics);
    return true;
  }
  bool add_symbol(const symbol_view& symbol) override {
    nlohmann::ordered_json written{
        {"name", symbol.name}, {"type", symbol.type}, {"symbol_type", symbol.symbol_type}};
    if (symbol.line)
      written["line"] = *symbol.line;
    open_.back()["symbols"].push_back(std::move(written));
    check(symbol.language_specifics);
    return true;
  }
  bool end_scope() override {
    auto ended = std::move(open_.back());
    open_.pop_back();
    (open_.empty() ? root : open_.back()["scopes"].emplace_back()) = std::move(ended);
    return true;
  }
  nlohmann::ordered_json root;

private:
  static void check(std::string_view specifics) {
    if (!specifics.empty() && !check_json_object(specifics, max_depth))
      std::abort();
  }
  std::vector<nlohmann::ordered_json> open_;
};

/// Writes the events as JSON; "" if the line is refused.
std::string read(std::string line) {
  const auto size = line.size();
  line.resize(size + json_tokens::padding, '}');
  ndjson_to_scopes converter(max_depth, unknown_field_policy::drop);
  json_writer sink;
  json_fault fault;
  const auto outcome = converter.convert(line.data(), size, sink, fault);
  if (outcome == ndjson_to_scopes::outcome::root)
    return sink.root.dump(); // throws on what is not UTF-8
  if (!sink.root.is_null() || fault.what.empty() || fault.offset > size)
    std::abort();
  return {};
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string line(reinterpret_cast<const char*>(data), size);
  (void)check_json_object(line, max_depth);
  const auto once = read(line);
  if (!once.empty() && read(once) != once)
    std::abort();
  return 0;
}
