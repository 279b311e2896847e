// SPDX-License-Identifier: Apache-2.0
#include "config/config_values.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

namespace symup {
namespace {

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>;

struct unit {
  std::string_view name;
  std::int64_t factor;
};

// The first unit of a size is the one that values are rendered with.
constexpr std::array<unit, 3> byte_units{{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}}};
constexpr std::array<unit, 5> time_units{
    {{"h", 3'600'000}, {"m", 60'000}, {"min", 60'000}, {"s", 1'000}, {"ms", 1}}};

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [lower](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

struct number_with_unit {
  std::int64_t number;
  std::string_view unit;
};

std::optional<number_with_unit> read_number(std::string_view text) {
  number_with_unit result{};
  const char* end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, result.number);
  if (failure != std::errc())
    return std::nullopt;
  result.unit = text.substr(static_cast<std::size_t>(rest - text.data()));
  return result;
}

std::optional<std::int64_t> times(std::int64_t number, std::int64_t factor) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(number, factor, &product))
    return std::nullopt;
  return product;
}

std::optional<std::int64_t> read_integer(std::string_view text) {
  const auto number = read_number(text);
  if (!number || !number->unit.empty())
    return std::nullopt;
  return number->number;
}

std::optional<std::int64_t> read_bytes(std::string_view text) {
  const auto number = read_number(text);
  if (!number)
    return std::nullopt;
  if (number->unit.empty())
    return number->number;
  for (const unit& u : byte_units)
    if (equal_ignoring_case(number->unit, u.name) ||
        equal_ignoring_case(number->unit, u.name.substr(0, 1)))
      return times(number->number, u.factor);
  return std::nullopt;
}

std::optional<std::int64_t> read_duration(std::string_view text) {
  const auto number = read_number(text);
  if (!number)
    return std::nullopt;
  if (number->unit.empty() && number->number == 0)
    return 0; // no time is no time in every unit
  for (const unit& u : time_units)
    if (number->unit == u.name)
      return times(number->number, u.factor);
  return std::nullopt;
}

std::optional<std::int64_t> read_word(const config_option& option, std::string_view text) {
  const auto found = std::find(option.words.begin(), option.words.end(), text);
  if (found == option.words.end())
    return std::nullopt;
  return found - option.words.begin();
}

std::optional<std::int64_t> read_integer_or_auto(std::string_view text) {
  if (text == automatic)
    return automatic_number;
  const auto number = read_integer(text);
  return number == automatic_number ? std::nullopt : number;
}

std::optional<std::int64_t> read_scalar(const config_option& option, std::string_view text) {
  switch (option.kind) {
  case value_kind::bytes:
    return read_bytes(text);
  case value_kind::duration:
    return read_duration(text);
  case value_kind::word:
    return read_word(option, text);
  case value_kind::integer_or_auto:
    return read_integer_or_auto(text);
  default:
    return read_integer(text);
  }
}

// The number a field stands for; of text its length, of headers how many.
std::int64_t field_number(const config_option& option, const config& values) {
  constexpr auto largest = std::numeric_limits<std::int64_t>::max();
  return std::visit(overloaded{
                        [&](std::string config::*field) {
                          return static_cast<std::int64_t>((values.*field).size());
                        },
                        [&](std::vector<http_header> config::*field) {
                          return static_cast<std::int64_t>((values.*field).size());
                        },
                        [&](config::milliseconds config::*field) {
                          return static_cast<std::int64_t>((values.*field).count());
                        },
                        [&](std::size_t config::*field) {
                          const std::size_t number = values.*field;
                          return number > static_cast<std::uint64_t>(largest)
                                     ? largest
                                     : static_cast<std::int64_t>(number);
                        },
                        [&](auto field) { return static_cast<std::int64_t>(values.*field); },
                    },
                    option.field);
}

// `number` is within the option's range and therefore fits its field.
void set_number(const config_option& option, std::int64_t number, config& target) {
  std::visit(overloaded{
                 [](std::string config::*) {},
                 [](std::vector<http_header> config::*) {},
                 [&](config::milliseconds config::*field) {
                   target.*field = config::milliseconds(number);
                 },
                 [&](auto field) {
                   using value = std::decay_t<decltype(target.*field)>;
                   target.*field = static_cast<value>(number);
                 },
             },
             option.field);
}

bool in_range(const config_option& option, std::int64_t number) {
  if (option.kind == value_kind::word)
    return number >= 0 && static_cast<std::size_t>(number) < option.words.size();
  if (option.kind == value_kind::integer_or_auto && number == automatic_number)
    return true;
  return number >= option.min && number <= option.max;
}

std::string_view range_problem(const config_option& option) {
  switch (option.kind) {
  case value_kind::text:
    return "has the wrong length";
  case value_kind::headers:
    return "are too many";
  case value_kind::word:
    return "is not a known word";
  default:
    return "is out of range";
  }
}

expected<void> parse_header(const config_option& option, std::string_view text,
                            std::string_view origin, config& target) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos)
    return fail(option_error(option, text, origin, "has no ':'"));
  auto& headers = target.*std::get<std::vector<http_header> config::*>(option.field);
  if (headers.size() >= static_cast<std::size_t>(option.max))
    return fail(option_error(option, text, origin, "are too many"));
  headers.push_back(
      {std::string(text.substr(0, colon)), std::string(trim(text.substr(colon + 1)))});
  return {};
}

std::string as_json_text(std::string_view text) {
  constexpr std::size_t longest = 120; // an error is for reading
  const bool cut = text.size() > longest;
  using json = nlohmann::json;
  return json(std::string(text.substr(0, longest)))
             .dump(-1, ' ', false, json::error_handler_t::replace) +
         (cut ? "..." : "");
}

// An address may hold credentials before an '@' and tokens in its query or fragment.
std::string without_url_secrets(std::string_view url) {
  std::string shown(url);
  if (const std::size_t at = shown.rfind('@'); at != std::string::npos)
    return "(not shown: may hold credentials)";
  if (const std::size_t query = shown.find_first_of("?#"); query != std::string::npos)
    shown.replace(query + 1, std::string::npos, "(not shown)");
  return shown;
}

std::string show_text(const config_option& option, std::string_view text) {
  if (option.secret)
    return text.empty() ? "" : "(set, not shown)";
  if (option.name == "url" || option.name == "proxy")
    return without_url_secrets(text);
  return std::string(text);
}

bool sounds_secret(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  for (std::string_view word :
       {"key", "token", "auth", "cookie", "secret", "passw", "credential", "session", "signature"})
    if (lower.find(word) != std::string::npos)
      return true;
  return false;
}

template <std::size_t N>
std::string render_with_unit(std::int64_t number, const std::array<unit, N>& units) {
  for (const unit& u : units)
    if (number != 0 && number % u.factor == 0)
      return std::to_string(number / u.factor) + std::string(u.name);
  return std::to_string(number);
}

std::string render_number(const config_option& option, std::int64_t number) {
  switch (option.kind) {
  case value_kind::bytes:
    return render_bytes(number);
  case value_kind::duration:
    return render_duration(number);
  case value_kind::word:
    return in_range(option, number) ? std::string(option.words[static_cast<std::size_t>(number)])
                                    : std::to_string(number);
  case value_kind::integer_or_auto:
    return number == automatic_number ? std::string(automatic) : std::to_string(number);
  default:
    return std::to_string(number);
  }
}

std::string join_words(const config_option& option) {
  std::string text;
  for (std::string_view word : option.words) {
    if (!text.empty())
      text += " or ";
    text += word;
  }
  return text;
}

} // namespace

expected<void> parse_option(const config_option& option, std::string_view text,
                            std::string_view origin, config& target) {
  if (option.kind == value_kind::headers)
    return parse_header(option, text, origin, target);
  if (option.kind == value_kind::text) {
    const auto size = static_cast<std::int64_t>(text.size());
    if (!in_range(option, size))
      return fail(option_error(option, text, origin, range_problem(option)));
    target.*std::get<std::string config::*>(option.field) = std::string(text);
    return {};
  }
  const auto number = read_scalar(option, text);
  if (!number)
    return fail(option_error(option, text, origin, "cannot be read"));
  if (!in_range(option, *number))
    return fail(option_error(option, text, origin, range_problem(option)));
  set_number(option, *number, target);
  return {};
}

expected<void> check_range(const config_option& option, const config& values,
                           std::string_view origin) {
  if (in_range(option, field_number(option, values)))
    return {};
  return fail(option_error(option, render_option(option, values), origin, range_problem(option)));
}

std::string render_option(const config_option& option, const config& values) {
  if (option.kind == value_kind::text)
    return values.*std::get<std::string config::*>(option.field);
  if (option.kind != value_kind::headers)
    return render_number(option, field_number(option, values));
  std::string lines;
  for (const http_header& h : values.*std::get<std::vector<http_header> config::*>(option.field)) {
    lines += lines.empty() ? "" : "\n";
    lines += h.name + ": " + h.value;
  }
  return lines;
}

std::string show_option(const config_option& option, const config& values) {
  if (option.kind != value_kind::headers)
    return show_text(option, render_option(option, values));
  std::string lines;
  for (const http_header& h : values.*std::get<std::vector<http_header> config::*>(option.field))
    lines += (lines.empty() ? "" : "\n") + show_header(h);
  return lines;
}

std::string show_header(const http_header& header) {
  return header.name + ": " + (sounds_secret(header.name) ? "(set, not shown)" : header.value);
}

std::string render_bytes(std::int64_t bytes) {
  return render_with_unit(bytes, byte_units);
}

std::string render_duration(std::int64_t milliseconds) {
  return render_with_unit(milliseconds, time_units);
}

std::string allowed_range(const config_option& option) {
  const auto range = [&option](std::string (*render)(std::int64_t)) {
    return "from " + render(option.min) + " to " + render(option.max);
  };
  const auto plain = [](std::int64_t number) { return std::to_string(number); };
  switch (option.kind) {
  case value_kind::text:
    return "a text of " + (option.min == 0 ? "at most " : std::to_string(option.min) + " to ") +
           std::to_string(option.max) + " bytes";
  case value_kind::bytes:
    return "a size " + range(render_bytes);
  case value_kind::duration:
    return "a time " + range(render_duration);
  case value_kind::word:
    return join_words(option);
  case value_kind::headers:
    return "'Name: value', at most " + std::to_string(option.max);
  case value_kind::integer_or_auto:
    return "auto or a whole number " + range(plain);
  default:
    return "a whole number " + range(plain);
  }
}

std::string allowed_values(const config_option& option) {
  std::string allowed = allowed_range(option);
  if (option.kind == value_kind::bytes)
    allowed += ", such as 4096, 512K, 2M or 1G (K = 1024)";
  else if (option.kind == value_kind::duration)
    allowed += ", such as 500ms, 5s, 2m or 1h";
  return allowed;
}

error option_error(const config_option& option, std::string_view text, std::string_view origin,
                   std::string_view problem) {
  std::string message = name_setting(option, text, origin);
  message += ' ';
  message += problem;
  message += "; allowed: " + allowed_values(option);
  return {errc::invalid_config, std::move(message), std::nullopt};
}

std::string name_setting(const config_option& option, std::string_view text,
                         std::string_view origin) {
  std::string setting(option.name);
  // What stands in a header or an API key may be secret even if it is malformed.
  if (!option.secret && option.kind != value_kind::headers)
    setting += " = " + as_json_text(show_text(option, text));
  if (!origin.empty())
    setting += " (" + std::string(origin) + ')';
  return setting;
}

} // namespace symup
