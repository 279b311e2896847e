// SPDX-License-Identifier: Apache-2.0
#pragma once

/// EXIT CODE: what the command ends with. The numbers are a contract with scripts.

#include "symup/error.hpp"

namespace symup::cli {

inline constexpr int exit_ok = 0;            ///< everything was accepted
inline constexpr int exit_usage = 2;         ///< the command line or the configuration is wrong
inline constexpr int exit_invalid_input = 3; ///< a scope file or binary is wrong
inline constexpr int exit_upload_failed = 4; ///< the intake or the network
inline constexpr int exit_cancelled = 130;   ///< by SIGINT or SIGTERM

[[nodiscard]] inline int exit_code_of(const error& e) {
  const auto kind = category(e.code);
  if (kind == "configuration")
    return exit_usage;
  if (kind == "invalid_input")
    return exit_invalid_input;
  if (kind == "cancelled")
    return exit_cancelled;
  return exit_upload_failed;
}

} // namespace symup::cli
