// SPDX-License-Identifier: Apache-2.0
#include "cli/extract_command.hpp"

#include "cli/binary_flags.hpp"
#include "cli/binary_progress_line.hpp"
#include "cli/end_signals.hpp"
#include "cli/exit_code.hpp"
#include "cli/scope_lines.hpp"

#include <spdlog/fmt/fmt.h>

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

namespace symup::cli {

namespace {

struct extract_arguments {
  std::string binary;
  std::string output = "-";
  std::string language;
  bool quiet = false;
  binary_flags flags;
};

using file_handle = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

int keep_open(std::FILE* file) {
  return std::fflush(file);
}

int complain(const error& e) {
  fmt::print(stderr, "symup extract: {}\n", to_string(e));
  return exit_code_of(e);
}

file_handle open_output(const std::string& path) {
  if (path == "-")
    return {stdout, &keep_open};
  return {std::fopen(path.c_str(), "wb"), &std::fclose};
}

// Which of the binary's languages to write.
expected<std::vector<std::string>> chosen(const binary_scopes& binary, const std::string& only) {
  if (only.empty())
    return binary.languages();
  for (const auto& language : binary.languages()) {
    if (language == only)
      return std::vector<std::string>{only};
  }
  return fail(errc::invalid_config, fmt::format("--language {}: the binary holds {}", only,
                                                fmt::join(binary.languages(), ", ")));
}

expected<binary_summary> extract_language(binary_scopes& binary, const std::string& language,
                                          scope_lines& lines, const end_signals& signals,
                                          bool show_progress) {
  binary_progress_line progress(show_progress);
  auto summary = binary.extract(language, lines, [&](const binary_progress& now) {
    progress.update(now);
    return !signals.received();
  });
  if (!summary && lines.failure())
    return fail(*lines.failure());
  return summary;
}

void print_summary(const binary_summary& s) {
  fmt::print(stderr,
             "{}: {} root scopes, {} scopes, {} symbols of {} units; {} functions and types left "
             "out by the filter, {} duplicates merged, {} damaged units\n",
             s.language, s.roots, s.scopes, s.symbols, s.units, s.left_out, s.duplicates,
             s.units_failed);
}

int run(const extract_arguments& arguments) {
  end_signals signals;
  downloaded_files downloads;
  auto binary = open_binary(arguments.binary, arguments.flags, downloads);
  if (!binary)
    return complain(binary.error());
  const auto languages = chosen(*binary, arguments.language);
  if (!languages)
    return complain(languages.error());
  const auto out = open_output(arguments.output);
  if (!out)
    return complain({errc::io_failed, arguments.output + ": " + std::strerror(errno), {}});

  scope_lines lines(out.get());
  std::optional<error> damaged;
  for (const auto& language : *languages) {
    const auto summary = extract_language(*binary, language, lines, signals,
                                          !arguments.quiet && isatty(STDERR_FILENO) == 1);
    if (!summary)
      return complain(summary.error());
    if (!arguments.quiet)
      print_summary(*summary);
    if (!damaged)
      damaged = too_many_failed(*summary, arguments.flags);
  }
  if (std::fflush(out.get()) != 0)
    return complain({errc::io_failed, arguments.output + ": " + std::strerror(errno), {}});
  return damaged ? complain(*damaged) : exit_ok;
}

} // namespace

void add_extract_command(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<extract_arguments>();
  CLI::App* command =
      app.add_subcommand("extract", "Print the scopes of a native binary as NDJSON");
  command->add_option("BINARY", arguments->binary, "ELF file with DWARF debug information")
      ->required();
  command->add_option("-o,--output", arguments->output, "File to write; - = standard output")
      ->capture_default_str();
  command->add_option("--language", arguments->language,
                      "Only this of a mixed binary's languages: cpp, c, rust or go");
  command->add_flag("-q,--quiet", arguments->quiet, "Only errors");
  add_binary_flags(*command, arguments->flags);
  command->callback([arguments, &exit_code] { exit_code = run(*arguments); });
}

} // namespace symup::cli
