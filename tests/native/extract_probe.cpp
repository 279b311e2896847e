// SPDX-License-Identifier: Apache-2.0

/// EXTRACT PROBE: prints the root scopes of a binary as NDJSON, for the tests. It writes its own
/// JSON, so that it shares nothing with the encoder under test.
/// Usage: extract_probe BINARY [--language L] [--threads N] [--root file|namespace|unit] [--each]
///        [--all] [--include P] [--exclude P] [--map FROM=TO] [--source-root D] [--debug-dir D]
///        [--memory BYTES] [--plain] [--quiet] [--languages]
/// Exit code: 0 done, 1 error, 2 usage, 3 units failed.

#include "symup/binary_scopes.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

using json = nlohmann::ordered_json;

std::string text_of(std::string_view bytes) {
  // What is not UTF-8 becomes U+FFFD, as in the encoder.
  return json::parse(json(bytes).dump(-1, ' ', false, json::error_handler_t::replace));
}

class json_sink final : public symup::scope_sink {
public:
  json_sink(bool plain, bool quiet) : plain_(plain), quiet_(quiet) {}

  bool begin_scope(const symup::scope_head& head) override {
    json scope;
    scope["scope_type"] = head.scope_type;
    scope["name"] = text_of(head.name);
    if (!head.source_file.empty())
      scope["source_file"] = text_of(head.source_file);
    scope["start_line"] = head.start_line;
    scope["end_line"] = head.end_line;
    scope["has_injectible_lines"] = head.has_injectible_lines;
    for (std::size_t i = 0; i < head.injectible_line_count; ++i)
      scope["injectible_lines"].push_back(
          {{"start", head.injectible_lines[i].start}, {"end", head.injectible_lines[i].end}});
    if (!head.language_specifics.empty()) {
      scope["language_specifics"] = json::parse(head.language_specifics);
      if (plain_ && open_.empty()) // what differs from machine to machine
        scope.erase("language_specifics");
    }
    open_.push_back(std::move(scope));
    return true;
  }
  bool add_symbol(const symup::symbol_view& symbol) override {
    auto& scope = open_.back();
    if (scope.contains("scopes"))
      std::fprintf(stderr, "symbol behind an inner scope\n"), std::exit(1);
    json made;
    made["name"] = text_of(symbol.name);
    made["type"] = text_of(symbol.type);
    made["symbol_type"] = symbol.symbol_type;
    if (symbol.line)
      made["line"] = *symbol.line;
    if (!symbol.language_specifics.empty())
      made["language_specifics"] = json::parse(symbol.language_specifics);
    scope["symbols"].push_back(std::move(made));
    return true;
  }
  bool end_scope() override {
    auto scope = std::move(open_.back());
    open_.pop_back();
    if (!open_.empty())
      open_.back()["scopes"].push_back(std::move(scope));
    else if (!quiet_)
      std::puts(scope.dump().c_str());
    return true;
  }

private:
  bool plain_, quiet_;
  std::vector<json> open_;
};

int usage() {
  std::fprintf(stderr, "usage: see the top of extract_probe.cpp\n");
  return 2;
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 2)
    return usage();
  symup::binary_options options;
  std::string language;
  bool plain = false, quiet = false, list = false;
  for (int i = 2; i < argc; ++i) {
    const std::string option = argv[i];
    const auto value = [&] { return i + 1 < argc ? std::string(argv[++i]) : std::string(); };
    if (option == "--language") {
      language = value();
    } else if (option == "--threads") {
      options.threads = std::strtoul(value().c_str(), nullptr, 10);
    } else if (option == "--root") {
      const auto root = value();
      options.root = root == "file"   ? symup::binary_root::file
                     : root == "unit" ? symup::binary_root::unit
                                      : symup::binary_root::namespace_;
    } else if (option == "--each") {
      options.templates = symup::template_policy::each;
    } else if (option == "--all") {
      options.all = true;
    } else if (option == "--include") {
      options.include.push_back(value());
    } else if (option == "--exclude") {
      options.exclude.push_back(value());
    } else if (option == "--map") {
      const auto mapping = value();
      const auto equals = mapping.find('=');
      options.path_map.push_back({mapping.substr(0, equals), mapping.substr(equals + 1)});
    } else if (option == "--source-root") {
      options.source_root = value();
    } else if (option == "--debug-dir") {
      options.debug_dirs.push_back(value());
    } else if (option == "--memory") {
      options.memory_limit = std::strtoul(value().c_str(), nullptr, 10);
    } else if (option == "--plain") {
      plain = true;
    } else if (option == "--quiet") {
      quiet = true;
    } else if (option == "--languages") {
      list = true;
    } else {
      return usage();
    }
  }
  auto opened = symup::binary_scopes::open(argv[1], options);
  if (!opened) {
    std::fprintf(stderr, "%s\n", symup::to_string(opened.error()).c_str());
    return 1;
  }
  if (list) {
    for (const auto& known : opened->languages())
      std::puts(known.c_str());
    return 0;
  }
  if (language.empty())
    language = opened->languages().front();
  json_sink sink(plain, quiet);
  const auto summary = opened->extract(language, sink);
  if (!summary) {
    std::fprintf(stderr, "%s\n", symup::to_string(summary.error()).c_str());
    return 1;
  }
  std::fprintf(
      stderr,
      "%s: %zu units, %zu failed, %zu roots, %zu scopes, %zu symbols, %zu functions, %zu "
      "classes, %zu left out, %zu duplicates, %zu bytes of .debug_info, %zu spilled\n",
      summary->language.c_str(), static_cast<std::size_t>(summary->units),
      static_cast<std::size_t>(summary->units_failed), static_cast<std::size_t>(summary->roots),
      static_cast<std::size_t>(summary->scopes), static_cast<std::size_t>(summary->symbols),
      static_cast<std::size_t>(summary->functions), static_cast<std::size_t>(summary->classes),
      static_cast<std::size_t>(summary->left_out), static_cast<std::size_t>(summary->duplicates),
      static_cast<std::size_t>(summary->debug_info_bytes),
      static_cast<std::size_t>(summary->spilled_bytes));
  if (!summary->first_failure.empty())
    std::fprintf(stderr, "%s\n", summary->first_failure.c_str());
  return summary->units_failed != 0 ? 3 : 0;
}
