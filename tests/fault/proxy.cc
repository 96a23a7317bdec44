#include "tests/fault/proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"

namespace almanac::testing {
namespace {

using Direction = Proxy::Direction;

constexpr int kClient = 0;
constexpr int kServer = 1;
// What a pipe holds before its sender has to wait.
constexpr size_t kPipeBytes = 1 << 20;
// In the events of epoll, instead of a connection's id and end.
constexpr uint64_t kListenerEvent = 0;
constexpr uint64_t kWakeEvent = 1;

int Source(Direction direction) { return direction == Direction::kToServer ? kClient : kServer; }
int Destination(Direction direction) { return 1 - Source(direction); }

// A socket that is connected to `target`, or will be; -1 if it refused at once.
int Dial(const std::string& target) {
  absl::string_view rest = target;
  if (absl::ConsumePrefix(&rest, "unix:")) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    rest.copy(address.sun_path, sizeof(address.sun_path) - 1);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) return fd;
    close(fd);
    return -1;
  }
  const size_t colon = target.rfind(':');
  int port = 0;
  if (colon == std::string::npos || !absl::SimpleAtoi(target.substr(colon + 1), &port)) return -1;
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, target.substr(0, colon).c_str(), &address.sin_addr);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 || errno == EINPROGRESS) return fd;
  close(fd);
  return -1;
}

void CloseSocket(int fd, bool reset) {
  const linger at_once = {.l_onoff = 1, .l_linger = 0};
  if (reset) setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  close(fd);
}

}  // namespace

struct Proxy::Chunk {
  std::string bytes;
  absl::Time due;
};

// One direction of a connection.
struct Proxy::Pipe {
  std::deque<Chunk> chunks;
  size_t buffered = 0;
  bool held = false;      // by a trap
  bool ended = false;     // the source sends no more
  bool reset = false;     // it ended by a reset
  bool closed = false;    // the destination was told that no more comes; what comes is dropped
  std::string tail = {};  // what a trap's pattern may begin with

  void Drop() {
    chunks.clear();
    buffered = 0;
  }
};

struct Proxy::Connection {
  int64_t id;
  int fds[2];
  bool connecting = true;
  uint32_t watched[2] = {0, 0};
  Pipe pipes[2];

  Pipe& pipe(Direction direction) { return pipes[Source(direction)]; }
};

absl::StatusOr<std::unique_ptr<Proxy>> Proxy::Start(const std::string& target) {
  std::unique_ptr<Proxy> proxy(new Proxy);
  {
    absl::MutexLock lock(&proxy->mutex_);
    proxy->target_ = target;
  }
  proxy->listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (bind(proxy->listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(proxy->listener_, SOMAXCONN) != 0 ||
      getsockname(proxy->listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return absl::InternalError(absl::StrCat("a proxy cannot listen: ", strerror(errno)));
  }
  proxy->port_ = ntohs(address.sin_port);
  proxy->epoll_ = epoll_create1(EPOLL_CLOEXEC);
  proxy->wake_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  epoll_event event = {.events = EPOLLIN, .data = {.u64 = kListenerEvent}};
  epoll_ctl(proxy->epoll_, EPOLL_CTL_ADD, proxy->listener_, &event);
  event.data.u64 = kWakeEvent;
  epoll_ctl(proxy->epoll_, EPOLL_CTL_ADD, proxy->wake_, &event);
  proxy->thread_ = std::thread([proxy = proxy.get()] { proxy->Work(); });
  return proxy;
}

Proxy::~Proxy() {
  if (thread_.joinable()) {
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
    }
    Wake();
    thread_.join();
  }
  for (const auto& [id, connection] : connections_) {
    for (const int fd : connection->fds) close(fd);
  }
  for (const int fd : {listener_, epoll_, wake_}) {
    if (fd >= 0) close(fd);
  }
}

std::string Proxy::address() const { return absl::StrCat("127.0.0.1:", port_); }

void Proxy::SetTarget(const std::string& target) {
  absl::MutexLock lock(&mutex_);
  target_ = target;
}

void Proxy::Cut(Ending ending) {
  absl::MutexLock lock(&mutex_);
  if (ending == Ending::kReset) {
    while (!connections_.empty()) Remove(*connections_.begin()->second, /*reset=*/true);
    return;
  }
  for (const Direction direction : {Direction::kToServer, Direction::kToClient}) CloseAll(direction);
  AdvanceAll();
}

void Proxy::Delay(Direction direction, absl::Duration delay) {
  absl::MutexLock lock(&mutex_);
  delays_[direction] = delay;
}

void Proxy::Hold(Direction direction) {
  absl::MutexLock lock(&mutex_);
  held_.insert(direction);
}

void Proxy::HalfClose(Direction direction) {
  absl::MutexLock lock(&mutex_);
  CloseAll(direction);
  AdvanceAll();
}

void Proxy::Refuse() {
  absl::MutexLock lock(&mutex_);
  refusing_ = true;
}

void Proxy::SetTrap(const std::string& pattern, Trap trap) {
  absl::MutexLock lock(&mutex_);
  trap_pattern_ = pattern;
  trap_ = trap;
  trapped_ = false;
}

bool Proxy::AwaitTrapped(absl::Duration limit) {
  absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithTimeout(absl::Condition(&trapped_), limit);
}

void Proxy::Heal() {
  {
    absl::MutexLock lock(&mutex_);
    refusing_ = false;
    trap_pattern_.clear();
    delays_.clear();
    held_.clear();
    for (const auto& [id, connection] : connections_) {
      for (Pipe& pipe : connection->pipes) {
        pipe.held = false;
        for (Chunk& chunk : pipe.chunks) chunk.due = absl::InfinitePast();
      }
    }
    AdvanceAll();
  }
  Wake();
}

int Proxy::open_connections() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(connections_.size());
}

int64_t Proxy::accepted_connections() const {
  absl::MutexLock lock(&mutex_);
  return accepted_;
}

void Proxy::Wake() const { eventfd_write(wake_, 1); }

void Proxy::Work() {
  std::vector<epoll_event> events(256);
  int timeout = -1;
  while (true) {
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout);
    absl::MutexLock lock(&mutex_);
    if (stopping_) return;
    for (int i = 0; i < count; ++i) {
      const uint64_t which = events[i].data.u64;
      if (which == kListenerEvent) {
        Accept();
      } else if (which == kWakeEvent) {
        eventfd_t ignored;
        eventfd_read(wake_, &ignored);
      } else if (const auto found = connections_.find(static_cast<int64_t>(which / 2)); found != connections_.end()) {
        Handle(*found->second, static_cast<int>(which % 2), events[i].events);
      }
    }
    timeout = AdvanceDelayed();
  }
}

int Proxy::AdvanceDelayed() {
  absl::Time next = absl::InfiniteFuture();
  const std::set<int64_t> delayed = std::exchange(delayed_, {});
  for (const int64_t id : delayed) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) continue;
    Advance(*found->second);  // which notes it again if it has to wait on
  }
  for (const int64_t id : delayed_) {
    for (const Pipe& pipe : connections_.at(id)->pipes) {
      if (!pipe.chunks.empty()) next = std::min(next, std::max(pipe.chunks.front().due, absl::Now()));
    }
  }
  if (next == absl::InfiniteFuture()) return -1;
  return static_cast<int>(absl::ToInt64Milliseconds(absl::Ceil(next - absl::Now(), absl::Milliseconds(1)))) + 1;
}

void Proxy::Accept() {
  while (true) {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client < 0) return;
    ++accepted_;
    const int server = refusing_ ? -1 : Dial(target_);
    if (server < 0) {
      CloseSocket(client, /*reset=*/true);
      continue;
    }
    for (const int fd : {client, server}) {
      const int yes = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));  // no effect on a unix socket
    }
    auto connection = std::make_unique<Connection>();
    connection->id = accepted_;
    connection->fds[kClient] = client;
    connection->fds[kServer] = server;
    Connection& added = *connection;
    connections_[added.id] = std::move(connection);
    Advance(added);
  }
}

void Proxy::Handle(Connection& connection, int end, uint32_t events) {
  if (connection.connecting && end == kServer) {
    int error = 0;
    socklen_t size = sizeof(error);
    getsockopt(connection.fds[kServer], SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return Remove(connection, /*reset=*/true);
    connection.connecting = false;
  }
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
    Receive(connection, end == kClient ? Direction::kToServer : Direction::kToClient);
  }
  Advance(connection);
}

void Proxy::Receive(Connection& connection, Direction direction) {
  Pipe& pipe = connection.pipe(direction);
  char buffer[64 * 1024];
  while (!pipe.ended && (pipe.closed || pipe.buffered < kPipeBytes)) {
    const ssize_t count = read(connection.fds[Source(direction)], buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) {
      pipe.ended = true;
      pipe.reset = count < 0;
      return;
    }
    if (pipe.closed) continue;
    const auto delay = delays_.find(direction);
    Chunk chunk{std::string(buffer, static_cast<size_t>(count)),
                delay == delays_.end() ? absl::InfinitePast() : absl::Now() + delay->second};
    if (direction == Direction::kToServer && !trap_pattern_.empty()) Inspect(connection, chunk);
    pipe.buffered += chunk.bytes.size();
    pipe.chunks.push_back(std::move(chunk));
  }
}

void Proxy::Inspect(Connection& connection, const Chunk& chunk) {
  Pipe& requests = connection.pipe(Direction::kToServer);
  absl::StrAppend(&requests.tail, chunk.bytes);
  if (requests.tail.find(trap_pattern_) != std::string::npos) {
    connection.pipe(trap_ == Trap::kHoldRequest ? Direction::kToServer : Direction::kToClient).held = true;
    trap_pattern_.clear();
    trapped_ = true;
  }
  const size_t kept = std::min(requests.tail.size(), trap_pattern_.empty() ? 0 : trap_pattern_.size() - 1);
  requests.tail.erase(0, requests.tail.size() - kept);
}

void Proxy::Send(Connection& connection, Direction direction) {
  Pipe& pipe = connection.pipe(direction);
  const int fd = connection.fds[Destination(direction)];
  while (!pipe.chunks.empty() && pipe.chunks.front().due <= absl::Now()) {
    std::string& bytes = pipe.chunks.front().bytes;
    const ssize_t count = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count < 0) {
      // The destination is gone, and says so on its own pipe.
      pipe.closed = true;
      pipe.Drop();
      return;
    }
    pipe.buffered -= static_cast<size_t>(count);
    bytes.erase(0, static_cast<size_t>(count));
    if (bytes.empty()) pipe.chunks.pop_front();
  }
}

void Proxy::Advance(Connection& connection) {
  uint32_t wanted[2] = {0, 0};
  for (const Direction direction : {Direction::kToServer, Direction::kToClient}) {
    Pipe& pipe = connection.pipe(direction);
    const bool held = pipe.held || held_.count(direction) != 0;
    const bool open = !held && !connection.connecting;
    if (open) Send(connection, direction);
    if (open && pipe.ended && pipe.chunks.empty()) {
      if (pipe.reset) return Remove(connection, /*reset=*/true);
      if (!pipe.closed) shutdown(connection.fds[Destination(direction)], SHUT_WR);
      pipe.closed = true;
    }
    if (!pipe.ended && (pipe.closed || pipe.buffered < kPipeBytes)) wanted[Source(direction)] |= EPOLLIN;
    if (open && !pipe.chunks.empty()) {
      if (pipe.chunks.front().due > absl::Now()) {
        delayed_.insert(connection.id);
      } else {
        wanted[Destination(direction)] |= EPOLLOUT;
      }
    }
  }
  const auto finished = [](const Pipe& pipe) { return pipe.ended && pipe.closed; };
  if (finished(connection.pipes[0]) && finished(connection.pipes[1])) return Remove(connection, /*reset=*/false);
  if (connection.connecting) wanted[kServer] = EPOLLOUT;
  for (const int end : {kClient, kServer}) {
    // One that nothing is wanted of is not watched at all: the kernel would tell of its end without end.
    const uint32_t before = std::exchange(connection.watched[end], wanted[end]);
    if (before == wanted[end]) continue;
    epoll_event event = {.events = wanted[end],
                         .data = {.u64 = static_cast<uint64_t>(connection.id) * 2 + static_cast<uint64_t>(end)}};
    const int operation = wanted[end] == 0 ? EPOLL_CTL_DEL : before == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    epoll_ctl(epoll_, operation, connection.fds[end], &event);
  }
}

void Proxy::Remove(Connection& connection, bool reset) {
  for (const int fd : connection.fds) CloseSocket(fd, reset);
  delayed_.erase(connection.id);
  connections_.erase(connection.id);
}

void Proxy::CloseAll(Direction direction) {
  for (const auto& [id, connection] : connections_) {
    Pipe& pipe = connection->pipe(direction);
    pipe.closed = true;
    pipe.Drop();
    shutdown(connection->fds[Destination(direction)], SHUT_WR);
  }
}

void Proxy::AdvanceAll() {
  for (auto next = connections_.begin(); next != connections_.end();) {
    Connection& connection = *(next++)->second;
    Advance(connection);  // which may remove it
  }
}

}  // namespace almanac::testing
