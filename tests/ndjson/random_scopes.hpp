// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Realistic root scopes as JSON, from a seed: a file of structs and functions with arguments,
/// locals and blocks, like those of a C program. The order of each object's fields is shuffled on
/// demand; the content depends on the seed alone.

#include <nlohmann/json.hpp>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace symup {

class random_scopes {
public:
  explicit random_scopes(unsigned seed) : random_(seed) {}

  /// A root scope with about `children` inner scopes.
  nlohmann::ordered_json root(int children) {
    auto file = "Objects/" + name() + ".c";
    auto root = head("FILE", file, file, 0, 2147483647);
    add_symbols(root, 3, "static_field");
    for (int i = 0; i < children; ++i)
      root["scopes"].push_back(pick(3) == 0 ? structure(file) : function(file));
    return root;
  }

  /// The same with the fields of every scope, symbol and range in random order.
  static std::string shuffled(const nlohmann::ordered_json& value, std::mt19937& random) {
    if (!value.is_structured())
      return value.dump();
    std::vector<std::string> parts;
    for (const auto& [key, element] : value.items()) {
      // What is free-form travels unchanged, so its own order must stay.
      const auto text = key == "language_specifics" ? element.dump() : shuffled(element, random);
      parts.push_back(value.is_object() ? nlohmann::json(key).dump() + ':' + text : text);
    }
    if (value.is_object())
      std::shuffle(parts.begin(), parts.end(), random);
    std::string out(1, value.is_object() ? '{' : '[');
    for (std::size_t i = 0; i < parts.size(); ++i)
      out += (i == 0 ? "" : ",") + parts[i];
    return out + (value.is_object() ? '}' : ']');
  }

private:
  int pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

  std::string name() {
    static const char* const words[] = {"dict", "unicode", "type", "list", "get", "set",
                                        "item", "frame",   "code", "new",  "gc",  "\u00e9t\u00e9"};
    std::string name = "py";
    for (int i = 0; i <= pick(3); ++i)
      name += std::string("_") + words[pick(12)];
    return pick(20) == 0 ? name + "\"\\\n" : name;
  }

  static nlohmann::ordered_json head(const std::string& type, const std::string& name,
                                     const std::string& file, int start, int end) {
    return {{"scope_type", type},  {"name", name},    {"source_file", file},
            {"start_line", start}, {"end_line", end}, {"has_injectible_lines", false}};
  }

  void add_symbols(nlohmann::ordered_json& scope, int most, const std::string& kind) {
    for (int i = pick(most + 1); i > 0; --i) {
      nlohmann::ordered_json symbol{
          {"name", name()}, {"type", name() + " *"}, {"symbol_type", kind}};
      if (kind != "field" || pick(2) == 0)
        symbol["line"] = pick(5000);
      if (pick(4) == 0)
        symbol["language_specifics"] = {{"available_line_ranges", {{{"start", 1}, {"end", 2}}}}};
      scope["symbols"].push_back(std::move(symbol));
    }
  }

  nlohmann::ordered_json structure(const std::string& file) {
    const int line = pick(5000);
    auto scope = head("struct", name(), file, line, line + 9);
    add_symbols(scope, 8, "field");
    return scope;
  }

  nlohmann::ordered_json function(const std::string& file, int depth = 0) {
    const int line = pick(5000);
    auto scope =
        head(depth == 0 ? "function" : "local", depth == 0 ? name() : "", file, line, line + 40);
    scope["has_injectible_lines"] = true;
    for (int at = line, i = pick(6); i > 0; --i, at += 5)
      scope["injectible_lines"].push_back({{"start", at}, {"end", at + pick(5)}});
    if (pick(3) == 0)
      scope["language_specifics"] = {{"return_type", "PyObject *"}, {"flags", {1, 2.5, nullptr}}};
    add_symbols(scope, 4, depth == 0 ? "arg" : "local");
    for (int i = depth < 4 ? pick(3) : 0; i > 0; --i)
      scope["scopes"].push_back(function(file, depth + 1));
    return scope;
  }

  std::mt19937 random_;
};

} // namespace symup
