// SPDX-License-Identifier: Apache-2.0
// Counts calls of operator new on the hot path. A program of its own, because it replaces them.
#include "buffer_pool.hpp"
#include "generated_scopes.hpp"
#include "group_to_json.hpp"
#include "json_to_fragment.hpp"
#include "scope_to_group.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <vector>

namespace {
std::atomic<std::size_t> allocations{0};
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* bytes = std::malloc(size))
    return bytes;
  throw std::bad_alloc();
}
void operator delete(void* bytes) noexcept {
  std::free(bytes);
}
void operator delete(void* bytes, std::size_t) noexcept {
  std::free(bytes);
}

using namespace symup;

namespace {

std::vector<scope> make_roots() {
  testing::scope_generator generate(6);
  std::vector<scope> roots;
  for (int i = 0; i < 200; ++i)
    roots.push_back(generate.source_file());
  return roots;
}

std::size_t count_scopes(const scope& s) {
  std::size_t count = 1;
  for (const auto& inner : s.scopes)
    count += count_scopes(inner);
  return count;
}

} // namespace

TEST_CASE("in the steady state a scope costs no allocation, a fragment a handful") {
  const auto roots = make_roots();
  std::size_t scopes = 0;
  for (const auto& root : roots)
    scopes += count_scopes(root);

  const auto tapes = std::make_shared<buffer_pool>(4, 1 << 20);
  auto compressor = fragment_compressor::make(6);
  byte_buffer json;
  std::size_t fragments = 0;
  group_writer writer({}, nullptr, tapes, [&](scope_group&& group) {
    json.clear();
    (void)encode_group(group, json);
    tapes->give_back(group.tape.take_buffer());
    fragments += compressor->compress(json.view())->buffer.size() > 0 ? 1 : 0;
    return true;
  });
  const auto write_all = [&] {
    for (const auto& root : roots)
      writer.write(root);
  };
  write_all(); // buffers grow to their size
  const auto before = allocations.load();
  fragments = 0;
  write_all();
  const auto made = allocations.load() - before;
  CAPTURE(made);
  REQUIRE(fragments > 5);
  REQUIRE(scopes > 2000);
  CHECK(made <= fragments * 10);
}

TEST_CASE("checking a scope allocates nothing when it is right") {
  auto roots = make_roots();
  for (const auto& root : roots)
    (void)check_scope(root, 512);
  const auto before = allocations.load();
  std::size_t scopes = 0;
  for (const auto& root : roots) {
    (void)check_scope(root, 512);
    scopes += count_scopes(root);
  }
  const auto made = allocations.load() - before;
  CAPTURE(made);
  CHECK(made < scopes / 10); // what the check of language_specifics needs, and root types
}
