// SPDX-License-Identifier: Apache-2.0
#pragma once

/// SCOPE LINES: a sink that writes each root scope as one line of JSON, with the encoder that
/// uploads use.

#include "group_to_json.hpp"
#include "scope_to_group.hpp"

#include <cstdio>
#include <string>

namespace symup::cli {

class scope_lines final : public scope_sink {
public:
  explicit scope_lines(std::FILE* out);

  bool begin_scope(const scope_head& head) override { return groups_.begin_scope(head); }
  bool add_symbol(const symbol_view& symbol) override { return groups_.add_symbol(symbol); }
  bool end_scope() override { return groups_.end_scope(); }

  /// Why the sink said stop: a rule that was broken, or a file that cannot be written.
  [[nodiscard]] std::optional<error> failure() const;

private:
  bool write(const scope_group& root);

  std::FILE* out_;
  byte_buffer line_;
  bool write_failed_ = false;
  group_writer groups_;
};

} // namespace symup::cli
