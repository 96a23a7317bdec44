#include "tests/bench/measure.h"

#include <algorithm>
#include <cstdio>
#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/bench/import.h"
#include "tests/bench/pgbench.h"
#include "tests/bench/promises.h"
#include "tests/bench/watch.h"
#include "tests/bench/workloads.h"

namespace almanac::bench {
namespace {

constexpr int kInFlight = 64;
// Of what takes a tenth of a second each.
constexpr int kHeavyInFlight = 4;

// How much of the work of one write is shared with others.
struct Log {
  int64_t changes = 0;
  int64_t commits = 0;
};

class Measuring {
 public:
  explicit Measuring(const MeasureOptions& options)
      : options_(options), almanacd_(options.server, /*is_echo=*/false), echo_(options.echo, /*is_echo=*/true) {}

  absl::StatusOr<std::vector<Row>> Run() {
    const std::pair<const char*, absl::Status (Measuring::*)()> parts[] = {
        {"get", &Measuring::Get},       {"list", &Measuring::List},   {"progress", &Measuring::Progress},
        {"update", &Measuring::Update}, {"watch", &Measuring::Watch}, {"import", &Measuring::Import}};
    for (const auto& [name, part] : parts) {
      const bool wanted = options_.only.empty() || std::count(options_.only.begin(), options_.only.end(), name) > 0;
      if (!wanted) continue;
      if (absl::Status measured = (this->*part)(); !measured.ok()) {
        return absl::Status(measured.code(), absl::StrCat(name, ": ", std::string(measured.message())));
      }
    }
    return rows_;
  }

 private:
  absl::Status Get() {
    Gets ours(almanacd_, kInFlight), bare(echo_, kInFlight);
    absl::Status status = Calls("Get", "almanacd GetDataset", almanacd_, ours);
    if (status.ok()) status = Calls("Get", "bare gRPC, the same bytes", echo_, bare);
    if (status.ok()) status = Pgbench("Get", "pgbench, the same select", "get.sql");
    return status;
  }

  absl::Status List() {
    Lists ours(almanacd_, kInFlight), bare(echo_, kInFlight);
    absl::Status status = Calls("List of 100", "almanacd ListDatasets", almanacd_, ours);
    if (status.ok()) status = Calls("List of 100", "bare gRPC, the same bytes", echo_, bare);
    if (status.ok()) status = Pgbench("List of 100", "pgbench, the same select", "list.sql");
    return status;
  }

  absl::Status Progress() {
    const std::string group = absl::StrCat("Progress of ", kPublishers, " x ", kDatasetsEach, " promises");
    Accounts ours(almanacd_, kHeavyInFlight);
    absl::Status status = Calls(group, "almanacd GetProgress", almanacd_, ours, kHeavyInFlight);
    if (status.ok()) status = Pgbench(group, "pgbench, the same selects", "progress.sql", kHeavyInFlight);
    return status;
  }

  absl::Status Update() {
    absl::Status status = CountedUpdates("almanacd UpdateDataset", /*with_request_ids=*/false);
    if (status.ok()) status = CountedUpdates("almanacd UpdateDataset, request ids", /*with_request_ids=*/true);
    Updates bare(echo_, kInFlight);
    if (status.ok()) status = bare.Load(almanacd_);
    if (status.ok()) status = Calls("Update", "bare gRPC, the same bytes", echo_, bare);
    const int64_t before = Revision();
    if (status.ok()) status = Pgbench("Update", "pgbench, the same, a commit each", "update.sql");
    if (status.ok() && Revision() - before != last_operations_) {
      status = absl::InternalError(
          absl::StrCat(last_operations_, " transactions advanced the head by ", Revision() - before));
    }
    if (status.ok()) status = Pgbench("Update", "pgbench, update only, no lock or log", "plain_update.sql");
    return status;
  }

  absl::Status CountedUpdates(const std::string& what, bool with_request_ids) {
    Updates updates(almanacd_, kInFlight, with_request_ids);
    if (absl::Status loaded = updates.Load(almanacd_); !loaded.ok()) return loaded;
    if (absl::Status measured = Calls("Update", what, almanacd_, updates); !measured.ok()) return measured;
    const Log log = LogSince(begin_revision_);
    if (log.changes != last_operations_) {
      return absl::InternalError(absl::StrCat(last_operations_, " updates made ", log.changes, " changes"));
    }
    rows_.back().note = absl::StrFormat("%.1f writes a commit", static_cast<double>(log.changes) / log.commits);
    return absl::OkStatus();
  }

  absl::Status Watch() {
    struct Size {
      int watchers, stalled, streams, burst, quick_burst;
      int pause_ms, paced, quick_paced;
    };
    // Events of some 700 bytes: 200 of them are twice what a stream takes that is not read.
    constexpr Size kSizes[] = {{1, 0, 1, 10000, 2000, 10, 250, 60},
                               {100, 0, 1, 1500, 200, 20, 150, 40},
                               {1000, 0, 1, 200, 30, 100, 40, 10},
                               {10000, 0, 100, 40, 4, 500, 20, 4},
                               {10000, 1000, 100, 200, 4, 500, 20, 4}};
    for (const Size& size : kSizes) {
      const WatchOptions options{.watchers = size.watchers,
                                 .stalled = size.stalled,
                                 .streams_per_connection = size.streams,
                                 .burst_writes = options_.quick ? size.quick_burst : size.burst,
                                 .paced_writes = options_.quick ? size.quick_paced : size.paced,
                                 .pause = absl::Milliseconds(size.pause_ms),
                                 .timeout = absl::Minutes(3)};
      const std::string group =
          absl::StrCat("Watch, ", size.watchers, size.watchers == 1 ? " watcher" : " watchers",
                       size.stalled > 0 ? absl::StrCat(", ", size.stalled, " of them stalled") : "", " (latency: lag)");
      for (const bool is_floor : {false, true}) {
        if (absl::Status watched = WatchOne(group, is_floor, options); !watched.ok()) return watched;
      }
    }
    return absl::OkStatus();
  }

  absl::Status WatchOne(const std::string& group, bool is_floor, const WatchOptions& options) {
    const std::string what = is_floor ? "bare gRPC, the same bytes" : "almanacd Watch";
    Begin(absl::StrCat(group, ": ", what));
    const auto result =
        MeasureWatch(is_floor ? echo_ : almanacd_, almanacd_, Of(is_floor ? echo_ : almanacd_), options);
    if (!result.ok()) return result.status();
    Row row = ToRow(group, what, is_floor, result->burst, result->burst_cpu);
    row.p50_ms = Quantile(result->lags_ms, 0.5);
    row.p99_ms = Quantile(result->lags_ms, 0.99);
    row.note =
        absl::StrFormat("%d writes; a lone write p50 %.2f ms", options.burst_writes, Quantile(result->write_ms, 0.5));
    if (options.watchers >= 1000) {
      absl::StrAppendFormat(&row.note, "; the server has %d MB", result->resident_bytes / 1'000'000);
      // Later ones begin in what those before them left.
      if (options.stalled == 0) {
        absl::StrAppendFormat(&row.note, ", %.1f kB more a watcher",
                              1e-3 * static_cast<double>(result->bytes_per_watcher));
      }
    }
    rows_.push_back(std::move(row));
    return absl::OkStatus();
  }

  absl::Status Import() {
    Begin("ImportPlan");
    const auto imported = MeasureImport(almanacd_, Of(almanacd_),
                                        {.lines = options_.quick ? 1000 : 5000,
                                         .bin_directory = options_.bin_directory,
                                         .database_url = options_.database_url,
                                         .work_directory = options_.work_directory});
    if (!imported.ok()) return imported.status();
    rows_.insert(rows_.end(), imported->begin(), imported->end());
    return absl::OkStatus();
  }

  template <typename Workload>
  absl::Status Calls(const std::string& group, const std::string& what, const Server& server, Workload& workload,
                     int in_flight = kInFlight) {
    Begin(absl::StrCat(group, ": ", what));
    const Operation start = [&](int slot, Done done) { workload.Start(slot, std::move(done)); };
    if (const auto warm = RunLoad(in_flight, {.duration = WarmUp()}, start); !warm.ok()) return warm.status();
    begin_revision_ = Revision();
    const CpuTime before = ReadCpuTime(Of(server));
    const auto sample = RunLoad(in_flight, {.duration = Duration()}, start);
    if (!sample.ok()) return sample.status();
    AddRow(group, what, server.is_echo(), *sample, ReadCpuTime(Of(server)) - before);
    return absl::OkStatus();
  }

  absl::Status Pgbench(const std::string& group, const std::string& what, const std::string& script,
                       int in_flight = kInFlight) {
    Begin(absl::StrCat(group, ": ", what));
    const Processes postgres{.server = 0, .postmaster = options_.postmaster_pid};
    const CpuTime before = ReadCpuTime(postgres);
    const auto sample =
        RunPgbench(options_.bin_directory, options_.database_url, options_.work_directory + "/" + script, in_flight,
                   Duration(), options_.work_directory);
    if (!sample.ok()) return sample.status();
    AddRow(group, what, /*is_floor=*/true, *sample, ReadCpuTime(postgres) - before);
    return absl::OkStatus();
  }

  void AddRow(const std::string& group, const std::string& what, bool is_floor, const Sample& sample,
              const CpuTime& used) {
    last_operations_ = sample.operations;
    rows_.push_back(ToRow(group, what, is_floor, sample, used));
  }

  // Announces a measurement, and sees to it that no checkpoint of what was before falls into it.
  void Begin(const std::string& what) {
    std::fprintf(stderr, "measuring %s\n", what.c_str());
    pqxx::connection connection(options_.database_url);
    pqxx::nontransaction(connection).exec("checkpoint");
  }

  Processes Of(const Server& server) const {
    return {.server = server.is_echo() ? options_.echo_pid : options_.server_pid,
            .postmaster = options_.postmaster_pid};
  }

  absl::Duration Duration() const { return absl::Seconds(options_.quick ? 1 : 6); }
  absl::Duration WarmUp() const { return absl::Milliseconds(options_.quick ? 200 : 1000); }

  int64_t Revision() {
    pqxx::connection connection(options_.database_url);
    return pqxx::nontransaction(connection).exec1("select revision from head")[0].as<int64_t>();
  }

  // What was written after a revision. All changes of a commit have its time.
  Log LogSince(int64_t revision) {
    pqxx::connection connection(options_.database_url);
    const pqxx::row row = pqxx::nontransaction(connection)
                              .exec1(absl::StrCat("select count(*), count(distinct xmin::text) from changes "
                                                  "where revision > ",
                                                  revision));
    return {row[0].as<int64_t>(), row[1].as<int64_t>()};
  }

  const MeasureOptions options_;
  const Server almanacd_;
  const Server echo_;
  std::vector<Row> rows_;
  // Of the last load.
  int64_t begin_revision_ = 0;
  int64_t last_operations_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<Row>> Measure(const MeasureOptions& options) {
  try {
    return Measuring(options).Run();
  } catch (const pqxx::failure& error) {
    return absl::UnavailableError(error.what());
  }
}

}  // namespace almanac::bench
