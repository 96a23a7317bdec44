#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "almanac/v1/change.pb.h"
#include "almanac/v1/dataset.pb.h"
#include "db/freshness.h"
#include "db/transaction.h"

// Every write of a dataset: what db/datasets.h does, with the freshness that the dataset has at the time of the write.
namespace almanac::service {

// See db::InsertDataset.
absl::StatusOr<almanac::v1::Dataset> SaveNewDataset(db::WriteTransaction& transaction, almanac::v1::Dataset dataset);

// See db::AddDataset.
almanac::v1::Dataset AddNewDataset(db::WriteTransaction& transaction, almanac::v1::Dataset dataset);

// See db::UpdateDataset. That time has passed is alone no reason for a change, and a dataset that is deleted keeps the
// freshness that it had.
almanac::v1::Dataset SaveDataset(db::WriteTransaction& transaction, almanac::v1::Change::Type type,
                                 const almanac::v1::Dataset& before, almanac::v1::Dataset after);

// Notes `updates` of `datasets`, which are live, each there once and just read in this transaction, and makes one
// change of each that has a new update. Leaves `datasets` as they are afterwards; returns how many updates were new.
int ReportUpdates(db::WriteTransaction& transaction, const std::vector<db::DatasetUpdate>& updates,
                  std::vector<almanac::v1::Dataset>& datasets);

// Writes down how fresh `datasets`, just read in this transaction, have become by time alone.
void ReassessDatasets(db::WriteTransaction& transaction, std::vector<almanac::v1::Dataset> datasets);

}  // namespace almanac::service
