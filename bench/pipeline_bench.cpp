// SPDX-License-Identifier: Apache-2.0

/// The whole pipeline, scopes as objects to accepted batches, beside what it is measured against.
/// usage: pipeline_bench [MB of JSON = 200] [rounds = 3] [uploads at once = 1] [KEY=VALUE ...]
/// The keys are those of the config file. Each part runs in a process of its own; the parts of a
/// round run one after the other, so that a noisy machine is noisy for all of them.

#include "bench_process.hpp"
#include "yardsticks.hpp"

#include "bench_config.hpp"
#include "generated_scopes.hpp"
#include "symup/pipeline.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

using namespace symup;
using namespace symup::bench;

namespace {

std::vector<scope> make_roots(std::size_t count) {
  testing::scope_generator generate(2026);
  std::vector<scope> roots;
  for (std::size_t i = 0; i < count; ++i)
    roots.push_back(generate.source_file());
  return roots;
}

// One upload that is fed until the pipeline has seen its share of the JSON. Each begins elsewhere:
// uploads at once are seldom alike.
void feed(pipeline& pipe, const std::vector<scope>& roots, std::size_t next,
          std::uint64_t json_bytes, measured& out) {
  auto up = pipe.begin();
  if (!up) {
    std::fprintf(stderr, "%s\n", up.error().message.c_str());
    std::exit(1);
  }
  while (up->progress().json_bytes < json_bytes && up->add(roots[next++ % roots.size()])) {
  }
  const auto result = up->finish();
  if (!result.final) {
    std::fprintf(stderr, "%s\n", result.error ? to_string(*result.error).c_str() : "not final");
    std::exit(1);
  }
  out.json_bytes += result.json_bytes;
  out.compressed_bytes += result.compressed_bytes;
  out.batches += result.batches;
  out.seconds = std::chrono::duration<double>(result.duration).count();
}

void run_pipeline(const std::vector<scope>& roots, std::uint64_t json_bytes, std::size_t uploads,
                  const finalized_config& config, measured& out) {
  auto pipe = pipeline::start(config);
  if (!pipe)
    std::exit(1);
  std::vector<measured> shares(uploads);
  std::vector<std::thread> producers;
  for (std::size_t i = 0; i < uploads; ++i)
    producers.emplace_back([&, i] { feed(*pipe, roots, i * 7, json_bytes / uploads, shares[i]); });
  for (auto& producer : producers)
    producer.join();
  double mean = 0.0;
  for (const auto& share : shares) {
    out.json_bytes += share.json_bytes;
    out.compressed_bytes += share.compressed_bytes;
    out.batches += share.batches;
    out.slowest = std::max(out.slowest, share.seconds);
    mean += share.seconds / static_cast<double>(uploads);
  }
  out.slowest /= mean;
  out.memory_peak_mib = static_cast<double>(pipe->stats().memory_peak) / (1024.0 * 1024.0);
}

void print(const char* name, const measured& m) {
  const auto mb = static_cast<double>(m.json_bytes) / 1e6;
  std::printf("%-22s %8.1f MB/s  %6.2f CPU ms/MB  %5.2f %% of JSON  %6.1f MiB peak\n", name,
              mb / m.seconds, m.cpu_seconds * 1000.0 / mb,
              100.0 * static_cast<double>(m.compressed_bytes) / static_cast<double>(m.json_bytes),
              m.peak_rss_mib);
  if (m.slowest > 0.0)
    std::printf("%-22s %llu batches, slowest upload %.2f times the mean, %.1f MiB counted\n", "",
                static_cast<unsigned long long>(m.batches), m.slowest, m.memory_peak_mib);
  std::fflush(stdout);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double rate(const measured& m) {
  return static_cast<double>(m.json_bytes) / m.seconds;
}
double cpu_per_byte(const measured& m) {
  return m.cpu_seconds / static_cast<double>(m.json_bytes);
}

} // namespace

int main(int argc, char** argv) {
  const auto number = [&](int index, std::uint64_t otherwise) {
    return argc > index ? std::strtoull(argv[index], nullptr, 10) : otherwise;
  };
  const auto json_bytes = number(1, 200) * 1'000'000;
  const auto rounds = number(2, 3);
  const auto uploads = number(3, 1);
  std::vector<std::string> settings;
  for (int i = 4; i < argc; ++i)
    settings.emplace_back(argv[i]);
  const auto roots = make_roots(400);
  const discarding_receiver receiver;
  const auto config = make_config(settings, receiver.url());
  const auto& values = config.values();

  std::vector<double> against_nlohmann, against_zlib, against_limit, actor_cost;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    const auto naive =
        run_apart([&](measured& out) { nlohmann_and_zlib(roots, json_bytes / 8, out); });
    print("nlohmann + zlib 6", naive);
    const auto zlib =
        run_apart([&](measured& out) { encoder_and_zlib(roots, json_bytes / 4, out); });
    print("encoder + zlib 6", zlib);
    const auto limit = run_apart([&](measured& out) {
      loop_without_actors(roots, json_bytes, values.workers, values.compression_level,
                          values.fragment_bytes, out);
    });
    print("loop without actors", limit);
    const auto ours = run_apart([&](measured& out) {
      curl_global_init(CURL_GLOBAL_DEFAULT);
      run_pipeline(roots, json_bytes, uploads, config, out);
    });
    print("pipeline", ours);
    against_nlohmann.push_back(rate(ours) / rate(naive));
    against_zlib.push_back(rate(ours) / rate(zlib));
    against_limit.push_back(rate(ours) / rate(limit));
    actor_cost.push_back(cpu_per_byte(ours) / cpu_per_byte(limit) - 1.0);
  }
  std::printf("medians of %llu rounds: %.2fx nlohmann + zlib, %.2fx encoder + zlib, %.0f %% of the "
              "loop without actors, CPU +%.1f %%\n",
              static_cast<unsigned long long>(rounds), median(against_nlohmann),
              median(against_zlib), 100.0 * median(against_limit), 100.0 * median(actor_cost));
  return 0;
}
