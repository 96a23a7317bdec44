#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "almanac/v1/change.pb.h"
#include "almanac/v1/dataset_service.pb.h"
#include "db/transaction.h"

// Updates of datasets and their freshness in the store, for many datasets at once.
namespace almanac::db {

// That the data of `dataset`, a name, were refreshed at `data_time`.
struct DatasetUpdate {
  std::string dataset;
  google::protobuf::Timestamp data_time;
};

// Notes updates of datasets that exist. Returns those that were not known before, each once.
std::vector<DatasetUpdate> AddDatasetUpdates(WriteTransaction& transaction, const std::vector<DatasetUpdate>& updates);

// When the data of each dataset were last refreshed: at most `limit` times, newest first, in the order of `names`.
std::vector<std::vector<absl::Time>> ReadLatestUpdates(Transaction& transaction, const std::vector<std::string>& names,
                                                       int limit);

// A dataset as it was just read in this transaction, and as it becomes.
struct DatasetEdit {
  almanac::v1::Dataset before;
  almanac::v1::Dataset after;
};

// Does what UpdateDataset does for each of `edits`, which may differ in last_update_time, update_count and freshness
// only; they get their new time, etag and revision.
void UpdateFreshness(WriteTransaction& transaction, almanac::v1::Change::Type type, std::vector<DatasetEdit>& edits);

// Counts the live datasets of a live publisher, or of each for `publishers/-`. Those that have no freshness yet count
// as unknown.
almanac::v1::CountFreshnessResponse CountFreshness(Transaction& transaction, const std::string& publisher_name);

}  // namespace almanac::db
