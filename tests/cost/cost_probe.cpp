// SPDX-License-Identifier: Apache-2.0

/// Does one step of the hot path a number of times over fixed input: cost_probe STEP TIMES.
/// Two runs with different TIMES give the instructions of a single time.

#include "batch_to_request.hpp"
#include "deflate_walk.hpp"
#include "generated_scopes.hpp"
#include "made_fragments.hpp"

#include <libdeflate.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

using namespace symup;

namespace {

std::vector<scope> make_roots() {
  testing::scope_generator generate(5);
  std::vector<scope> roots;
  for (int i = 0; i < 20; ++i)
    roots.push_back(generate.source_file(10));
  return roots;
}

std::vector<scope_group> make_groups(const std::vector<scope>& roots) {
  std::vector<scope_group> groups;
  group_writer writer({}, nullptr, nullptr, [&](scope_group&& group) {
    groups.push_back(std::move(group));
    return true;
  });
  for (const auto& root : roots)
    writer.write(root);
  writer.cut();
  return groups;
}

std::size_t write_groups(const std::vector<scope>& roots, int times) {
  std::size_t bytes = 0;
  for (int i = 0; i < times; ++i) {
    for (const auto& group : make_groups(roots))
      bytes += group.tape.bytes().size();
  }
  return bytes;
}

std::size_t encode(const std::vector<scope>& roots, int times) {
  const auto groups = make_groups(roots);
  byte_buffer json;
  std::size_t bytes = 0;
  for (int i = 0; i < times; ++i) {
    for (const auto& group : groups) {
      json.clear();
      (void)encode_group(group, json);
      bytes += json.size();
    }
  }
  return bytes;
}

std::size_t walk(const std::vector<scope>& roots, int times) {
  byte_buffer json;
  for (const auto& group : make_groups(roots))
    (void)encode_group(group, json);
  auto* compressor = libdeflate_alloc_compressor(6);
  std::vector<unsigned char> deflate(json.size());
  deflate.resize(libdeflate_deflate_compress(compressor, json.view().data(), json.size(),
                                             deflate.data(), deflate.size()));
  libdeflate_free_compressor(compressor);
  std::size_t bits = 0;
  for (int i = 0; i < times; ++i)
    bits += walk_deflate(deflate.data(), deflate.size())->end_bit;
  return bits;
}

std::size_t join(const std::vector<scope>& roots, int times) {
  group_limits limits;
  limits.fragment_bytes = 4096;
  const batch content{testing::fragments_of(roots, limits), true};
  const upload_identity identity{
      "0f8fad5b-d9cb-469f-a165-70867728950e", "s", "1", "", "cpp", "r", event_layout::flat};
  std::size_t bytes = 0;
  for (int i = 0; i < times; ++i)
    bytes += make_request(identity, content, 1).attachment_bytes;
  return bytes;
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 3)
    return 2;
  const std::string step = argv[1];
  const auto times = std::atoi(argv[2]);
  const auto roots = make_roots();
  std::size_t result = 0;
  if (step == "group")
    result = write_groups(roots, times);
  else if (step == "encode")
    result = encode(roots, times);
  else if (step == "walk")
    result = walk(roots, times);
  else if (step == "join")
    result = join(roots, times);
  else
    return 2;
  std::printf("%zu\n", result);
  return 0;
}
