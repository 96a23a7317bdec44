#include "tests/bench/search_writes.h"

#include <atomic>
#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "tests/bench/large_catalogue.h"
#include "tests/bench/report.h"

namespace almanac::bench {
namespace {

using almanac::v1::Dataset;
using almanac::v1::UpdateDatasetRequest;

constexpr int kInFlight = 64;
// So many are updated in turn, from all over the catalogue.
constexpr int64_t kUpdated = 20'000;

constexpr const char* kIndexes[] = {
    "dataset_search_vector",   "datasets_by_release_date", "datasets_by_last_update_time", "datasets_by_create_time",
    "datasets_by_update_time", "datasets_by_due_time",     "datasets_by_frequency",        "datasets_by_format"};

// UpdateDataset, each time of another dataset, with other content.
class CatalogueUpdates {
 public:
  CatalogueUpdates(const Server& server, std::vector<Dataset> datasets, bool changes_title)
      : server_(server), datasets_(std::move(datasets)), changes_title_(changes_title), calls_(kInFlight) {}

  void Start(int slot, Done done) {
    auto& call = calls_[slot];
    const int64_t number = next_++;
    const Dataset& dataset = datasets_[number % datasets_.size()];
    call.request.Clear();
    Dataset& update = *call.request.mutable_dataset();
    update.set_name(dataset.name());
    if (changes_title_) {
      for (const auto& [language, title] : dataset.titles()) {
        (*update.mutable_titles())[language] = absl::StrCat(title, " ", number);
      }
      call.request.mutable_update_mask()->add_paths("titles");
    } else {
      update.set_landing_page(absl::StrCat("https://data.example.hk/updates/", number));
      call.request.mutable_update_mask()->add_paths("landing_page");
    }
    server_.datasets(slot).async()->UpdateDataset(
        call.Renew(), &call.request, &call.response,
        [done = std::move(done)](const grpc::Status& status) { done(FromGrpc(status)); });
  }

 private:
  const Server& server_;
  const std::vector<Dataset> datasets_;
  const bool changes_title_;
  std::vector<Call<UpdateDatasetRequest, Dataset>> calls_;
  std::atomic<int64_t> next_ = 0;
};

std::vector<Dataset> SomeDatasets(const WriteCostOptions& options) {
  const LargeCatalogue catalogue(1, options.publishers);
  const int64_t step = std::max<int64_t>(1, options.datasets / kUpdated);
  std::vector<Dataset> datasets;
  for (int64_t i = 0; i < options.datasets; i += step) {
    Dataset dataset = catalogue.MakeDataset(i);
    if (!dataset.has_delete_time()) datasets.push_back(std::move(dataset));
  }
  return datasets;
}

pqxx::row ReadOne(const std::string& url, const std::string& sql) {
  pqxx::connection connection(url);
  return pqxx::nontransaction(connection).exec1(sql);
}

void Exec(const std::string& url, const std::string& sql) {
  pqxx::connection connection(url);
  pqxx::nontransaction(connection).exec(sql);
}

constexpr char kWalBytes[] = "select (pg_current_wal_insert_lsn() - '0/0')::bigint";

absl::StatusOr<std::string> MeasureUpdates(const Server& server, const WriteCostOptions& options,
                                           const std::vector<Dataset>& datasets, bool changes_title,
                                           const std::string& what) {
  CatalogueUpdates updates(server, datasets, changes_title);
  const Operation start = [&](int slot, Done done) { updates.Start(slot, std::move(done)); };
  if (const auto warm = RunLoad(kInFlight, {.duration = options.duration / 6}, start); !warm.ok()) {
    return warm.status();
  }
  Exec(options.database_url, "checkpoint");
  const int64_t wal = ReadOne(options.database_url, kWalBytes)[0].as<int64_t>();
  const CpuTime before = ReadCpuTime(options.processes);
  const auto sample = RunLoad(kInFlight, {.duration = options.duration}, start);
  if (!sample.ok()) return sample.status();
  const Row row = ToRow("", what, /*is_floor=*/false, *sample, ReadCpuTime(options.processes) - before);
  const int64_t written = ReadOne(options.database_url, kWalBytes)[0].as<int64_t>() - wal;
  return absl::StrFormat("    %-46s %10.0f %9.1f %9.1f %9.0f %9.0f %9.1f\n", what, row.rate, *row.p50_ms, *row.p99_ms,
                         row.cpu_us.server, row.cpu_us.postgres,
                         static_cast<double>(written) / 1000 / static_cast<double>(sample->operations));
}

absl::StatusOr<std::string> MeasureAll(const Server& server, const WriteCostOptions& options) {
  std::string table = absl::StrFormat("    %-46s %10s %9s %9s %9s %9s %9s\n", "", "per second", "p50 ms", "p99 ms",
                                      "us server", "postgres", "kB WAL");
  const std::vector<Dataset> datasets = SomeDatasets(options);
  for (const bool has_indexes : {true, false}) {
    if (!has_indexes) Exec(options.database_url, absl::StrCat("drop index ", absl::StrJoin(kIndexes, ", ")));
    for (const bool changes_title : {true, false}) {
      const auto row = MeasureUpdates(server, options, datasets, changes_title,
                                      absl::StrCat(changes_title ? "another title" : "another landing page",
                                                   has_indexes ? "" : ", without the indexes"));
      if (!row.ok()) return row.status();
      table += *row;
    }
  }
  return table;
}

}  // namespace

absl::StatusOr<std::string> MeasureWriteCost(const Server& server, const WriteCostOptions& options) {
  try {
    return MeasureAll(server, options);
  } catch (const pqxx::failure& error) {
    return absl::InternalError(error.what());
  }
}

absl::Status CheckIndexes(const std::string& database_url) {
  try {
    for (const char* index : kIndexes) {
      if (ReadOne(database_url, absl::StrCat("select to_regclass('", index, "') is not null"))[0].as<bool>()) continue;
      return absl::FailedPreconditionError(absl::StrCat("there is no index ", index));
    }
    return absl::OkStatus();
  } catch (const pqxx::failure& error) {
    return absl::InternalError(error.what());
  }
}

absl::StatusOr<std::string> MeasureSizes(const std::string& database_url) {
  try {
    pqxx::connection connection(database_url);
    pqxx::nontransaction work(connection);
    std::string table;
    for (const pqxx::row& row :
         work.exec("select c.relname, case c.relkind when 'i' then 'index' else 'table' end,"
                   " case c.relkind when 'i' then pg_relation_size(c.oid) else pg_table_size(c.oid) end"
                   " from pg_class c left join pg_index i on i.indexrelid = c.oid"
                   " where coalesce(i.indrelid, c.oid) in"
                   "  ('datasets'::regclass, 'dataset_search'::regclass, 'search_words'::regclass)"
                   " order by coalesce(i.indrelid, c.oid)::regclass::text, c.relkind desc, c.relname")) {
      absl::StrAppendFormat(&table, "    %-6s %-40s %9.1f MB\n", row[1].c_str(), row[0].c_str(),
                            row[2].as<double>() / 1e6);
    }
    return table;
  } catch (const pqxx::failure& error) {
    return absl::InternalError(error.what());
  }
}

}  // namespace almanac::bench
