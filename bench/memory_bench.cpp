// SPDX-License-Identifier: Apache-2.0

/// The memory of a process that does nothing but feed a pipeline, object by object.
/// usage: memory_bench [MB of JSON = 100] [uploads at once = 1] [faults of the receiver = ""]
///                     [KEY=VALUE ...]
/// The few root scopes it sends are made once and sent again and again, so the peak is that of the
/// library. Prints the peak of the resident set, before the first upload and at the end.

#include "bench_process.hpp"

#include "bench_config.hpp"
#include "generated_scopes.hpp"
#include "symup/pipeline.hpp"

#include <curl/curl.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

using namespace symup;
using namespace symup::bench;

namespace {

// A line of /proc/self/status such as "VmHWM:   1234 kB", in MiB.
double status_mib(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind(key + ":", 0) == 0)
      return std::strtod(line.c_str() + key.size() + 1, nullptr) / 1024.0;
  }
  return 0.0;
}

std::uint64_t feed(pipeline& pipe, const std::vector<scope>& roots, std::uint64_t json_bytes) {
  auto up = pipe.begin();
  if (!up)
    return 0;
  while (up->progress().json_bytes < json_bytes) {
    for (const auto& root : roots) {
      if (!up->add(root))
        return 0;
    }
  }
  const auto result = up->finish();
  return result.final ? result.json_bytes : 0;
}

} // namespace

int main(int argc, char** argv) {
  const auto json_bytes = (argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100ULL) * 1'000'000ULL;
  const auto uploads = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1ULL;
  const discarding_receiver receiver(argc > 3 ? argv[3] : "");
  const auto config = make_config({argv + (argc > 4 ? 4 : argc), argv + argc}, receiver.url());
  curl_global_init(CURL_GLOBAL_DEFAULT);

  testing::scope_generator generate(2026);
  std::vector<scope> roots;
  for (int i = 0; i < 8; ++i)
    roots.push_back(generate.source_file());
  auto pipe = pipeline::start(config);
  if (!pipe)
    return 1;
  const auto at_start = status_mib("VmHWM");

  std::vector<std::uint64_t> sent(uploads);
  std::vector<std::thread> producers;
  for (auto& each : sent)
    producers.emplace_back([&] { each = feed(*pipe, roots, json_bytes / uploads); });
  for (auto& producer : producers)
    producer.join();

  std::uint64_t total = 0;
  for (const auto each : sent)
    total += each;
  const auto stats = pipe->stats();
  std::printf("%.0f MB of JSON in %llu uploads: peak %.1f MiB (%.1f before the first), of which "
              "counted against memory_limit: %.1f MiB\n",
              static_cast<double>(total) / 1e6, static_cast<unsigned long long>(uploads),
              status_mib("VmHWM"), at_start, static_cast<double>(stats.memory_peak) / 1048576.0);
  return stats.uploads_failed == 0 && total > 0 ? 0 : 1;
}
