// SPDX-License-Identifier: Apache-2.0
#include "receive/event_check.hpp"

#include "receive/json_bytes.hpp"

#include <map>
#include <utility>

namespace symup::receive {

namespace {

using nlohmann::json;
using values = std::map<std::string, json>;

/// Collects the event's scalars by path: "service", "debugger.type".
class event_handler {
public:
  event_handler(values& found, std::vector<violation>& list) : found_(found), list_(list) {}

  bool null() { return take(nullptr); }
  bool boolean(bool value) { return take(value); }
  bool number_integer(std::int64_t value) { return take(value); }
  bool number_unsigned(std::uint64_t value) { return take(value); }
  bool number_float(double value, const std::string&) { return take(value); }
  bool string(std::string& value) { return take(value); }
  bool binary(json::binary_t&) { return false; }
  bool start_object(std::size_t) {
    if (depth_ == 1 && key_ != "debugger")
      return refuse("an object");
    if (depth_ == 2)
      return refuse("an object");
    if (++depth_ == 2) {
      prefix_ = "debugger.";
      found_.emplace("debugger", json::object());
    }
    return true;
  }
  bool key(std::string& name) {
    key_ = prefix_ + name;
    if (found_.count(key_) == 0)
      return true;
    add(list_, "json.duplicate_key", "event has the key " + in_quotes(key_) + " twice");
    return false;
  }
  bool end_object() {
    --depth_;
    prefix_.clear();
    return true;
  }
  bool start_array(std::size_t) { return refuse("a list"); }
  bool end_array() { return true; }
  bool parse_error(std::size_t, const std::string&, const json::exception& problem) {
    add_parse_error(list_, "event", problem.what());
    return false;
  }

private:
  bool take(json value) {
    found_.emplace(key_, std::move(value));
    return true;
  }
  bool refuse(const char* what) {
    add(list_, "event.type", "event: " + in_quotes(key_) + " must not be " + what);
    return false;
  }

  values& found_;
  std::vector<violation>& list_;
  std::string prefix_, key_;
  int depth_ = 0;
};

/// Takes the event's keys one after the other; what is left at the end is unknown.
class event_reader {
public:
  event_reader(values found, std::vector<violation>& list)
      : found_(std::move(found)), list_(list) {}

  [[nodiscard]] bool is_nested() const { return found_.count("debugger") != 0; }

  void constant(const std::string& key, const std::string& wanted) {
    const auto value = text(key);
    if (value.has_value() && *value != wanted)
      add(list_, "event.constant",
          "event: " + in_quotes(key) + " is " + in_quotes(*value) + ", must be " +
              in_quotes(wanted));
  }
  std::optional<std::string> text(const std::string& key) {
    const auto value = take(key);
    if (!value.has_value() || value->is_string())
      return value.has_value() ? std::optional(value->get<std::string>()) : std::nullopt;
    return wrong<std::string>(key, "a string");
  }
  std::optional<std::uint64_t> integer(const std::string& key, std::uint64_t least) {
    const auto value = take(key);
    if (!value.has_value())
      return std::nullopt;
    if (value->is_number_unsigned() && value->get<std::uint64_t>() >= least)
      return value->get<std::uint64_t>();
    return wrong<std::uint64_t>(key, "an integer of at least " + std::to_string(least));
  }
  std::optional<bool> boolean(const std::string& key) {
    const auto value = take(key);
    if (!value.has_value() || value->is_boolean())
      return value.has_value() ? std::optional(value->get<bool>()) : std::nullopt;
    return wrong<bool>(key, "true or false");
  }
  void section(const std::string& key) {
    const auto value = take(key);
    if (value.has_value() && !value->is_object())
      (void)wrong<bool>(key, "an object");
  }
  void refuse_the_rest() {
    for (const auto& [key, value] : found_)
      add(list_, "event.unknown_key", "event has the unknown key " + in_quotes(key));
  }

private:
  std::optional<json> take(const std::string& key) {
    const auto found = found_.find(key);
    if (found == found_.end()) {
      add(list_, "event.missing_key", "event lacks the key " + in_quotes(key));
      return std::nullopt;
    }
    json value = std::move(found->second);
    found_.erase(found);
    return value;
  }
  template <class T>
  std::optional<T> wrong(const std::string& key, const std::string& wanted) {
    add(list_, "event.type", "event: " + in_quotes(key) + " must be " + wanted);
    return std::nullopt;
  }

  values found_;
  std::vector<violation>& list_;
};

event_facts read_flat(event_reader& event) {
  event_facts facts;
  facts.language = event.text("language");
  event.constant("type", "symdb");
  facts.upload_id = event.text("uploadId");
  facts.batch_num = event.integer("batchNum", 1);
  facts.final = event.boolean("final");
  facts.attachment_size = event.integer("attachmentSize", 0);
  return facts;
}

event_facts read_nested(event_reader& event) {
  event_facts facts;
  event.section("debugger");
  event.constant("debugger.type", "symdb");
  facts.upload_id = event.text("debugger.upload_id");
  facts.batch_num = event.integer("debugger.batch_num", 1);
  facts.final = event.boolean("debugger.final");
  facts.attachment_size = event.integer("debugger.attachment_size", 0);
  return facts;
}

} // namespace

event_facts check_event(std::string_view json_text, const batch_limits& limits,
                        std::vector<violation>& list) {
  if (json_text.size() > limits.max_event_bytes) {
    add(list, "limits.event_bytes",
        "event has " + std::to_string(json_text.size()) + " bytes, at most " +
            std::to_string(limits.max_event_bytes) + " are read");
    return {};
  }
  values found;
  std::vector<violation> broken;
  event_handler handler(found, broken);
  memory_source source(json_text);
  read_json(source, handler, "event", broken);
  if (!broken.empty()) {
    for (violation& v : broken)
      add(list, v.rule, std::move(v.text));
    return {};
  }
  event_reader event(std::move(found), list);
  event.constant("ddsource", "dd_debugger");
  auto service = event.text("service");
  auto version = event.text("version");
  (void)event.text("runtimeId");
  event_facts facts = event.is_nested() ? read_nested(event) : read_flat(event);
  facts.service = std::move(service);
  facts.version = std::move(version);
  event.refuse_the_rest();
  return facts;
}

} // namespace symup::receive
