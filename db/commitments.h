#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "almanac/v1/change.pb.h"
#include "almanac/v1/commitment.pb.h"
#include "almanac/v1/release_plan.pb.h"
#include "db/listing.h"
#include "db/publishers.h"
#include "db/transaction.h"

// Commitments in the store; see publishers.h for the functions that every noun has.
namespace almanac::db {

// The plan and the dataset must exist. Returns ALREADY_EXISTS if the name is taken. A section and number that another
// line has end the write with ALREADY_EXISTS.
absl::StatusOr<almanac::v1::Commitment> InsertCommitment(WriteTransaction& transaction,
                                                         almanac::v1::Commitment commitment);

// The same for a name that the caller has found free, of a plan and a dataset that are there or were added before.
almanac::v1::Commitment AddCommitment(WriteTransaction& transaction, almanac::v1::Commitment commitment);

absl::StatusOr<almanac::v1::Commitment> ReadCommitment(Transaction& transaction, const std::string& name);

// In the order of `names`; NOT_FOUND naming the first that does not exist.
absl::StatusOr<std::vector<almanac::v1::Commitment>> ReadCommitments(Transaction& transaction,
                                                                     const std::vector<std::string>& names);

// Where a list of commitments goes on. They are in the order of publisher, plan, section, number.
struct CommitmentPosition {
  std::string name;  // empty for the beginning
  std::string section;
  int32_t number = 0;
};

// Commitments of a plan; either id of `plan_name` may be `-`. At most `limit`.
std::vector<almanac::v1::Commitment> ListCommitments(Transaction& transaction, const std::string& plan_name,
                                                     const CommitmentPosition& after, int limit, bool show_deleted);

// Every live commitment of a plan, in its order.
std::vector<almanac::v1::Commitment> ListCommitments(Transaction& transaction, const std::string& plan_name);

// Commitments of a plan or a publisher, by name: an order that no change upsets. Any id of `parent` may be `-`.
std::vector<almanac::v1::Commitment> ScanCommitments(Transaction& transaction, const std::string& parent,
                                                     const Page& page);

// The name of the live line with this section and number in a plan, or "".
std::string FindCommitment(Transaction& transaction, const std::string& plan_name, const std::string& section,
                           int32_t number);

// The names of the datasets that live plans of this plan's publisher promise for later years than `plan`.
std::set<std::string> ListDatasetsPromisedAfter(Transaction& transaction, const almanac::v1::ReleasePlan& plan);

// Besides what every noun's update does, appends the reschedules that `after` has more than `before`.
almanac::v1::Commitment UpdateCommitment(WriteTransaction& transaction, almanac::v1::Change::Type type,
                                         const almanac::v1::Commitment& before, almanac::v1::Commitment after);

// While `deferred`, lines of a plan may share a number for the moment; afterwards a number that is still shared ends
// the write with ALREADY_EXISTS.
void DeferNumberCheck(WriteTransaction& transaction, bool deferred);

// Commitments by a condition and in an order, at most `limit` that come behind `after`; with `as_of`, as they were
// then.
absl::StatusOr<ListPart<almanac::v1::Commitment>> ListCommitmentsByQuery(
    Transaction& transaction, const ListQuery& query, const std::optional<ListPosition>& after, int limit,
    const AsOfRevision<almanac::v1::Commitment>* as_of = nullptr);

// Those of `resources` that meet `condition`, in their order.
std::vector<almanac::v1::Commitment> KeepCommitments(Transaction& transaction, const Condition& condition,
                                                     std::vector<almanac::v1::Commitment> resources);

// Where they lie, for what is done with lists of every noun.
const ListSource& CommitmentSource();

}  // namespace almanac::db
