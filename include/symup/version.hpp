// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The version of symup. It goes out with every direct upload (DD-EVP-ORIGIN-VERSION). CMake checks
/// that it is the project's version.

#include <string_view>

namespace symup {

inline constexpr std::string_view library_version = "0.1.0";

} // namespace symup
