// SPDX-License-Identifier: Apache-2.0
#include "cli/receive_command.hpp"

#include "receive/intake_server.hpp"

#include <cinttypes>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>

namespace symup::cli {

namespace {

struct receive_arguments {
  std::string listen = "127.0.0.1:8126";
  std::string store;
  std::string faults;
  bool discard = false;
  std::size_t max_body = receive::intake_options().max_body;
  std::size_t threads = receive::intake_options().threads;
};

int complain(const error& problem) {
  std::fprintf(stderr, "symup receive: %s\n", problem.message.c_str());
  return 2;
}

/// The signals that end the command. Blocked before any thread starts, so that all inherit it.
sigset_t block_end_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void print_summary(const receive::intake_server& server) {
  const auto counts = server.counts();
  std::printf("received %" PRIu64 " batches (%" PRIu64 " resent) of %zu uploads, %" PRIu64
              " bytes; %" PRIu64 " refused, %" PRIu64
              " faults injected, %zu gaps or missing finals\n",
              counts.accepted, counts.resent, server.taken().uploads(), counts.bytes,
              counts.violations, counts.faults, server.taken().incomplete().size());
}

int run(const receive_arguments& arguments) {
  auto faults = receive::parse_fault_spec(arguments.faults);
  if (!faults.has_value())
    return complain(faults.error());
  receive::intake_options options;
  options.listen = arguments.listen;
  options.store_dir = arguments.store;
  options.faults = std::move(*faults);
  options.discard = arguments.discard;
  options.max_body = arguments.max_body;
  options.threads = arguments.threads;
  options.on_violation = [](const std::string& line) {
    std::fprintf(stderr, "violation: %s\n", line.c_str());
  };
  const sigset_t signals = block_end_signals();
  auto server = receive::intake_server::start(std::move(options));
  if (!server.has_value())
    return complain(server.error());
  std::printf("listening on %s\n", server->url().c_str());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  server->stop();
  print_summary(*server);
  return 0;
}

} // namespace

void add_receive_command(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<receive_arguments>();
  CLI::App* command =
      app.add_subcommand("receive", "Run a strict intake for trying out and testing");
  command
      ->add_option("--listen", arguments->listen,
                   "HOST:PORT (port 0 picks one), [IPv6]:PORT or unix:///PATH")
      ->capture_default_str();
  auto* store = command->add_option("--store", arguments->store,
                                    "Folder for accepted batches; an existing one is continued");
  auto* discard =
      command->add_flag("--discard", arguments->discard, "Read bodies and look at nothing");
  discard->excludes(store);
  command->add_option("--fail", arguments->faults,
                      "Faults to inject, such as 503:0.3,429:0.2:retry-after=1,delay=50ms,"
                      "close:0.1,accept-then-close:0.05,limit=1M,seed=7");
  command
      ->add_option("--max-body", arguments->max_body, "Largest body, with K, M or G; above it 413")
      ->transform(CLI::AsSizeValue(false))
      ->capture_default_str();
  command->add_option("--threads", arguments->threads, "Connections served at once")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->callback([arguments, &exit_code] { exit_code = run(*arguments); });
}

} // namespace symup::cli
