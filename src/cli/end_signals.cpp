// SPDX-License-Identifier: Apache-2.0
#include "cli/end_signals.hpp"

#include "cli/exit_code.hpp"

#include <unistd.h>

#include <utility>

namespace symup::cli {

namespace {
constexpr int wake_up = SIGUSR2; // ends the watcher itself
}

end_signals::end_signals() {
  sigemptyset(&signals_);
  for (const int signal : {SIGINT, SIGTERM, wake_up})
    sigaddset(&signals_, signal);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  watcher_ = std::thread([this] { watch(); });
}

end_signals::~end_signals() {
  ending_ = true;
  pthread_kill(watcher_.native_handle(), wake_up);
  watcher_.join();
}

void end_signals::on_signal(std::function<void()> action) {
  const std::lock_guard lock(mutex_);
  action_ = std::move(action);
  if (received_ && action_)
    action_();
}

void end_signals::watch() {
  for (;;) {
    int signal = 0;
    if (sigwait(&signals_, &signal) != 0 || ending_)
      return;
    if (signal == wake_up)
      continue;
    if (received_.exchange(true))
      _exit(exit_cancelled);
    const std::lock_guard lock(mutex_);
    if (action_)
      action_();
  }
}

} // namespace symup::cli
