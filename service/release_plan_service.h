#pragma once

#include <cstdint>

#include "almanac/v1/release_plan_service.grpc.pb.h"
#include "db/database.h"
#include "service/rpc.h"

namespace almanac::service {

// FAILED_PRECONDITION if one of `lines` promises a deleted dataset: such a line cannot be brought back.
absl::Status CheckDatasetsAreLive(db::Transaction& transaction, const std::vector<almanac::v1::Commitment>& lines);

// See proto/almanac/v1/release_plan_service.proto. Thread-safe. The methods of plans are in release_plan_service.cc,
// those of commitments in commitment_methods.cc, GetProgress in progress_methods.cc.
class ReleasePlanService final : public almanac::v1::ReleasePlanService::CallbackService {
 public:
  // Answers of imports and comparisons are at most `max_answer_bytes` large; what would need more is refused.
  ReleasePlanService(db::Database& database, int64_t max_answer_bytes)
      : database_(database), max_answer_bytes_(max_answer_bytes) {}

  Reactor* CreateReleasePlan(Context* context, const almanac::v1::CreateReleasePlanRequest* request,
                             almanac::v1::ReleasePlan* response) override;
  Reactor* GetReleasePlan(Context* context, const almanac::v1::GetReleasePlanRequest* request,
                          almanac::v1::ReleasePlan* response) override;
  Reactor* ListReleasePlans(Context* context, const almanac::v1::ListReleasePlansRequest* request,
                            almanac::v1::ListReleasePlansResponse* response) override;
  Reactor* UpdateReleasePlan(Context* context, const almanac::v1::UpdateReleasePlanRequest* request,
                             almanac::v1::ReleasePlan* response) override;
  Reactor* DeleteReleasePlan(Context* context, const almanac::v1::DeleteReleasePlanRequest* request,
                             almanac::v1::ReleasePlan* response) override;
  Reactor* UndeleteReleasePlan(Context* context, const almanac::v1::UndeleteReleasePlanRequest* request,
                               almanac::v1::ReleasePlan* response) override;
  Reactor* ImportPlan(Context* context, const almanac::v1::ImportPlanRequest* request,
                      almanac::v1::ImportPlanResponse* response) override;
  Reactor* BatchImportPlans(Context* context, const almanac::v1::BatchImportPlansRequest* request,
                            almanac::v1::BatchImportPlansResponse* response) override;
  Reactor* PublishPlan(Context* context, const almanac::v1::PublishPlanRequest* request,
                       almanac::v1::ReleasePlan* response) override;
  Reactor* DiffPlans(Context* context, const almanac::v1::DiffPlansRequest* request,
                     almanac::v1::PlanDiff* response) override;
  Reactor* GetProgress(Context* context, const almanac::v1::GetProgressRequest* request,
                       almanac::v1::Progress* response) override;
  Reactor* CreateCommitment(Context* context, const almanac::v1::CreateCommitmentRequest* request,
                            almanac::v1::Commitment* response) override;
  Reactor* GetCommitment(Context* context, const almanac::v1::GetCommitmentRequest* request,
                         almanac::v1::Commitment* response) override;
  Reactor* BatchGetCommitments(Context* context, const almanac::v1::BatchGetCommitmentsRequest* request,
                               almanac::v1::BatchGetCommitmentsResponse* response) override;
  Reactor* ListCommitments(Context* context, const almanac::v1::ListCommitmentsRequest* request,
                           almanac::v1::ListCommitmentsResponse* response) override;
  Reactor* UpdateCommitment(Context* context, const almanac::v1::UpdateCommitmentRequest* request,
                            almanac::v1::Commitment* response) override;
  Reactor* DeleteCommitment(Context* context, const almanac::v1::DeleteCommitmentRequest* request,
                            almanac::v1::Commitment* response) override;
  Reactor* UndeleteCommitment(Context* context, const almanac::v1::UndeleteCommitmentRequest* request,
                              almanac::v1::Commitment* response) override;
  Reactor* RescheduleCommitment(Context* context, const almanac::v1::RescheduleCommitmentRequest* request,
                                almanac::v1::Commitment* response) override;
  Reactor* ConfirmCommitment(Context* context, const almanac::v1::ConfirmCommitmentRequest* request,
                             almanac::v1::Commitment* response) override;
  Reactor* ReleaseCommitment(Context* context, const almanac::v1::ReleaseCommitmentRequest* request,
                             almanac::v1::Commitment* response) override;
  Reactor* CancelCommitment(Context* context, const almanac::v1::CancelCommitmentRequest* request,
                            almanac::v1::Commitment* response) override;
  Reactor* LinkCommitment(Context* context, const almanac::v1::LinkCommitmentRequest* request,
                          almanac::v1::Commitment* response) override;

 private:
  db::Database& database_;
  const int64_t max_answer_bytes_;
};

}  // namespace almanac::service
