// Sends almanacd what nobody should, and fails if it answers as it must not.
#include <google/protobuf/stubs/logging.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "db/han_variants.h"
#include "tests/fuzz/cases.h"
#include "tests/fuzz/parsers.h"
#include "tests/fuzz/server.h"

namespace almanac::fuzz {
namespace {

constexpr absl::Duration kProgressInterval = absl::Seconds(30);
// Of the time, for what reads requests, without a server.
constexpr int kParsersShare = 10;
// A kind of request of which this many did not once succeed shows nothing of what is behind the first check.
constexpr int64_t kEnoughCalls = 300;

struct Options {
  uint64_t seed = 0;
  std::string duration = "1m";
  int threads = 4;
  std::string target;
  std::optional<uint64_t> only;
  std::optional<uint64_t> only_parsers;
  std::string program;
};

std::atomic<bool> interrupted = false;

void Interrupt(int /*signal*/) { interrupted = true; }

void Note(const std::string& text) { std::fprintf(stderr, "almanac_fuzz: %s\n", text.c_str()); }

int Fail(const absl::Status& status) {
  Note(std::string(status.message()));
  return 1;
}

std::string Replay(const Options& options) {
  return absl::StrCat(options.program, options.target.empty() ? "" : " --target " + options.target, " --seed ",
                      options.seed);
}

// Takes one case after the other until it is time, something failed or the server is lost.
class Fuzzing {
 public:
  Fuzzing(const Options& options, std::string address, FuzzServer* server)
      : options_(options), address_(std::move(address)), server_(server) {}

  // False if anything failed.
  bool Run(absl::Duration duration) {
    {
      Session session(address_, Replay(options_), tally_);
      names_ = ReadNames(session);
    }
    const absl::Time begin = absl::Now();
    end_ = begin + duration;
    if (options_.only) {
      Session session(address_, Replay(options_), tally_);
      RunOne(*options_.only, session);
    } else if (!tally_.HasFailed()) {
      std::vector<std::thread> threads;
      for (int i = 0; i < options_.threads; ++i) threads.emplace_back([this] { Work(); });
      Report(begin);
      for (std::thread& thread : threads) thread.join();
    }
    return Judge();
  }

 private:
  bool IsOver() const { return interrupted || absl::Now() >= end_ || tally_.HasFailed(); }

  void RunOne(uint64_t number, Session& session) {
    Random random(options_.seed, number);
    session.Begin(number);
    RunCase(names_, random, session);
  }

  void Work() {
    Session session(address_, Replay(options_), tally_);
    while (!IsOver()) RunOne(next_++, session);
  }

  void Report(absl::Time begin) const {
    for (absl::Time next = begin + kProgressInterval; !IsOver(); absl::SleepFor(absl::Milliseconds(50))) {
      if (absl::Now() < next) continue;
      next += kProgressInterval;
      Note(absl::StrFormat("%4d s: %d calls", absl::ToInt64Seconds(absl::Now() - begin), tally_.calls()));
    }
  }

  bool Judge() {
    std::fputs(tally_.Table().c_str(), stdout);
    bool is_right = !tally_.HasFailed();
    for (const std::string& failure : tally_.failures()) std::printf("FAILED: %s\n\n", failure.c_str());
    if (server_ != nullptr) {
      if (const absl::Status running = server_->CheckRunning(); !running.ok()) {
        std::printf("FAILED: %s\n", std::string(running.message()).c_str());
        is_right = false;
      }
    }
    const std::vector<std::string> useless = tally_.NeverOk(kEnoughCalls);
    if (!useless.empty()) {
      std::printf("FAILED: these never succeeded, and so show nothing: %s\n", absl::StrJoin(useless, ", ").c_str());
      is_right = false;
    }
    return is_right;
  }

  const Options& options_;
  const std::string address_;
  FuzzServer* const server_;
  Tally tally_;
  Names names_;
  absl::Time end_;
  std::atomic<uint64_t> next_ = 0;
};

int RunServer(const Options& options, absl::Duration duration) {
  if (!options.target.empty()) return Fuzzing(options, options.target, nullptr).Run(duration) ? 0 : 1;
  const char* url = std::getenv("ALMANAC_TEST_DATABASE_URL");
  if (url == nullptr || *url == '\0') {
    Note("ALMANAC_TEST_DATABASE_URL is not set: give a superuser's connection to a PostgreSQL, or --target");
    return 2;
  }
  const auto server = FuzzServer::Start(url);
  if (!server.ok()) return Fail(server.status());
  return Fuzzing(options, (*server)->address(), server->get()).Run(duration) ? 0 : 1;
}

int Run(Options options) {
  absl::Duration duration;
  if (!absl::ParseDuration(options.duration, &duration) || duration <= absl::ZeroDuration()) {
    Note(absl::StrCat("--duration: ", options.duration, " is no duration such as 10s, 10m or 1h"));
    return 2;
  }
  if (options.seed == 0) options.seed = std::random_device()();
  absl::PrintF("seed %d\n", options.seed);
  std::fflush(stdout);
  if (absl::Status loaded = db::LoadHanVariants(); !loaded.ok()) return Fail(loaded);
  const absl::Duration first = duration / kParsersShare;
  if (!options.only) {
    // Before there are threads: it forks.
    const bool is_one = options.only_parsers.has_value();
    const auto parsed = RunParserCases(options.seed, options.only_parsers.value_or(0), is_one ? 1 : UINT64_MAX, first);
    if (!parsed.ok()) {
      Note(absl::StrCat(std::string(parsed.status().message()), "\nrun it again: ", Replay(options),
                        " --parser-case N"));
      return 1;
    }
    absl::PrintF("%-34s  %d\n", "parsers alone", *parsed);
    if (is_one) return 0;
  }
  return RunServer(options, duration - first);
}

int Main(int argc, char** argv) {
  Options options;
  options.program = argv[0];
  CLI::App app(
      "Sends strange filters, orders, page tokens, field masks and queries to an almanacd, which must refuse them or\n"
      "answer, live on, and say nothing of its database. Nothing is changed. It starts the almanacd on a database of\n"
      "its own in the PostgreSQL at ALMANAC_TEST_DATABASE_URL. Exits with 0 if all was well; with 1 if not, or the "
      "run\n"
      "failed; with 2 for wrong usage.",
      "almanac_fuzz");
  app.add_option("--seed", options.seed, "What all cases are made of; 0 for a new one");
  app.add_option("--duration", options.duration, "For how long, as in 10m")->capture_default_str();
  app.add_option("--threads", options.threads, "How many cases at a time")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--target", options.target, "The host and port of an almanacd that runs, instead of one of its own");
  app.add_option("--case", options.only, "Only the case of this number, as a failure names it");
  app.add_option("--parser-case", options.only_parsers, "Only the parsers, and only the case of this number");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  // It tells of each text that is not UTF-8, and sends it.
  google::protobuf::SetLogHandler(nullptr);
  signal(SIGINT, Interrupt);
  signal(SIGTERM, Interrupt);
  return Run(std::move(options));
}

}  // namespace
}  // namespace almanac::fuzz

int main(int argc, char** argv) { return almanac::fuzz::Main(argc, argv); }
