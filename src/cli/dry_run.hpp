// SPDX-License-Identifier: Apache-2.0
#pragma once

/// DRY RUN: a transport that writes each request's body to a file instead of sending it:
/// DIR/UPLOAD_ID-NUMBER.multipart. Everything in front of it is the real pipeline.

#include "uploader.hpp"

#include "symup/error.hpp"

#include <string>

namespace symup::cli {

/// Makes the folder if it is not there. Errors: errc::io_failed.
[[nodiscard]] expected<actors::transport> dry_run_transport(const std::string& folder);

} // namespace symup::cli
