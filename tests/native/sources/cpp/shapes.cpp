// SPDX-License-Identifier: Apache-2.0
#include "shapes.hpp"

#include <algorithm>
#include <vector>

namespace geo {

int point::count = 3;
int shape::alive = 0;
const char* const names[2][3] = {};

namespace {

struct hidden {
  const volatile unsigned long* address;
  int value() const { return 7; }
};

int secret = 1;

} // namespace

class square : public shape {
public:
  square(int side);
  ~square() override;
  int area() const override;

private:
  unit unit_{};
  int side_;
};

square::square(int side)
    : shape(4),
      side_(side) {
  ++alive;
}

square::~square() {}

int square::area() const {
  int result = 0;
  for (int i = 0; i < side_; ++i) {
    int row = side_;
    result += row;
  }
  return result;
}

int perimeter(const point& from, point&& to, int (*measure)(int, char)) {
  return measure(from.x - to.x, 'x');
}

int perimeter(const shape& of) {
  struct local_sum {
    int total = 0;
    void add(int what) {
      total += what;
    }
  };
  local_sum sum;
  sum.add(of.area());
  return sum.total + secret;
}

int sorted(std::vector<int> values, int least) {
  auto before = [least](int a, int b) {
    auto clamp = [&](int v) { return v < least ? least : v; };
    return clamp(a) < clamp(b);
  };
  std::sort(values.begin(), values.end(), before);
  hidden h{};
  return values.empty() ? h.value() : values.front();
}

int with_shapes(int n) {
  square s(twice(n));
  stack<int, 4> ints;
  stack<double, 2> doubles;
  ints.push(n);
  doubles.push(1.5);
  return s.area() + ints.top() + static_cast<int>(doubles.top()) + largest(1, n) +
         static_cast<int>(largest(1.0, 2.0)) + perimeter(s);
}

} // namespace geo

extern "C" int plain_c(void* context, std::string text) {
  return context == nullptr ? static_cast<int>(text.size()) : geo::twice(3);
}
