// SPDX-License-Identifier: Apache-2.0
#include "shapes.hpp"

namespace geo {
int sorted_size = 0;
int with_shapes(int n);
} // namespace geo

static int helper(int value) {
  return geo::twice(value) + 1;
}

int main(int argc, char** argv) {
  geo::stack<int, 4> again;
  again.push(helper(argc));
  return geo::with_shapes(again.top()) + (argv == nullptr ? geo::largest(1, 2) : 0);
}
