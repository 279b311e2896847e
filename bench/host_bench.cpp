// SPDX-License-Identifier: Apache-2.0

/// What a pipeline costs its host: host_bench [seconds = 10] [MB of JSON = 200].
/// The time from start to the first accepted batch; what the thread that hands over scopes spends
/// on it; and threads, CPU time and wake-ups while there is nothing to do, in a pipeline's own
/// actor system and in a host's with CAF's default scheduler, there with and without the pipeline.

#include "bench_config.hpp"
#include "bench_process.hpp"

#include "generated_scopes.hpp"
#include "symup/caf.hpp"
#include "symup/pipeline.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <curl/curl.h>

#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <functional>
#include <iterator>
#include <thread>
#include <vector>

using namespace symup;
using namespace symup::bench;

namespace {

std::size_t threads() {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator("/proc/self/task"), {}));
}

// CPU time and wake-ups (voluntary context switches) of this process while it sleeps.
void watch(const char* name, std::chrono::seconds time) {
  rusage before{}, after{};
  getrusage(RUSAGE_SELF, &before);
  std::this_thread::sleep_for(time);
  getrusage(RUSAGE_SELF, &after);
  const auto seconds = [](const rusage& r) {
    return static_cast<double>(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
           static_cast<double>(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
  };
  const auto span = static_cast<double>(time.count());
  std::printf("%-44s %2zu threads, %.2f %% CPU, %.1f wake-ups/s\n", name, threads(),
              100.0 * (seconds(after) - seconds(before)) / span,
              static_cast<double>(after.ru_nvcsw - before.ru_nvcsw - 1) / span);
  std::fflush(stdout);
}

void send_one(pipeline& pipe) {
  auto up = pipe.begin();
  scope file;
  file.scope_type = "FILE";
  (void)up->add(file);
  if (!up->finish().final)
    std::exit(1);
}

double thread_cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// CPU time of the calling thread, waiting for room included.
void hand_over(pipeline& pipe, std::uint64_t json_bytes) {
  testing::scope_generator generate(2026);
  std::vector<scope> roots;
  for (std::size_t i = 0; i < 400; ++i)
    roots.push_back(generate.source_file());
  auto up = pipe.begin();
  const auto started = thread_cpu_seconds();
  while (up->progress().json_bytes < json_bytes) {
    for (const auto& root : roots)
      (void)up->add(root);
  }
  const auto spent = thread_cpu_seconds() - started;
  const auto result = up->finish();
  if (!result.final)
    std::exit(1);
  std::printf("handing over scopes: %.3f us of the caller's thread per KB of JSON\n",
              spent * 1e9 / static_cast<double>(result.json_bytes));
  std::fflush(stdout);
}

void apart(const std::function<void()>& work) {
  (void)run_apart([&](measured&) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    work();
  });
}

} // namespace

int main(int argc, char** argv) {
  const auto time = std::chrono::seconds(argc > 1 ? std::atoi(argv[1]) : 10);
  const auto json_bytes = (argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 200) * 1'000'000;
  const discarding_receiver receiver;
  const auto config = make_config({}, receiver.url());
  apart([&] {
    const auto started = std::chrono::steady_clock::now();
    auto pipe = pipeline::start(config);
    send_one(*pipe);
    std::printf(
        "start to first accepted batch: %.1f ms\n",
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - started)
            .count());
    watch("pipeline with its own actor system", time);
    hand_over(*pipe, json_bytes);
    watch("the same after an upload", time);
  });
  apart([&] {
    caf::actor_system_config host_config;
    caf::actor_system host(host_config);
    watch("a host's actor system, default scheduler", time);
    {
      auto pipe = start_pipeline(host, config);
      send_one(*pipe);
      watch("the same with the pipeline in it", time);
    }
  });
  return 0;
}
