// SPDX-License-Identifier: Apache-2.0
#include "cli/upload_command.hpp"

#include "cli/binary_flags.hpp"
#include "cli/config_flags.hpp"
#include "cli/dry_run.hpp"
#include "cli/end_signals.hpp"
#include "cli/exit_code.hpp"
#include "cli/upload_report.hpp"
#include "cli/upload_run.hpp"
#include "cli/upload_sources.hpp"

#include "pipeline.hpp"
#include "symup/pipeline.hpp"
#include "symup/scope_file.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <unistd.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace symup::cli {

namespace {

struct upload_arguments {
  std::string input = "-";
  parsed_flags flags;
  binary_flags binary;
  std::string dry_run;
  std::string on_invalid = "fail";
  std::string unknown_fields = "error";
  std::size_t max_line_bytes = scope_file_options().max_line_bytes;
  bool json = false;
  bool quiet = false;
  bool verbose = false;
};

std::shared_ptr<spdlog::logger> make_log(const upload_arguments& arguments) {
  auto log = std::make_shared<spdlog::logger>(
      "symup", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  log->set_pattern("symup: %^%l%$: %v");
  log->set_level(arguments.verbose ? spdlog::level::debug
                 : arguments.quiet ? spdlog::level::err
                                   : spdlog::level::warn);
  return log;
}

expected<pipeline> make_pipeline(const upload_arguments& arguments,
                                 const finalized_config& config) {
  if (arguments.dry_run.empty())
    return pipeline::start(config);
  return start_pipeline_over(config, [dir = arguments.dry_run] { return dry_run_transport(dir); });
}

scope_file_options file_options(const upload_arguments& arguments, spdlog::logger& log) {
  scope_file_options options;
  options.on_invalid =
      arguments.on_invalid == "skip" ? invalid_line_policy::skip : invalid_line_policy::fail;
  options.unknown_fields =
      arguments.unknown_fields == "drop" ? unknown_field_policy::drop : unknown_field_policy::error;
  options.max_line_bytes = arguments.max_line_bytes;
  options.on_skipped = [&log](const invalid_line& line) {
    log.warn("skipped: {}", to_string(line));
  };
  return options;
}

int finish(const upload_arguments& arguments, const upload_report& report, spdlog::logger& log) {
  const auto& result = report.result;
  if (arguments.json) {
    std::fputs(report_json(report).c_str(), stdout);
    std::fflush(stdout);
  } else if (!arguments.quiet && isatty(STDERR_FILENO) == 1) {
    std::fputs(report_table(report).c_str(), stderr);
  } else {
    if (result.left_out > 0)
      log.warn("{} scopes and symbols are larger than a batch may be and were left out; the "
               "first: {}",
               result.left_out, result.first_left_out);
    if (result.empty())
      log.warn("{}: no scopes, nothing was sent", report.input);
  }
  if (!result.error)
    return exit_ok;
  log.error("{}", to_string(*result.error));
  return exit_code_of(*result.error);
}

int complain(const error& e, const upload_arguments& arguments, spdlog::logger& log) {
  upload_report report;
  report.input = arguments.input;
  report.result.error = e;
  if (arguments.json)
    std::fputs(report_json(report).c_str(), stdout);
  log.error("{}", to_string(e));
  return exit_code_of(e);
}

bool shows_progress(const upload_arguments& arguments) {
  return !arguments.quiet && isatty(STDERR_FILENO) == 1;
}

int upload_file(const upload_arguments& arguments, pipeline& pipe, end_signals& signals,
                spdlog::logger& log) {
  auto up = pipe.begin();
  if (!up)
    return complain(up.error(), arguments, log);
  auto file = scope_file::open(arguments.input, file_options(arguments, log));
  if (!file)
    return complain(file.error(), arguments, log);
  log.debug("upload {}", up->id());
  auto report =
      run_upload(file_source(*file, arguments.input), *up, signals, shows_progress(arguments));
  report.skipped_lines = file->summary().skipped;
  return finish(arguments, report, log);
}

// One upload for each language of the binary; the first that fails is the last.
int upload_binary(const upload_arguments& arguments, bool language_is_given, pipeline& pipe,
                  end_signals& signals, spdlog::logger& log) {
  downloaded_files downloads;
  auto binary = open_binary(arguments.input, arguments.binary, downloads);
  if (!binary)
    return complain(binary.error(), arguments, log);
  int exit_code = exit_ok;
  for (const auto& language : binary->languages()) {
    upload_options options;
    if (!language_is_given)
      options.language = language;
    auto up = pipe.begin(options);
    if (!up)
      return complain(up.error(), arguments, log);
    log.debug("upload {} of the {} scopes in {}", up->id(), language, binary->debug_file());
    binary_source source(*binary, language);
    auto report = run_upload(source.make(arguments.input), *up, signals, shows_progress(arguments));
    report.binary = source.summary();
    if (report.binary && !report.result.error)
      report.result.error = too_many_failed(*report.binary, arguments.binary);
    exit_code = finish(arguments, report, log);
    if (exit_code != exit_ok)
      break;
  }
  return exit_code;
}

int run(const upload_arguments& arguments) {
  const auto log = make_log(arguments);
  end_signals signals; // before the pipeline's threads
  auto sources = load(arguments.flags);
  if (!sources)
    return complain(sources.error(), arguments, *log);
  const auto config = sources->finish();
  if (!config)
    return complain(config.error(), arguments, *log);
  auto pipe = make_pipeline(arguments, *config);
  if (!pipe)
    return complain(pipe.error(), arguments, *log);
  log->debug("to {}", arguments.dry_run.empty() ? config->endpoint().url : arguments.dry_run);
  if (arguments.input != "-" && is_elf(arguments.input))
    return upload_binary(arguments, sources->origin("language") != "default", *pipe, signals, *log);
  return upload_file(arguments, *pipe, signals, *log);
}

} // namespace

void add_upload_command(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<upload_arguments>();
  CLI::App* command = app.add_subcommand("upload", "Upload the scopes of a binary or a file");
  command
      ->add_option(
          "INPUT", arguments->input,
          "A native binary with debug information, or NDJSON, one root scope a line, plain or "
          "gzip; - = standard input")
      ->capture_default_str();
  command
      ->add_option("--dry-run", arguments->dry_run,
                   "Write the request bodies to this folder instead of sending them")
      ->type_name("DIR");
  command->add_option("--on-invalid", arguments->on_invalid, "What to do with an invalid line")
      ->check(CLI::IsMember({"fail", "skip"}))
      ->capture_default_str();
  command
      ->add_option("--unknown-fields", arguments->unknown_fields,
                   "What to do with fields that the wire format does not know")
      ->check(CLI::IsMember({"error", "drop"}))
      ->capture_default_str();
  command
      ->add_option("--max-line-bytes", arguments->max_line_bytes,
                   "Longest line that is read, with K, M or G")
      ->transform(CLI::AsSizeValue(false))
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "Print the result as one JSON object");
  auto* quiet = command->add_flag("-q,--quiet", arguments->quiet, "Only errors");
  command->add_flag("-v,--verbose", arguments->verbose, "Say what is done")->excludes(quiet);
  add_binary_flags(*command, arguments->binary);
  add_config_flags(*command, arguments->flags);
  command->callback([arguments, &exit_code] { exit_code = run(*arguments); });
}

} // namespace symup::cli
