#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "service/child_process.h"

namespace almanac::testing {

// Waits for the end of a child; its exit code, or 128 plus the number of the signal that ended it.
int AwaitExit(pid_t pid);

// Starts processes that end with this one, however it ends. The kernel sees to that when the thread that forked ends,
// hence a thread that does nothing else and lives as long as this object. Thread-safe.
class Spawner {
 public:
  struct Command {
    std::vector<std::string> argv;  // argv[0] is a path
    service::Account account;
    // What it gets when this process ends; 0 for none.
    int death_signal = 0;
    // A process whose view of the file systems it shares; 0 for none.
    pid_t inside = 0;
    // Its standard streams; -1 for none.
    int input = -1;
    int output = -1;
    int error = -1;
  };

  Spawner();
  // Kills nothing by itself: what was started gets its death signal now.
  ~Spawner();

  absl::StatusOr<pid_t> Spawn(const Command& command);
  // Spawns it and waits; its exit code, or 128 plus the number of the signal that ended it.
  absl::StatusOr<int> Run(const Command& command);

 private:
  void Work();

  absl::Mutex mutex_;
  std::function<void()> task_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace almanac::testing
