#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "almanac/v1/change.pb.h"
#include "almanac/v1/release_plan.pb.h"
#include "db/listing.h"
#include "db/publishers.h"
#include "db/transaction.h"

// Release plans in the store; see publishers.h for the functions that every noun has.
namespace almanac::db {

// Returns NOT_FOUND if the publisher does not exist or is deleted, ALREADY_EXISTS if the name is taken.
absl::StatusOr<almanac::v1::ReleasePlan> InsertPlan(WriteTransaction& transaction, almanac::v1::ReleasePlan plan);

absl::StatusOr<almanac::v1::ReleasePlan> ReadPlan(Transaction& transaction, const std::string& name);

// Plans of a publisher by name; of all publishers if `publisher_name` is `publishers/-`.
std::vector<almanac::v1::ReleasePlan> ListPlans(Transaction& transaction, const std::string& publisher_name,
                                                const Page& page);

almanac::v1::ReleasePlan UpdatePlan(WriteTransaction& transaction, almanac::v1::Change::Type type,
                                    const almanac::v1::ReleasePlan& before, almanac::v1::ReleasePlan after);

// Plans by a condition and in an order, at most `limit` that come behind `after`; with `as_of`, as they were
// then. Errors are those of `as_of`.
absl::StatusOr<ListPart<almanac::v1::ReleasePlan>> ListPlansByQuery(
    Transaction& transaction, const ListQuery& query, const std::optional<ListPosition>& after, int limit,
    const AsOfRevision<almanac::v1::ReleasePlan>* as_of = nullptr);

// Those of `resources` that meet `condition`, in their order.
std::vector<almanac::v1::ReleasePlan> KeepPlans(Transaction& transaction, const Condition& condition,
                                                std::vector<almanac::v1::ReleasePlan> resources);

// Where they lie, for what is done with lists of every noun.
const ListSource& ReleasePlanSource();

}  // namespace almanac::db
