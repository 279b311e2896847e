// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Settings from several places: collects what file, environment and command line say, in whatever
/// order they are read, and remembers where every value came from. Filled by a host before the
/// pipeline starts: by load_config_file (symup/config_file.hpp) or load_config (symup/caf.hpp), by
/// load_environment and by apply. finish() checks all of it. A plain value, used by one thread.
///
///     symup::config_sources sources;
///     auto file = symup::load_config_file("host.conf", sources);
///     auto env = sources.load_environment([](const char* name) { return std::getenv(name); });
///     auto flag = sources.apply("flush_threshold", "1M", {symup::source_rank::command_line,
///     "-t"}); auto config = sources.finish(); // expected<finalized_config>

#include "symup/config.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace symup {

/// Where a value came from, in rising precedence.
enum class source_rank : std::uint8_t { file, environment, command_line };

struct value_origin {
  source_rank rank;
  std::string where; ///< "file symup.conf:7", "environment DD_SITE", "command line --site"
};

class config_sources {
public:
  /// Looks up a variable: its value or null.
  using environment_lookup = std::function<const char*(const char* variable)>;

  /// Takes the variables that the table of options names (DD_SERVICE, DD_SITE, ...), all through
  /// `lookup`: symup reads no environment of its own. An empty variable counts as not set.
  [[nodiscard]] expected<void> load_environment(const environment_lookup& lookup);

  /// Takes one value. Within a rank a later text replaces an earlier one, but headers add up. An
  /// unknown key, text that cannot be read or a value out of range is an error and changes nothing.
  [[nodiscard]] expected<void> apply(std::string_view key, std::string_view text,
                                     value_origin origin);

  /// The winning value of every option, checked as a whole. Of url, site (with the API key) and
  /// agent_host / agent_port the one set at the highest rank is where uploads go, at equal rank the
  /// one named first here; the losing ones are empty in the result. A site that wins without an API
  /// key is an error, except DD_SITE of the environment: containers set it for their agent.
  [[nodiscard]] expected<finalized_config> finish() const;

  /// "default" or where the winning value came from; says so if it had no effect.
  [[nodiscard]] std::string origin(std::string_view name) const;

private:
  enum class destination : std::uint8_t { url, site, agent };
  struct setting {
    std::vector<std::string> texts; // more than one: headers
    std::string where;
  };
  static constexpr std::size_t ranks = 3;
  static constexpr int not_set = -1;

  [[nodiscard]] const setting* find(std::string_view name) const;
  [[nodiscard]] int rank(std::string_view name) const; // of the winning value, or not_set
  [[nodiscard]] bool is_set_to_something(std::string_view name) const;
  [[nodiscard]] bool site_is_the_agents() const;
  [[nodiscard]] destination choose_destination() const;
  [[nodiscard]] std::string_view no_effect(std::string_view name) const;

  std::map<std::string, std::array<setting, ranks>, std::less<>> settings_;
};

} // namespace symup
