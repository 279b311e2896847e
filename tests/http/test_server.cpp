// SPDX-License-Identifier: Apache-2.0
#include "test_server.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <poll.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

scratch_directory::scratch_directory() {
  path_ = (std::filesystem::temp_directory_path() / "http_test.XXXXXX").string();
  if (!mkdtemp(path_.data()))
    throw std::runtime_error("no scratch directory");
}

scratch_directory::~scratch_directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

test_server::test_server(const std::vector<std::string>& options) {
  int to_child[2];
  int from_child[2];
  if (pipe2(to_child, O_CLOEXEC) != 0 || pipe2(from_child, O_CLOEXEC) != 0)
    throw std::runtime_error("no pipes for the test server");
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, to_child[0], 0);
  posix_spawn_file_actions_adddup2(&files, from_child[1], 1);

  std::vector<std::string> words{TEST_PYTHON, TEST_SERVER, "--store", store_.path()};
  words.insert(words.end(), options.begin(), options.end());
  std::vector<char*> arguments;
  for (std::string& word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const int spawned =
      posix_spawn(&process_, TEST_PYTHON, &files, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  close(to_child[0]);
  close(from_child[1]);
  to_ = to_child[1];
  from_ = from_child[0];
  if (spawned != 0)
    throw std::runtime_error("the test server does not start");
  port_ = wait_for("listening ");
}

test_server::~test_server() {
  close(to_); // the server ends with its input
  if (process_ > 0)
    waitpid(process_, nullptr, 0);
  close(from_);
}

test_server& test_server::shared() {
  static test_server server;
  return server;
}

std::string test_server::url(const std::string& path) const {
  return "http://127.0.0.1:" + port_ + "/" + path;
}

std::string test_server::stored(const std::string& tag) const {
  std::ifstream file(store_.file(tag), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string test_server::wait_for(const std::string& beginning) {
  for (std::string line = next_line(); !line.empty(); line = next_line())
    if (line.compare(0, beginning.size(), beginning) == 0)
      return line.substr(beginning.size());
  FAIL("the test server did not say: " << beginning);
  return {};
}

std::string test_server::next_line() {
  for (;;) {
    if (const auto end = unread_.find('\n'); end != std::string::npos) {
      std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return line;
    }
    pollfd readable{from_, POLLIN, 0};
    char bytes[512];
    if (poll(&readable, 1, 20'000) != 1)
      return {};
    const ssize_t count = read(from_, bytes, sizeof bytes);
    if (count <= 0)
      return {};
    unread_.append(bytes, static_cast<std::size_t>(count));
  }
}
