// SPDX-License-Identifier: Apache-2.0
#include "line_events.hpp"
#include "random_scopes.hpp"
#include "temporary_file.hpp"

#include "symup/scope_file.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <unistd.h>

#include <future>
#include <string>
#include <thread>
#include <vector>

using namespace symup;

namespace {

const std::string good = R"({"scope_type":"FILE","name":"a","start_line":0,"end_line":0,)"
                         R"("has_injectible_lines":false})";

scope_file open(const std::string& path, scope_file_options options = {}) {
  auto file = scope_file::open(path, std::move(options));
  REQUIRE(file);
  return std::move(*file);
}

/// Puts the reading end of a pipe in the place of standard input for a while.
class piped_input {
public:
  piped_input() : saved_(::dup(0)) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    ::dup2(ends[0], 0);
    ::close(ends[0]);
    writing_ = ends[1];
  }
  ~piped_input() {
    close_writing();
    ::dup2(saved_, 0);
    ::close(saved_);
  }
  void write(const std::string& text) const {
    REQUIRE(::write(writing_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  void close_writing() {
    if (writing_ >= 0)
      ::close(writing_);
    writing_ = -1;
  }

private:
  int saved_;
  int writing_ = -1;
};

} // namespace

TEST_CASE("a scope file gives one root scope after the other and counts") {
  std::string content;
  random_scopes scopes(7);
  for (int i = 0; i < 20; ++i)
    content += scopes.root(5).dump() + "\r\n\n";
  for (const bool packed : {false, true}) {
    const temporary_file on_disk(packed ? gzipped(content) : content);
    auto file = open(on_disk.path());
    int roots = 0;
    scope_tape tape;
    events_as_text text;
    for (;;) {
      const auto more = file.next(roots % 2 == 0 ? static_cast<scope_sink&>(tape) : text);
      REQUIRE(more);
      if (!*more)
        break;
      ++roots;
    }
    CHECK(roots == 20);
    CHECK_FALSE(tape.empty());
    CHECK(file.summary().root_scopes == 20);
    CHECK(file.summary().lines == 40);
    CHECK(file.summary().bytes == content.size());
    CHECK(file.summary().skipped == 0);
    CHECK(file.summary().repaired == 0);
    CHECK_FALSE(*file.next(tape));
  }
}

TEST_CASE("an invalid line fails with file, line, byte and reason, and reading can go on") {
  const temporary_file on_disk(good + "\n\n{\"name\":12}\n" + good + '\n');
  auto file = open(on_disk.path());
  events_as_text sink;
  CHECK(file.next(sink).value());
  const auto bad = file.next(sink);
  REQUIRE_FALSE(bad);
  CHECK(bad.error().code == errc::invalid_line);
  CHECK(bad.error().message == on_disk.path() + ":3: byte " + std::to_string(good.size() + 2 + 8) +
                                   ": name: expected a string, found 12");
  CHECK(file.next(sink).value());
  CHECK_FALSE(file.next(sink).value());
  CHECK(sink.text == "<FILE|a||0-0|||><FILE|a||0-0|||>");
}

TEST_CASE("invalid lines can be skipped, and each is told") {
  std::vector<std::string> told;
  scope_file_options options;
  options.on_invalid = invalid_line_policy::skip;
  options.max_line_bytes = 200;
  options.on_skipped = [&](const invalid_line& line) {
    told.push_back(std::to_string(line.line) + ' ' + std::to_string(line.offset) + ' ' + line.what);
  };
  auto latin1 = good;
  latin1.replace(latin1.find("\"a\""), 3, "\"\xE9\"");
  const temporary_file on_disk("nonsense\n" + good + '\n' + std::string(201, ' ') + '\n' + latin1);
  auto file = open(on_disk.path(), options);
  events_as_text sink;
  CHECK(file.next(sink).value());
  CHECK(file.next(sink).value());
  CHECK_FALSE(file.next(sink).value());
  CHECK(sink.text == "<FILE|a||0-0|||><FILE|\uFFFD||0-0|||>");
  CHECK(told == std::vector<std::string>{"1 0 expected an object, found nonsense",
                                         "3 " + std::to_string(10 + good.size()) +
                                             " line longer than max_line_bytes (200)"});
  CHECK(file.summary().skipped == 2);
  CHECK(file.summary().root_scopes == 2);
  CHECK(file.summary().repaired == 1);
  CHECK(file.summary().lines == 4);
}

TEST_CASE("options out of range and files that are not there are errors") {
  scope_file_options options;
  options.max_depth = 1025;
  const auto deep = scope_file::open("-", options);
  REQUIRE_FALSE(deep);
  CHECK(deep.error().code == errc::invalid_config);
  CHECK(deep.error().message == "max_depth: 1025 is not within 1 ... 1024");
  options = {};
  options.max_line_bytes = 0;
  CHECK(scope_file::open("-", options).error().code == errc::invalid_config);
  CHECK(scope_file::open("/nonexistent").error().code == errc::io_failed);
}

TEST_CASE("a sink that says stop ends reading as cancelled") {
  const temporary_file on_disk(good + '\n');
  auto file = open(on_disk.path());
  events_as_text sink;
  sink.stop_after = 1;
  CHECK(file.next(sink).error().code == errc::cancelled);
}

TEST_CASE("a line on standard input is handed out as soon as it is there") {
  piped_input input;
  auto file = open("-");
  events_as_text sink;
  input.write(good + '\n' + good.substr(0, 20));
  CHECK(file.next(sink).value()); // would wait forever if it wanted more
  input.write(good.substr(20));
  input.close_writing();
  CHECK(file.next(sink).value());
  CHECK_FALSE(file.next(sink).value());
  CHECK(::fcntl(0, F_GETFD) >= 0);
}

TEST_CASE("stop ends a read that waits for input") {
  piped_input input;
  input.write(good.substr(0, 20));
  auto file = open("-");
  events_as_text sink;
  std::promise<void> reading;
  std::thread stopper([&] {
    reading.get_future().wait();
    file.stop();
  });
  reading.set_value();
  const auto result = file.next(sink); // the writing end stays open: only stop ends it
  stopper.join();
  REQUIRE_FALSE(result);
  CHECK(result.error().code == errc::cancelled);
  CHECK(result.error().message == "reading was stopped");
  CHECK(file.next(sink).error().code == errc::cancelled);
}
