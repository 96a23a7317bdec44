#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "almanac/v1/change.pb.h"
#include "almanac/v1/dataset.pb.h"
#include "db/publishers.h"
#include "db/transaction.h"

// Datasets in the store; see publishers.h for the functions that every noun has.
namespace almanac::db {

// Returns NOT_FOUND if the publisher does not exist or is deleted, ALREADY_EXISTS if the name is taken.
absl::StatusOr<almanac::v1::Dataset> InsertDataset(WriteTransaction& transaction, almanac::v1::Dataset dataset);

absl::StatusOr<almanac::v1::Dataset> ReadDataset(Transaction& transaction, const std::string& name);

// In the order of `names`; NOT_FOUND naming the first that does not exist.
absl::StatusOr<std::vector<almanac::v1::Dataset>> ReadDatasets(Transaction& transaction,
                                                               const std::vector<std::string>& names);

// Datasets of a publisher by name; of all publishers if `publisher_name` is `publishers/-`.
std::vector<almanac::v1::Dataset> ListDatasets(Transaction& transaction, const std::string& publisher_name,
                                               const Page& page);

almanac::v1::Dataset UpdateDataset(WriteTransaction& transaction, almanac::v1::Change::Type type,
                                   const almanac::v1::Dataset& before, almanac::v1::Dataset after);

// Notes that the data of `before`, just read in this transaction, were refreshed at `data_time`, and records the
// change. A time that was reported before changes nothing.
almanac::v1::Dataset AddDatasetUpdate(WriteTransaction& transaction, const almanac::v1::Dataset& before,
                                      const google::protobuf::Timestamp& data_time);

// The name of a live commitment that promises this dataset, or "".
std::string FindPromise(Transaction& transaction, const std::string& dataset_name);

}  // namespace almanac::db
