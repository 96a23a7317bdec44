#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "almanac/v1/commitment.pb.h"
#include "almanac/v1/release_plan.pb.h"
#include "almanac/v1/release_plan_service.pb.h"
#include "db/transaction.h"

// Editions of a publisher's plan, and the promises that go on from one to the next.
namespace almanac::service {

// The plan of a commitment, by their names.
std::string PlanOf(const std::string& commitment_name);

// Publishes `draft`, just read in this transaction, a live draft: PublishPlan of release_plan_service.proto.
absl::StatusOr<almanac::v1::ReleasePlan> PublishEdition(db::WriteTransaction& transaction,
                                                        const almanac::v1::ReleasePlan& draft);

// LinkCommitment of release_plan_service.proto. The names in `request` have been checked.
absl::StatusOr<almanac::v1::Commitment> LinkLine(db::WriteTransaction& transaction,
                                                 const almanac::v1::LinkCommitmentRequest& request);

// Tidies the dataset that `line`, as it was, was about and no longer is: what it had from the line alone goes, and it
// is deleted if nothing else is known of it.
void LeaveDataset(db::WriteTransaction& transaction, const almanac::v1::Commitment& line);

// DiffPlans of release_plan_service.proto. The names in `request` have been checked.
absl::StatusOr<almanac::v1::PlanDiff> CompareEditions(db::Transaction& transaction,
                                                      const almanac::v1::DiffPlansRequest& request);

}  // namespace almanac::service
