#include "db/clock.h"

#include "db/names.h"

namespace almanac::db {
namespace {

constexpr Statement kTimeZones{"select distinct time_zone from publishers where delete_time is null"};

// A range of the index commitments_by_last_day for each plan that is no draft: the lines of a draft are passed over,
// however many are past their days.
constexpr Statement kBrokenCommitments{
    "select publisher_id, plan_id, commitment_id"
    " from unnest($1::text[], $2::date[]) as today(time_zone, day)"
    " join publishers p on p.time_zone = today.time_zone and p.delete_time is null"
    " join plans l using (publisher_id)"
    " cross join lateral"
    "  (select c.commitment_id from commitments c"
    "   where c.publisher_id = l.publisher_id and c.plan_id = l.plan_id and last_day(c.target_date) < day"
    "   and c.state in ('PLANNED', 'CONFIRMED') and c.overdue_date is null and c.continued_by_plan_id is null"
    "   and c.delete_time is null limit $3) broken"
    " where l.state in ('PUBLISHED', 'SUPERSEDED') limit $3"};

// By the indexes datasets_by_next_state and datasets_without_freshness.
constexpr Statement kChangedFreshness{
    "(select publisher_id, dataset_id from datasets where freshness_next_time <= $1 and delete_time is null"
    " order by freshness_next_time limit $2)"
    " union all"
    " (select publisher_id, dataset_id from datasets where freshness_state is null and delete_time is null"
    " order by publisher_id, dataset_id limit $2)"
    " limit $2"};

}  // namespace

std::vector<std::string> ListTimeZones(Transaction& transaction) {
  return ReadAll(transaction.Exec(kTimeZones), [](Rows::Reader row) { return row.Text(); });
}

std::vector<std::string> ListBrokenCommitments(Transaction& transaction,
                                               const std::map<std::string, std::string>& today, int limit) {
  std::vector<std::string> zones, days;
  for (const auto& [zone, day] : today) {
    zones.push_back(zone);
    days.push_back(day);
  }
  return ReadAll(transaction.Exec(kBrokenCommitments, {Param::Array(zones), Param::Array(days), limit}),
                 [](Rows::Reader row) {
                   const std::string publisher = row.Text();
                   const std::string plan = row.Text();
                   return CommitmentName(publisher, plan, row.Text());
                 });
}

std::vector<std::string> ListChangedFreshness(Transaction& transaction, absl::Time now, int limit) {
  return ReadAll(transaction.Exec(kChangedFreshness, {now, limit}), [](Rows::Reader row) {
    const std::string publisher = row.Text();
    return DatasetName(publisher, row.Text());
  });
}

}  // namespace almanac::db
