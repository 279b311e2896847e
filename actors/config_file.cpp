// SPDX-License-Identifier: Apache-2.0
#include "symup/config_file.hpp"

#include "config/config_file_layout.hpp"
#include "config/config_options.hpp"
#include "config_value_text.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/pec.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

namespace symup {
namespace {

constexpr std::string_view group = "symup";
// CAF takes an open group at the end of the file for a complete file and drops it. A section behind
// the text can be read only if everything before it is closed.
constexpr char end_section[] = "symup_end_of_file";

std::string origin_of(std::string_view name, std::size_t line) {
  return "file " + std::string(name) + ':' + std::to_string(line);
}

tl::unexpected<error> wrong(std::string_view name, std::size_t line, const std::string& problem) {
  return fail(errc::invalid_config, origin_of(name, line) + ": " + problem);
}

tl::unexpected<error> cut_off(std::string_view name) {
  return fail(errc::invalid_config, "file " + std::string(name) +
                                        " ends inside a group, list or text that is not closed");
}

// CAF's lines end with LF only.
void drop_carriage_returns(std::string& text) {
  std::size_t to = 0;
  for (std::size_t from = 0; from < text.size(); ++from)
    if (text[from] != '\r' || from + 1 == text.size() || text[from + 1] != '\n')
      text[to++] = text[from];
  text.resize(to);
}

std::size_t line_of(const caf::error& parse_error) {
  if (parse_error.context().match_element<caf::settings>(0))
    if (const auto* line = caf::get_if(&parse_error.context().get_as<caf::settings>(0), "line"))
      if (const auto* number = caf::get_if<caf::config_value::integer>(line))
        return static_cast<std::size_t>(*number);
  return 0;
}

tl::unexpected<error> parse_failure(const caf::error& parse_error, std::string_view name,
                                    std::size_t lines) {
  const std::size_t line = line_of(parse_error);
  if (line > lines)
    return cut_off(name);
  std::string problem = to_string(static_cast<caf::pec>(parse_error.code()));
  for (char& c : problem)
    c = c == '_' ? ' ' : c;
  return wrong(name, line,
               problem +
                   " here or before; text, and numbers with a unit such as \"2M\", stand in "
                   "double quotes, comments begin with ';', groups are written symup { ... }");
}

expected<caf::settings> parse(const std::string& text, std::string_view name, std::size_t lines) {
  std::istringstream stream(text + "\n[" + end_section + "]\nseen = true\n");
  auto parsed = caf::actor_system_config::parse_config(stream);
  if (!parsed)
    return parse_failure(parsed.error(), name, lines);
  if (parsed->find(end_section) == parsed->end())
    return cut_off(name);
  return std::move(*parsed);
}

// Takes the assignments of the group one by one, in the order of the file.
class group_reader {
public:
  group_reader(std::string_view name, const caf::settings& parsed, config_sources& sources)
      : name_(name), parsed_(parsed), sources_(sources) {}

  expected<void> take(const config_assignment& found) {
    constexpr std::size_t prefix = group.size() + 1;
    if (found.key == group)
      return enter_group(found);
    if (find_option(found.key) != nullptr)
      return wrong(name_, found.line, found.key + " stands outside of symup { ... }");
    if (found.key.compare(0, prefix, std::string(group) + '.') != 0)
      return {}; // the host's
    return take_option(found, found.key.substr(prefix));
  }

private:
  expected<void> enter_group(const config_assignment& found) {
    if (found.value != "{" && found.value != "[]")
      return wrong(name_, found.line, "symup is a group: symup { ... }");
    if (group_line_ != 0)
      return wrong(name_, found.line,
                   "a second group symup; the first is in line " + std::to_string(group_line_));
    group_line_ = found.line;
    return {};
  }

  expected<void> take_option(const config_assignment& found, const std::string& key) {
    if (found.value == "{" || (found.value == "[]" && is_section(found.key)))
      return wrong(name_, found.line, key + " is a group; symup { ... } holds only plain options");
    const auto [before, first] = lines_.emplace(key, found.line);
    if (!first)
      return wrong(name_, found.line,
                   key + " is set twice, before in line " + std::to_string(before->second));
    const caf::config_value* value = caf::get_if(&parsed_, found.key);
    if (value == nullptr)
      return wrong(name_, found.line, key + " cannot be read");
    return take_config_value(key, *value, found.value,
                             {source_rank::file, origin_of(name_, found.line)}, sources_);
  }

  // "[]" is an empty list too; a section has made a dictionary.
  [[nodiscard]] bool is_section(const std::string& key) const {
    const caf::config_value* value = caf::get_if(&parsed_, key);
    return value == nullptr || caf::holds_alternative<caf::config_value::dictionary>(*value);
  }

  std::string_view name_;
  const caf::settings& parsed_;
  config_sources& sources_;
  std::size_t group_line_ = 0;
  std::map<std::string, std::size_t> lines_;
};

} // namespace

expected<void> load_config_text(std::string text, std::string_view name, config_sources& sources) {
  drop_carriage_returns(text);
  const auto layout = layout_of_config(text);
  if (!layout)
    return fail(errc::invalid_config, "file " + std::string(name) + ", " + layout.error().message);
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n') + 1);
  const auto parsed = parse(text, name, lines);
  if (!parsed)
    return fail(parsed.error());
  group_reader reader(name, *parsed, sources);
  for (const config_assignment& found : *layout)
    if (auto taken = reader.take(found); !taken)
      return taken;
  return {};
}

expected<void> load_config_file(const std::string& path, config_sources& sources) {
  const auto unreadable = [&path](const std::string& why) {
    return fail(errc::invalid_config, "config file " + path + " cannot be read: " + why);
  };
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return unreadable(std::strerror(errno));
  std::string text(max_config_file + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || (errno != 0 && file.gcount() == 0))
    return unreadable(errno == 0 ? "input error" : std::strerror(errno));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > max_config_file)
    return unreadable("it is larger than 1MiB");
  return load_config_text(std::move(text), path, sources);
}

} // namespace symup
