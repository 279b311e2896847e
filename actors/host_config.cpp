// SPDX-License-Identifier: Apache-2.0
// HOST CONFIG: symup's options inside a host's own caf::actor_system_config.
#include "symup/caf.hpp"

#include "config/config_options.hpp"
#include "config_value_text.hpp"

#include <caf/config_option.hpp>
#include <caf/config_option_set.hpp>
#include <caf/settings.hpp>

namespace symup {
namespace {

constexpr char group[] = "symup";

caf::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

} // namespace

/// How CAF handles an option of ours. With one of its own types it would drop a file's value of
/// another type without a word: this one takes everything, so that symup can check it.
struct flag_access {
  static caf::error check(const caf::config_value&) { return caf::none; }
  static void store(void*, const caf::config_value&) {} // CAF keeps it in its content
  static caf::config_value get(const void*) { return caf::config_value{std::string()}; }

  // Only the command line is parsed option by option: this is how its texts are known.
  static caf::expected<caf::config_value> parse(void* storage, caf::string_view text) {
    auto& flag = *static_cast<host_options::flag*>(storage);
    if (!flag.repeatable)
      flag.texts.clear();
    flag.texts.emplace_back(text.begin(), text.end());
    return caf::config_value{flag.texts.back()};
  }

  static const caf::config_option::meta_state& meta() {
    static const caf::config_option::meta_state state{check, store, get, parse, "string"};
    return state;
  }
};

void host_options::add_to(caf::config_option_set& options) {
  for (const config_option& option : config_options()) {
    if (option.secret)
      continue;
    flags_.push_back({option.name, option.kind == value_kind::headers, {}});
    options.add(caf::config_option{group, view(option.name), view(option.help),
                                   &flag_access::meta(), &flags_.back()});
  }
}

expected<void> host_options::load(const caf::settings& content, config_sources& sources) const {
  // First, so that the error of a bad text says that it stood on the command line: CAF's content
  // holds it too.
  for (const flag& f : flags_)
    for (const std::string& text : f.texts)
      if (auto taken = sources.apply(
              f.name, text,
              {source_rank::command_line, "command line --symup." + std::string(f.name)});
          !taken)
        return taken;
  return load_config(content, sources);
}

expected<void> load_config(const caf::settings& content, config_sources& sources) {
  const auto found = content.find(group);
  if (found == content.end())
    return {};
  const auto* values = caf::get_if<caf::config_value::dictionary>(&found->second);
  if (values == nullptr)
    return fail(errc::invalid_config, "symup in the host's configuration is not a group");
  for (const auto& [key, value] : *values)
    if (auto taken =
            take_config_value(key, value, {}, {source_rank::file, "host's configuration"}, sources);
        !taken)
      return taken;
  return {};
}

} // namespace symup
