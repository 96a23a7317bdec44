#include "db/freshness.h"

#include <google/protobuf/util/time_util.h>

#include "db/names.h"

namespace almanac::db {
namespace {

using almanac::v1::Change;
using almanac::v1::Freshness;
using almanac::v1::FreshnessCounts;
using google::protobuf::util::TimeUtil;

constexpr Statement kAddUpdates{
    "insert into dataset_updates (publisher_id, dataset_id, data_time, report_time, actor)"
    " select p, d, t, $4::timestamptz, $5::text from unnest($1::text[], $2::text[], $3::timestamptz[]) as n(p, d, t)"
    " on conflict do nothing returning publisher_id, dataset_id, micros(data_time)"};

constexpr Statement kReadLatestUpdates{
    "select position, micros(data_time) from unnest($1::text[], $2::text[]) with ordinality as n(p, d, position)"
    " cross join lateral (select data_time from dataset_updates where publisher_id = p and dataset_id = d"
    "                     order by data_time desc limit $3) u"
    " order by position, data_time desc"};

// An empty text stands for null in the arrays.
constexpr Statement kUpdate{
    "update datasets set last_update_time = nullif(last_update, '')::timestamptz, update_count = updates,"
    " freshness_state = state, freshness_due_time = nullif(due, '')::timestamptz,"
    " freshness_next_time = nullif(next, '')::timestamptz, observed_frequency = frequency_seen,"
    " observed_interval = nullif(interval_seen, '')::bigint, update_time = $10, revision = number, message = whole"
    " from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[],"
    "  $9::text[], $11::bigint[], $12::bytea[])"
    "  as n(p, d, last_update, updates, state, due, next, frequency_seen, interval_seen, number, whole)"
    " where publisher_id = p and dataset_id = d"};

// Last of all the sum, without a publisher.
constexpr Statement kCount{
    "select publisher_id, count(*),"
    " count(*) filter (where freshness_state is null or freshness_state = 'UNKNOWN'),"
    " count(*) filter (where freshness_state = 'FRESH'), count(*) filter (where freshness_state = 'DUE'),"
    " count(*) filter (where freshness_state = 'OVERDUE'), count(*) filter (where freshness_state = 'DELINQUENT'),"
    " count(*) filter (where freshness_state = 'UNSCHEDULED' and frequency = 'CONTINUOUS'),"
    " count(*) filter (where freshness_state = 'UNSCHEDULED' and frequency = 'AS_NEEDED'),"
    " count(*) filter (where freshness_state = 'UNSCHEDULED' and frequency not in ('CONTINUOUS', 'AS_NEEDED')),"
    " count(*) filter (where freshness_state = 'DISCONTINUED')"
    " from datasets d join publishers p using (publisher_id)"
    " where publisher_id between $1::text and $2::text and d.delete_time is null and p.delete_time is null"
    " group by rollup (publisher_id) order by publisher_id nulls last"};

// The two ids of each name, as arrays.
std::vector<Param> IdArrays(const std::vector<std::string>& names) {
  std::vector<std::string> publishers, datasets;
  for (const std::string& name : names) {
    const std::vector<std::string> ids = IdsOf(name);
    publishers.push_back(ids[0]);
    datasets.push_back(ids[1]);
  }
  return {Param::Array(publishers), Param::Array(datasets)};
}

std::string TimeText(bool is_set, const google::protobuf::Timestamp& time) { return is_set ? Param(time).c_str() : ""; }

FreshnessCounts CountsFromRow(Rows::Reader row) {
  FreshnessCounts counts;
  if (const std::string id = row.Text(); !id.empty()) counts.set_publisher(PublisherName(id));
  const auto next = [&row] { return static_cast<int32_t>(row.Int()); };
  counts.set_dataset_count(next());
  counts.set_unknown_count(next());
  counts.set_fresh_count(next());
  counts.set_due_count(next());
  counts.set_overdue_count(next());
  counts.set_delinquent_count(next());
  counts.set_continuous_count(next());
  counts.set_as_needed_count(next());
  counts.set_unpromised_count(next());
  counts.set_discontinued_count(next());
  return counts;
}

}  // namespace

std::vector<DatasetUpdate> AddDatasetUpdates(WriteTransaction& transaction, const std::vector<DatasetUpdate>& updates) {
  std::vector<std::string> names, times;
  for (const DatasetUpdate& update : updates) {
    names.push_back(update.dataset);
    times.emplace_back(Param(update.data_time).c_str());
  }
  std::vector<Param> params = IdArrays(names);
  params.insert(params.end(), {Param::Array(times), transaction.now(), transaction.actor()});
  return ReadAll(transaction.Exec(kAddUpdates, params), [](Rows::Reader row) {
    const std::string publisher = row.Text();
    std::string name = DatasetName(publisher, row.Text());
    return DatasetUpdate{std::move(name), TimeUtil::MicrosecondsToTimestamp(row.Int())};
  });
}

std::vector<std::vector<absl::Time>> ReadLatestUpdates(Transaction& transaction, const std::vector<std::string>& names,
                                                       int limit) {
  std::vector<Param> params = IdArrays(names);
  params.emplace_back(limit);
  const Rows rows = transaction.Exec(kReadLatestUpdates, params);
  std::vector<std::vector<absl::Time>> latest(names.size());
  for (int i = 0; i < rows.size(); ++i) {
    auto row = rows[i];
    std::vector<absl::Time>& times = latest[row.Int() - 1];
    times.push_back(absl::FromUnixMicros(row.Int()));
  }
  return latest;
}

void UpdateFreshness(WriteTransaction& transaction, Change::Type type, std::vector<DatasetEdit>& edits) {
  std::vector<std::string> names, last_updates, states, due, next, frequencies, intervals, messages;
  std::vector<int64_t> counts, revisions;
  for (auto& [before, after] : edits) {
    if (SameContent(before, after)) continue;
    Stamp(transaction, after);
    transaction.Record(type, &before, after);
    const Freshness& freshness = after.freshness();
    names.push_back(after.name());
    last_updates.push_back(TimeText(after.has_last_update_time(), after.last_update_time()));
    counts.push_back(after.update_count());
    states.push_back(Freshness::State_Name(freshness.state()));
    due.push_back(TimeText(freshness.has_due_time(), freshness.due_time()));
    next.push_back(TimeText(freshness.has_next_state_time(), freshness.next_state_time()));
    frequencies.push_back(almanac::v1::Frequency_Name(freshness.observed_frequency()));
    intervals.push_back(freshness.has_observed_interval()
                            ? std::to_string(TimeUtil::DurationToMicroseconds(freshness.observed_interval()))
                            : "");
    revisions.push_back(after.revision());
    messages.push_back(after.SerializeAsString());
  }
  if (names.empty()) return;
  std::vector<Param> params = IdArrays(names);
  params.insert(params.end(),
                {Param::Array(last_updates), Param::Array(counts), Param::Array(states), Param::Array(due),
                 Param::Array(next), Param::Array(frequencies), Param::Array(intervals), transaction.now(),
                 Param::Array(revisions), Param::Array(messages, /*bytes=*/true)});
  transaction.Exec(kUpdate, params);
}

almanac::v1::CountFreshnessResponse CountFreshness(Transaction& transaction, const std::string& publisher_name) {
  const std::string publisher = IdsOf(publisher_name)[0];
  const bool all = publisher == "-";
  const Rows rows = transaction.Exec(kCount, {all ? "" : publisher, all ? "~" : publisher});
  almanac::v1::CountFreshnessResponse counts;
  for (int i = 0; i < rows.size() - 1; ++i) *counts.add_publishers() = CountsFromRow(rows[i]);
  *counts.mutable_total() = CountsFromRow(rows[rows.size() - 1]);
  return counts;
}

}  // namespace almanac::db
