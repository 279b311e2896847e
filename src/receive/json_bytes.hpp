// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Feeds a byte source to nlohmann's SAX parser and closes the two gaps that parser has for a
/// strict reader: it skips a byte order mark, and it takes a NUL byte for the end of the input.
/// Used by attachment_check and event_check.

#include "receive/violation.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace symup::receive {

/// Input iterator over a source with at_end(), current() and advance(); sees NUL bytes.
template <class Source>
class byte_iterator {
public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = char;

  byte_iterator() = default;
  byte_iterator(Source& source, bool& saw_nul) : source_(&source), saw_nul_(&saw_nul) {}

  char operator*() const {
    const char c = source_->current();
    if (c == '\0')
      *saw_nul_ = true;
    return c;
  }
  byte_iterator& operator++() {
    source_->advance();
    return *this;
  }
  /// Only ever compared with the end, which has no source.
  bool operator!=(const byte_iterator&) const { return !source_->at_end(); }

private:
  Source* source_ = nullptr;
  bool* saw_nul_ = nullptr;
};

/// Bytes in memory as such a source.
class memory_source {
public:
  explicit memory_source(std::string_view bytes) : bytes_(bytes) {}
  [[nodiscard]] bool at_end() const noexcept { return bytes_.empty(); }
  [[nodiscard]] char current() const noexcept { return bytes_.front(); }
  void advance() noexcept { bytes_.remove_prefix(1); }

private:
  std::string_view bytes_;
};

/// Turns the parser's complaint into a violation.
void add_parse_error(std::vector<violation>& list, std::string_view where, std::string_view what);

/// Runs the parser over the whole source. `where` names the text in messages ("attachment").
/// The handler reports its own violations and answers false to stop early.
template <class Source, class Handler>
void read_json(Source& source, Handler& handler, std::string_view where,
               std::vector<violation>& list) {
  if (source.at_end() || source.current() != '{')
    return add(list, "json.syntax", std::string(where) + " does not begin with '{'");
  bool saw_nul = false;
  using iterator = byte_iterator<Source>;
  const bool complete = nlohmann::json::sax_parse(iterator(source, saw_nul), iterator(), &handler);
  if (complete && saw_nul)
    add(list, "json.nul", std::string(where) + " is followed by a NUL byte");
  else if (complete && !source.at_end())
    add(list, "json.trailing", std::string(where) + " is followed by other bytes");
}

} // namespace symup::receive
