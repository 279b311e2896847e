// SPDX-License-Identifier: Apache-2.0
#include "cli/binary_flags.hpp"

#include "cli/config_flags.hpp"

#include <spdlog/fmt/fmt.h>

namespace symup::cli {

namespace {

constexpr const char* group = "Native binaries";

expected<binary_options> make_options(const binary_flags& flags, downloaded_files& downloads) {
  auto options = flags.options;
  options.temporary_dir = temporary_dir();
  options.root = flags.root == "namespace" ? binary_root::namespace_
                 : flags.root == "unit"    ? binary_root::unit
                                           : binary_root::file;
  options.templates = flags.templates == "each" ? template_policy::each : template_policy::merge;
  for (const auto& text : flags.path_map) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      return fail(errc::invalid_config, "--path-map \"" + text + "\": must be FROM=TO");
    options.path_map.push_back({text.substr(0, equals), text.substr(equals + 1)});
  }
  if (!flags.debuginfod_urls.empty())
    options.fetch_debug_info = [&](const std::string& build_id) {
      return downloads.fetch(flags.debuginfod_urls, build_id);
    };
  return options;
}

} // namespace

void add_binary_flags(CLI::App& app, binary_flags& flags) {
  auto& options = flags.options;
  app.add_option("--root", flags.root, "What a root scope is in C and C++")
      ->check(CLI::IsMember({"file", "namespace", "unit"}))
      ->capture_default_str()
      ->group(group);
  app.add_option("--templates", flags.templates,
                 "One scope for all instances of a template, or one for each")
      ->check(CLI::IsMember({"merge", "each"}))
      ->capture_default_str()
      ->group(group);
  app.add_flag("--all", options.all, "Keep system, toolchain and vendored code too")->group(group);
  app.add_option("--include", options.include,
                 "Keep only source paths (Go: packages) with this prefix, or that match this glob; "
                 "may be repeated")
      ->group(group);
  app.add_option("--exclude", options.exclude, "Leave these out; may be repeated")->group(group);
  app.add_option("--path-map", flags.path_map, "Source paths that begin with FROM begin with TO")
      ->type_name("FROM=TO")
      ->group(group);
  app.add_option("--source-root", options.source_root, "Where relative source paths begin")
      ->type_name("DIR")
      ->group(group);
  app.add_option("--debug-dir", options.debug_dirs,
                 "Where to look for separate debug information before /usr/lib/debug")
      ->type_name("DIR")
      ->group(group);
  app.add_option("--debuginfod", flags.debuginfod_urls,
                 "Servers to ask for debug information that is not on this machine")
      ->type_name("URL")
      ->group(group);
  app.add_option("--threads", options.threads, "Workers that read the binary; 0 = one per core")
      ->check(CLI::Range(0, 256))
      ->capture_default_str()
      ->group(group);
  app.add_option("--extract-memory", options.memory_limit,
                 "Memory for scopes that wait for their root; more goes to a temporary file")
      ->transform(CLI::AsSizeValue(false))
      ->capture_default_str()
      ->group(group);
  app.add_option("--max-inflate", options.max_inflate,
                 "Largest size of compressed debug information when unpacked")
      ->transform(CLI::AsSizeValue(false))
      ->capture_default_str()
      ->group(group);
  app.add_option("--max-failed-units", flags.max_failed_units,
                 "Exit with 3 if more than this per cent of the units are damaged")
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str()
      ->group(group);
}

expected<binary_scopes> open_binary(const std::string& path, const binary_flags& flags,
                                    downloaded_files& downloads) {
  auto options = make_options(flags, downloads);
  if (!options)
    return fail(std::move(options.error()));
  return binary_scopes::open(path, std::move(*options));
}

std::optional<error> too_many_failed(const binary_summary& summary, const binary_flags& flags) {
  const auto share = summary.units == 0 ? 0.0
                                        : 100.0 * static_cast<double>(summary.units_failed) /
                                              static_cast<double>(summary.units);
  if (share <= flags.max_failed_units)
    return std::nullopt;
  return error{errc::unsupported_binary,
               fmt::format("{} of {} units are damaged (at most {} % may be, --max-failed-units); "
                           "the first: {}",
                           summary.units_failed, summary.units, flags.max_failed_units,
                           summary.first_failure),
               std::nullopt};
}

} // namespace symup::cli
