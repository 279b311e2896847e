// SPDX-License-Identifier: Apache-2.0
// Prints the languages that a native binary holds.
#include <symup/binary_scopes.hpp>

#include <iostream>

int main(int argc, char** argv) {
  const auto binary = symup::binary_scopes::open(argc > 1 ? argv[1] : argv[0]);
  if (!binary) {
    std::cerr << to_string(binary.error()) << '\n';
    return 1;
  }
  for (const auto& language : binary->languages())
    std::cout << language << '\n';
  return 0;
}
