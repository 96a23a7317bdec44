#include "tests/bench/usage.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace almanac::bench {
namespace {

// The fields of /proc/PID/stat that are needed (proc(5)).
struct Stat {
  pid_t parent = 0;
  double own = 0;
  // Of children that ended and were waited for.
  double children = 0;
};

Stat ReadStat(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  Stat stat;
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return stat;
  // Field 3, the state, is first behind the name.
  const std::vector<std::string> fields = absl::StrSplit(text.substr(name_end + 2), ' ');
  if (fields.size() < 15) return stat;
  const auto number = [&](int field) {
    double value = 0;
    return absl::SimpleAtod(fields[field - 3], &value) ? value : 0;
  };
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  stat.parent = static_cast<pid_t>(number(4));
  stat.own = (number(14) + number(15)) / ticks;
  stat.children = (number(16) + number(17)) / ticks;
  return stat;
}

double ReadPostgres(pid_t postmaster) {
  const Stat own = ReadStat(absl::StrCat(postmaster));
  double seconds = own.own + own.children;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const Stat child = ReadStat(name);
    if (child.parent == postmaster) seconds += child.own;
  }
  return seconds;
}

double Seconds(int who) {
  rusage usage = {};
  getrusage(who, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

CpuTime ReadCpuTime(const Processes& processes) {
  CpuTime time;
  if (processes.server != 0) time.server = ReadStat(absl::StrCat(processes.server)).own;
  if (processes.postmaster != 0) time.postgres = ReadPostgres(processes.postmaster);
  time.client = Seconds(RUSAGE_SELF) + Seconds(RUSAGE_CHILDREN);
  return time;
}

int64_t ReadResidentBytes(pid_t process) {
  std::ifstream file(absl::StrCat("/proc/", process, "/statm"));
  int64_t size = 0;
  int64_t resident = 0;
  file >> size >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

}  // namespace almanac::bench
