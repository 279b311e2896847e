// SPDX-License-Identifier: Apache-2.0
#pragma once

/// CONFIG VALUES: one field of a `config` from text and to text, by the row of its option, with
/// errors that name the option, where the value came from and what is allowed. Called by the
/// sources, by finalize and by what prints a configuration. Pure functions, any thread.

#include "config/config_options.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace symup {

/// The word of an integer_or_auto, and what the field holds for it.
inline constexpr std::string_view automatic = "auto";
inline constexpr std::int64_t automatic_number = automatic_compression_level;

/// Reads `text` and sets the field; a header is added to those that are there. `origin` says where
/// the text came from ("command line --url"), for errors. On an error `target` is unchanged.
[[nodiscard]] expected<void> parse_option(const config_option& option, std::string_view text,
                                          std::string_view origin, config& target);

/// Checks a field against the range of its row, whoever filled it.
[[nodiscard]] expected<void> check_range(const config_option& option, const config& values,
                                         std::string_view origin);

/// The field as text that parse_option reads back: "2MiB", "5s". Headers: one per line.
/// May be secret.
[[nodiscard]] std::string render_option(const config_option& option, const config& values);

/// The field as it may be printed: secrets and what looks like one are masked.
[[nodiscard]] std::string show_option(const config_option& option, const config& values);

/// A header as it may be printed: "Name: value", the value masked if the name sounds secret.
[[nodiscard]] std::string show_header(const http_header& header);

/// "2097152" -> "2MiB"; exact.
[[nodiscard]] std::string render_bytes(std::int64_t bytes);
/// "5000" -> "5s"; exact.
[[nodiscard]] std::string render_duration(std::int64_t milliseconds);

/// What may be set, as half a sentence: "a size from 256 to 64MiB".
[[nodiscard]] std::string allowed_range(const config_option& option);
/// The same with examples, for errors: "..., such as 4096, 512K, 2M or 1G (K = 1024)".
[[nodiscard]] std::string allowed_values(const config_option& option);

/// A setting as it stands at the head of an error: `url = "x" (file a.conf:3)`. The value is left
/// out or masked where it is or may hold a secret.
[[nodiscard]] std::string name_setting(const config_option& option, std::string_view text,
                                       std::string_view origin);

/// The error of a setting: its name, what is wrong, what is allowed.
[[nodiscard]] error option_error(const config_option& option, std::string_view text,
                                 std::string_view origin, std::string_view problem);

} // namespace symup
