// SPDX-License-Identifier: Apache-2.0
#include "stuck_resolver.hpp"

#include <condition_variable>
#include <dlfcn.h>
#include <mutex>
#include <netdb.h>
#include <string_view>

namespace {

std::mutex mutex;
std::condition_variable changed;
bool is_stuck = false;
int lookups = 0;

bool ends_with(std::string_view text, std::string_view ending) {
  return text.size() >= ending.size() && text.substr(text.size() - ending.size()) == ending;
}

} // namespace

extern "C" int getaddrinfo(const char* host, const char* service, const addrinfo* hints,
                           addrinfo** result) {
  const std::string_view name = host ? host : "";
  if (name == "stuck.invalid") {
    std::unique_lock<std::mutex> lock(mutex);
    ++lookups;
    changed.notify_all();
    changed.wait(lock, [] { return !is_stuck; });
    --lookups;
    changed.notify_all();
  }
  if (ends_with(name, ".invalid"))
    return EAI_NONAME;
  static const auto real =
      reinterpret_cast<decltype(&getaddrinfo)>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(host, service, hints, result);
}

stuck_resolver::stuck_resolver() {
  const std::lock_guard<std::mutex> lock(mutex);
  is_stuck = true;
}

stuck_resolver::~stuck_resolver() {
  std::unique_lock<std::mutex> lock(mutex);
  is_stuck = false;
  changed.notify_all();
  changed.wait(lock, [] { return lookups == 0; });
}

void stuck_resolver::wait_for_lookup() const {
  std::unique_lock<std::mutex> lock(mutex);
  changed.wait(lock, [] { return lookups > 0; });
}
