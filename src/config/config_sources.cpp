// SPDX-License-Identifier: Apache-2.0
#include "symup/config_sources.hpp"

#include "config/config_finalize.hpp"
#include "config/config_options.hpp"
#include "config/config_values.hpp"

#include <algorithm>
#include <utility>

namespace symup {
namespace {

error unknown_key(std::string_view key, std::string_view where) {
  constexpr std::size_t longest = 64;
  std::string message = "unknown option " + std::string(key.substr(0, longest));
  message += " (" + std::string(where) + ')';
  if (const std::string_view near = nearest_option(key); !near.empty())
    message += "; did you mean " + std::string(near) + '?';
  else
    message += "; `symup config` lists all options";
  return {errc::invalid_config, std::move(message), std::nullopt};
}

} // namespace

expected<void> config_sources::load_environment(const environment_lookup& lookup) {
  for (const config_option& option : config_options()) {
    if (option.environment.empty())
      continue;
    const std::string variable(option.environment);
    const char* value = lookup(variable.c_str());
    if (value == nullptr || *value == '\0')
      continue;
    auto taken = apply(option.name, value, {source_rank::environment, "environment " + variable});
    if (!taken)
      return taken;
  }
  return {};
}

expected<void> config_sources::apply(std::string_view key, std::string_view text,
                                     value_origin origin) {
  const config_option* option = find_option(key);
  if (option == nullptr)
    return fail(unknown_key(key, origin.where));
  config scratch;
  if (auto read = parse_option(*option, text, origin.where, scratch); !read)
    return read;
  setting& slot = settings_[std::string(key)][static_cast<std::size_t>(origin.rank)];
  if (option->kind != value_kind::headers)
    slot.texts.clear();
  slot.texts.emplace_back(text);
  slot.where = std::move(origin.where);
  return {};
}

expected<finalized_config> config_sources::finish() const {
  config values;
  for (const config_option& option : config_options()) {
    const setting* winner = find(option.name);
    if (winner == nullptr)
      continue;
    for (const std::string& text : winner->texts)
      if (auto read = parse_option(option, text, winner->where, values); !read)
        return fail(std::move(read.error()));
  }
  const destination chosen = choose_destination();
  if (chosen != destination::url)
    values.url.clear();
  if (chosen != destination::site)
    values.site.clear();
  return finalize_with_origins(std::move(values), [this](std::string_view name) {
    return rank(name) == not_set ? std::string() : origin(name);
  });
}

std::string config_sources::origin(std::string_view name) const {
  const setting* winner = find(name);
  if (winner == nullptr)
    return "default";
  return winner->where + std::string(no_effect(name));
}

const config_sources::setting* config_sources::find(std::string_view name) const {
  const int winner = rank(name);
  if (winner == not_set)
    return nullptr;
  return &settings_.find(name)->second[static_cast<std::size_t>(winner)];
}

int config_sources::rank(std::string_view name) const {
  const auto found = settings_.find(name);
  if (found == settings_.end())
    return not_set;
  for (std::size_t i = ranks; i-- > 0;) {
    // A site in the file still asks for a direct upload when DD_SITE is only the agent's.
    const bool skip = name == "site" && i == static_cast<std::size_t>(source_rank::environment) &&
                      !found->second[0].texts.empty() && !is_set_to_something("api_key");
    if (!found->second[i].texts.empty() && !skip)
      return static_cast<int>(i);
  }
  return not_set;
}

bool config_sources::is_set_to_something(std::string_view name) const {
  const setting* winner = find(name);
  return winner != nullptr && !winner->texts.front().empty();
}

bool config_sources::site_is_the_agents() const {
  return rank("site") == static_cast<int>(source_rank::environment) &&
         !is_set_to_something("api_key");
}

config_sources::destination config_sources::choose_destination() const {
  const auto candidate = [this](std::string_view name) {
    return is_set_to_something(name) ? rank(name) : not_set;
  };
  const int url = candidate("url");
  const int site = site_is_the_agents() ? not_set : candidate("site");
  const int agent = std::max(rank("agent_host"), rank("agent_port"));
  if (url != not_set && url >= site && url >= agent)
    return destination::url;
  if (site != not_set && site >= agent)
    return destination::site;
  return destination::agent;
}

std::string_view config_sources::no_effect(std::string_view name) const {
  const destination chosen = choose_destination();
  if (name == "site" && site_is_the_agents())
    return ", not used without an API key";
  if ((name == "url" && chosen != destination::url) ||
      (name == "site" && chosen != destination::site) ||
      ((name == "agent_host" || name == "agent_port") && chosen != destination::agent) ||
      (name == "api_key" && chosen != destination::site)) {
    switch (chosen) {
    case destination::url:
      return ", not used: url goes before it";
    case destination::site:
      return ", not used: site goes before it";
    case destination::agent:
      return ", not used: uploads go to the agent";
    }
  }
  return {};
}

} // namespace symup
