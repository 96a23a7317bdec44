#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "almanac/v1/change_service.pb.h"

namespace almanac::service {

// What almanacd was told to do. Every value is within its documented range.
struct Config {
  enum class Command { kServe, kMigrate };

  Command command = Command::kServe;
  // HOST:PORT, an IPv6 host in brackets. Port 0 means a free one.
  std::string listen = "127.0.0.1:7461";
  // libpq URL or keyword string. Exactly one of `database_url` and `embedded` is not empty. May hold a password: never
  // log it.
  std::string database_url;
  // The same for a copy of it that reads go to, a hot standby; empty for none.
  std::string read_database_url;
  // HOST:PORT by which the list of servers names this one; empty for where it listens.
  std::string advertise_address;
  // The directory of the private cluster.
  std::string embedded;
  // Whether `serve` brings the schema up to date first. Always true with `embedded`.
  bool migrate = false;
  // Connections to the database for reads, 1 to 64.
  int read_connections = 8;
  int search_connections = 4;
  // Watch streams at a time, 1 to 100,000.
  int max_watchers = 20'000;
  // Of one client, 1 to 100,000.
  int max_watchers_per_client = 1'000;
  // How long an answer to a watcher may wait for it to read, 1 second to 10 minutes.
  absl::Duration slow_watcher_timeout = absl::Seconds(60);
  // The greatest age of a watch stream, 1 minute to 24 hours; infinite for none.
  absl::Duration max_stream_age = absl::Minutes(30);
  // Bytes of a request or an answer, 4 MiB to 64 MiB.
  int max_message_bytes = 16 * 1024 * 1024;
  // Events kept in memory for watchers, 16 to 1,000,000.
  int ring_size = 16'384;
  // How long unary calls may take to finish after SIGTERM, 1 to 300 seconds.
  absl::Duration drain_timeout = absl::Seconds(20);
  // How often the clock looks for what became overdue or stale, 100 milliseconds to 1 hour.
  absl::Duration clock_interval = absl::Seconds(1);
  // What may go out of the change log: an age of 1 hour to 1000 years, a number of up to 1,000,000,000 changes.
  almanac::v1::RetentionPolicy retention;
  // About how often it is looked for what may go, 100 milliseconds to 1 hour.
  absl::Duration retention_interval = absl::Minutes(1);
  // debug, info, warn or error.
  std::string log_level = "info";
};

// A command line: either it asks to run with `config`, or only to print `text` (--help, --version) and to exit with 0.
struct CommandLine {
  std::optional<Config> config;
  std::string text;
};

// The value of an environment variable, or null.
using Environment = std::function<const char*(const char* name)>;

// Reads almanacd's settings; `version` is what --version prints. Each is taken from its flag, else from its environment
// variable unless that is empty, else from its key in the YAML file that --config or ALMANACD_CONFIG names, else from
// its default. Every place that gives a value is checked, also where another overrides it. Returns INVALID_ARGUMENT
// with a message for the operator that names the flag, the variable, or the file with line and key. The values of
// --database-url and --read-database-url are never in a message.
absl::StatusOr<CommandLine> ParseCommandLine(int argc, const char* const* argv, const Environment& environment,
                                             const std::string& version);

}  // namespace almanac::service
