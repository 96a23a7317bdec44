#include "tests/bench/catalogue_loader.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <pqxx/pqxx>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "db/columns.h"
#include "db/dataset_search.h"
#include "db/names.h"
#include "db/transaction.h"
#include "service/rules/freshness.h"
#include "tests/bench/large_catalogue.h"

namespace almanac::bench {
namespace {

using almanac::v1::Dataset;
using almanac::v1::Freshness;
using almanac::v1::Publisher;
using db::Param;

constexpr int64_t kProgressEvery = 50'000;

constexpr std::array kPublisherColumns = {"publisher_id", "titles",      "time_zone", "homepage",
                                          "create_time",  "update_time", "revision"};

constexpr std::array kDatasetColumns = {
    "publisher_id",       "dataset_id",          "titles",           "categories",       "remarks",
    "former_titles",      "frequency",           "frequency_texts",  "formats",          "landing_page",
    "release_date",       "discontinued",        "last_update_date", "last_update_time", "update_count",
    "create_time",        "update_time",         "delete_time",      "revision",         "freshness_state",
    "freshness_due_time", "freshness_next_time", "message"};

constexpr std::array kSearchColumns = {"publisher_id", "dataset_id", "vector", "is_deleted"};
constexpr std::array kWordColumns = {"word"};

std::array<Param, kPublisherColumns.size()> ToCells(const Publisher& publisher) {
  return {db::IdsOf(publisher.name())[0],
          db::TextsToJson(publisher.titles()),
          publisher.time_zone(),
          publisher.homepage(),
          publisher.create_time(),
          publisher.update_time(),
          publisher.revision()};
}

std::array<Param, kDatasetColumns.size()> ToCells(const Dataset& dataset) {
  const std::vector<std::string> ids = db::IdsOf(dataset.name());
  const Freshness& freshness = dataset.freshness();
  return {ids[0],
          ids[1],
          db::TextsToJson(dataset.titles()),
          db::TextsToJson(dataset.categories()),
          db::TextsToJson(dataset.remarks()),
          db::FormerTitlesToJson(dataset.former_titles()),
          almanac::v1::Frequency_Name(dataset.frequency()),
          db::TextsToJson(dataset.frequency_texts()),
          db::ListToJson(dataset.formats()),
          dataset.landing_page(),
          Param::NonEmpty(dataset.release_date()),
          dataset.discontinued(),
          Param::NonEmpty(dataset.last_update_date()),
          Param::Time(dataset, &Dataset::has_last_update_time, &Dataset::last_update_time),
          dataset.update_count(),
          dataset.create_time(),
          dataset.update_time(),
          Param::Time(dataset, &Dataset::has_delete_time, &Dataset::delete_time),
          dataset.revision(),
          Freshness::State_Name(freshness.state()),
          Param::Time(freshness, &Freshness::has_due_time, &Freshness::due_time),
          Param::Time(freshness, &Freshness::has_next_state_time, &Freshness::next_state_time),
          Param::Bytes(dataset.SerializeAsString())};
}

// Copies the cells that `make` returns for each index below `count`.
template <size_t kColumns, typename Make>
void Copy(pqxx::work& work, const std::string& table, const std::array<const char*, kColumns>& columns, int64_t count,
          const Make& make) {
  const absl::Time begin = absl::Now();
  pqxx::stream_to stream(work, table, columns);
  for (int64_t i = 0; i < count; ++i) {
    const std::array<Param, kColumns> cells = make(i);
    std::array<const char*, kColumns> row;
    std::transform(cells.begin(), cells.end(), row.begin(), [](const Param& cell) { return cell.c_str(); });
    stream << row;
    if ((i + 1) % kProgressEvery == 0) {
      std::fprintf(stderr, "%s: %lld of %lld after %.0f s\n", table.c_str(), static_cast<long long>(i) + 1,
                   static_cast<long long>(count), absl::ToDoubleSeconds(absl::Now() - begin));
    }
  }
  stream.complete();
}

// Drops the indexes of tables that are filled, but for those of constraints, and returns the statements that make them
// anew: that takes less time than keeping them while rows come in, and leaves them dense.
std::vector<std::string> DropIndexes(pqxx::work& work) {
  std::vector<std::string> statements;
  for (const pqxx::row& row :
       work.exec("select i.indexname, i.indexdef from pg_indexes i where i.schemaname = current_schema()"
                 " and i.tablename in ('datasets', 'dataset_search', 'search_words')"
                 " and not exists (select from pg_constraint c where c.conname = i.indexname)")) {
    work.exec(absl::StrCat("drop index ", work.quote_name(row[0].c_str())));
    statements.emplace_back(row[1].c_str());
  }
  return statements;
}

// What datasets are found by.
void CopySearch(pqxx::work& work, const LargeCatalogue& catalogue, int64_t datasets) {
  absl::flat_hash_set<std::string> words;
  Copy(
      work, "dataset_search", kSearchColumns, datasets, [&](int64_t i) -> std::array<Param, kSearchColumns.size()> {
        const Dataset dataset = catalogue.MakeDataset(i);
        for (std::string& word : db::DatasetWords(dataset)) words.insert(std::move(word));
        const std::vector<Param> row = db::ToSearchRow(dataset);
        return {row[0], row[1], row[2], row[3]};
      });
  auto word = words.begin();
  Copy(work, "search_words", kWordColumns, static_cast<int64_t>(words.size()),
       [&](int64_t) { return std::array<Param, kWordColumns.size()>{*word++}; });
}

// The head behind the last revision, and an empty log that goes on from there.
void MoveHead(pqxx::work& work, const google::protobuf::Timestamp& time, int64_t revision) {
  work.exec(
      "do $$ declare first bigint; begin"
      " for first in select first_revision from change_partitions loop"
      "  execute format('drop table changes_%s', first);"
      " end loop; end $$");
  work.exec("delete from change_partitions");
  work.exec_params("update head set revision = $1, compacted_revision = $1, change_time = $2", revision,
                   Param(time).c_str());
  work.exec_params("select add_change_partitions($1)", revision + 1);
}

absl::Status Load(const LoadCatalogueOptions& options) {
  const LargeCatalogue catalogue(options.seed, options.publishers);
  pqxx::connection connection(options.database_url);
  pqxx::work work(connection);
  if (work.exec1("select revision from head for update")[0].as<int64_t>() != 0) {
    return absl::FailedPreconditionError("the catalogue is not empty; give a database that was just migrated");
  }
  const absl::Time now = absl::FromUnixMicros(work.exec1("select micros(catalogue_now())")[0].as<int64_t>());
  const std::vector<std::string> indexes = DropIndexes(work);
  Copy(work, "publishers", kPublisherColumns, options.publishers,
       [&](int64_t i) { return ToCells(catalogue.MakePublisher(static_cast<int>(i))); });
  Dataset last;
  // With its freshness, lest the clock of an almanacd gives it to each by a change.
  Copy(work, "datasets", kDatasetColumns, options.datasets, [&](int64_t i) {
    last = catalogue.MakeDataset(i);
    service::rules::Assess(now, &last);
    return ToCells(last);
  });
  if (work.exec1("select to_regclass('dataset_search') is not null")[0].as<bool>()) {
    CopySearch(work, catalogue, options.datasets);
  }
  work.exec(
      "insert into dataset_updates select publisher_id, dataset_id, last_update_time, update_time, 'bench'"
      " from datasets where last_update_time is not null");
  work.exec("set local maintenance_work_mem = '512MB'");
  for (const std::string& index : indexes) work.exec(index);
  MoveHead(work, last.update_time(), last.revision());
  work.commit();
  pqxx::nontransaction upkeep(connection);
  upkeep.exec("vacuum analyze");
  return absl::OkStatus();
}

}  // namespace

absl::Status LoadCatalogue(const LoadCatalogueOptions& options) {
  try {
    return Load(options);
  } catch (const pqxx::failure& error) {
    return absl::InternalError(absl::StrCat("loading the catalogue failed: ", error.what()));
  }
}

}  // namespace almanac::bench
