// SPDX-License-Identifier: Apache-2.0
#include "receive/intake_server.hpp"

#include "receive/connection_server.hpp"
#include "receive/listen_address.hpp"
#include "receive/multipart_parse.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

namespace symup::receive {

namespace {

constexpr std::string_view agent_path = "/symdb/v1/input";
constexpr std::string_view direct_path = "/api/v2/debugger";
constexpr int backlog = 1024;

bool is_known(const std::string& path) {
  return path == agent_path || path == direct_path;
}

void answer(httplib::Response& response, int status, const std::string& text) {
  response.status = status;
  if (!text.empty())
    response.set_content(text + '\n', "text/plain");
}

/// The one Content-Length, if it is there and a number.
std::optional<std::uint64_t> content_length(const httplib::Request& request) {
  const std::string text = request.get_header_value("Content-Length");
  std::uint64_t length = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (request.get_header_value_count("Content-Length") != 1 || problem != std::errc() ||
      end != text.data() + text.size() || request.has_header("Transfer-Encoding"))
    return std::nullopt;
  return length;
}

/// Checks the headers but Content-Length; gives the boundary.
std::string check_headers(const httplib::Request& request, const exchange& now,
                          std::vector<violation>& list) {
  if (now.content_encoding)
    add(list, "http.content_encoding", "there must be no Content-Encoding header");
  if (request.path == direct_path)
    for (const char* name : {"DD-API-KEY", "DD-EVP-ORIGIN"})
      if (request.get_header_value(name).empty())
        add(list, "http.header", std::string("the header ") + name + " is missing");
  if (now.content_types == 1)
    return parse_boundary(now.content_type, list);
  add(list, "http.content_type", "there must be one Content-Type header");
  return {};
}

} // namespace

class intake_server::state {
public:
  state(intake_options options, std::optional<batch_store> store)
      : options_(std::move(options)), intake_(std::move(store), options_.limits),
        faults_(options_.faults), server_(options_.keep_alive, options_.stall_timeout) {}
  ~state() { stop(); }
  state(const state&) = delete;
  state& operator=(const state&) = delete;

  expected<void> listen(listen_address address);
  void stop();

  [[nodiscard]] const listen_address& address() const noexcept { return address_; }
  [[nodiscard]] const std::string& url() const noexcept { return url_; }
  [[nodiscard]] const symup::receive::intake& taken() const noexcept { return intake_; }
  [[nodiscard]] intake_counts counts() const noexcept {
    return {accepted_, resent_, violations_, struck_, bytes_};
  }

private:
  void add_routes();
  void route(const httplib::Request& request, httplib::Response& response);
  void receive(const httplib::Request& request, httplib::Response& response,
               const httplib::ContentReader& read);
  [[nodiscard]] bool read_body(const httplib::ContentReader& read, std::uint64_t length,
                               bool close_in_mid_body, std::string& body);
  [[nodiscard]] bool strike(const fault& drawn, std::uint64_t length, httplib::Response& response);
  void take(const std::string& body, const std::string& boundary, std::vector<violation> list,
            httplib::Response& response);
  void refuse(const batch_facts& facts, const std::vector<violation>& list,
              httplib::Response& response);

  intake_options options_;
  symup::receive::intake intake_;
  fault_source faults_;
  connection_server server_;
  listen_address address_;
  std::string url_;
  std::thread accepting_;
  std::mutex stop_mutex_, report_mutex_;
  std::atomic<std::uint64_t> accepted_{0}, resent_{0}, violations_{0}, struck_{0}, bytes_{0};
};

expected<void> intake_server::state::listen(listen_address address) {
  address_ = std::move(address);
  const bool is_unix = !address_.unix_socket.empty();
  int listening = -1;
  server_.set_socket_options([&listening](int socket) {
    // httplib's default is SO_REUSEPORT: two receivers would share a port unawares.
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    listening = socket;
  });
  server_.new_task_queue = [threads = options_.threads] {
    return new httplib::ThreadPool(threads);
  };
  add_routes();
  errno = 0;
  int port = 0;
  if (is_unix) {
    remove_stale_socket(address_.unix_socket);
    server_.set_address_family(AF_UNIX);
    constexpr int unused_port = 80; // httplib would ask a Unix socket for the port it picked
    port = server_.bind_to_port(address_.unix_socket, unused_port) ? unused_port : -1;
  } else {
    server_.set_tcp_nodelay(true);
    if (address_.port == 0)
      port = server_.bind_to_any_port(address_.host);
    else
      port = server_.bind_to_port(address_.host, address_.port) ? address_.port : -1;
  }
  if (port < 0)
    return fail(errc::io_failed,
                "cannot listen on " + url_of(address_) + ": " +
                    (errno == 0 ? "no such address" : std::generic_category().message(errno)));
  ::listen(listening, backlog); // httplib asks for 5, and what does not fit waits a second
  address_.port = is_unix ? 0 : static_cast<std::uint16_t>(port);
  url_ = url_of(address_);
  accepting_ = std::thread([this] { server_.listen_after_bind(); });
  while (!server_.is_running()) // stop() before that would do nothing
    std::this_thread::yield();
  return {};
}

void intake_server::state::stop() {
  const std::lock_guard lock(stop_mutex_);
  if (!accepting_.joinable())
    return;
  server_.stop_all();
  accepting_.join();
  if (!address_.unix_socket.empty())
    ::unlink(address_.unix_socket.c_str());
}

void intake_server::state::add_routes() {
  server_.set_pre_routing_handler([this](const auto& request, auto& response) {
    if (request.method == "POST" && is_known(request.path))
      return httplib::Server::HandlerResponse::Unhandled;
    route(request, response);
    return httplib::Server::HandlerResponse::Handled;
  });
  server_.Post(".*", [this](const auto& request, auto& response, const auto& read) {
    receive(request, response, read);
  });
}

/// Answers what is not a POST to a known path.
void intake_server::state::route(const httplib::Request& request, httplib::Response& response) {
  connection_server::current().close = true; // a body may follow that nobody reads
  if (!is_known(request.path))
    return answer(response, 404, "no such path; there are /symdb/v1/input and /api/v2/debugger");
  response.set_header("Allow", "POST");
  answer(response, 405, "only POST is allowed");
}

void intake_server::state::receive(const httplib::Request& request, httplib::Response& response,
                                   const httplib::ContentReader& read) {
  exchange& now = connection_server::current();
  std::vector<violation> list;
  const std::string boundary = check_headers(request, now, list);
  const auto length = content_length(request);
  if (!length.has_value() || *length > options_.max_body) {
    now.close = true;
    if (length.has_value())
      return answer(response, 413,
                    "the body has " + std::to_string(*length) + " bytes, allowed are " +
                        std::to_string(options_.max_body));
    add(list, "http.content_length", "there must be one Content-Length and no Transfer-Encoding");
    return refuse({}, list, response);
  }
  const fault drawn = faults_.draw();
  std::string body;
  if (!read_body(read, *length, drawn.close, body)) {
    struck_ += drawn.close ? 1 : 0;
    return now.drop_answer();
  }
  if (strike(drawn, *length, response))
    return;
  if (options_.discard) {
    ++accepted_;
    return answer(response, 202, "");
  }
  take(body, boundary, std::move(list), response);
}

bool intake_server::state::read_body(const httplib::ContentReader& read, std::uint64_t length,
                                     bool close_in_mid_body, std::string& body) {
  if (!options_.discard)
    body.reserve(length);
  std::uint64_t received = 0;
  const std::uint64_t wanted = close_in_mid_body ? length / 2 : length;
  const bool complete = read([&](const char* bytes, std::size_t size) {
    received += size;
    bytes_ += size;
    if (!options_.discard)
      body.append(bytes, size);
    return !close_in_mid_body || received < wanted;
  });
  return complete && !close_in_mid_body && received == length;
}

/// Lets the fault happen; true if it decides the answer.
bool intake_server::state::strike(const fault& drawn, std::uint64_t length,
                                  httplib::Response& response) {
  const bool too_large = drawn.limit.has_value() && length > *drawn.limit;
  if (drawn.delay.count() != 0 || drawn.status != 0 || drawn.accept_then_close || too_large)
    ++struck_;
  if (drawn.delay.count() != 0)
    server_.delay(drawn.delay);
  if (drawn.accept_then_close)
    connection_server::current().drop_answer();
  if (drawn.status != 0) {
    if (drawn.retry_after == "date")
      response.set_header("Retry-After",
                          http_date(std::chrono::system_clock::now() + std::chrono::seconds(1)));
    else if (!drawn.retry_after.empty())
      response.set_header("Retry-After", drawn.retry_after);
    answer(response, drawn.status, "injected fault");
  } else if (too_large) {
    answer(response, 413, "injected limit of " + std::to_string(*drawn.limit) + " bytes");
  }
  return drawn.status != 0 || too_large;
}

void intake_server::state::take(const std::string& body, const std::string& boundary,
                                std::vector<violation> list, httplib::Response& response) {
  std::vector<batch_part> parts;
  if (!boundary.empty())
    parts = parse_multipart(body, boundary, list);
  if (!list.empty())
    return refuse({}, list, response);
  const intake_result result = intake_.take(parts);
  switch (result.what) {
  case intake_result::outcome::refused:
    return refuse(result.facts, result.violations, response);
  case intake_result::outcome::failed:
    return answer(response, 503, result.problem);
  case intake_result::outcome::resent:
    ++resent_;
    break;
  case intake_result::outcome::accepted:
    break;
  }
  ++accepted_;
  answer(response, 202, "");
}

void intake_server::state::refuse(const batch_facts& facts, const std::vector<violation>& list,
                                  httplib::Response& response) {
  ++violations_;
  std::string text;
  const std::lock_guard lock(report_mutex_);
  for (const violation& v : list) {
    text += to_string(v) + '\n';
    if (options_.on_violation)
      options_.on_violation(label(facts) + ": " + to_string(v));
  }
  response.status = 400;
  response.set_content(text, "text/plain");
}

intake_server::intake_server(std::unique_ptr<state> state) : state_(std::move(state)) {}
intake_server::intake_server(intake_server&&) noexcept = default;
intake_server& intake_server::operator=(intake_server&&) noexcept = default;
intake_server::~intake_server() = default;

expected<intake_server> intake_server::start(intake_options options) {
  auto address = parse_listen_address(options.listen);
  if (!address.has_value())
    return fail(address.error());
  options.threads = std::max<std::size_t>(options.threads, 1);
  std::optional<batch_store> store;
  if (!options.store_dir.empty()) {
    auto opened = batch_store::open(options.store_dir);
    if (!opened.has_value())
      return fail(opened.error());
    store = std::move(*opened);
  }
  auto made = std::make_unique<state>(std::move(options), std::move(store));
  if (auto listening = made->listen(std::move(*address)); !listening.has_value())
    return fail(listening.error());
  return intake_server(std::move(made));
}

int intake_server::port() const noexcept {
  return state_->address().port;
}
const std::string& intake_server::url() const noexcept {
  return state_->url();
}
intake_counts intake_server::counts() const noexcept {
  return state_->counts();
}
const symup::receive::intake& intake_server::taken() const noexcept {
  return state_->taken();
}
void intake_server::stop() {
  state_->stop();
}

} // namespace symup::receive
