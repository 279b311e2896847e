// SPDX-License-Identifier: Apache-2.0
#include "request_to_response.hpp"

#include "curl_transfer.hpp"

#include <curl/curl.h>
#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <csignal>
#include <list>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

namespace symup {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

struct job {
  std::uint64_t id = 0;
  http_request request;
  http_engine::completion done;

  void complete(http_response response) noexcept {
    const http_engine::completion call = std::move(done);
    request = {};
    call(id, std::move(response));
  }
};

http_response cancelled_response() noexcept {
  http_response response;
  try {
    response.transport_error = "cancelled";
  } catch (const std::bad_alloc&) {
    // the kind says it
  }
  return response;
}

http_response failed_response(const char* why) noexcept {
  http_response response = cancelled_response();
  response.kind = response_kind::transport_failed;
  try {
    response.transport_error = why;
  } catch (const std::bad_alloc&) {
    response.transport_error.clear();
  }
  return response;
}

struct multi_delete {
  void operator()(CURLM* multi) const noexcept { curl_multi_cleanup(multi); }
};

// A transfer and the request it carries, if any.
struct slot {
  std::unique_ptr<curl_transfer> transfer;
  std::optional<job> work;
  steady_clock::time_point progressed;
};

// Signals are for the host's threads; a thread inherits its mask from the one that makes it.
// Blocked, SIGPIPE from a closed connection is no more than an error code. Faults stay as they are.
class blocked_signals {
public:
  blocked_signals() noexcept {
    sigset_t most;
    sigfillset(&most);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGPROF})
      sigdelset(&most, fault);
    pthread_sigmask(SIG_BLOCK, &most, &before_);
  }
  ~blocked_signals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  blocked_signals(const blocked_signals&) = delete;
  blocked_signals& operator=(const blocked_signals&) = delete;

private:
  sigset_t before_{};
};

} // namespace

class http_engine::loop {
public:
  explicit loop(http_settings settings) : settings_(std::move(settings)) {}

  // Makes what can fail, so that the engine's maker is told.
  expected<void> prepare();

  // Any thread.
  void post_start(job work) noexcept;
  void post_cancel(std::uint64_t id) noexcept;
  void post_stop() noexcept;

  // The engine's thread.
  void run() noexcept;

private:
  void wake() noexcept { curl_multi_wakeup(multi_.get()); }
  bool take_orders() noexcept;
  void cancel_one(std::uint64_t id) noexcept;
  void fill_slots() noexcept;
  slot* free_slot() noexcept;
  void begin(slot& free) noexcept;
  bool collect_finished() noexcept;
  void end(slot& busy, http_response response) noexcept;
  void end_stalled() noexcept;
  void end_all(const http_response& response) noexcept;
  [[nodiscard]] int wait_ms() const noexcept;

  const http_settings settings_;
  std::unique_ptr<CURLM, multi_delete> multi_;

  std::mutex mutex_; // guards the next four
  std::list<job> posted_;
  std::vector<std::uint64_t> posted_cancels_;
  bool has_orders_ = false; // a wake-up is on its way
  bool stopping_ = false;

  // Only the engine's thread, from here on. Jobs move from list to list without allocation.
  std::list<job> waiting_;
  std::vector<std::uint64_t> cancels_;
  std::vector<slot> slots_; // its capacity is max_connections, so that slots never move
  std::size_t running_ = 0;
  steady_clock::time_point next_stall_check_;
};

expected<void> http_engine::loop::prepare() {
  multi_.reset(curl_multi_init());
  if (!multi_)
    return fail(errc::out_of_memory, "no memory for the HTTP engine");
  curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS,
                    static_cast<long>(settings_.limits.max_connections));
  slots_.reserve(settings_.limits.max_connections);
  auto first = curl_transfer::make(settings_);
  if (!first)
    return fail(std::move(first.error()));
  slots_.push_back({std::move(*first), std::nullopt, {}});
  return {};
}

void http_engine::loop::post_start(job work) noexcept {
  std::list<job> one;
  const char* refused = nullptr;
  try {
    one.push_back(std::move(work)); // on failure nothing was moved yet
  } catch (const std::bad_alloc&) {
    work.complete(failed_response("no memory for a request"));
    return;
  }
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (stopping_) {
      refused = "cancelled";
    } else {
      posted_.splice(posted_.end(), one);
      if (!std::exchange(has_orders_, true))
        wake();
    }
  }
  if (refused)
    one.front().complete(cancelled_response());
}

void http_engine::loop::post_cancel(std::uint64_t id) noexcept {
  const std::lock_guard<std::mutex> lock(mutex_);
  try {
    posted_cancels_.push_back(id);
  } catch (const std::bad_alloc&) {
    return;
  }
  if (!std::exchange(has_orders_, true))
    wake();
}

void http_engine::loop::post_stop() noexcept {
  const std::lock_guard<std::mutex> lock(mutex_);
  stopping_ = true;
  wake();
}

void http_engine::loop::run() noexcept {
  pthread_setname_np(pthread_self(), "symup-http");
  while (take_orders()) {
    fill_slots();
    int still_running = 0;
    CURLMcode code = curl_multi_perform(multi_.get(), &still_running);
    const bool any_finished = collect_finished();
    end_stalled();
    if (any_finished && !waiting_.empty())
      continue; // a slot is free
    if (code == CURLM_OK)
      code = curl_multi_poll(multi_.get(), nullptr, 0, wait_ms(), nullptr);
    if (code != CURLM_OK) {
      end_all(failed_response(curl_multi_strerror(code)));
      std::this_thread::sleep_for(milliseconds(20)); // out of memory or descriptors: do not spin
    }
  }
  end_all(cancelled_response());
  while (!waiting_.empty()) {
    waiting_.front().complete(cancelled_response());
    waiting_.pop_front();
  }
}

// False = stop.
bool http_engine::loop::take_orders() noexcept {
  bool go_on = true;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    waiting_.splice(waiting_.end(), posted_);
    cancels_.swap(posted_cancels_);
    has_orders_ = false;
    go_on = !stopping_;
  }
  for (const std::uint64_t id : cancels_)
    cancel_one(id);
  cancels_.clear();
  return go_on;
}

void http_engine::loop::cancel_one(std::uint64_t id) noexcept {
  for (slot& busy : slots_)
    if (busy.work && busy.work->id == id)
      end(busy, cancelled_response());
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    const auto next = std::next(at);
    if (at->id == id) {
      at->complete(cancelled_response());
      waiting_.erase(at);
    }
    at = next;
  }
}

void http_engine::loop::fill_slots() noexcept {
  while (!waiting_.empty()) {
    slot* free = running_ < settings_.limits.max_connections ? free_slot() : nullptr;
    if (!free && running_ > 0)
      return; // one of those will end and make room
    if (!free) {
      waiting_.front().complete(failed_response("no memory for an HTTP transfer"));
      waiting_.pop_front();
      continue;
    }
    free->work = std::move(waiting_.front());
    waiting_.pop_front();
    begin(*free);
  }
}

slot* http_engine::loop::free_slot() noexcept {
  for (slot& candidate : slots_)
    if (!candidate.work)
      return &candidate;
  try {
    auto transfer = curl_transfer::make(settings_);
    if (!transfer)
      return nullptr;
    slots_.push_back({std::move(*transfer), std::nullopt, {}});
    return &slots_.back();
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void http_engine::loop::begin(slot& free) noexcept {
  CURL* easy = free.transfer->handle();
  if (!free.transfer->begin(free.work->request) ||
      curl_easy_setopt(easy, CURLOPT_PRIVATE, static_cast<void*>(&free)) != CURLE_OK ||
      curl_multi_add_handle(multi_.get(), easy) != CURLM_OK) {
    job failed = std::move(*free.work);
    free.work.reset();
    failed.complete(failed_response("no memory for an HTTP transfer"));
    return;
  }
  free.progressed = steady_clock::now();
  if (running_++ == 0)
    next_stall_check_ = free.progressed;
}

bool http_engine::loop::collect_finished() noexcept {
  bool any = false;
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE)
      continue;
    void* at = nullptr;
    const CURLcode result = message->data.result; // gone once the handle is removed
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &at);
    slot& busy = *static_cast<slot*>(at);
    curl_multi_remove_handle(multi_.get(), busy.transfer->handle());
    end(busy, busy.transfer->finish(result));
    any = true;
  }
  return any;
}

// Frees the slot and completes the request. (Removing a handle a second time does nothing.)
void http_engine::loop::end(slot& busy, http_response response) noexcept {
  curl_multi_remove_handle(multi_.get(), busy.transfer->handle());
  job ended = std::move(*busy.work);
  busy.work.reset();
  --running_;
  ended.complete(std::move(response));
}

// libcurl's own low-speed limit looks at the mean of the last five seconds and counts in whole
// seconds: a stall after a fast start would be noticed that much too late.
void http_engine::loop::end_stalled() noexcept {
  const auto now = steady_clock::now();
  if (running_ == 0 || now < next_stall_check_)
    return;
  const milliseconds limit = settings_.limits.stall_timeout;
  for (slot& busy : slots_) {
    if (!busy.work)
      continue;
    if (busy.transfer->has_progressed())
      busy.progressed = now;
    if (now - busy.progressed < limit)
      continue;
    curl_multi_remove_handle(multi_.get(), busy.transfer->handle());
    http_response response = busy.transfer->finish(CURLE_OPERATION_TIMEDOUT);
    if (response.kind == response_kind::timed_out)
      try {
        response.transport_error =
            "no byte was sent or received for " + std::to_string(limit.count()) + " ms";
      } catch (const std::bad_alloc&) {
        // the kind says it
      }
    end(busy, std::move(response));
  }
  next_stall_check_ = now + std::max(limit / 8, milliseconds(1));
}

void http_engine::loop::end_all(const http_response& response) noexcept {
  for (slot& busy : slots_)
    if (busy.work) {
      http_response copy = cancelled_response();
      copy.kind = response.kind;
      try {
        copy.transport_error = response.transport_error;
      } catch (const std::bad_alloc&) {
        copy.transport_error.clear();
      }
      end(busy, std::move(copy));
    }
}

int http_engine::loop::wait_ms() const noexcept {
  if (running_ == 0)
    return INT_MAX; // until someone wakes us
  const auto left = std::chrono::ceil<milliseconds>(next_stall_check_ - steady_clock::now());
  return static_cast<int>(std::clamp<milliseconds::rep>(left.count(), 0, INT_MAX));
}

expected<std::unique_ptr<http_engine>> http_engine::make(endpoint to, http_limits limits) {
  try {
    auto settings = check_http_settings(std::move(to), std::move(limits));
    if (!settings)
      return fail(std::move(settings.error()));
    auto work = std::make_shared<loop>(std::move(*settings));
    if (auto prepared = work->prepare(); !prepared)
      return fail(std::move(prepared.error()));
    std::unique_ptr<http_engine> engine(new http_engine(std::move(work), {}));
    const blocked_signals blocked;
    engine->thread_ = std::thread([work = engine->loop_] { work->run(); });
    return engine;
  } catch (const std::bad_alloc&) {
    return fail(errc::out_of_memory, "no memory for the HTTP engine");
  } catch (const std::system_error& e) {
    return fail(errc::out_of_memory, std::string("no thread for the HTTP engine: ") + e.what());
  }
}

http_engine::http_engine(std::shared_ptr<loop> work, std::thread thread) noexcept
    : loop_(std::move(work)), thread_(std::move(thread)) {}

http_engine::~http_engine() {
  stop();
}

void http_engine::start(std::uint64_t id, http_request request, completion done) noexcept {
  loop_->post_start({id, std::move(request), std::move(done)});
}

void http_engine::cancel(std::uint64_t id) noexcept {
  loop_->post_cancel(id);
}

void http_engine::stop() noexcept {
  if (!thread_.joinable())
    return;
  loop_->post_stop();
  if (thread_.get_id() == std::this_thread::get_id())
    thread_.detach(); // called from a completion; the thread keeps the loop alive until it ends
  else
    thread_.join();
}

} // namespace symup
