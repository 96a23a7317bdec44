#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "almanac/v1/release_plan_service.pb.h"
#include "db/transaction.h"

// ImportPlan and BatchImportPlans of release_plan_service.proto, around the import of one document for one publisher.
namespace almanac::service {

// Checks a request. INVALID_ARGUMENT names the fields of a batch by the place of their document, for example
// `requests[1].document.title`.
absl::Status CheckImport(const almanac::v1::ImportPlanRequest& request);
absl::Status CheckBatchImport(const almanac::v1::BatchImportPlansRequest& request);

// Imports what has passed its check. An error leaves it to the transaction to undo what was written: of a batch it is
// about the first document that cannot be imported, and names it. RESOURCE_EXHAUSTED if the answer would be larger than
// `max_answer_bytes`.
absl::StatusOr<almanac::v1::ImportPlanResponse> ImportOne(db::WriteTransaction& transaction,
                                                          const almanac::v1::ImportPlanRequest& request,
                                                          int64_t max_answer_bytes);
absl::StatusOr<almanac::v1::BatchImportPlansResponse> ImportAll(db::WriteTransaction& transaction,
                                                                const almanac::v1::BatchImportPlansRequest& request,
                                                                int64_t max_answer_bytes);

}  // namespace almanac::service
