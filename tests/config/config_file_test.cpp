// SPDX-License-Identifier: Apache-2.0
#include "config/config_file_layout.hpp"
#include "sample_values.hpp"
#include "symup/config_file.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

using namespace symup;

namespace {

std::string load_error(const std::string& text) {
  config_sources sources;
  const auto loaded = load_config_text(text, "a.conf", sources);
  if (loaded)
    return "no error";
  CHECK(loaded.error().code == errc::invalid_config);
  return loaded.error().message;
}

config loaded_values(const std::string& text) {
  config_sources sources;
  const auto loaded = load_config_text(text, "a.conf", sources);
  REQUIRE_MESSAGE(loaded.has_value(), (loaded ? "" : loaded.error().message));
  const auto result = sources.finish();
  REQUIRE_MESSAGE(result.has_value(), (result ? "" : result.error().message));
  return result->values();
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a file sets options of every kind, in a group or a section") {
  const std::string options = "service = \"shop \\\"x\\\"; y\" ; a comment\n"
                              "; another\n"
                              "flush_threshold = 1048576\n"
                              "fragment_bytes = \"128K\"\n"
                              "connect_timeout = 500ms\n"
                              "request_timeout = 2min\n"
                              "stall_timeout = \"1m\"\n"
                              "event_layout = \"nested\"\n"
                              "workers = 3\n"
                              "headers = [\"A: b\", ; first\n \"C: d\"]\n";
  for (const std::string& text :
       {"symup {\n" + options + "}\n", "symup = {\n" + options + "}", "[symup]\n" + options,
        "[ symup ]\n" + options + "[x]\ny = 1\n", "global {\n symup {\n" + options + "}\n}\n"}) {
    CAPTURE(text);
    const config values = loaded_values(text);
    CHECK(values.service == "shop \"x\"; y");
    CHECK(values.flush_threshold == 1048576);
    CHECK(values.fragment_bytes == 128 * 1024);
    CHECK(values.connect_timeout.count() == 500);
    CHECK(values.request_timeout.count() == 120000);
    CHECK(values.stall_timeout.count() == 60000);
    CHECK(values.event_layout == event_layout::nested);
    CHECK(values.workers == 3);
    CHECK(values.headers == std::vector<http_header>{{"A", "b"}, {"C", "d"}});
  }
}

TEST_CASE("every option can be set in a file, by its name") {
  for (const auto& sample : sample_values()) {
    const std::string& name = sample.first;
    const std::string& value = sample.second;
    CAPTURE(name);
    const std::string text = name == "headers" ? "[\"" + value + "\"]" : '"' + value + '"';
    config_sources sources;
    const auto loaded =
        load_config_text("symup {\n\n " + name + " = " + text + "\n}\n", "a.conf", sources);
    REQUIRE_MESSAGE(loaded.has_value(), (loaded ? "" : loaded.error().message));
    CHECK(sources.origin(name).find("file a.conf:3") == 0);
  }
}

TEST_CASE("what the host has in the file is left alone") {
  const config values = loaded_values("scheduler {\n policy = 'sharing'\n max-threads = 2\n}\n"
                                      "other {\n symup {\n nonsense = 1\n }\n}\n"
                                      "symup { workers = 3, max_uploads = 5 }\n"
                                      "[logger]\nverbosity = 'quiet'\n");
  CHECK(values.workers == 3);
  CHECK(values.max_uploads == 5);
  CHECK(loaded_values("").workers == finalize({})->values().workers);
}

TEST_CASE("Windows line ends and a missing last line end are read") {
  CHECK(loaded_values("symup {\r\n workers = 3\r\n}").workers == 3);
  CHECK(loaded_values("[symup]\r\nworkers = 3").workers == 3);
}

TEST_CASE("numbers are decimal, as written") {
  CHECK(loaded_values("symup {\n workers = 010\n}\n").workers == 10); // CAF reads eight
  CHECK(
      contains(load_error("symup {\n workers = 0x10\n}\n"), "workers = \"0x10\" (file a.conf:2)"));
  // CAF reads another time, which would be in range
  CHECK(contains(load_error("symup {\n request_timeout = 20000000000s\n}\n"), "a.conf:2"));
}

TEST_CASE("a file that is cut off anywhere is refused or says the same up to there") {
  const std::string text =
      "symup {\n service = \"shop\"\n headers = [\"A: b\"]\n workers = 3 ; x\n}";
  for (std::size_t size = 1; size < text.size(); ++size) {
    CAPTURE(size);
    CHECK(load_error(text.substr(0, size)) != "no error");
  }
  CHECK(contains(load_error("symup {\n workers = 3\n"), "a.conf"));
  CHECK(contains(load_error("symup {\n workers = 3\n"), "not closed"));
}

TEST_CASE("an error of the syntax names file and line") {
  CHECK(contains(load_error("symup {\n workers = 3\n url = \"x\n}\n"), "file a.conf:"));
  CHECK(contains(load_error("symup {\n flush_threshold = 2M\n}\n"), "file a.conf:2: "));
  CHECK(contains(load_error("symup {\n flush_threshold = 2M\n}\n"), "double quotes"));
  CHECK(contains(load_error("# no comment\n"), "file a.conf:1: "));
  CHECK(contains(load_error("symup {\n workers = 3\n}\n}\n"), "file a.conf:4: "));
}

TEST_CASE("what CAF drops, merges or ignores without a word is an error with its line") {
  const struct {
    const char* text;
    const char* message;
  } cases[] = {
      {"symup {\n a = 1\n}\n", "unknown option a (file a.conf:2)"},
      {"symup {\n\n flush_treshold = 1\n}\n",
       "unknown option flush_treshold (file a.conf:3); did you mean flush_threshold?"},
      {"symup {\n workers = 1\n}\nsymup {\n max_uploads = 2\n}\n",
       "file a.conf:4: a second group symup; the first is in line 1"},
      {"symup {\n workers = 1\n}\n[symup]\nmax_uploads = 2\n",
       "file a.conf:4: a second group symup; the first is in line 1"},
      {"symup {\n workers = 1\n workers = 2\n}\n",
       "file a.conf:3: workers is set twice, before in line 2"},
      {"[symup]\nworkers = 1\nworkers = 2\n",
       "file a.conf:3: workers is set twice, before in line 2"},
      {"symup {\n upload {\n  workers = 1\n }\n}\n", "file a.conf:2: upload is a group"},
      {"[symup.upload]\nworkers = 1\n", "file a.conf:1: upload is a group"},
      {"symup {\n workers {\n x = 1\n }\n}\n", "file a.conf:2: workers is a group"},
      {"symup = 5\n", "file a.conf:1: symup is a group"},
      {"symup = [1]\n", "file a.conf:1: symup is a group"},
      {"workers = 3\n", "file a.conf:1: workers stands outside of symup { ... }"},
      {"symup {\n workers = \"many\"\n}\n", "workers = \"many\" (file a.conf:2) cannot be read"},
      {"symup {\n workers = 1.5\n}\n", "workers = \"1.5\" (file a.conf:2) is of CAF's type real"},
      {"symup {\n workers = true\n}\n", "is of CAF's type boolean"},
      {"symup {\n workers = [1]\n}\n", "is of CAF's type list"},
      {"symup {\n workers = 3s\n}\n", "workers = \"3s\" (file a.conf:2) cannot be read"},
      {"symup {\n connect_timeout = 5\n}\n",
       "connect_timeout = \"5\" (file a.conf:2) cannot be read"},
      {"symup {\n connect_timeout = 5us\n}\n", "connect_timeout = \"5us\" (file a.conf:2)"},
      {"symup {\n overflow = 'wait'\n}\n", "is of CAF's type atom"},
      {"symup {\n version = 1.2\n}\n", "version = \"1.2\" (file a.conf:2) is of CAF's type real"},
      {"symup {\n service = 5\n}\n", "not a text in double quotes"},
      {"symup {\n url = <http://x/y>\n}\n", "is of CAF's type uri"},
      {"symup {\n headers = [\"A: b\", 5]\n}\n",
       "headers (file a.conf:2) is of CAF's type integer"},
      {"symup {\n service = [\"a\"]\n}\n", "is of CAF's type list"},
  };
  for (const auto& c : cases) {
    CAPTURE(std::string(c.text));
    const std::string message = load_error(c.text);
    CAPTURE(message);
    CHECK(contains(message, c.message));
  }
}

TEST_CASE("no secret of a file is in an error") {
  for (const std::string text :
       {"symup {\n api_key = hunter2\n}\n", "symup {\n api_key = \"hunter2\n}\n",
        "symup {\n api_key = 'hunter2'\n}\n", "symup {\n api_key = [\"hunter2\"]\n}\n",
        "symup {\n apikey = \"hunter2\"\n}\n",
        "symup {\n headers = [\"Authorization hunter2\"]\n}\n",
        "symup {\n headers = ['hunter2']\n}\n", "symup {\n headers = 'hunter2'\n}\n",
        "symup {\n api_key = \"hunter2\"\n api_key = \"hunter2\"\n}\n", "api_key = \"hunter2\"\n",
        "symup {\n url = <http://u:hunter2@x/y>\n}\n"}) {
    CAPTURE(text);
    const std::string message = load_error(text);
    CAPTURE(message);
    CHECK(message != "no error");
    CHECK_FALSE(contains(message, "hunter2"));
  }
}

TEST_CASE("deep nesting is refused before CAF runs out of stack") {
  const std::string deep(500'000, '[');
  CHECK(contains(load_error("x = " + deep), "nested too deep"));
  std::string groups;
  for (int i = 0; i < 50'000; ++i)
    groups += "a {\n";
  CHECK(contains(load_error(groups), "line 33: "));
}

TEST_CASE("the layout ignores what stands in strings and comments") {
  const auto layout =
      layout_of_config("a = \"{[\\\"}\" ; b = 1 {\nsymup {\n ; }\n c = [\"]\", ; ]\n"
                       " 1]\n d = '}'\n}\ne = 2 ; x\n[s.t]\nf = 3");
  REQUIRE(layout.has_value());
  std::string found;
  for (const config_assignment& a : *layout)
    found += a.key + '@' + std::to_string(a.line) + ' ';
  CHECK(found == "a@1 symup@2 symup.c@4 symup.d@6 e@8 s.t@9 s.t.f@10 ");
  CHECK(layout->back().value == "3");
}

TEST_CASE("a file that is missing, a folder or too large is refused with its path") {
  config_sources sources;
  const auto missing = load_config_file("/nowhere/symup.conf", sources);
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().message ==
        "config file /nowhere/symup.conf cannot be read: No such file or directory");
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("symup_config_test_" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  CHECK(contains(load_config_file(folder.string(), sources).error().message, "directory"));
  const std::string path = (folder / "symup.conf").string();
  std::ofstream(path) << "symup {\n workers = 3\n}\n";
  REQUIRE(load_config_file(path, sources).has_value());
  CHECK(sources.origin("workers") == "file " + path + ":2");
  std::ofstream(path) << "";
  CHECK(load_config_file(path, sources).has_value());
  std::ofstream(path) << std::string(max_config_file + 1, '\n');
  CHECK(contains(load_config_file(path, sources).error().message, "larger than 1MiB"));
  std::filesystem::remove_all(folder);
}
