// Runs Almanac under faults and checks what was seen. tests/fault/run says how; docs/faults.md, which faults there are.
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <random>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "tests/fault/checker.h"
#include "tests/fault/cluster.h"
#include "tests/fault/faults.h"
#include "tests/fault/workload.h"

namespace almanac::fault {
namespace {

constexpr absl::Duration kProgressInterval = absl::Seconds(10);

struct Options {
  uint64_t seed = 0;
  std::string duration = "1m";
  int replicas = 3;
  Workload::Options workload;
  std::vector<std::string> faults = {"all"};
  std::string history;
  std::string check;
  std::string log_dir;
  std::string program;
};

std::atomic<bool> interrupted = false;

void Interrupt(int /*signal*/) { interrupted = true; }

void Note(const std::string& text) { std::fprintf(stderr, "almanac_fault: %s\n", text.c_str()); }

int Fail(const absl::Status& status) {
  Note(std::string(status.message()));
  return 1;
}

// The faults that are named; an error if there is none of a name.
absl::StatusOr<std::vector<testing::Fault>> Chosen(const std::vector<std::string>& names) {
  std::vector<testing::Fault> chosen;
  std::vector<std::string> known = {"all", "none"};
  for (const testing::Fault& fault : testing::Faults()) known.push_back(fault.name);
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--faults: there is no fault ", name, "; there are ", absl::StrJoin(known, ", ")));
    }
    for (const testing::Fault& fault : testing::Faults()) {
      if (name == "all" || name == fault.name) chosen.push_back(fault);
    }
  }
  return chosen;
}

std::string CommandOf(const Options& options) {
  return absl::StrCat(options.program, " --seed ", options.seed, " --duration ", options.duration, " --replicas ",
                      options.replicas, " --writers ", options.workload.writers, " --readers ",
                      options.workload.readers, " --watchers ", options.workload.watchers, " --faults ",
                      absl::StrJoin(options.faults, ","));
}

// Sleeps, but not on when the run is interrupted.
void Sleep(absl::Duration duration) {
  for (const absl::Time end = absl::Now() + duration; absl::Now() < end && !interrupted;) {
    absl::SleepFor(std::min(end - absl::Now(), absl::Milliseconds(100)));
  }
}

// Injects one fault after the other, in an order and with pauses that depend on the seed alone, until it is time.
void InjectFaults(const std::vector<testing::Fault>& faults, uint64_t seed, absl::Time end, testing::Cluster& cluster,
                  Recorder& recorder) {
  Random random(seed, "faults");
  std::vector<testing::Fault> left;
  while (absl::Now() < end && !interrupted) {
    Sleep(absl::Milliseconds(500 + random.Below(3500)));
    if (faults.empty() || absl::Now() >= end) continue;
    // Each comes once before any comes again.
    if (left.empty()) left = faults;
    const size_t next = static_cast<size_t>(random.Below(static_cast<int64_t>(left.size())));
    const testing::Fault fault = left[next];
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(next));
    Event event;
    event.mutable_fault()->set_start(recorder.Now());
    const testing::Injection injection = fault.run(cluster, random.generator());
    event.mutable_fault()->set_end(recorder.Now());
    event.mutable_fault()->set_name(fault.name);
    event.mutable_fault()->set_what(absl::StrCat("server ", injection.replica, ": ", injection.what));
    if (!injection.status.ok()) event.mutable_fault()->set_error(std::string(injection.status.message()));
    recorder.Add(event);
    Note(absl::StrCat(fault.name, ": ", event.fault().what(),
                      injection.status.ok() ? "" : absl::StrCat("; FAILED: ", event.fault().error())));
  }
}

// Says every few seconds how far the run is.
class Progress {
 public:
  explicit Progress(const Traffic& traffic) : traffic_(traffic), thread_([this] { Work(); }) {}
  ~Progress() {
    stopping_ = true;
    thread_.join();
  }

 private:
  void Work() {
    const absl::Time start = absl::Now();
    for (absl::Time next = start + kProgressInterval; !stopping_; absl::SleepFor(absl::Milliseconds(100))) {
      if (absl::Now() < next) continue;
      next += kProgressInterval;
      Note(absl::StrFormat("%4d s: revision %d, writes %d (acknowledged %d, in doubt %d), reads %d, watch messages %d",
                           absl::ToInt64Seconds(absl::Now() - start), traffic_.highest.load(), traffic_.writes.load(),
                           traffic_.acknowledged.load(), traffic_.in_doubt.load(), traffic_.reads.load(),
                           traffic_.messages.load()));
    }
  }

  const Traffic& traffic_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

// Makes a history in `recorder`.
absl::Status MakeHistory(const Options& options, absl::Duration duration, const std::vector<testing::Fault>& faults,
                         Recorder& recorder) {
  auto cluster = testing::Cluster::Start(
      {.replicas = options.replicas, .binary_dir = ALMANAC_BINARY_DIR, .log_dir = options.log_dir});
  if (!cluster.ok()) return cluster.status();
  Workload::Options workload_options = options.workload;
  workload_options.seed = options.seed;
  workload_options.database_url = (*cluster)->database_url();
  for (int i = 0; i < options.replicas; ++i) workload_options.addresses.push_back((*cluster)->address(i));
  auto workload = Workload::Start(workload_options, recorder);
  if (!workload.ok()) return workload.status();
  {
    const Progress progress((*workload)->traffic());
    InjectFaults(faults, options.seed, absl::Now() + duration, **cluster, recorder);
  }
  if (interrupted) Note("ends early, and checks what there is");
  if (absl::Status healed = (*cluster)->Heal(); !healed.ok()) return healed;
  if (absl::Status finished = (*workload)->Finish(); !finished.ok()) return finished;
  return (*cluster)->Crashes();
}

// Prints the report; the exit code.
int Judge(const std::string& history, const std::string& command, bool keep) {
  const absl::StatusOr<Report> report = CheckHistory(ReadFrom(history));
  if (!report.ok()) return Fail(report.status());
  std::fputs(ToText(*report).c_str(), stdout);
  const bool failed = report->violations > 0 || !report->failed_faults.empty() || !report->complete;
  if (failed && !command.empty()) std::printf("run this seed again: %s\n", command.c_str());
  if (failed || keep) std::printf("history: %s\n", history.c_str());
  if (!failed && !keep) std::filesystem::remove(history);
  return failed ? 1 : 0;
}

int RunFaults(Options options) {
  absl::Duration duration;
  if (!absl::ParseDuration(options.duration, &duration) || duration <= absl::ZeroDuration()) {
    Note(absl::StrCat("--duration: ", options.duration, " is no duration such as 90s, 10m or 1h"));
    return 2;
  }
  const absl::StatusOr<std::vector<testing::Fault>> faults = Chosen(options.faults);
  if (!faults.ok()) {
    Note(std::string(faults.status().message()));
    return 2;
  }
  if (options.seed == 0) options.seed = std::random_device()();
  absl::PrintF("seed %d\n", options.seed);
  std::fflush(stdout);
  const bool keep = !options.history.empty();
  if (!keep) options.history = absl::StrCat("/tmp/almanac-fault-", options.seed, "-", getpid(), ".history");
  const auto recorder = Recorder::Open(options.history);
  if (!recorder.ok()) return Fail(recorder.status());
  Event run;
  run.mutable_run()->set_seed(options.seed);
  run.mutable_run()->set_command(CommandOf(options));
  (*recorder)->Add(run);
  const absl::Status made = MakeHistory(options, duration, *faults, **recorder);
  if (!made.ok()) Note(absl::StrCat("the run failed: ", std::string(made.message())));
  if (absl::Status flushed = (*recorder)->Flush(); !flushed.ok()) return Fail(flushed);
  const int code = Judge(options.history, run.run().command(), keep || !made.ok());
  return made.ok() ? code : 1;
}

int Main(int argc, char** argv) {
  Options options;
  options.program = argv[0];
  CLI::App app(
      "Lets random writers, readers and watchers use several almanacd on one PostgreSQL while faults happen, then "
      "checks\n"
      "all that they saw. Exits with 0 if no promise was broken; with 1 if one was, or the run failed; with 2 for "
      "wrong\n"
      "usage. Ctrl-C ends the run early, and what there is is checked.",
      "almanac_fault");
  app.add_option("--seed", options.seed,
                 "What all choices are made of; 0 for a new one. How threads meet is not repeated")
      ->capture_default_str();
  app.add_option("--duration", options.duration, "How long, such as 90s or 1h")->capture_default_str();
  app.add_option("--replicas", options.replicas, "How many almanacd")->check(CLI::Range(1, 16))->capture_default_str();
  const CLI::Range clients(0, 200);
  app.add_option("--writers", options.workload.writers, "Clients that write")->check(clients)->capture_default_str();
  app.add_option("--readers", options.workload.readers, "Clients that read")->check(clients)->capture_default_str();
  app.add_option("--watchers", options.workload.watchers, "Clients that watch")->check(clients)->capture_default_str();
  app.add_option("--faults", options.faults, "Names, all or none")->delimiter(',')->capture_default_str();
  app.add_option("--history", options.history, "The file to keep the history in; kept without that if the run fails");
  app.add_option("--logs", options.log_dir, "The directory to keep the logs of all processes in");
  app.add_option("--check", options.check, "Only check the history in this file")->check(CLI::ExistingFile);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (!options.check.empty()) return Judge(options.check, "", /*keep=*/true);
  signal(SIGINT, Interrupt);
  signal(SIGTERM, Interrupt);
  return RunFaults(std::move(options));
}

}  // namespace
}  // namespace almanac::fault

int main(int argc, char** argv) { return almanac::fault::Main(argc, argv); }
