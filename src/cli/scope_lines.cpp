// SPDX-License-Identifier: Apache-2.0
#include "cli/scope_lines.hpp"

#include <cerrno>
#include <cstring>
#include <limits>

namespace symup::cli {

namespace {

// A group for each root scope, whatever its size.
group_limits whole_roots() {
  group_limits limits;
  limits.fragment_bytes = std::numeric_limits<std::size_t>::max();
  limits.max_head_bytes = std::numeric_limits<std::size_t>::max();
  limits.group_per_root = true;
  return limits;
}

} // namespace

scope_lines::scope_lines(std::FILE* out)
    : out_(out), groups_(whole_roots(), nullptr, nullptr,
                         [this](scope_group&& group) { return write(group); }) {}

bool scope_lines::write(const scope_group& root) {
  line_.clear();
  (void)encode_group(root, line_);
  line_.append('\n');
  write_failed_ = std::fwrite(line_.view().data(), 1, line_.size(), out_) != line_.size();
  return !write_failed_;
}

std::optional<error> scope_lines::failure() const {
  if (write_failed_)
    return error{errc::io_failed, std::string("cannot write: ") + std::strerror(errno), {}};
  return groups_.failure();
}

} // namespace symup::cli
