#pragma once

#include <sys/types.h>

namespace almanac::testing {

// SIGKILL to a postmaster and all its children at once, as when the machine dies; returns once it is gone.
void KillPostmaster(pid_t postmaster);

}  // namespace almanac::testing
