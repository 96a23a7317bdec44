#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "almanac/v1/change.pb.h"
#include "almanac/v1/dataset.pb.h"
#include "db/listing.h"
#include "db/publishers.h"
#include "db/transaction.h"

// Datasets in the store; see publishers.h for the functions that every noun has.
namespace almanac::db {

// A dataset as it is stored: its message, serialized. Whoever hands it on need not parse it.
class StoredDataset {
 public:
  explicit StoredDataset(std::string message) : message_(std::move(message)) {}
  explicit StoredDataset(const almanac::v1::Dataset& dataset) : message_(dataset.SerializeAsString()) {}

  // Throws, as reading a row does, if it is none.
  almanac::v1::Dataset Parse() const;
  // Parses it for that.
  std::string name() const { return Parse().name(); }
  size_t ByteSizeLong() const { return message_.size(); }
  std::string TakeMessage() && { return std::move(message_); }

 private:
  std::string message_;
};

std::vector<almanac::v1::Dataset> Parse(const std::vector<StoredDataset>& stored);

// Returns NOT_FOUND if the publisher does not exist or is deleted, ALREADY_EXISTS if the name is taken.
absl::StatusOr<almanac::v1::Dataset> InsertDataset(WriteTransaction& transaction, almanac::v1::Dataset dataset);

// The same for a name that the caller has found free, of a publisher that is live or was added before.
almanac::v1::Dataset AddDataset(WriteTransaction& transaction, almanac::v1::Dataset dataset);

absl::StatusOr<almanac::v1::Dataset> ReadDataset(Transaction& transaction, const std::string& name);

// In the order of `names`; NOT_FOUND naming the first that does not exist.
absl::StatusOr<std::vector<almanac::v1::Dataset>> ReadDatasets(Transaction& transaction,
                                                               const std::vector<std::string>& names);

// Datasets of a publisher by name; of all publishers if `publisher_name` is `publishers/-`. Only those in one of
// `states`, unless it is empty.
std::vector<StoredDataset> ListDatasets(Transaction& transaction, const std::string& publisher_name, const Page& page,
                                        const std::set<almanac::v1::Freshness::State>& states = {});

almanac::v1::Dataset UpdateDataset(WriteTransaction& transaction, almanac::v1::Change::Type type,
                                   const almanac::v1::Dataset& before, almanac::v1::Dataset after);

// The name of a live commitment that promises this dataset, or "".
std::string FindPromise(Transaction& transaction, const std::string& dataset_name);

// Datasets by a condition and in an order, at most `limit` that come behind `after`; with `as_of`, as they were
// then. Errors are those of `as_of`.
absl::StatusOr<ListPart<StoredDataset>> ListDatasetsByQuery(Transaction& transaction, const ListQuery& query,
                                                            const std::optional<ListPosition>& after, int limit,
                                                            const AsOfRevision<almanac::v1::Dataset>* as_of = nullptr);

// Those of `resources` that meet `condition`, in their order.
std::vector<almanac::v1::Dataset> KeepDatasets(Transaction& transaction, const Condition& condition,
                                               std::vector<almanac::v1::Dataset> resources);

// Where they lie, for what is done with lists of every noun.
const ListSource& DatasetSource();

}  // namespace almanac::db
