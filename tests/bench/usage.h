#pragma once

#include <sys/types.h>

#include <cstdint>

namespace almanac::bench {

// The processes whose work is told apart. 0 stands for one that is not there.
struct Processes {
  pid_t server = 0;
  pid_t postmaster = 0;
};

// Seconds of processor time, user and system.
struct CpuTime {
  double server = 0;
  // The postmaster with all backends, those that ended too.
  double postgres = 0;
  // This process and its children.
  double client = 0;

  CpuTime operator-(const CpuTime& other) const {
    return {server - other.server, postgres - other.postgres, client - other.client};
  }
};

// What the processes have used so far.
CpuTime ReadCpuTime(const Processes& processes);

// The memory of a process that is resident now, in bytes.
int64_t ReadResidentBytes(pid_t process);

}  // namespace almanac::bench
