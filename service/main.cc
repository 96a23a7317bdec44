#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "db/database.h"
#include "db/han_variants.h"
#include "service/config.h"
#include "service/embedded_postgres.h"
#include "service/server.h"

namespace almanac::service {
namespace {

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;

constexpr absl::Duration kSearchIndexInterval = absl::Hours(1);
constexpr absl::Duration kHeartbeatInterval = absl::Seconds(5);

int Fail(const absl::Status& status) {
  spdlog::error("{}", std::string(status.message()));
  return kExitFailed;
}

// As many connections as the system lets a process have, not the 1,024 files that it begins with: once gRPC cannot
// accept one, it never accepts another.
void AllowManyFiles() {
  rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// Waits for SIGTERM or SIGINT, and meanwhile brings the private cluster back if it died.
void WaitForStop(EmbeddedPostgres* embedded) {
  const sigset_t signals = StopSignals();
  const timespec interval = {.tv_sec = 1, .tv_nsec = 0};
  while (true) {
    const int signal = sigtimedwait(&signals, nullptr, &interval);
    if (signal > 0) {
      spdlog::info("signal {}: draining", signal);
      return;
    }
    if (embedded == nullptr) continue;
    if (const absl::Status running = embedded->EnsureRunning(); !running.ok()) {
      spdlog::error("{}", std::string(running.message()));
    }
  }
}

int Serve(const Config& config, const std::string& url, EmbeddedPostgres* embedded) {
  if (const absl::Status loaded = db::LoadHanVariants(); !loaded.ok()) return Fail(loaded);
  absl::StatusOr<std::unique_ptr<db::Database>> database =
      db::Database::Open({.url = url,
                          .read_url = config.read_database_url,
                          .read_connections = config.read_connections,
                          .search_connections = config.search_connections});
  if (!database.ok()) return Fail(database.status());
  ChangeFeed::Options feed;
  feed.ring_size = static_cast<size_t>(config.ring_size);
  feed.max_watchers = config.max_watchers;
  feed.max_watchers_per_client = config.max_watchers_per_client;
  feed.slow_watcher_timeout = config.slow_watcher_timeout;
  feed.max_stream_age = config.max_stream_age;
  absl::StatusOr<std::unique_ptr<Server>> server =
      Server::Start(**database, {.listen = config.listen,
                                 .max_message_bytes = config.max_message_bytes,
                                 .drain_timeout = config.drain_timeout,
                                 .version = ALMANAC_VERSION,
                                 .feed = feed,
                                 .clock_interval = config.clock_interval,
                                 .search_index_interval = kSearchIndexInterval,
                                 .retention = config.retention,
                                 .retention_interval = config.retention_interval,
                                 .advertise_address = config.advertise_address,
                                 .heartbeat_interval = kHeartbeatInterval});
  if (!server.ok()) return Fail(server.status());
  std::printf("almanacd listening on %s\n", (*server)->address().c_str());
  std::fflush(stdout);
  WaitForStop(embedded);
  (*server)->Drain();
  spdlog::info("drained");
  return 0;
}

int Run(const Config& config) {
  spdlog::set_level(spdlog::level::from_str(config.log_level));
  std::unique_ptr<EmbeddedPostgres> embedded;
  std::string url = config.database_url;
  if (!config.embedded.empty()) {
    auto started = EmbeddedPostgres::Start(config.embedded);
    if (!started.ok()) return Fail(started.status());
    embedded = *std::move(started);
    url = embedded->url();
  }
  if (config.command == Config::Command::kMigrate || config.migrate || embedded != nullptr) {
    const absl::StatusOr<int> version = db::Migrate(url);
    if (!version.ok()) return Fail(version.status());
    spdlog::info("the schema is at version {}", *version);
  }
  if (config.command == Config::Command::kMigrate) return 0;
  return Serve(config, url, embedded.get());
}

}  // namespace
}  // namespace almanac::service

int main(int argc, char** argv) {
  using namespace almanac::service;  // NOLINT(google-build-using-namespace)
  // Blocked here, before any thread is made, so that only WaitForStop takes them.
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  AllowManyFiles();
  setenv("PGCONNECT_TIMEOUT", "5", /*replace=*/0);
  setenv("PGAPPNAME", "almanacd", /*replace=*/0);
  spdlog::set_default_logger(spdlog::stderr_logger_mt("almanacd"));

  const auto command_line = ParseCommandLine(
      argc, argv, [](const char* name) { return std::getenv(name); }, "almanacd " ALMANAC_VERSION);
  if (!command_line.ok()) {
    std::fprintf(stderr, "almanacd: %s\n", std::string(command_line.status().message()).c_str());
    return kExitUsage;
  }
  if (!command_line->config) {
    std::fputs(command_line->text.c_str(), stdout);
    return 0;
  }
  return Run(*command_line->config);
}
