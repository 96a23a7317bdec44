#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "almanac/v1/release_plan_service.pb.h"
#include "db/transaction.h"

namespace almanac::service {

// Makes the plan of `publisher_name` for the document's period say what the document says: ImportPlan of
// release_plan_service.proto, whose contract this is. The document has passed CheckDocument. All is decided before the
// first row is written.
absl::StatusOr<almanac::v1::ImportPlanResponse> ImportDocument(db::WriteTransaction& transaction,
                                                               const std::string& publisher_name,
                                                               const almanac::v1::PlanDocument& document);

// The id of the plan for a period: `2022-2024`, or `2022` for a single year.
std::string PlanId(const almanac::v1::Period& period);

}  // namespace almanac::service
