// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace geo {
inline namespace v1 {

enum class unit { metre, foot };

struct point {
  int x = 0;
  double y;
  static int count;
  union {
    int a;
    float b;
  };
  struct {
    char tag;
  } label;
};

class shape {
public:
  explicit shape(int sides) : sides_(sides) {}
  virtual ~shape() {
    --alive;
  }
  virtual int area() const = 0;
  bool operator<(const shape& other) const { return area() < other.area(); }
  static int alive;

protected:
  int sides_;
  int (shape::*measure_)() const = nullptr;
};

} // namespace v1

template <class T, int Size>
class stack {
public:
  void push(const T& value) {
    items_[used_++] = value;
  }
  T top() const { return items_[used_ - 1]; }

private:
  T items_[Size];
  int used_ = 0;
};

template <class T>
T largest(T a, T b) {
  if (a < b)
    return b;
  return a;
}

inline int twice(int value) {
  return value * 2;
}

int perimeter(const point& from, point&& to, int (*measure)(int, char));
int perimeter(const shape& of);

} // namespace geo
