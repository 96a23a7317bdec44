#include "tests/fault/postmaster.h"

#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace almanac::testing {

void KillPostmaster(pid_t postmaster) {
  // Frozen first, so that it does not see its children die and begin anew by itself.
  kill(postmaster, SIGSTOP);
  const std::string children = absl::StrCat("pkill -KILL -P ", postmaster);
  (void)std::system(children.c_str());  // fails if there are none
  kill(postmaster, SIGKILL);
  const std::string process = absl::StrCat("/proc/", postmaster, "/exe");
  for (std::error_code error; (void)std::filesystem::read_symlink(process, error), !error;) {
    absl::SleepFor(absl::Milliseconds(5));
  }
}

}  // namespace almanac::testing
