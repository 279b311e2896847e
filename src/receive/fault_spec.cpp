// SPDX-License-Identifier: Apache-2.0
#include "receive/fault_spec.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <limits>

namespace symup::receive {

namespace {

constexpr std::string_view allowed =
    "allowed are STATUS[:RATE][:retry-after=SECONDS|date] with STATUS 400 to 599, "
    "delay=TIME[:RATE] with ms or s, close[:RATE], accept-then-close[:RATE], "
    "limit=SIZE with K, M or G, seed=N; RATE is 0 to 1";

tl::unexpected<error> bad(std::string_view entry, const std::string& why) {
  return fail(errc::invalid_config,
              "fault \"" + std::string(entry) + "\": " + why + "; " + std::string(allowed));
}

std::string_view take_until(std::string_view& text, char mark) {
  const auto at = text.find(mark);
  const auto taken = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return taken;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

std::optional<double> rate_number(std::string_view text) {
  double value = 0;
  const auto [end, problem] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (problem != std::errc() || end != text.data() + text.size() || !(value >= 0 && value <= 1))
    return std::nullopt;
  return value;
}

std::optional<std::chrono::milliseconds> duration(std::string_view text) {
  constexpr std::uint64_t longest = 3600 * 1000;
  std::uint64_t unit = 0;
  if (text.size() > 2 && text.substr(text.size() - 2) == "ms")
    unit = 1, text.remove_suffix(2);
  else if (text.size() > 1 && text.back() == 's')
    unit = 1000, text.remove_suffix(1);
  const auto value = whole_number(text);
  if (unit == 0 || !value.has_value() || *value > longest / unit)
    return std::nullopt;
  return std::chrono::milliseconds(*value * unit);
}

std::optional<std::uint64_t> size(std::string_view text) {
  std::uint64_t unit = 1;
  constexpr std::string_view letters = "KMG";
  const auto letter = text.empty() ? std::string_view::npos : letters.find(text.back());
  if (letter != std::string_view::npos) {
    unit = 1ULL << (10 * (letter + 1));
    text.remove_suffix(1);
  }
  const auto value = whole_number(text);
  if (!value.has_value() || *value > std::numeric_limits<std::uint64_t>::max() / unit)
    return std::nullopt;
  return *value * unit;
}

/// The first word of an entry: what is to happen. False if it names no fault.
bool parse_what(std::string_view what, fault& effect) {
  const auto value_of = [what](std::string_view key) -> std::string_view {
    return what.substr(0, key.size()) == key ? what.substr(key.size()) : std::string_view();
  };
  if (what == "close") {
    effect.close = true;
  } else if (what == "accept-then-close") {
    effect.accept_then_close = true;
  } else if (const auto text = value_of("delay="); !text.empty()) {
    const auto value = duration(text);
    effect.delay = value.value_or(effect.delay);
    return value.has_value();
  } else if (const auto bytes = value_of("limit="); !bytes.empty()) {
    effect.limit = size(bytes);
    return effect.limit.has_value();
  } else {
    const auto status = whole_number(what);
    if (!status.has_value() || *status < 400 || *status > 599)
      return false;
    effect.status = static_cast<int>(*status);
  }
  return true;
}

expected<fault_entry> parse_entry(std::string_view text) {
  fault_entry entry;
  std::string_view rest = text;
  if (!text.empty() && text.back() == ':')
    return bad(text, "it ends with a colon");
  if (!parse_what(take_until(rest, ':'), entry.effect))
    return bad(text, "this is no fault");
  bool has_rate = false;
  while (!rest.empty()) {
    const auto word = take_until(rest, ':');
    constexpr std::string_view retry_after = "retry-after=";
    if (word.substr(0, retry_after.size()) == retry_after) {
      const auto value = word.substr(retry_after.size());
      if (entry.effect.status == 0 || !entry.effect.retry_after.empty() ||
          (value != "date" && !whole_number(value).has_value()))
        return bad(text, "\"" + std::string(word) + "\" cannot stand here");
      entry.effect.retry_after = value;
      continue;
    }
    const auto rate = rate_number(word);
    if (!rate.has_value() || has_rate || entry.effect.limit.has_value())
      return bad(text, "\"" + std::string(word) + "\" cannot stand here");
    entry.rate = *rate;
    has_rate = true;
  }
  return entry;
}

} // namespace

expected<fault_spec> parse_fault_spec(std::string_view text) {
  fault_spec spec;
  while (!text.empty()) {
    const bool more = text.find(',') != std::string_view::npos;
    const auto word = take_until(text, ',');
    constexpr std::string_view seed = "seed=";
    if (word.substr(0, seed.size()) == seed) {
      const auto value = whole_number(word.substr(seed.size()));
      if (!value.has_value())
        return bad(word, "the seed must be a whole number");
      spec.seed = *value;
    } else {
      auto entry = parse_entry(word);
      if (!entry.has_value())
        return fail(entry.error());
      spec.entries.push_back(std::move(*entry));
    }
    if (more && text.empty())
      return bad(text, "the list ends with a comma");
  }
  return spec;
}

fault_source::fault_source(fault_spec spec) : spec_(std::move(spec)), random_(spec_.seed) {}

fault fault_source::draw() {
  fault result;
  const std::lock_guard lock(mutex_);
  for (const auto& [effect, rate] : spec_.entries) {
    // Every entry uses one number of every request, so what strikes does not shift the others.
    const double number = static_cast<double>(random_() >> 11U) * 0x1p-53;
    if (number >= rate)
      continue;
    result.delay += effect.delay;
    if (effect.limit.has_value())
      result.limit = effect.limit;
    const bool undecided = result.status == 0 && !result.close && !result.accept_then_close;
    if (undecided) {
      result.status = effect.status;
      result.retry_after = effect.retry_after;
      result.close = effect.close;
      result.accept_then_close = effect.accept_then_close;
    }
  }
  return result;
}

std::string http_date(std::chrono::system_clock::time_point moment) {
  constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = std::chrono::system_clock::to_time_t(moment);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                days[parts.tm_wday], parts.tm_mday, months[parts.tm_mon], parts.tm_year + 1900,
                parts.tm_hour, parts.tm_min, parts.tm_sec);
  return text.data();
}

} // namespace symup::receive
