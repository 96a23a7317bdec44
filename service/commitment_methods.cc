#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "db/commitments.h"
#include "db/datasets.h"
#include "db/names.h"
#include "db/plans.h"
#include "service/dataset_writes.h"
#include "service/editions.h"
#include "service/history.h"
#include "service/list_request.h"
#include "service/release_plan_service.h"
#include "service/rules/dates.h"
#include "service/rules/lifecycle.h"
#include "service/standard_methods.h"

namespace almanac::service {
namespace {

using almanac::v1::Change;
using almanac::v1::Commitment;
using almanac::v1::Dataset;
using almanac::v1::ListCommitmentsResponse;
using almanac::v1::ReleasePlan;

constexpr std::string_view kSettable =
    "dataset section number titles categories remarks frequency frequency_texts formats former_titles discontinued"
    " last_update_date target_date release_date";

// FAILED_PRECONDITION unless the plan of the lines can be edited.
absl::Status CheckPlanIsDraft(db::Transaction& transaction, const std::string& plan_name) {
  const auto plan = Live(db::ReadPlan(transaction, plan_name));
  if (!plan.ok()) return plan.status();
  if (plan->state() == ReleasePlan::DRAFT) return absl::OkStatus();
  return db::FailedPrecondition(
      "PLAN_PUBLISHED", plan_name,
      plan_name + " is published; reschedule, confirm, release or cancel its commitments instead");
}

// ALREADY_EXISTS if another live line of the plan has the section and number of `line`.
absl::Status CheckNumberIsFree(db::Transaction& transaction, const Commitment& line) {
  const std::string taken = db::FindCommitment(transaction, PlanOf(line.name()), line.section(), line.number());
  if (taken.empty() || taken == line.name()) return absl::OkStatus();
  return db::NumberTaken(taken, absl::StrCat(line.section(), line.number()));
}

// Checks what a draft's line says, and fills what follows from it: the first target, the state of a line that is
// listed as released, the titles of its dataset.
absl::Status CompleteDraftLine(db::Transaction& transaction, Commitment& line) {
  if (absl::Status valid = CheckCommitment(line); !valid.ok()) return valid;
  if (db::IdsOf(line.dataset())[0] != db::IdsOf(line.name())[0]) {
    return db::InvalidField("commitment.dataset", line.dataset() + " belongs to another publisher");
  }
  const auto dataset = Live(db::ReadDataset(transaction, line.dataset()));
  if (!dataset.ok()) return dataset.status();
  if (absl::Status free = CheckNumberIsFree(transaction, line); !free.ok()) return free;
  if (line.titles().empty()) *line.mutable_titles() = dataset->titles();
  if (line.has_outcome() || line.has_cancellation() || line.state() == Commitment::CONFIRMED) return absl::OkStatus();
  if (line.reschedules().empty()) line.set_first_target_date(line.target_date());
  if (line.release_date().empty()) {
    line.set_state(Commitment::PLANNED);
  } else if (line.target_date().empty()) {
    line.set_state(Commitment::RELEASED);
  } else {
    return db::InvalidField(
        "commitment.release_date",
        "a line is either promised by a target_date or listed as released by a release_date; record "
        "the release of a promise with ReleaseCommitment");
  }
  return absl::OkStatus();
}

// What edits of a draft may not touch once something happened to the promise.
absl::Status CheckHistoryStays(const Commitment& before, const Commitment& after) {
  const bool has_history = before.has_outcome() || before.has_cancellation() || before.reschedules_size() > 0 ||
                           before.state() == Commitment::CONFIRMED;
  if (!has_history || (before.target_date() == after.target_date() && before.release_date() == after.release_date())) {
    return absl::OkStatus();
  }
  return db::FailedPrecondition("HAS_HISTORY", before.name(),
                                before.name() +
                                    " was moved, confirmed, released or cancelled; its dates are changed by "
                                    "reschedule and release only");
}

// Reads the live commitment, applies `move`, a rule of its life, and records it as `type`.
template <typename Move>
absl::StatusOr<Commitment> ApplyMove(db::WriteTransaction& transaction, const std::string& name,
                                     const std::string& etag, Change::Type type, Move move) {
  const auto before = Live(db::ReadCommitment(transaction, name), etag);
  if (!before.ok()) return before;
  const absl::StatusOr<Commitment> after = move(*before);
  if (!after.ok()) return after;
  return db::UpdateCommitment(transaction, type, *before, *after);
}

// Gives the dataset of `line` the date on which it was released, unless it has one already that is not
// `former_release_date` of the same line.
void DateDataset(db::WriteTransaction& transaction, const Commitment& line, const std::string& former_release_date) {
  const absl::StatusOr<Dataset> dataset = db::ReadDataset(transaction, line.dataset());
  if (!dataset.ok() || line.release_date().empty()) return;
  if (!dataset->release_date().empty() && dataset->release_date() != former_release_date) return;
  Dataset dated = *dataset;
  dated.set_release_date(line.release_date());
  SaveDataset(transaction, Change::RELEASED, *dataset, dated);
}

// The day on which something was done: what the request's `field` says, or today where the publisher of `name` is.
// NOT_FOUND if there is no such publisher, INVALID_ARGUMENT if the day is in the future.
absl::StatusOr<absl::CivilDay> DayDone(db::WriteTransaction& transaction, const std::string& name,
                                       std::string_view field, const std::string& said) {
  const auto publisher = db::ReadPublisher(transaction, db::PublisherName(db::IdsOf(name)[0]));
  if (!publisher.ok()) return db::NotFound(name);
  const absl::CivilDay today = rules::DayIn(publisher->time_zone(), transaction.now());
  if (said.empty()) return today;
  const absl::CivilDay day = rules::ParseDate(said)->first;
  if (day <= today) return day;
  return db::InvalidField(field,
                          absl::StrCat(said, " is in the future; for the publisher it is ", rules::FormatDay(today)));
}

// Where a page of lines begins: after a name, a section and a number.
absl::StatusOr<db::CommitmentPosition> ToCommitmentPosition(const PageRequest& page) {
  db::CommitmentPosition after;
  if (page.position.empty()) return after;
  after = {.name = page.position[0], .section = page.position[1], .number = 0};
  const bool is_letter = after.section.size() == 1 && absl::ascii_isupper(after.section[0]);
  if (!is_letter || !absl::SimpleAtoi(page.position[2], &after.number)) {
    return db::InvalidField("page_token", "is malformed");
  }
  return after;
}

}  // namespace

absl::Status CheckDatasetsAreLive(db::Transaction& transaction, const std::vector<Commitment>& lines) {
  std::vector<std::string> names;
  for (const Commitment& line : lines) names.push_back(line.dataset());
  const absl::StatusOr<std::vector<Dataset>> datasets = db::ReadDatasets(transaction, names);
  if (!datasets.ok()) return datasets.status();
  for (const Dataset& dataset : *datasets) {
    if (dataset.has_delete_time()) {
      return db::FailedPrecondition("DATASET_DELETED", dataset.name(),
                                    dataset.name() + " is promised and was deleted; undelete it first");
    }
  }
  return absl::OkStatus();
}

Reactor* ReleasePlanService::CreateCommitment(Context* context, const almanac::v1::CreateCommitmentRequest* request,
                                              Commitment* response) {
  absl::Status valid = db::CheckName("parent", db::kPlanPattern, request->parent());
  Commitment line;
  if (valid.ok()) valid = ApplyMask({}, request->commitment(), kSettable, &line);
  if (valid.ok()) valid = CheckCommitment(line);
  std::string id = request->commitment_id();
  if (id.empty()) id = absl::StrCat(absl::AsciiStrToLower(line.section()), "-", line.number());
  if (valid.ok() && !db::IsResourceId(id)) {
    valid = db::InvalidField("commitment_id", "is not 1 to 63 lower-case letters, digits and hyphens, such as a-1");
  }
  if (valid.ok()) {
    const std::vector<std::string> plan = db::IdsOf(request->parent());
    line.set_name(db::CommitmentName(plan[0], plan[1], id));
  }
  return Write(database_, context, *request, response, valid,
               [request, line](db::WriteTransaction& transaction) -> absl::StatusOr<Commitment> {
                 if (absl::Status draft = CheckPlanIsDraft(transaction, request->parent()); !draft.ok()) return draft;
                 Commitment complete = line;
                 if (absl::Status valid = CompleteDraftLine(transaction, complete); !valid.ok()) return valid;
                 absl::StatusOr<Commitment> created = db::InsertCommitment(transaction, complete);
                 if (created.ok()) DateDataset(transaction, *created, "");
                 return created;
               });
}

Reactor* ReleasePlanService::GetCommitment(Context* context, const almanac::v1::GetCommitmentRequest* request,
                                           Commitment* response) {
  return Read(database_, context, *request, response, db::CheckName("name", db::kCommitmentPattern, request->name()),
              [request](db::Transaction& transaction) {
                return GetAt(transaction, *request, [&] { return db::ReadCommitment(transaction, request->name()); });
              });
}

Reactor* ReleasePlanService::BatchGetCommitments(Context* context,
                                                 const almanac::v1::BatchGetCommitmentsRequest* request,
                                                 almanac::v1::BatchGetCommitmentsResponse* response) {
  return Read(database_, context, *request, response, CheckBatch(request->names(), db::kCommitmentPattern),
              [request](db::Transaction& transaction) -> absl::StatusOr<almanac::v1::BatchGetCommitmentsResponse> {
                const auto read = [&](const auto& names) { return db::ReadCommitments(transaction, names); };
                auto found = BatchGetAt(transaction, *request, read);
                if (!found.ok()) return found.status();
                almanac::v1::BatchGetCommitmentsResponse answer;
                for (Commitment& commitment : *found) *answer.add_commitments() = std::move(commitment);
                return answer;
              });
}

Reactor* ReleasePlanService::ListCommitments(Context* context, const almanac::v1::ListCommitmentsRequest* request,
                                             ListCommitmentsResponse* response) {
  const auto by_name = [request](db::Transaction& transaction,
                                 const PageRequest& page) -> absl::StatusOr<ListPage<Commitment>> {
    const absl::StatusOr<db::CommitmentPosition> after = ToCommitmentPosition(page);
    if (!after.ok()) return after.status();
    std::vector<Commitment> found =
        db::ListCommitments(transaction, request->parent(), *after, page.size + 1, request->show_deleted());
    return ToPage(page, std::move(found), [](const Commitment& last) {
      return std::vector<std::string>{last.name(), last.section(), absl::StrCat(last.number())};
    });
  };
  const auto scan = [request](db::Transaction& transaction, const db::Page& rows) {
    return db::ScanCommitments(transaction, request->parent(), rows);
  };
  return List(
      database_, context, request, response,
      db::CheckName("parent", db::kPlanPattern, request->parent(), db::Wildcard::kAllowed),
      ListedNoun<Commitment, ListCommitmentsResponse>{.kind = almanac::v1::COMMITMENT,
                                                      .fields = db::CommitmentFields(),
                                                      .pattern = db::kCommitmentPattern,
                                                      .source = db::CommitmentSource(),
                                                      .resources = &ListCommitmentsResponse::mutable_commitments,
                                                      .position_size = 3,
                                                      .by_query = db::ListCommitmentsByQuery,
                                                      .keep = db::KeepCommitments},
      by_name, scan);
}

Reactor* ReleasePlanService::UpdateCommitment(Context* context, const almanac::v1::UpdateCommitmentRequest* request,
                                              Commitment* response) {
  return Write(database_, context, *request, response,
               db::CheckName("commitment.name", db::kCommitmentPattern, request->commitment().name()),
               [request](db::WriteTransaction& transaction) -> absl::StatusOr<Commitment> {
                 const Commitment& patch = request->commitment();
                 const auto before = Live(db::ReadCommitment(transaction, patch.name()), patch.etag());
                 if (!before.ok()) return before;
                 Commitment after = *before;
                 absl::Status valid = ApplyMask(request->update_mask(), patch, kSettable, &after);
                 if (valid.ok()) valid = CheckPlanIsDraft(transaction, PlanOf(patch.name()));
                 if (valid.ok()) valid = CheckHistoryStays(*before, after);
                 if (valid.ok()) valid = CompleteDraftLine(transaction, after);
                 if (!valid.ok()) return valid;
                 if (after.dataset() != before->dataset()) after.clear_candidate_datasets();
                 after = db::UpdateCommitment(transaction, Change::UPDATED, *before, after);
                 if (!after.has_outcome()) DateDataset(transaction, after, before->release_date());
                 return after;
               });
}

Reactor* ReleasePlanService::DeleteCommitment(Context* context, const almanac::v1::DeleteCommitmentRequest* request,
                                              Commitment* response) {
  return Write(database_, context, *request, response, db::CheckName("name", db::kCommitmentPattern, request->name()),
               [request](db::WriteTransaction& transaction) -> absl::StatusOr<Commitment> {
                 const auto before = Live(db::ReadCommitment(transaction, request->name()), request->etag());
                 if (!before.ok()) return before;
                 if (absl::Status draft = CheckPlanIsDraft(transaction, PlanOf(request->name())); !draft.ok())
                   return draft;
                 return db::UpdateCommitment(transaction, Change::DELETED, *before,
                                             WithDeleteTime(*before, transaction));
               });
}

Reactor* ReleasePlanService::UndeleteCommitment(Context* context, const almanac::v1::UndeleteCommitmentRequest* request,
                                                Commitment* response) {
  return Write(database_, context, *request, response, db::CheckName("name", db::kCommitmentPattern, request->name()),
               [request](db::WriteTransaction& transaction) -> absl::StatusOr<Commitment> {
                 const auto before = Deleted(db::ReadCommitment(transaction, request->name()), request->etag());
                 if (!before.ok()) return before;
                 const std::string plan = PlanOf(request->name());
                 if (!Live(db::ReadPlan(transaction, plan)).ok()) {
                   return db::FailedPrecondition("PARENT_DELETED", plan, plan + " is deleted; undelete it first");
                 }
                 absl::Status possible = CheckPlanIsDraft(transaction, plan);
                 if (possible.ok()) possible = CheckNumberIsFree(transaction, *before);
                 if (possible.ok()) possible = CheckDatasetsAreLive(transaction, {*before});
                 if (!possible.ok()) return possible;
                 return db::UpdateCommitment(transaction, Change::UNDELETED, *before, WithoutDeleteTime(*before));
               });
}

Reactor* ReleasePlanService::RescheduleCommitment(Context* context,
                                                  const almanac::v1::RescheduleCommitmentRequest* request,
                                                  Commitment* response) {
  absl::Status valid = db::CheckName("name", db::kCommitmentPattern, request->name());
  if (valid.ok()) valid = CheckDate("target_date", request->target_date());
  if (valid.ok()) valid = CheckReason(request->reason(), request->note());
  if (valid.ok()) valid = CheckOptionalDay("reschedule_date", request->reschedule_date());
  return Write(database_, context, *request, response, valid,
               [request](db::WriteTransaction& transaction) -> absl::StatusOr<Commitment> {
                 const auto day = DayDone(transaction, request->name(), "reschedule_date", request->reschedule_date());
                 if (!day.ok()) return day.status();
                 return ApplyMove(
                     transaction, request->name(), request->etag(), Change::RESCHEDULED, [&](const Commitment& now) {
                       return rules::Reschedule(
                           now, request->target_date(),
                           {request->reason(), request->note(), transaction.actor(), transaction.now(), *day});
                     });
               });
}

Reactor* ReleasePlanService::ConfirmCommitment(Context* context, const almanac::v1::ConfirmCommitmentRequest* request,
                                               Commitment* response) {
  absl::Status valid = db::CheckName("name", db::kCommitmentPattern, request->name());
  if (valid.ok()) valid = CheckDay("target_date", request->target_date());
  if (valid.ok()) valid = CheckOptionalDay("confirm_date", request->confirm_date());
  return Write(database_, context, *request, response, valid,
               [request](db::WriteTransaction& transaction) -> absl::StatusOr<Commitment> {
                 const auto day = DayDone(transaction, request->name(), "confirm_date", request->confirm_date());
                 if (!day.ok()) return day.status();
                 return ApplyMove(transaction, request->name(), request->etag(), Change::CONFIRMED,
                                  [&](const Commitment& now) {
                                    return rules::Confirm(now, rules::ParseDate(request->target_date())->first, *day);
                                  });
               });
}

Reactor* ReleasePlanService::ReleaseCommitment(Context* context, const almanac::v1::ReleaseCommitmentRequest* request,
                                               Commitment* response) {
  absl::Status valid = db::CheckName("name", db::kCommitmentPattern, request->name());
  if (valid.ok()) valid = CheckOptionalDay("release_date", request->release_date());
  return Write(database_, context, *request, response, valid,
               [request](db::WriteTransaction& transaction) -> absl::StatusOr<Commitment> {
                 const auto day = DayDone(transaction, request->name(), "release_date", request->release_date());
                 if (!day.ok()) return day.status();
                 const auto released =
                     ApplyMove(transaction, request->name(), request->etag(), Change::RELEASED,
                               [&](const Commitment& now) { return rules::Release(now, rules::FormatDay(*day)); });
                 if (released.ok()) DateDataset(transaction, *released, "");
                 return released;
               });
}

Reactor* ReleasePlanService::CancelCommitment(Context* context, const almanac::v1::CancelCommitmentRequest* request,
                                              Commitment* response) {
  absl::Status valid = db::CheckName("name", db::kCommitmentPattern, request->name());
  if (valid.ok()) valid = CheckReason(request->reason(), request->note());
  if (valid.ok()) valid = CheckOptionalDay("cancel_date", request->cancel_date());
  return Write(
      database_, context, *request, response, valid,
      [request](db::WriteTransaction& transaction) -> absl::StatusOr<Commitment> {
        const auto day = DayDone(transaction, request->name(), "cancel_date", request->cancel_date());
        if (!day.ok()) return day.status();
        return ApplyMove(transaction, request->name(), request->etag(), Change::CANCELLED, [&](const Commitment& now) {
          return rules::Cancel(now, {request->reason(), request->note(), transaction.actor(), transaction.now(), *day});
        });
      });
}

Reactor* ReleasePlanService::LinkCommitment(Context* context, const almanac::v1::LinkCommitmentRequest* request,
                                            Commitment* response) {
  absl::Status valid = db::CheckName("name", db::kCommitmentPattern, request->name());
  if (valid.ok()) valid = db::CheckName("dataset", db::kDatasetPattern, request->dataset());
  if (valid.ok() && db::IdsOf(request->dataset())[0] != db::IdsOf(request->name())[0]) {
    valid = db::InvalidField("dataset", request->dataset() + " belongs to another publisher");
  }
  return Write(database_, context, *request, response, valid,
               [request](db::WriteTransaction& transaction) { return LinkLine(transaction, *request); });
}

}  // namespace almanac::service
