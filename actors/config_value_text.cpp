// SPDX-License-Identifier: Apache-2.0
#include "config_value_text.hpp"

#include "config/config_options.hpp"
#include "config/config_values.hpp"

#include <chrono>

namespace symup {
namespace {

bool is_written_as_text(value_kind kind) {
  return kind == value_kind::text || kind == value_kind::word || kind == value_kind::headers;
}

error wrong_type(const config_option& option, const caf::config_value& value,
                 std::string_view written, const value_origin& origin) {
  std::string problem = "is of CAF's type " + std::string(value.type_name());
  if (option.kind == value_kind::headers)
    problem += ", not a list of texts in double quotes";
  else if (is_written_as_text(option.kind))
    problem += ", not a text in double quotes";
  else
    problem += ", neither a whole number nor a text in double quotes";
  return option_error(option, written, origin.where, problem);
}

// A host's settings hold times in nanoseconds.
std::string time_text(caf::timespan time) {
  const auto whole = std::chrono::duration_cast<std::chrono::milliseconds>(time);
  if (whole != time)
    return std::to_string(time.count()) + "ns"; // refused with the list of units
  return render_duration(whole.count());
}

expected<void> take_list(const config_option& option, const caf::config_value& value,
                         const value_origin& origin, config_sources& sources) {
  for (const caf::config_value& element : caf::get<caf::config_value::list>(value)) {
    const auto* text = caf::get_if<std::string>(&element);
    if (text == nullptr)
      return fail(wrong_type(option, element, {}, origin));
    if (auto taken = sources.apply(option.name, *text, origin); !taken)
      return taken;
  }
  return {};
}

} // namespace

expected<void> take_config_value(std::string_view key, const caf::config_value& value,
                                 std::string_view written, value_origin origin,
                                 config_sources& sources) {
  const config_option* option = find_option(key);
  if (option == nullptr)
    return sources.apply(key, {}, std::move(origin)); // words the error
  if (const auto* text = caf::get_if<std::string>(&value))
    return sources.apply(key, *text, std::move(origin));
  if (option->kind == value_kind::headers && caf::holds_alternative<caf::config_value::list>(value))
    return take_list(*option, value, origin, sources);
  if (!is_written_as_text(option->kind)) {
    const auto* time = caf::get_if<caf::timespan>(&value);
    const auto* number = caf::get_if<caf::config_value::integer>(&value);
    if ((time != nullptr || number != nullptr) && !written.empty())
      return sources.apply(key, written, std::move(origin));
    if (number != nullptr)
      return sources.apply(key, std::to_string(*number), std::move(origin));
    if (time != nullptr)
      return sources.apply(key, time_text(*time), std::move(origin));
  }
  return fail(wrong_type(*option, value, written, origin));
}

} // namespace symup
