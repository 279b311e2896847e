// SPDX-License-Identifier: Apache-2.0
// The main of test programs that start pipelines: initialising libcurl is the host's affair.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <curl/curl.h>

int main(int argc, char** argv) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  const int failed = doctest::Context(argc, argv).run();
  curl_global_cleanup();
  return failed;
}
