// SPDX-License-Identifier: Apache-2.0
#include "cli/upload_command.hpp"

#include "cli/config_flags.hpp"
#include "cli/dry_run.hpp"
#include "cli/end_signals.hpp"
#include "cli/exit_code.hpp"
#include "cli/upload_progress_line.hpp"
#include "cli/upload_report.hpp"

#include "pipeline.hpp"
#include "symup/pipeline.hpp"
#include "symup/scope_file.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <unistd.h>

#include <chrono>
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

expected<finalized_config> configure(const upload_arguments& arguments) {
  auto sources = load(arguments.flags);
  if (!sources)
    return fail(std::move(sources.error()));
  return sources->finish();
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

// Feeds the file to the upload. An error is one of the input; what the upload itself has failed
// with is in its receipt.
std::optional<error> feed(scope_file& file, upload& up) {
  for (;;) {
    auto more = file.next(up.sink());
    if (!more) {
      if (more.error().code == errc::cancelled)
        return std::nullopt; // the sink said stop, or a signal came: the upload knows why
      return more.error();
    }
    if (!*more)
      return std::nullopt;
  }
}

// Reads and uploads one file; returns what is to be reported.
upload_report run_upload(const upload_arguments& arguments, scope_file& file, upload& up,
                         end_signals& signals) {
  const auto started = std::chrono::steady_clock::now();
  signals.on_signal([&] {
    up.cancel();
    file.stop();
  });
  std::optional<upload_progress_line> progress;
  if (!arguments.quiet && isatty(STDERR_FILENO) == 1)
    progress.emplace([&] { return up.progress(); }, nullptr);

  upload_report report;
  const auto bad_input = feed(file, up);
  if (bad_input)
    up.cancel();
  else
    up.end();
  report.result = up.wait();
  if (bad_input)
    report.result.error = bad_input;
  signals.on_signal(nullptr);
  report.input = arguments.input;
  report.skipped_lines = file.summary().skipped;
  report.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return report;
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

int run(const upload_arguments& arguments) {
  const auto log = make_log(arguments);
  end_signals signals; // before the pipeline's threads
  const auto config = configure(arguments);
  if (!config)
    return complain(config.error(), arguments, *log);
  auto pipe = make_pipeline(arguments, *config);
  if (!pipe)
    return complain(pipe.error(), arguments, *log);
  auto up = pipe->begin();
  if (!up)
    return complain(up.error(), arguments, *log);
  auto file = scope_file::open(arguments.input, file_options(arguments, *log));
  if (!file)
    return complain(file.error(), arguments, *log);
  log->debug("upload {} of service {} to {}", up->id(), config->values().service,
             arguments.dry_run.empty() ? config->endpoint().url : arguments.dry_run);
  return finish(arguments, run_upload(arguments, *file, *up, signals), *log);
}

} // namespace

void add_upload_command(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<upload_arguments>();
  CLI::App* command = app.add_subcommand("upload", "Upload the scopes of a file");
  command
      ->add_option("INPUT", arguments->input,
                   "NDJSON, one root scope a line, plain or gzip; - = standard input")
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
  add_config_flags(*command, arguments->flags);
  command->callback([arguments, &exit_code] { exit_code = run(*arguments); });
}

} // namespace symup::cli
