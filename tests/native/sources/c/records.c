// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

typedef struct {
  int x, y;
} point_t;

struct node {
  struct node *next;
  point_t at;
  union {
    int number;
    float real;
  };
  const char *name;
  int (*compare)(const struct node *, const void *);
  int grid[3][4];
  unsigned flag : 1;
};

enum color { RED, GREEN };

static int total;
int shared_total = 1;

static int walk(const struct node *list, enum color c) {
  int sum = (int)c;
  while (list) {
    int value = list->at.x;
    sum += value;
    list = list->next;
  }
  return sum;
}

int main(int argc, char **argv) {
  struct node first = {0};
  first.at.x = argc;
  total += walk(&first, GREEN);
  printf("%d %s\n", total, argv[0]);
  return 0;
}
