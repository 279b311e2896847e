// SPDX-License-Identifier: Apache-2.0
#include "bench_process.hpp"

#include "receive/intake_server.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <type_traits>

namespace symup::bench {

namespace {

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::exit(1);
}

double seconds_of(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

} // namespace

measured run_apart(const std::function<void(measured&)>& work) {
  static_assert(std::is_trivially_copyable_v<measured>);
  int channel[2];
  if (pipe(channel) != 0)
    give_up("pipe");
  const auto child = fork();
  if (child < 0)
    give_up("fork");
  if (child == 0) {
    measured result;
    const auto started = std::chrono::steady_clock::now();
    work(result);
    result.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    if (write(channel[1], &result, sizeof result) != sizeof result)
      give_up("write");
    std::fflush(nullptr);
    _exit(0);
  }
  close(channel[1]);
  measured result;
  const auto got = read(channel[0], &result, sizeof result);
  close(channel[0]);
  int status = 0;
  rusage usage{};
  wait4(child, &status, 0, &usage);
  if (got != sizeof result || status != 0)
    give_up("a part of the benchmark failed");
  result.cpu_seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
  result.peak_rss_mib = static_cast<double>(usage.ru_maxrss) / 1024.0;
  return result;
}

discarding_receiver::discarding_receiver(const std::string& faults) {
  int channel[2];
  if (pipe(channel) != 0)
    give_up("pipe");
  child_ = fork();
  if (child_ < 0)
    give_up("fork");
  if (child_ == 0) {
    close(channel[0]);
    sigset_t end;
    sigemptyset(&end);
    sigaddset(&end, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &end, nullptr);
    receive::intake_options options;
    options.listen = "127.0.0.1:0";
    options.discard = true;
    if (auto spec = receive::parse_fault_spec(faults))
      options.faults = *spec;
    auto server = receive::intake_server::start(std::move(options));
    if (!server)
      give_up("receiver");
    const auto url = server->url();
    if (write(channel[1], url.data(), url.size()) < 0)
      give_up("write");
    close(channel[1]);
    int signal = 0;
    sigwait(&end, &signal);
    _exit(0);
  }
  close(channel[1]);
  char text[256];
  const auto size = read(channel[0], text, sizeof text);
  close(channel[0]);
  if (size <= 0)
    give_up("receiver");
  url_.assign(text, static_cast<std::size_t>(size));
}

discarding_receiver::~discarding_receiver() {
  kill(child_, SIGTERM);
  waitpid(child_, nullptr, 0);
}

} // namespace symup::bench
