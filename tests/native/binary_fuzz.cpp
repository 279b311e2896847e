// SPDX-License-Identifier: Apache-2.0

/// Fuzz target: any bytes as a binary. Give it small ELF files with DWARF as seeds and -max_len to
/// match; the extractor must answer with scopes or an error.

#include "symup/binary_scopes.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <string>

namespace {

class checking_sink final : public symup::scope_sink {
public:
  bool begin_scope(const symup::scope_head& head) override {
    if (head.start_line < 0 || head.start_line > head.end_line || head.end_line > symup::max_line)
      __builtin_trap();
    return true;
  }
  bool add_symbol(const symup::symbol_view&) override { return true; }
  bool end_scope() override { return true; }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int file = memfd_create("fuzz", MFD_CLOEXEC);
  if (file < 0 || write(file, data, size) != static_cast<ssize_t>(size))
    return 0;
  symup::binary_options options;
  options.all = true;
  options.threads = 1;
  options.max_inflate = 16U << 20U;
  auto opened = symup::binary_scopes::open("/proc/self/fd/" + std::to_string(file), options);
  if (opened)
    for (const auto& language : opened->languages()) {
      checking_sink sink;
      (void)opened->extract(language, sink);
    }
  close(file);
  return 0;
}
