// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The SAX handler that walks an attachment along the tables of attachment_shape. It keeps one
/// frame per open object or list, so its memory follows the depth, not the length. Used by
/// attachment_check only; one handler, one attachment, one thread.

#include "receive/attachment_shape.hpp"
#include "receive/batch_facts.hpp"
#include "receive/violation.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace symup::receive {

class attachment_handler {
public:
  attachment_handler(std::size_t max_depth, batch_facts& facts, std::vector<violation>& list)
      : max_depth_(max_depth), facts_(facts), list_(list) {}

  // What nlohmann::json::sax_parse calls; false stops the parser.
  bool null();
  bool boolean(bool value);
  bool number_integer(std::int64_t value);
  bool number_unsigned(std::uint64_t value);
  bool number_float(double value, const std::string& text);
  bool string(std::string& value);
  bool binary(nlohmann::json::binary_t& value);
  bool start_object(std::size_t);
  bool key(std::string& name);
  bool end_object();
  bool start_array(std::size_t);
  bool end_array();
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception& problem);

private:
  /// One open object or list.
  struct frame {
    kind what = kind::anything;
    bool list = false;
    std::uint64_t elements = 0; ///< begun so far, keys or elements
    // objects with fixed keys
    const field* current = nullptr; ///< of the key last read; null = unknown key
    std::uint32_t seen = 0;         ///< bit per entry of the table
    std::int64_t start = -1, end = -1;
    bool is_field = false; ///< symbol_type is "field"
    // lists of ranges
    std::int64_t last_end = -1;
    // keys that are in no table, and the last of them
    std::unordered_set<std::string> keys;
    std::string free_key;
  };

  bool known_key(frame& f, const std::string& name);
  bool free_key(frame& f, std::string& name);
  /// Counts the value in its list and tells what it has to be.
  kind expect();
  bool integer(std::int64_t value);
  void take_line(std::int64_t value);
  void take_text(std::string& value);
  bool open(kind what, bool list);
  bool close();
  void check_missing(const frame& f);
  void check_lines(const frame& f);
  void check_range_order(const frame& range);
  bool mismatch(kind wanted, std::string_view got);
  bool tell(std::string_view rule, const std::string& text);
  [[nodiscard]] std::string path() const;
  [[nodiscard]] bool has(const frame& f, std::string_view name) const;
  [[nodiscard]] frame& top() { return frames_[depth_ - 1]; }

  std::size_t max_depth_;
  batch_facts& facts_;
  std::vector<violation>& list_;
  std::vector<frame> frames_; ///< never shrinks: frames are used again
  std::size_t depth_ = 0;
};

} // namespace symup::receive
