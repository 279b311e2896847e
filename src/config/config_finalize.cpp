// SPDX-License-Identifier: Apache-2.0
#include "config/config_finalize.hpp"

#include "config/config_values.hpp"
#include "config/endpoint_url.hpp"
#include "symup/version.hpp"

#include <simdjson.h>
#include <uuid/uuid.h>

#include <strings.h>

#include <algorithm>
#include <array>
#include <new>
#include <thread>

namespace symup {
namespace {

constexpr std::size_t max_workers = 256; // as in the table
// One group filling, one being encoded, its fragment, one batch that waits: with less, the parts of
// the pipeline would wait for each other.
constexpr std::size_t least_fragments_in_memory = 4;

std::string random_uuid() {
  uuid_t id;
  uuid_generate_random(id);
  std::array<char, UUID_STR_LEN> text{};
  uuid_unparse_lower(id, text.data());
  return text.data();
}

bool is_token(std::string_view name) {
  constexpr std::string_view allowed = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return !name.empty() && name.find_first_not_of(allowed) == std::string_view::npos;
}

bool is_field_value(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7f');
  });
}

bool same_name(const std::string& a, const std::string& b) {
  return strcasecmp(a.c_str(), b.c_str()) == 0;
}

// Headers that say how the body is framed or encoded, or where it goes, are the uploader's.
bool is_reserved(const std::string& name) {
  for (const char* reserved : {"Content-Type", "Content-Length", "Content-Encoding", "Host",
                               "Transfer-Encoding", "Connection", "Expect"})
    if (strcasecmp(name.c_str(), reserved) == 0)
      return true;
  return false;
}

} // namespace

/// Takes a config through all checks; the only maker of a finalized_config.
class config_finalizer {
public:
  config_finalizer(config values, const origin_lookup& origin)
      : values_(std::move(values)), origin_(origin) {}

  expected<finalized_config> run() {
    for (auto step : {&config_finalizer::check_ranges, &config_finalizer::check_texts,
                      &config_finalizer::check_relations, &config_finalizer::find_endpoint,
                      &config_finalizer::check_headers, &config_finalizer::check_proxy})
      if (auto done = (this->*step)(); !done)
        return fail(std::move(done.error()));
    resolve_automatic();
    finalized_config result;
    result.values_ = std::move(values_);
    result.endpoint_ = std::move(endpoint_);
    return result;
  }

private:
  [[nodiscard]] tl::unexpected<error> wrong(std::string_view name, std::string_view problem) const {
    const config_option& option = *find_option(name);
    std::string message = name_setting(option, render_option(option, values_), origin_(name));
    message += ' ';
    message += problem;
    return fail(errc::invalid_config, std::move(message));
  }

  [[nodiscard]] expected<void> check_ranges() {
    for (const config_option& option : config_options())
      if (auto checked = check_range(option, values_, origin_(option.name)); !checked)
        return checked;
    return {};
  }

  [[nodiscard]] expected<void> check_texts() {
    for (const config_option& option : config_options()) {
      if (option.kind != value_kind::text)
        continue;
      const std::string& text = values_.*std::get<std::string config::*>(option.field);
      if (!simdjson::validate_utf8(text.data(), text.size()))
        return fail(option_error(option, text, origin_(option.name), "is not UTF-8"));
    }
    if (values_.ca_file.find('\0') != std::string::npos)
      return fail(option_error(*find_option("ca_file"), values_.ca_file, origin_("ca_file"),
                               "holds a null byte"));
    return {};
  }

  [[nodiscard]] expected<void> check_relations() {
    const std::size_t least_batch = values_.fragment_bytes + batch_overhead;
    if (values_.max_batch_bytes < least_batch)
      return wrong(
          "max_batch_bytes",
          "is too small for one fragment; allowed: at least fragment_bytes + 64KiB, here " +
              render_bytes(static_cast<std::int64_t>(least_batch)));
    const std::size_t least_memory = least_fragments_in_memory * values_.fragment_bytes;
    if (values_.memory_limit < least_memory)
      return wrong("memory_limit",
                   "is too small for the pipeline to move; allowed: at least 4 * fragment_bytes, "
                   "here " +
                       render_bytes(static_cast<std::int64_t>(least_memory)));
    if (values_.max_retry_delay < values_.retry_delay)
      return wrong("max_retry_delay", "is less than retry_delay; allowed: at least " +
                                          render_duration(values_.retry_delay.count()));
    return {};
  }

  [[nodiscard]] expected<void> find_endpoint() {
    if (!values_.url.empty())
      return take_endpoint("url", endpoint_of_url(values_.url));
    if (values_.site.empty())
      return take_endpoint("agent_host", endpoint_of_agent(values_.agent_host, values_.agent_port));
    if (values_.api_key.empty())
      return wrong("site", "needs the API key: set DD_API_KEY, or api_key in a config file; "
                           "without one, upload through an agent");
    if (!is_token(values_.api_key))
      return wrong("api_key", "holds characters that cannot be in an API key");
    auto found = take_endpoint("site", endpoint_of_site(values_.site));
    if (found)
      endpoint_.headers = {{"DD-API-KEY", values_.api_key},
                           {"DD-EVP-ORIGIN", "symup"},
                           {"DD-EVP-ORIGIN-VERSION", std::string(library_version)}};
    return found;
  }

  [[nodiscard]] expected<void> take_endpoint(std::string_view option, endpoint_or_problem found) {
    if (!found)
      return wrong(option, found.error());
    endpoint_ = std::move(*found);
    return {};
  }

  [[nodiscard]] expected<void> check_headers() {
    const std::vector<http_header> own = endpoint_.headers;
    for (const http_header& header : values_.headers) {
      if (!is_token(header.name))
        return wrong("headers", "hold a name that is no HTTP token; allowed: letters, digits and "
                                "!#$%&'*+-.^_`|~");
      if (is_reserved(header.name))
        return wrong("headers", "may not hold " + header.name + ": symup sets it itself");
      if (!is_field_value(header.value))
        return wrong("headers",
                     "hold a line break or control character in the value of " + header.name);
      for (const http_header& mine : own)
        if (same_name(mine.name, header.name))
          return wrong("headers",
                       "may not hold " + header.name + ": it is set for a direct upload");
      endpoint_.headers.push_back(header);
    }
    return {};
  }

  [[nodiscard]] expected<void> check_proxy() {
    if (values_.proxy.empty())
      return {};
    if (const std::string problem = proxy_problem(values_.proxy); !problem.empty())
      return wrong("proxy", problem);
    return {};
  }

  void resolve_automatic() {
    if (values_.workers == 0)
      values_.workers =
          std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, max_workers);
    if (values_.max_inflight_groups == 0)
      values_.max_inflight_groups = 2 * values_.workers + 2;
    if (values_.runtime_id.empty())
      values_.runtime_id = random_uuid();
  }

  config values_;
  const origin_lookup& origin_;
  endpoint endpoint_;
};

expected<finalized_config> finalize_with_origins(config values, const origin_lookup& origin) {
  try {
    return config_finalizer(std::move(values), origin).run();
  } catch (const std::bad_alloc&) {
    return fail(errc::out_of_memory, "no memory to check the configuration");
  }
}

expected<finalized_config> finalize(config values) {
  return finalize_with_origins(std::move(values), [](std::string_view) { return std::string(); });
}

} // namespace symup
