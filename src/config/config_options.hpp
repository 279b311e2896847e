// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The one table of options. Each row ties a field of `config` to its words (key of the file, flag,
/// environment variable, help), its kind and its range. Parsing, rendering, the flags of the CLI,
/// the reference file and the README's table all come from here: an option is added by adding a
/// field and a row. Pure functions, any thread. CONFIG VALUES reads and writes the fields.

#include "symup/config.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace symup {

enum class value_kind : std::uint8_t {
  text,
  bytes,    ///< "2097152", "2048K", "2M", "2MiB", "1G"; K = 1024
  count,    ///< how many; not negative
  duration, ///< "500ms", "5s", "2m", "1h"
  integer,
  integer_or_auto, ///< "auto" is 0 in the field, whatever the range
  word,            ///< one of a few words
  headers          ///< "Name: value", any number of them
};

/// Which field of `config` an option sets.
using config_field =
    std::variant<std::string config::*, std::int64_t config::*, std::size_t config::*,
                 std::uint16_t config::*, int config::*, config::milliseconds config::*,
                 event_layout config::*, split_policy config::*, overflow_policy config::*,
                 std::vector<http_header> config::*>;

struct config_option {
  std::string_view name;        ///< key in the file's `symup` group and field of `config`
  std::string_view group;       ///< heading in help, file and README
  std::string_view flag;        ///< of the command line, "--url"; "" = none
  std::string_view environment; ///< variable; "" = none
  value_kind kind;
  config_field field;
  std::string_view value_name; ///< stands for the value in help
  /// Numbers: the smallest and largest allowed (durations in milliseconds).
  /// Text: 1 = must not be empty, and the most bytes.
  std::int64_t min, max;
  std::vector<std::string_view> words; ///< of kind `word`, in the order of the enum
  std::string_view help;               ///< one line
  bool secret = false;
};

/// All options in the order of help.
[[nodiscard]] const std::vector<config_option>& config_options();

/// The row of an option, or null.
[[nodiscard]] const config_option* find_option(std::string_view name) noexcept;

/// The option that was probably meant by `name`; "" = none is near.
[[nodiscard]] std::string_view nearest_option(std::string_view name);

} // namespace symup
