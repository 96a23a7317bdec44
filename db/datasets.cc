#include "db/datasets.h"

#include <google/protobuf/util/time_util.h>

#include <pqxx/pqxx>
#include <unordered_map>

#include "absl/strings/escaping.h"
#include "db/columns.h"
#include "db/dataset_search.h"
#include "db/errors.h"
#include "db/names.h"

namespace almanac::db {
namespace {

using almanac::v1::Change;
using almanac::v1::Dataset;
using almanac::v1::Freshness;
using google::protobuf::util::TimeUtil;

#define TABLE_COLUMNS                                                                                          \
  "publisher_id, dataset_id, titles, categories, remarks, former_titles, frequency, frequency_texts, formats," \
  " landing_page, release_date, discontinued, last_update_date, last_update_time, update_count, create_time,"  \
  " update_time, delete_time, revision, freshness_state, freshness_due_time, freshness_next_time,"             \
  " observed_frequency, observed_interval, message"

// A row for each element of the arrays.
#define ROWS                                                                                                     \
  "unnest($1::text[], $2::text[], $3::jsonb[], $4::jsonb[], $5::jsonb[], $6::jsonb[], $7::text[], $8::jsonb[],"  \
  " $9::jsonb[], $10::text[], $11::text[], $12::bool[], $13::text[], $14::timestamptz[], $15::bigint[],"         \
  " $16::timestamptz[], $17::timestamptz[], $18::timestamptz[], $19::bigint[], $20::text[], $21::timestamptz[]," \
  " $22::timestamptz[], $23::text[], $24::bigint[], $25::bytea[])"

constexpr Statement kInsert{
    "insert into datasets (" TABLE_COLUMNS
    ")"
    " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,"
    " $23, $24, $25)"
    " on conflict do nothing"};

constexpr RowStatements kInserts{.many = {"insert into datasets (" TABLE_COLUMNS ") select * from " ROWS}, .rank = 0};

constexpr Statement kRead{"select message from datasets where publisher_id = $1 and dataset_id = $2"};

constexpr Statement kReadMany{
    "select message from datasets where (publisher_id, dataset_id) in (select p, d from unnest($1::text[], $2::text[]) "
    "as n(p, d))"};

// The bound on both sides keeps the scan inside the publisher; '~' sorts after every id.
constexpr Statement kList{
    "select message from datasets where (publisher_id, dataset_id) > ($1::text, $2::text)"
    " and publisher_id <= $3::text and ($4 or delete_time is null)"
    " and ($6::text[] = '{}' or freshness_state = any($6))"
    " order by publisher_id, dataset_id limit $5"};

// Live ones in some freshness states: of each state as many as are wanted of all, by their index.
constexpr Statement kListInStates{
    "select message from unnest($4::text[]) as s(state) cross join lateral"
    "  (select * from datasets where freshness_state = state and delete_time is null"
    "   and (publisher_id, dataset_id) > ($1::text, $2::text) and publisher_id <= $3::text"
    "   order by publisher_id, dataset_id limit $5) d"
    " order by publisher_id, dataset_id limit $5"};

constexpr Statement kUpdate{
    "update datasets set titles = $3, categories = $4, remarks = $5, former_titles = $6, frequency = $7,"
    " frequency_texts = $8, formats = $9, landing_page = $10, release_date = $11, discontinued = $12,"
    " last_update_date = $13, last_update_time = $14, update_count = $15, create_time = $16, update_time = $17,"
    " delete_time = $18, revision = $19, freshness_state = $20, freshness_due_time = $21, freshness_next_time = $22,"
    " observed_frequency = $23, observed_interval = $24, message = $25 where publisher_id = $1 and dataset_id = $2"};

constexpr RowStatements kUpdates{
    .one = kUpdate,
    .many =
        {"update datasets t set titles = n.titles, categories = n.categories, remarks = n.remarks,"
         " former_titles = n.former_titles, frequency = n.frequency, frequency_texts = n.frequency_texts,"
         " formats = n.formats, landing_page = n.landing_page, release_date = n.release_date,"
         " discontinued = n.discontinued, last_update_date = n.last_update_date, last_update_time = n.last_update_time,"
         " update_count = n.update_count, create_time = n.create_time, update_time = n.update_time,"
         " delete_time = n.delete_time, revision = n.revision, freshness_state = n.freshness_state,"
         " freshness_due_time = n.freshness_due_time, freshness_next_time = n.freshness_next_time,"
         " observed_frequency = n.observed_frequency, observed_interval = n.observed_interval, message = n.message"
         " from " ROWS " as n(" TABLE_COLUMNS ")"
         " where t.publisher_id = n.publisher_id and t.dataset_id = n.dataset_id"},
    .rank = 2};

constexpr Statement kFindPromise{
    "select publisher_id, plan_id, commitment_id from commitments"
    " where publisher_id = $1 and dataset_id = $2 and delete_time is null limit 1"};

StoredDataset FromRow(Rows::Reader row) { return StoredDataset(row.Bytes()); }

Dataset DatasetFromRow(Rows::Reader row) { return FromRow(row).Parse(); }

// The cells of a row without its message, for rows that are not stored.
std::vector<Param> ToColumns(const Dataset& dataset) {
  const std::vector<std::string> ids = IdsOf(dataset.name());
  const Freshness& freshness = dataset.freshness();
  return {ids[0],
          ids[1],
          TextsToJson(dataset.titles()),
          TextsToJson(dataset.categories()),
          TextsToJson(dataset.remarks()),
          FormerTitlesToJson(dataset.former_titles()),
          almanac::v1::Frequency_Name(dataset.frequency()),
          TextsToJson(dataset.frequency_texts()),
          ListToJson(dataset.formats()),
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
          dataset.has_freshness() ? Param(Freshness::State_Name(freshness.state())) : Param(std::nullopt),
          Param::Time(freshness, &Freshness::has_due_time, &Freshness::due_time),
          Param::Time(freshness, &Freshness::has_next_state_time, &Freshness::next_state_time),
          almanac::v1::Frequency_Name(freshness.observed_frequency()),
          freshness.has_observed_interval() ? Param(TimeUtil::DurationToMicroseconds(freshness.observed_interval()))
                                            : Param(std::nullopt),
          std::nullopt};
}

std::vector<Param> ToParams(const Dataset& dataset) {
  std::vector<Param> params = ToColumns(dataset);
  params.back() = Param::Bytes(dataset.SerializeAsString());
  return params;
}

}  // namespace

Dataset StoredDataset::Parse() const {
  Dataset dataset;
  if (!dataset.ParseFromString(message_))
    throw pqxx::conversion_error("not a dataset: " + absl::BytesToHexString(message_));
  return dataset;
}

std::vector<Dataset> Parse(const std::vector<StoredDataset>& stored) {
  std::vector<Dataset> datasets;
  datasets.reserve(stored.size());
  for (const StoredDataset& dataset : stored) datasets.push_back(dataset.Parse());
  return datasets;
}

absl::StatusOr<Dataset> InsertDataset(WriteTransaction& transaction, Dataset dataset) {
  const std::string publisher = PublisherName(IdsOf(dataset.name())[0]);
  if (!IsLive(transaction, publisher)) return NotFound(publisher);
  Stamp(transaction, dataset);
  if (transaction.Exec(kInsert, ToParams(dataset)).affected() == 0) return NameTaken(dataset.name());
  StoreSearch(transaction, nullptr, dataset);
  transaction.Record(Change::CREATED, nullptr, dataset);
  return dataset;
}

Dataset AddDataset(WriteTransaction& transaction, Dataset dataset) {
  Stamp(transaction, dataset);
  transaction.Store(kInserts, dataset.name(), ToParams(dataset));
  StoreSearch(transaction, nullptr, dataset);
  transaction.Record(Change::CREATED, nullptr, dataset);
  return dataset;
}

absl::StatusOr<Dataset> ReadDataset(Transaction& transaction, const std::string& name) {
  const std::vector<std::string> ids = IdsOf(name);
  const Rows rows = transaction.Exec(kRead, {ids[0], ids[1]});
  if (rows.empty()) return NotFound(name);
  return DatasetFromRow(rows[0]);
}

absl::StatusOr<std::vector<Dataset>> ReadDatasets(Transaction& transaction, const std::vector<std::string>& names) {
  std::vector<std::string> publishers, ids;
  for (const std::string& name : names) {
    publishers.push_back(IdsOf(name)[0]);
    ids.push_back(IdsOf(name)[1]);
  }
  return InOrderOf(names,
                   ReadAll(transaction.Exec(kReadMany, {Param::Array(publishers), Param::Array(ids)}), DatasetFromRow));
}

std::vector<StoredDataset> ListDatasets(Transaction& transaction, const std::string& publisher_name, const Page& page,
                                        const std::set<Freshness::State>& states) {
  const std::string publisher = IdsOf(publisher_name)[0];
  const bool all = publisher == "-";
  std::vector<std::string> after = {all ? "" : publisher, ""};
  if (!page.after.empty()) after = IdsOf(page.after);
  const std::string last = all ? "~" : publisher;
  std::vector<std::string> words;
  for (const Freshness::State state : states) words.push_back(Freshness::State_Name(state));
  const Rows rows =
      states.empty() || page.show_deleted
          ? transaction.Exec(kList, {after[0], after[1], last, page.show_deleted, page.limit, Param::Array(words)})
          : transaction.Exec(kListInStates, {after[0], after[1], last, Param::Array(words), page.limit});
  return ReadAll(rows, FromRow);
}

Dataset UpdateDataset(WriteTransaction& transaction, Change::Type type, const Dataset& before, Dataset after) {
  if (SameContent(before, after)) return before;
  Stamp(transaction, after);
  transaction.Store(kUpdates, after.name(), ToParams(after));
  StoreSearch(transaction, &before, after);
  transaction.Record(type, &before, after);
  return after;
}

std::string FindPromise(Transaction& transaction, const std::string& dataset_name) {
  const std::vector<std::string> ids = IdsOf(dataset_name);
  const Rows rows = transaction.Exec(kFindPromise, {ids[0], ids[1]});
  if (rows.empty()) return "";
  auto row = rows[0];
  const std::string publisher = row.Text();
  const std::string plan = row.Text();
  return CommitmentName(publisher, plan, row.Text());
}

const ListSource& DatasetSource() {
  static const ListSource& source =
      *new ListSource{.table = "datasets", .columns = "message", .ids = {"publisher_id", "dataset_id"}};
  return source;
}

absl::StatusOr<ListPart<StoredDataset>> ListDatasetsByQuery(Transaction& transaction, const ListQuery& query,
                                                            const std::optional<ListPosition>& after, int limit,
                                                            const AsOfRevision<Dataset>* as_of) {
  return ReadList(transaction, DatasetSource(), query, after, limit, as_of, FromRow, ToColumns, ToSearchRow);
}

std::vector<Dataset> KeepDatasets(Transaction& transaction, const Condition& condition,
                                  std::vector<Dataset> resources) {
  return KeepListed(transaction, DatasetSource(), condition, std::move(resources), ToColumns, ToSearchRow);
}

#undef TABLE_COLUMNS
#undef ROWS

}  // namespace almanac::db
