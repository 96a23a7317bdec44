#include "db/plans.h"

#include "db/columns.h"
#include "db/errors.h"
#include "db/names.h"

namespace almanac::db {
namespace {

using almanac::v1::Change;
using almanac::v1::ReleasePlan;

#define COLUMNS                                                                         \
  "publisher_id, plan_id, titles, start_year, end_year, published_on, state, sections," \
  " micros(publish_time), micros(create_time), micros(update_time), micros(delete_time), revision, language"

constexpr Statement kInsert{
    "insert into plans (publisher_id, plan_id, titles, start_year, end_year, published_on, state, sections,"
    " publish_time, create_time, update_time, delete_time, revision, language)"
    " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) on conflict do nothing"};

constexpr Statement kRead{"select " COLUMNS " from plans where publisher_id = $1 and plan_id = $2"};

constexpr Statement kList{"select " COLUMNS
                          " from plans where (publisher_id, plan_id) > ($1::text, $2::text)"
                          " and publisher_id <= $3::text and ($4 or delete_time is null)"
                          " order by publisher_id, plan_id limit $5"};

constexpr Statement kUpdate{
    "update plans set titles = $3, start_year = $4, end_year = $5, published_on = $6, state = $7, sections = $8,"
    " publish_time = $9, create_time = $10, update_time = $11, delete_time = $12, revision = $13, language = $14"
    " where publisher_id = $1 and plan_id = $2"};

ReleasePlan FromRow(Rows::Reader row) {
  ReleasePlan plan;
  const std::string publisher = row.Text();
  plan.set_name(PlanName(publisher, row.Text()));
  TextsFromJson(row.Cell(), plan.mutable_titles());
  plan.mutable_period()->set_start_year(static_cast<int32_t>(row.Int()));
  plan.mutable_period()->set_end_year(static_cast<int32_t>(row.Int()));
  plan.set_published_on(row.Text());
  ReleasePlan::State state = ReleasePlan::STATE_UNSPECIFIED;
  ReleasePlan::State_Parse(row.Text(), &state);
  plan.set_state(state);
  SectionsFromJson(row.Cell(), plan.mutable_sections());
  row.Time(&plan, &ReleasePlan::mutable_publish_time);
  row.Time(&plan, &ReleasePlan::mutable_create_time);
  row.Time(&plan, &ReleasePlan::mutable_update_time);
  row.Time(&plan, &ReleasePlan::mutable_delete_time);
  plan.set_revision(row.Int());
  plan.set_etag(EtagOf(plan.revision()));
  plan.set_language(row.Text());
  return plan;
}

std::vector<Param> ToParams(const ReleasePlan& plan) {
  const std::vector<std::string> ids = IdsOf(plan.name());
  return {ids[0],
          ids[1],
          TextsToJson(plan.titles()),
          plan.period().start_year(),
          plan.period().end_year(),
          Param::NonEmpty(plan.published_on()),
          ReleasePlan::State_Name(plan.state()),
          SectionsToJson(plan.sections()),
          Param::Time(plan, &ReleasePlan::has_publish_time, &ReleasePlan::publish_time),
          plan.create_time(),
          plan.update_time(),
          Param::Time(plan, &ReleasePlan::has_delete_time, &ReleasePlan::delete_time),
          plan.revision(),
          plan.language()};
}

}  // namespace

absl::StatusOr<ReleasePlan> InsertPlan(WriteTransaction& transaction, ReleasePlan plan) {
  const std::string publisher = PublisherName(IdsOf(plan.name())[0]);
  if (!IsLive(transaction, publisher)) return NotFound(publisher);
  Stamp(transaction, plan);
  if (transaction.Exec(kInsert, ToParams(plan)).affected() == 0) return NameTaken(plan.name());
  transaction.Record(Change::CREATED, nullptr, plan);
  return plan;
}

absl::StatusOr<ReleasePlan> ReadPlan(Transaction& transaction, const std::string& name) {
  const std::vector<std::string> ids = IdsOf(name);
  const Rows rows = transaction.Exec(kRead, {ids[0], ids[1]});
  if (rows.empty()) return NotFound(name);
  return FromRow(rows[0]);
}

std::vector<ReleasePlan> ListPlans(Transaction& transaction, const std::string& publisher_name, const Page& page) {
  const std::string publisher = IdsOf(publisher_name)[0];
  const bool all = publisher == "-";
  std::vector<std::string> after = {all ? "" : publisher, ""};
  if (!page.after.empty()) after = IdsOf(page.after);
  return ReadAll(transaction.Exec(kList, {after[0], after[1], all ? "~" : publisher, page.show_deleted, page.limit}),
                 FromRow);
}

ReleasePlan UpdatePlan(WriteTransaction& transaction, Change::Type type, const ReleasePlan& before, ReleasePlan after) {
  if (SameContent(before, after)) return before;
  Stamp(transaction, after);
  transaction.Exec(kUpdate, ToParams(after));
  transaction.Record(type, &before, after);
  return after;
}

const ListSource& ReleasePlanSource() {
  static const ListSource& source =
      *new ListSource{.table = "plans", .columns = COLUMNS, .ids = {"publisher_id", "plan_id"}};
  return source;
}

absl::StatusOr<ListPart<ReleasePlan>> ListPlansByQuery(Transaction& transaction, const ListQuery& query,
                                                       const std::optional<ListPosition>& after, int limit,
                                                       const AsOfRevision<ReleasePlan>* as_of) {
  return ReadList(transaction, ReleasePlanSource(), query, after, limit, as_of, FromRow, ToParams, NoSearchRow());
}

std::vector<ReleasePlan> KeepPlans(Transaction& transaction, const Condition& condition,
                                   std::vector<ReleasePlan> resources) {
  return KeepListed(transaction, ReleasePlanSource(), condition, std::move(resources), ToParams, NoSearchRow());
}

#undef COLUMNS

}  // namespace almanac::db
