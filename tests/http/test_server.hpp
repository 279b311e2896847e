// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Runs server.py for as long as a test program, or a test, needs it.

#include <string>
#include <sys/types.h>
#include <vector>

/// A directory that is removed with everything in it.
class scratch_directory {
public:
  scratch_directory();
  ~scratch_directory();
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] const std::string& path() const { return path_; }

private:
  std::string path_;
};

class test_server {
public:
  explicit test_server(const std::vector<std::string>& options = {});
  ~test_server(); ///< ends the process
  test_server(const test_server&) = delete;
  test_server& operator=(const test_server&) = delete;

  /// One plain TCP server for all tests.
  static test_server& shared();

  [[nodiscard]] std::string url(const std::string& path) const; ///< http://127.0.0.1:PORT/path
  [[nodiscard]] const std::string& port() const { return port_; }
  [[nodiscard]] std::string stored(const std::string& tag) const; ///< body sent to /echo/TAG

  /// Waits for a line that begins like this and returns what follows. Fails the test after 20 s.
  std::string wait_for(const std::string& beginning);

private:
  std::string next_line();

  scratch_directory store_;
  pid_t process_ = -1;
  int to_ = -1;
  int from_ = -1;
  std::string unread_;
  std::string port_;
};
