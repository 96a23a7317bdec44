#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace almanac::testing {

// A TCP proxy that does to connections what networks do. It listens on a free port of 127.0.0.1; behind it is
// "HOST:PORT" or "unix:PATH". Each fault holds for the connections that there are and for those that come, until Heal.
// One thread for all connections. Thread-safe.
class Proxy {
 public:
  enum class Direction { kToServer, kToClient };
  enum class Ending { kReset, kFin };
  // What a trap does to the connection that steps into it.
  enum class Trap {
    kHoldRequest,  // the bytes that carry the pattern do not arrive, nor what comes after them
    kHoldAnswer,   // they arrive, and no answer comes back
  };

  static absl::StatusOr<std::unique_ptr<Proxy>> Start(const std::string& target);
  ~Proxy();
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  // What clients dial.
  std::string address() const;
  int port() const { return port_; }

  // Where connections that come from now on lead.
  void SetTarget(const std::string& target);

  // Ends every connection. What was under way is lost.
  void Cut(Ending ending);
  // Bytes that come from now on arrive so much later.
  void Delay(Direction direction, absl::Duration delay);
  // Holds bytes back without a word, as a network that lost its route: the connections stay open.
  void Hold(Direction direction);
  // Closes one direction of every connection there is; the other goes on.
  void HalfClose(Direction direction);
  // Resets connections as they come.
  void Refuse();
  // The next connection on which a client sends `pattern` is held as `trap` says. One trap at a time.
  void SetTrap(const std::string& pattern, Trap trap);
  // Waits until a connection is in the trap.
  bool AwaitTrapped(absl::Duration limit);
  // Nothing is done to connections any more; what was held back arrives, in its order.
  void Heal();

  // Connections that are open now, and those that were ever accepted.
  int open_connections() const;
  int64_t accepted_connections() const;

 private:
  struct Chunk;
  struct Pipe;
  struct Connection;

  Proxy() = default;

  void Work();
  void Accept() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Handle(Connection& connection, int end, uint32_t events) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Reads what came on a pipe, until it is full.
  void Receive(Connection& connection, Direction direction) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Writes what is due on a pipe.
  void Send(Connection& connection, Direction direction) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Looks for the trap's pattern in what a client sent.
  void Inspect(Connection& connection, const Chunk& chunk) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Moves what can be moved, tells the kernel what is waited for, and removes the connection once it has ended.
  void Advance(Connection& connection) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Remove(Connection& connection, bool reset) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Tells the destinations of one direction that no more comes.
  void CloseAll(Direction direction) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Moves what has become due; how many milliseconds the next may wait, or -1.
  int AdvanceDelayed() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AdvanceAll() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Wake() const;

  int port_ = 0;
  int listener_ = -1;
  int epoll_ = -1;
  int wake_ = -1;
  mutable absl::Mutex mutex_;
  std::string target_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool refusing_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<Direction, absl::Duration> delays_ ABSL_GUARDED_BY(mutex_);
  std::set<Direction> held_ ABSL_GUARDED_BY(mutex_);
  std::string trap_pattern_ ABSL_GUARDED_BY(mutex_);
  Trap trap_ ABSL_GUARDED_BY(mutex_) = Trap::kHoldRequest;
  bool trapped_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t accepted_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<int64_t, std::unique_ptr<Connection>> connections_ ABSL_GUARDED_BY(mutex_);
  // Those with bytes that are due later.
  std::set<int64_t> delayed_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace almanac::testing
