#include "db/commitments.h"

#include <google/protobuf/util/time_util.h>

#include <nlohmann/json.hpp>

#include "db/columns.h"
#include "db/errors.h"
#include "db/names.h"

namespace almanac::db {
namespace {

using almanac::v1::Change;
using almanac::v1::Commitment;
using almanac::v1::Slip;

#define COLUMNS                                                                                                \
  "publisher_id, plan_id, commitment_id, dataset_id, section, number, titles, categories, remarks, frequency," \
  " frequency_texts, formats, former_titles, discontinued, last_update_date, first_target_date, target_date,"  \
  " state, release_date, first_slip_days, first_slip_months, last_slip_days, last_slip_months, cancel_reason," \
  " cancel_note, cancel_actor, micros(cancel_time), micros(create_time), micros(update_time),"                 \
  " micros(delete_time), revision, continues_plan_id, continues_commitment_id, continued_by_plan_id,"          \
  " continued_by_commitment_id, original_target_date, overdue_date, confirm_date, cancel_date,"                \
  " candidate_datasets,"                                                                                       \
  " (select json_agg(json_build_array(r.from_target_date, r.to_target_date, r.reason, r.note, r.actor,"        \
  "                                   micros(r.reschedule_time), r.reschedule_date) order by r.ordinal)"       \
  "  from reschedules r where r.publisher_id = t.publisher_id and r.plan_id = t.plan_id"                       \
  "  and r.commitment_id = t.commitment_id)"

#define TABLE_COLUMNS                                                                                            \
  "publisher_id, plan_id, commitment_id, dataset_id, section, number, titles, categories, remarks, frequency,"   \
  " frequency_texts, formats, former_titles, discontinued, last_update_date, first_target_date, target_date,"    \
  " state, release_date, first_slip_days, first_slip_months, last_slip_days, last_slip_months, cancel_reason,"   \
  " cancel_note, cancel_actor, cancel_time, create_time, update_time, delete_time, revision, continues_plan_id," \
  " continues_commitment_id, continued_by_plan_id, continued_by_commitment_id, original_target_date,"            \
  " overdue_date, confirm_date, cancel_date, candidate_datasets"

// A row for each element of the arrays.
#define ROWS                                                                                                    \
  "unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::jsonb[], $8::jsonb[],"     \
  " $9::jsonb[], $10::text[], $11::jsonb[], $12::jsonb[], $13::jsonb[], $14::bool[], $15::text[], $16::text[]," \
  " $17::text[], $18::text[], $19::text[], $20::int[], $21::int[], $22::int[], $23::int[], $24::text[],"        \
  " $25::text[], $26::text[], $27::timestamptz[], $28::timestamptz[], $29::timestamptz[], $30::timestamptz[],"  \
  " $31::bigint[], $32::text[], $33::text[], $34::text[], $35::text[], $36::text[], $37::text[], $38::text[],"  \
  " $39::text[], $40::jsonb[])"

constexpr Statement kInsert{
    "insert into commitments (" TABLE_COLUMNS
    ")"
    " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,"
    " $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40)"
    " on conflict (publisher_id, plan_id, commitment_id) do nothing"};

constexpr RowStatements kInserts{.many = {"insert into commitments (" TABLE_COLUMNS ") select * from " ROWS},
                                 .rank = 1};

constexpr Statement kRead{"select " COLUMNS
                          " from commitments t where publisher_id = $1 and plan_id = $2 and commitment_id = $3"};

constexpr Statement kReadMany{"select " COLUMNS
                              " from commitments t where (publisher_id, plan_id, commitment_id) in"
                              " (select p, l, m from unnest($1::text[], $2::text[], $3::text[]) as n(p, l, m))"};

// The bound on both sides keeps the scan inside the plan; '~' sorts after every id.
constexpr Statement kList{"select " COLUMNS
                          " from commitments t where (publisher_id, plan_id, section, number, commitment_id)"
                          " > ($1::text, $2::text, $3::text, $4::int, $5::text)"
                          " and (publisher_id, plan_id) <= ($6::text, $7::text) and ($8 = '-' or plan_id = $8)"
                          " and ($9 or delete_time is null)"
                          " order by publisher_id, plan_id, section, number, commitment_id limit $10"};

constexpr Statement kScan{
    "select " COLUMNS
    " from commitments t where (publisher_id, plan_id, commitment_id) > ($1::text, $2::text, $3::text)"
    " and (publisher_id, plan_id) <= ($4::text, $5::text) and ($6 = '-' or plan_id = $6)"
    " and ($7 or delete_time is null) order by publisher_id, plan_id, commitment_id limit $8"};

constexpr Statement kUpdate{
    "update commitments set dataset_id = $4, section = $5, number = $6, titles = $7, categories = $8, remarks = $9,"
    " frequency = $10, frequency_texts = $11, formats = $12, former_titles = $13, discontinued = $14,"
    " last_update_date = $15, first_target_date = $16, target_date = $17, state = $18, release_date = $19,"
    " first_slip_days = $20, first_slip_months = $21, last_slip_days = $22, last_slip_months = $23,"
    " cancel_reason = $24, cancel_note = $25, cancel_actor = $26, cancel_time = $27, create_time = $28,"
    " update_time = $29, delete_time = $30, revision = $31, continues_plan_id = $32, continues_commitment_id = $33,"
    " continued_by_plan_id = $34, continued_by_commitment_id = $35, original_target_date = $36, overdue_date = $37,"
    " confirm_date = $38, cancel_date = $39, candidate_datasets = $40"
    " where publisher_id = $1 and plan_id = $2 and commitment_id = $3"};

constexpr RowStatements kUpdates{
    .one = kUpdate,
    .many =
        {"update commitments t set dataset_id = n.dataset_id, section = n.section, number = n.number,"
         " titles = n.titles, categories = n.categories, remarks = n.remarks, frequency = n.frequency,"
         " frequency_texts = n.frequency_texts, formats = n.formats, former_titles = n.former_titles,"
         " discontinued = n.discontinued, last_update_date = n.last_update_date,"
         " first_target_date = n.first_target_date, target_date = n.target_date, state = n.state,"
         " release_date = n.release_date, first_slip_days = n.first_slip_days, first_slip_months = n.first_slip_months,"
         " last_slip_days = n.last_slip_days, last_slip_months = n.last_slip_months, cancel_reason = n.cancel_reason,"
         " cancel_note = n.cancel_note, cancel_actor = n.cancel_actor, cancel_time = n.cancel_time,"
         " create_time = n.create_time, update_time = n.update_time, delete_time = n.delete_time,"
         " revision = n.revision, continues_plan_id = n.continues_plan_id,"
         " continues_commitment_id = n.continues_commitment_id, continued_by_plan_id = n.continued_by_plan_id,"
         " continued_by_commitment_id = n.continued_by_commitment_id, original_target_date = n.original_target_date,"
         " overdue_date = n.overdue_date, confirm_date = n.confirm_date, cancel_date = n.cancel_date,"
         " candidate_datasets = n.candidate_datasets"
         " from " ROWS " as n(" TABLE_COLUMNS ")"
         " where t.publisher_id = n.publisher_id and t.plan_id = n.plan_id and t.commitment_id = n.commitment_id"},
    .rank = 3};

constexpr Statement kAddReschedule{
    "insert into reschedules (publisher_id, plan_id, commitment_id, ordinal, from_target_date, to_target_date, reason,"
    " note, actor, reschedule_time, reschedule_date) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"};

constexpr Statement kFind{
    "select commitment_id from commitments"
    " where publisher_id = $1 and plan_id = $2 and section = $3 and number = $4 and delete_time is null"};

constexpr Statement kListPromisedAfter{
    "select distinct dataset_id from commitments c join plans p using (publisher_id, plan_id)"
    " where publisher_id = $1 and plan_id <> $2 and (p.start_year, p.end_year) > ($3::int, $4::int)"
    " and c.delete_time is null and p.delete_time is null"};

constexpr Statement kDefer{"set constraints commitments_section_number deferred"};
constexpr Statement kCheckNow{"set constraints commitments_section_number immediate"};

Commitment::Reason ToReason(const std::string& name) {
  Commitment::Reason reason = Commitment::REASON_UNSPECIFIED;
  Commitment::Reason_Parse(name, &reason);
  return reason;
}

void ReadSlip(Rows::Reader& row, Slip* slip) {
  slip->set_days(static_cast<int32_t>(row.Int()));
  slip->set_months(static_cast<int32_t>(row.Int()));
  slip->set_verdict(slip->days() < 0 ? Slip::EARLY : slip->days() == 0 ? Slip::ON_TIME : Slip::LATE);
}

void ReadOutcome(Rows::Reader& row, Commitment* commitment) {
  if (row.Null()) return row.Skip(4);
  ReadSlip(row, commitment->mutable_outcome()->mutable_against_first_target());
  ReadSlip(row, commitment->mutable_outcome()->mutable_against_last_target());
}

void ReadCancellation(Rows::Reader& row, Commitment* commitment) {
  if (row.Null()) return row.Skip(4);
  auto* cancellation = commitment->mutable_cancellation();
  cancellation->set_reason(ToReason(row.Text()));
  cancellation->set_note(row.Text());
  cancellation->set_actor(row.Text());
  row.Time(cancellation, &almanac::v1::Cancellation::mutable_cancel_time);
}

void ReadReschedules(const std::string& json, Commitment* commitment) {
  if (json.empty()) return;
  for (const auto& move : nlohmann::json::parse(json)) {
    auto* reschedule = commitment->add_reschedules();
    reschedule->set_from_target_date(move[0].get<std::string>());
    reschedule->set_to_target_date(move[1].get<std::string>());
    reschedule->set_reason(ToReason(move[2].get<std::string>()));
    reschedule->set_note(move[3].get<std::string>());
    reschedule->set_actor(move[4].get<std::string>());
    *reschedule->mutable_reschedule_time() =
        google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(move[5].get<int64_t>());
    reschedule->set_reschedule_date(move[6].get<std::string>());
  }
}

// The name of the commitment whose plan and id are in the next two cells, or "".
std::string ReadLine(Rows::Reader& row, const std::string& publisher) {
  const std::string plan = row.Text();
  const std::string id = row.Text();
  return plan.empty() ? "" : CommitmentName(publisher, plan, id);
}

void ReadPromise(Rows::Reader& row, const std::string& publisher, Commitment* commitment) {
  commitment->set_continues(ReadLine(row, publisher));
  commitment->set_continued_by(ReadLine(row, publisher));
  commitment->set_original_target_date(row.Text());
  commitment->set_overdue_date(row.Text());
  commitment->set_confirm_date(row.Text());
  const std::string cancel_date = row.Text();
  if (commitment->has_cancellation()) commitment->mutable_cancellation()->set_cancel_date(cancel_date);
  ListFromJson(row.Cell(), commitment->mutable_candidate_datasets());
}

Commitment FromRow(Rows::Reader row) {
  Commitment commitment;
  const std::string publisher = row.Text();
  const std::string plan = row.Text();
  commitment.set_name(CommitmentName(publisher, plan, row.Text()));
  commitment.set_dataset(DatasetName(publisher, row.Text()));
  commitment.set_section(row.Text());
  commitment.set_number(static_cast<int32_t>(row.Int()));
  TextsFromJson(row.Cell(), commitment.mutable_titles());
  TextsFromJson(row.Cell(), commitment.mutable_categories());
  TextsFromJson(row.Cell(), commitment.mutable_remarks());
  almanac::v1::Frequency frequency = almanac::v1::FREQUENCY_UNSPECIFIED;
  almanac::v1::Frequency_Parse(row.Text(), &frequency);
  commitment.set_frequency(frequency);
  TextsFromJson(row.Cell(), commitment.mutable_frequency_texts());
  ListFromJson(row.Cell(), commitment.mutable_formats());
  FormerTitlesFromJson(row.Cell(), commitment.mutable_former_titles());
  commitment.set_discontinued(row.Bool());
  commitment.set_last_update_date(row.Text());
  commitment.set_first_target_date(row.Text());
  commitment.set_target_date(row.Text());
  Commitment::State state = Commitment::STATE_UNSPECIFIED;
  Commitment::State_Parse(row.Text(), &state);
  commitment.set_state(state);
  commitment.set_release_date(row.Text());
  ReadOutcome(row, &commitment);
  ReadCancellation(row, &commitment);
  row.Time(&commitment, &Commitment::mutable_create_time);
  row.Time(&commitment, &Commitment::mutable_update_time);
  row.Time(&commitment, &Commitment::mutable_delete_time);
  commitment.set_revision(row.Int());
  commitment.set_etag(EtagOf(commitment.revision()));
  ReadPromise(row, publisher, &commitment);
  ReadReschedules(row.Text(), &commitment);
  return commitment;
}

std::vector<Param> ToParams(const Commitment& commitment) {
  const std::vector<std::string> ids = IdsOf(commitment.name());
  const bool has_outcome = commitment.has_outcome();
  const Slip& first = commitment.outcome().against_first_target();
  const Slip& last = commitment.outcome().against_last_target();
  const auto slip = [&](int32_t value) { return has_outcome ? Param(value) : Param(std::nullopt); };
  const auto& cancellation = commitment.cancellation();
  const bool cancelled = commitment.has_cancellation();
  const auto id = [](const std::string& line, size_t part) {
    return line.empty() ? Param(std::nullopt) : Param(IdsOf(line)[part]);
  };
  return {ids[0],
          ids[1],
          ids[2],
          IdsOf(commitment.dataset())[1],
          commitment.section(),
          commitment.number(),
          TextsToJson(commitment.titles()),
          TextsToJson(commitment.categories()),
          TextsToJson(commitment.remarks()),
          almanac::v1::Frequency_Name(commitment.frequency()),
          TextsToJson(commitment.frequency_texts()),
          ListToJson(commitment.formats()),
          FormerTitlesToJson(commitment.former_titles()),
          commitment.discontinued(),
          Param::NonEmpty(commitment.last_update_date()),
          Param::NonEmpty(commitment.first_target_date()),
          Param::NonEmpty(commitment.target_date()),
          Commitment::State_Name(commitment.state()),
          Param::NonEmpty(commitment.release_date()),
          slip(first.days()),
          slip(first.months()),
          slip(last.days()),
          slip(last.months()),
          cancelled ? Param(Commitment::Reason_Name(cancellation.reason())) : Param(std::nullopt),
          cancelled ? Param(cancellation.note()) : Param(std::nullopt),
          cancelled ? Param(cancellation.actor()) : Param(std::nullopt),
          cancelled ? Param(cancellation.cancel_time()) : Param(std::nullopt),
          commitment.create_time(),
          commitment.update_time(),
          Param::Time(commitment, &Commitment::has_delete_time, &Commitment::delete_time),
          commitment.revision(),
          id(commitment.continues(), 1),
          id(commitment.continues(), 2),
          id(commitment.continued_by(), 1),
          id(commitment.continued_by(), 2),
          Param::NonEmpty(commitment.original_target_date()),
          Param::NonEmpty(commitment.overdue_date()),
          Param::NonEmpty(commitment.confirm_date()),
          cancelled ? Param(cancellation.cancel_date()) : Param(std::nullopt),
          ListToJson(commitment.candidate_datasets())};
}

// Where the lines of a plan or publisher are: after the key `start` and up to the plan `last`, those of `plan`, which
// may be `-`.
struct KeyRange {
  std::vector<std::string> start;
  std::vector<std::string> last;
  std::string plan;
};

// Any id of `parent` may be `-`; `after` is the name of the line to go on after, or empty.
KeyRange RangeOf(const std::string& parent, const std::string& after) {
  std::vector<std::string> ids = IdsOf(parent);
  if (ids.size() == 1) ids.emplace_back("-");
  const bool all_publishers = ids[0] == "-";
  const bool all_plans = all_publishers || ids[1] == "-";
  KeyRange range{.start = {all_publishers ? "" : ids[0], all_plans ? "" : ids[1], ""},
                 .last = {all_publishers ? "~" : ids[0], all_plans ? "~" : ids[1]},
                 .plan = ids[1]};
  if (!after.empty()) range.start = IdsOf(after);
  return range;
}

// A promise that continues no other was first made by its own line.
void KeepOriginalTarget(Commitment& commitment) {
  if (commitment.continues().empty()) commitment.set_original_target_date(commitment.first_target_date());
}

}  // namespace

absl::StatusOr<Commitment> InsertCommitment(WriteTransaction& transaction, Commitment commitment) {
  KeepOriginalTarget(commitment);
  Stamp(transaction, commitment);
  if (transaction.Exec(kInsert, ToParams(commitment)).affected() == 0) return NameTaken(commitment.name());
  transaction.Record(Change::CREATED, nullptr, commitment);
  return commitment;
}

Commitment AddCommitment(WriteTransaction& transaction, Commitment commitment) {
  KeepOriginalTarget(commitment);
  Stamp(transaction, commitment);
  transaction.Store(kInserts, commitment.name(), ToParams(commitment));
  transaction.Record(Change::CREATED, nullptr, commitment);
  return commitment;
}

absl::StatusOr<Commitment> ReadCommitment(Transaction& transaction, const std::string& name) {
  const std::vector<std::string> ids = IdsOf(name);
  const Rows rows = transaction.Exec(kRead, {ids[0], ids[1], ids[2]});
  if (rows.empty()) return NotFound(name);
  return FromRow(rows[0]);
}

absl::StatusOr<std::vector<Commitment>> ReadCommitments(Transaction& transaction,
                                                        const std::vector<std::string>& names) {
  std::vector<std::vector<std::string>> columns(3);
  for (const std::string& name : names) {
    const std::vector<std::string> ids = IdsOf(name);
    for (size_t i = 0; i < columns.size(); ++i) columns[i].push_back(ids[i]);
  }
  return InOrderOf(names, ReadAll(transaction.Exec(kReadMany, {Param::Array(columns[0]), Param::Array(columns[1]),
                                                               Param::Array(columns[2])}),
                                  FromRow));
}

std::vector<Commitment> ListCommitments(Transaction& transaction, const std::string& plan_name,
                                        const CommitmentPosition& after, int limit, bool show_deleted) {
  const KeyRange range = RangeOf(plan_name, after.name);
  return ReadAll(transaction.Exec(kList, {range.start[0], range.start[1], after.section, after.number, range.start[2],
                                          range.last[0], range.last[1], range.plan, show_deleted, limit}),
                 FromRow);
}

std::vector<Commitment> ListCommitments(Transaction& transaction, const std::string& plan_name) {
  return ListCommitments(transaction, plan_name, {}, INT32_MAX, /*show_deleted=*/false);
}

std::vector<Commitment> ScanCommitments(Transaction& transaction, const std::string& parent, const Page& page) {
  const KeyRange range = RangeOf(parent, page.after);
  return ReadAll(transaction.Exec(kScan, {range.start[0], range.start[1], range.start[2], range.last[0], range.last[1],
                                          range.plan, page.show_deleted, page.limit}),
                 FromRow);
}

std::string FindCommitment(Transaction& transaction, const std::string& plan_name, const std::string& section,
                           int32_t number) {
  const std::vector<std::string> ids = IdsOf(plan_name);
  const Rows rows = transaction.Exec(kFind, {ids[0], ids[1], section, number});
  return rows.empty() ? "" : CommitmentName(ids[0], ids[1], rows[0].Text());
}

std::set<std::string> ListDatasetsPromisedAfter(Transaction& transaction, const almanac::v1::ReleasePlan& plan) {
  const std::vector<std::string> ids = IdsOf(plan.name());
  const Rows rows =
      transaction.Exec(kListPromisedAfter, {ids[0], ids[1], plan.period().start_year(), plan.period().end_year()});
  std::set<std::string> names;
  for (int i = 0; i < rows.size(); ++i) names.insert(DatasetName(ids[0], rows[i].Text()));
  return names;
}

Commitment UpdateCommitment(WriteTransaction& transaction, Change::Type type, const Commitment& before,
                            Commitment after) {
  KeepOriginalTarget(after);
  if (SameContent(before, after)) return before;
  Stamp(transaction, after);
  transaction.Store(kUpdates, after.name(), ToParams(after));
  const std::vector<std::string> ids = IdsOf(after.name());
  for (int i = before.reschedules_size(); i < after.reschedules_size(); ++i) {
    const auto& move = after.reschedules(i);
    transaction.Exec(kAddReschedule, {ids[0], ids[1], ids[2], i + 1, move.from_target_date(), move.to_target_date(),
                                      Commitment::Reason_Name(move.reason()), move.note(), move.actor(),
                                      move.reschedule_time(), move.reschedule_date()});
  }
  transaction.Record(type, &before, after);
  return after;
}

void DeferNumberCheck(WriteTransaction& transaction, bool deferred) { transaction.Exec(deferred ? kDefer : kCheckNow); }

const ListSource& CommitmentSource() {
  static const ListSource& source =
      *new ListSource{.table = "commitments", .columns = COLUMNS, .ids = {"publisher_id", "plan_id", "commitment_id"}};
  return source;
}

absl::StatusOr<ListPart<Commitment>> ListCommitmentsByQuery(Transaction& transaction, const ListQuery& query,
                                                            const std::optional<ListPosition>& after, int limit,
                                                            const AsOfRevision<Commitment>* as_of) {
  return ReadList(transaction, CommitmentSource(), query, after, limit, as_of, FromRow, ToParams, NoSearchRow());
}

std::vector<Commitment> KeepCommitments(Transaction& transaction, const Condition& condition,
                                        std::vector<Commitment> resources) {
  return KeepListed(transaction, CommitmentSource(), condition, std::move(resources), ToParams, NoSearchRow());
}

#undef COLUMNS
#undef TABLE_COLUMNS
#undef ROWS

}  // namespace almanac::db
