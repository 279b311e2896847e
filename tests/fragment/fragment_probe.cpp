// SPDX-License-Identifier: Apache-2.0
// fragment_probe DIR: writes members made of fragments, LEVEL.gz, and the texts they hold,
// LEVEL.txt.

#include "samples.hpp"

#include <fstream>
#include <iostream>

using namespace symup;
using namespace symup::samples;

namespace {

void write(const std::string& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary);
  if (!file.write(bytes.data(), static_cast<std::streamsize>(bytes.size())).flush())
    throw std::runtime_error("cannot write " + path);
}

void write_member(const std::string& path, int level) {
  auto compressor = make_compressor(level);
  member_writer member;
  std::string text = R"({"scopes":[)";
  member.add_stored(text);
  for (const auto& sample : all(300000)) {
    for (const auto& fragment : compress_pieces(compressor, sample.text, 100000))
      member.add(fragment);
    member.add_stored(",");
    text += sample.text + ",";
  }
  const std::string_view suffix = R"("final":true})";
  write(path + ".gz", member.finish(suffix));
  write(path + ".txt", text.append(suffix));
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: fragment_probe DIR\n";
    return 2;
  }
  try {
    for (const int level : {1, 6, 9, 12})
      write_member(std::string(argv[1]) + "/" + std::to_string(level), level);
  } catch (const std::exception& e) {
    std::cerr << e.what() << '\n';
    return 1;
  }
}
