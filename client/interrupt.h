// Ctrl-C without loose ends.
#ifndef ALMANAC_CLIENT_INTERRUPT_H_
#define ALMANAC_CLIENT_INTERRUPT_H_

#include <signal.h>

#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace almanac::client {

// The exit code of a process that SIGINT ended.
inline constexpr int kInterruptedExitCode = 130;

// While it lives, the first SIGINT or SIGTERM calls a function on a thread of its own; a second one ends the process at
// once, and so does the first while there is no such function. Construct it before any other thread is started.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();

  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  // While it lives, a signal calls `on_signal`, and the second one `before_end`, if there is one, just before the
  // process ends. Both must be quick. Scopes do not nest.
  class Scope {
   public:
    Scope(Interrupt& interrupt, std::function<void()> on_signal, std::function<void()> before_end = nullptr);
    ~Scope();

    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Interrupt& interrupt_;
  };

 private:
  void Listen();

  sigset_t previous_;
  int signals_;
  int end_;
  absl::Mutex mutex_;
  std::function<void()> on_signal_ ABSL_GUARDED_BY(mutex_);
  std::function<void()> before_end_ ABSL_GUARDED_BY(mutex_);
  std::thread listener_;
};

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_INTERRUPT_H_
