// SPDX-License-Identifier: Apache-2.0
#include "generated_scopes.hpp"

#include <array>
#include <cmath>

namespace symup::testing {

namespace {

constexpr std::array words = {
    "account", "allocate", "apply",  "archive",  "batch",   "buffer",   "build",    "cache",
    "channel", "check",    "client", "close",    "collect", "compute",  "config",   "connect",
    "context", "count",    "cursor", "decode",   "delete",  "deliver",  "dispatch", "encode",
    "entry",   "error",    "event",  "expire",   "fetch",   "field",    "filter",   "flush",
    "frame",   "get",      "handle", "header",   "index",   "init",     "insert",   "invoice",
    "iterate", "key",      "limit",  "list",     "load",    "lock",     "lookup",   "manager",
    "map",     "match",    "merge",  "message",  "metric",  "node",     "notify",   "offset",
    "open",    "order",    "packet", "parse",    "payment", "peer",     "policy",   "pool",
    "process", "queue",    "read",   "record",   "region",  "release",  "request",  "reset",
    "resolve", "response", "retry",  "route",    "scan",    "schedule", "search",   "select",
    "send",    "session",  "set",    "shard",    "size",    "source",   "split",    "start",
    "state",   "status",   "stream", "submit",   "table",   "target",   "timeout",  "token",
    "update",  "upload",   "user",   "validate", "value",   "vector",   "version",  "write"};

constexpr std::array base_types = {"int",
                                   "bool",
                                   "char",
                                   "double",
                                   "unsigned int",
                                   "std::size_t",
                                   "std::string",
                                   "void*",
                                   "const char*",
                                   "uint32_t",
                                   "int64_t",
                                   "uint8_t",
                                   "std::string_view",
                                   "long",
                                   "std::error_code",
                                   "float"};

} // namespace

std::string scope_generator::identifier(std::size_t count) {
  std::string name = words[below(words.size())];
  for (std::size_t i = 1; i < count; ++i)
    name.append("_").append(words[below(words.size())]);
  return name;
}

std::string scope_generator::new_type() {
  switch (below(8)) {
  case 0:
    return "std::vector<" + identifier(2) + ">";
  case 1:
    return "const " + identifier(2) + "&";
  case 2:
    return "std::shared_ptr<" + identifier(2) + ">";
  case 3:
    return identifier(2) + "*";
  default:
    return base_types[below(base_types.size())];
  }
}

void scope_generator::choose_vocabulary() {
  types_.clear();
  variables_.clear();
  for (std::size_t i = 0; i < 24; ++i)
    types_.push_back(new_type());
  for (std::size_t i = 0; i < 48; ++i)
    variables_.push_back(identifier(1 + below(2)));
}

symbol scope_generator::variable(const char* kind, std::int64_t line) {
  return {variable_name(), type_name(), kind, line, {}};
}

scope scope_generator::block(const std::string& file, std::int64_t start, std::int64_t end,
                             int depth) {
  scope made{"local", "", file, start, end, false, {}, {}, {}, {}};
  for (std::size_t i = 0; i <= below(3); ++i)
    made.symbols.push_back(variable("local", start));
  if (depth > 0 && end - start > 4 && below(2) == 0)
    made.scopes.push_back(block(file, start + 1, end - 1, depth - 1));
  return made;
}

scope scope_generator::function(const std::string& file, std::int64_t& line, const char* kind) {
  const auto start = line;
  const auto end = start + 3 + static_cast<std::int64_t>(below(40));
  line = end + 2;
  scope made{kind, identifier(2 + below(2)), file, start, end, true, {}, {}, {}, {}};
  made.injectible_lines.push_back({start, start + 1});
  for (auto at = start + 2; at < end; at += 2 + static_cast<std::int64_t>(below(9)))
    made.injectible_lines.push_back({at, at});
  made.language_specifics = "{\"return_type\":\"" + type_name() + "\"}";
  for (std::size_t i = 0; i < below(5); ++i)
    made.symbols.push_back(variable("arg", start));
  for (std::size_t i = 0; i < below(5); ++i)
    made.symbols.push_back(variable("local", start + 1 + static_cast<std::int64_t>(i)));
  for (std::size_t i = 0; i < below(3); ++i)
    made.scopes.push_back(block(file, start + 1, end, 2));
  return made;
}

scope scope_generator::type(const std::string& file, std::int64_t line) {
  scope made{"class", identifier(2), file, line, line + 30, false, {}, {}, {}, {}};
  for (std::size_t i = 0; i < 2 + below(8); ++i)
    made.symbols.push_back(variable("field", line + static_cast<std::int64_t>(i)));
  auto at = line + 10;
  for (std::size_t i = 0; i < below(6); ++i)
    made.scopes.push_back(function(file, at, "method"));
  made.end_line = at;
  return made;
}

// Half of the files have up to 8 functions, one in a hundred several hundred.
std::size_t scope_generator::file_size() {
  const auto draw = static_cast<double>(below(10000)) / 10000.0;
  return 1 + static_cast<std::size_t>(std::pow(draw, 6.0) * 600.0 + draw * 12.0);
}

scope scope_generator::source_file(std::size_t functions) {
  choose_vocabulary();
  const auto file =
      "/src/" + identifier(1) + "/" + identifier(2) + "_" + std::to_string(++files_) + ".cpp";
  scope made{"FILE", file, file, 0, 0, false, {}, {}, {}, {}};
  std::int64_t line = 10;
  for (std::size_t i = 0; i < functions; ++i) {
    if (below(4) == 0) {
      made.scopes.push_back(type(file, line));
      line = made.scopes.back().end_line + 2;
    } else {
      made.scopes.push_back(function(file, line, "function"));
    }
  }
  made.end_line = line;
  return made;
}

} // namespace symup::testing
