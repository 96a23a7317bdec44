#include "service/release_plan_service.h"

#include <google/protobuf/util/time_util.h>

#include "absl/strings/str_cat.h"
#include "db/commitments.h"
#include "db/names.h"
#include "db/plans.h"
#include "service/batch_import.h"
#include "service/editions.h"
#include "service/history.h"
#include "service/list_request.h"
#include "service/plan_import.h"
#include "service/standard_methods.h"

namespace almanac::service {
namespace {

using almanac::v1::Change;
using almanac::v1::Commitment;
using almanac::v1::ListReleasePlansResponse;
using almanac::v1::ReleasePlan;

constexpr std::string_view kSettable = "titles period published_on sections";

// `found` if it is a live draft with the etag.
absl::StatusOr<ReleasePlan> Draft(absl::StatusOr<ReleasePlan> found, const std::string& etag = "") {
  absl::StatusOr<ReleasePlan> plan = Live(std::move(found), etag);
  if (plan.ok() && plan->state() != ReleasePlan::DRAFT) {
    return db::FailedPrecondition("PLAN_PUBLISHED", plan->name(),
                                  plan->name() + " is published; what it says stays as it is");
  }
  return plan;
}

}  // namespace

Reactor* ReleasePlanService::CreateReleasePlan(Context* context, const almanac::v1::CreateReleasePlanRequest* request,
                                               ReleasePlan* response) {
  absl::Status valid = db::CheckName("parent", db::kPublisherPattern, request->parent());
  ReleasePlan plan;
  if (valid.ok()) valid = ApplyMask({}, request->release_plan(), kSettable, &plan);
  if (valid.ok()) valid = CheckPlan(plan);
  std::string id = request->release_plan_id();
  if (id.empty()) id = PlanId(plan.period());
  if (valid.ok() && !db::IsResourceId(id)) {
    valid =
        db::InvalidField("release_plan_id", "is not 1 to 63 lower-case letters, digits and hyphens, such as 2022-2024");
  }
  if (valid.ok()) plan.set_name(db::PlanName(db::IdsOf(request->parent())[0], id));
  plan.set_state(ReleasePlan::DRAFT);
  return Write(database_, context, *request, response, valid,
               [plan](db::WriteTransaction& transaction) { return db::InsertPlan(transaction, plan); });
}

Reactor* ReleasePlanService::GetReleasePlan(Context* context, const almanac::v1::GetReleasePlanRequest* request,
                                            ReleasePlan* response) {
  return Read(database_, context, *request, response, db::CheckName("name", db::kPlanPattern, request->name()),
              [request](db::Transaction& transaction) {
                return GetAt(transaction, *request, [&] { return db::ReadPlan(transaction, request->name()); });
              });
}

Reactor* ReleasePlanService::ListReleasePlans(Context* context, const almanac::v1::ListReleasePlansRequest* request,
                                              ListReleasePlansResponse* response) {
  const auto by_name = [request](db::Transaction& transaction, const PageRequest& page) {
    return ToPageByName(page, db::ListPlans(transaction, request->parent(), ToDbPage(*request, page)));
  };
  const auto scan = [request](db::Transaction& transaction, const db::Page& rows) {
    return db::ListPlans(transaction, request->parent(), rows);
  };
  return List(
      database_, context, request, response,
      db::CheckName("parent", db::kPublisherPattern, request->parent(), db::Wildcard::kAllowed),
      ListedNoun<ReleasePlan, ListReleasePlansResponse>{.kind = almanac::v1::RELEASE_PLAN,
                                                        .fields = db::ReleasePlanFields(),
                                                        .pattern = db::kPlanPattern,
                                                        .source = db::ReleasePlanSource(),
                                                        .resources = &ListReleasePlansResponse::mutable_release_plans,
                                                        .position_size = 1,
                                                        .by_query = db::ListPlansByQuery,
                                                        .keep = db::KeepPlans},
      by_name, scan);
}

Reactor* ReleasePlanService::UpdateReleasePlan(Context* context, const almanac::v1::UpdateReleasePlanRequest* request,
                                               ReleasePlan* response) {
  return Write(database_, context, *request, response,
               db::CheckName("release_plan.name", db::kPlanPattern, request->release_plan().name()),
               [request](db::WriteTransaction& transaction) -> absl::StatusOr<ReleasePlan> {
                 const ReleasePlan& patch = request->release_plan();
                 const auto before = Draft(db::ReadPlan(transaction, patch.name()), patch.etag());
                 if (!before.ok()) return before;
                 ReleasePlan after = *before;
                 absl::Status valid = ApplyMask(request->update_mask(), patch, kSettable, &after);
                 if (valid.ok()) valid = CheckPlan(after);
                 if (!valid.ok()) return valid;
                 return db::UpdatePlan(transaction, Change::UPDATED, *before, after);
               });
}

Reactor* ReleasePlanService::DeleteReleasePlan(Context* context, const almanac::v1::DeleteReleasePlanRequest* request,
                                               ReleasePlan* response) {
  return Write(database_, context, *request, response, db::CheckName("name", db::kPlanPattern, request->name()),
               [request](db::WriteTransaction& transaction) -> absl::StatusOr<ReleasePlan> {
                 const auto before = Draft(db::ReadPlan(transaction, request->name()), request->etag());
                 if (!before.ok()) return before;
                 const std::vector<Commitment> lines = db::ListCommitments(transaction, request->name());
                 if (!lines.empty() && !request->force()) {
                   return db::FailedPrecondition("HAS_CHILDREN", request->name(),
                                                 absl::StrCat(request->name(), " has ", lines.size(),
                                                              " lines; set force to delete them with it"));
                 }
                 for (const Commitment& line : lines) {
                   db::UpdateCommitment(transaction, Change::DELETED, line, WithDeleteTime(line, transaction));
                 }
                 return db::UpdatePlan(transaction, Change::DELETED, *before, WithDeleteTime(*before, transaction));
               });
}

Reactor* ReleasePlanService::UndeleteReleasePlan(Context* context,
                                                 const almanac::v1::UndeleteReleasePlanRequest* request,
                                                 ReleasePlan* response) {
  return Write(database_, context, *request, response, db::CheckName("name", db::kPlanPattern, request->name()),
               [request](db::WriteTransaction& transaction) -> absl::StatusOr<ReleasePlan> {
                 const auto before = Deleted(db::ReadPlan(transaction, request->name()), request->etag());
                 if (!before.ok()) return before;
                 if (absl::Status parent = CheckPublisherIsLive(transaction, request->name()); !parent.ok())
                   return parent;
                 // The lines that went with the plan have its time of deletion.
                 std::vector<Commitment> lines =
                     db::ListCommitments(transaction, request->name(), {}, INT32_MAX, /*show_deleted=*/true);
                 std::erase_if(lines, [&](const Commitment& line) {
                   return !line.has_delete_time() || line.delete_time() != before->delete_time();
                 });
                 if (absl::Status live = CheckDatasetsAreLive(transaction, lines); !live.ok()) return live;
                 const ReleasePlan plan =
                     db::UpdatePlan(transaction, Change::UNDELETED, *before, WithoutDeleteTime(*before));
                 for (const Commitment& line : lines) {
                   db::UpdateCommitment(transaction, Change::UNDELETED, line, WithoutDeleteTime(line));
                 }
                 return plan;
               });
}

Reactor* ReleasePlanService::ImportPlan(Context* context, const almanac::v1::ImportPlanRequest* request,
                                        almanac::v1::ImportPlanResponse* response) {
  return Write(database_, context, *request, response, CheckImport(*request),
               [this, request](db::WriteTransaction& transaction) {
                 return ImportOne(transaction, *request, max_answer_bytes_);
               });
}

Reactor* ReleasePlanService::BatchImportPlans(Context* context, const almanac::v1::BatchImportPlansRequest* request,
                                              almanac::v1::BatchImportPlansResponse* response) {
  return Write(database_, context, *request, response, CheckBatchImport(*request),
               [this, request](db::WriteTransaction& transaction) {
                 return ImportAll(transaction, *request, max_answer_bytes_);
               });
}

Reactor* ReleasePlanService::PublishPlan(Context* context, const almanac::v1::PublishPlanRequest* request,
                                         ReleasePlan* response) {
  return Write(database_, context, *request, response, db::CheckName("name", db::kPlanPattern, request->name()),
               [request](db::WriteTransaction& transaction) -> absl::StatusOr<ReleasePlan> {
                 const auto before = Draft(db::ReadPlan(transaction, request->name()), request->etag());
                 if (!before.ok()) return before;
                 return PublishEdition(transaction, *before);
               });
}

Reactor* ReleasePlanService::DiffPlans(Context* context, const almanac::v1::DiffPlansRequest* request,
                                       almanac::v1::PlanDiff* response) {
  absl::Status valid = db::CheckName("name", db::kPlanPattern, request->name());
  if (valid.ok()) valid = db::CheckName("other_plan", db::kPlanPattern, request->other_plan());
  if (valid.ok() && request->other_plan() == request->name()) {
    valid = db::InvalidField("other_plan", "is the plan itself; name another edition");
  } else if (valid.ok() && db::IdsOf(request->other_plan())[0] != db::IdsOf(request->name())[0]) {
    valid = db::InvalidField("other_plan", "is a plan of another publisher; name another edition of the same");
  }
  return Read(database_, context, *request, response, valid,
              [this, request](db::Transaction& transaction) -> absl::StatusOr<almanac::v1::PlanDiff> {
                absl::StatusOr<almanac::v1::PlanDiff> diff = CompareEditions(transaction, *request);
                if (!diff.ok()) return diff;
                absl::Status fits = CheckAnswerSize(*diff, max_answer_bytes_, "", "");
                if (!fits.ok()) return fits;
                return diff;
              });
}

}  // namespace almanac::service
