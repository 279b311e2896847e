// SPDX-License-Identifier: Apache-2.0
#include "body_reader.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace symup;

namespace {

const std::vector<body_piece> pieces{{nullptr, ""},   {nullptr, "abc"}, {nullptr, ""},
                                     {nullptr, "de"}, {nullptr, "f"},   {nullptr, ""}};

std::string rest_of(body_reader& reader, std::size_t step) {
  std::string all;
  char buffer[16];
  while (const std::size_t count = reader.read(buffer, step))
    all.append(buffer, count);
  return all;
}

} // namespace

TEST_CASE("a body is read whole, in steps of any size") {
  for (std::size_t step = 1; step <= 8; ++step) {
    body_reader reader(pieces);
    CHECK(rest_of(reader, step) == "abcdef");
  }
}

TEST_CASE("reading fills the room across pieces") {
  body_reader reader(pieces);
  char buffer[16];
  CHECK(reader.read(buffer, 5) == 5);
  CHECK(reader.read(buffer, 5) == 1);
  CHECK(reader.read(buffer, 5) == 0);
}

TEST_CASE("a body can be read again from any position") {
  const std::string whole = "abcdef";
  body_reader reader(pieces);
  for (std::size_t position = 0; position <= whole.size(); ++position) {
    CHECK(reader.seek(position));
    CHECK(rest_of(reader, 2) == whole.substr(position));
  }
  CHECK_FALSE(reader.seek(whole.size() + 1));
}

TEST_CASE("a body without pieces is empty") {
  body_reader reader;
  CHECK(rest_of(reader, 4).empty());
  CHECK(reader.seek(0));
  CHECK_FALSE(reader.seek(1));
}

TEST_CASE("a request knows the length of its pieces") {
  CHECK(make_http_request("text/plain", pieces).body_bytes == 6);
}
