// SPDX-License-Identifier: Apache-2.0
#pragma once

/// ENDPOINT URL: from the address a user gives to the URL that requests go to. Called by FINALIZE.
/// Parsing and writing URLs is libcurl's. Pure functions, any thread.

#include "symup/config.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace symup {

/// An endpoint without headers, or what is wrong with the address as half a sentence that shows
/// nothing of it ("has no host").
using endpoint_or_problem = tl::expected<endpoint, std::string>;

/// http://, https:// or unix://. No path (or "/") means /symdb/v1/input.
[[nodiscard]] endpoint_or_problem endpoint_of_url(const std::string& url);

/// The agent's endpoint; the host is a name, an IPv4 or an IPv6 address.
[[nodiscard]] endpoint_or_problem endpoint_of_agent(const std::string& host, std::uint16_t port);

/// The intake of a site: https://debugger-intake.SITE/api/v2/debugger.
[[nodiscard]] endpoint_or_problem endpoint_of_site(const std::string& site);

/// What is wrong with the URL of a proxy; "" = nothing.
[[nodiscard]] std::string proxy_problem(const std::string& url);

} // namespace symup
