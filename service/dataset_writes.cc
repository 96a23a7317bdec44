#include "service/dataset_writes.h"

#include <google/protobuf/util/time_util.h>

#include <map>
#include <string>
#include <utility>

#include "db/datasets.h"
#include "service/rules/freshness.h"

namespace almanac::service {
namespace {

using almanac::v1::Change;
using almanac::v1::Dataset;
using google::protobuf::Timestamp;

// Says in each dataset what its latest updates tell.
void ObserveAll(db::Transaction& transaction, const std::vector<Dataset*>& datasets) {
  if (datasets.empty()) return;
  std::vector<std::string> names;
  for (const Dataset* dataset : datasets) names.push_back(dataset->name());
  const auto updates = db::ReadLatestUpdates(transaction, names, rules::kObservedUpdates);
  for (size_t i = 0; i < datasets.size(); ++i) rules::Observe(updates[i], datasets[i]->mutable_freshness());
}

// Brings the freshness of each dataset up to the time of the write.
void AssessAll(db::WriteTransaction& transaction, const std::vector<Dataset*>& datasets) {
  std::vector<Dataset*> never_observed;
  for (Dataset* dataset : datasets) {
    if (!dataset->has_freshness() && dataset->update_count() > 0) never_observed.push_back(dataset);
  }
  ObserveAll(transaction, never_observed);
  for (Dataset* dataset : datasets) rules::Assess(transaction.now(), dataset);
}

}  // namespace

absl::StatusOr<Dataset> SaveNewDataset(db::WriteTransaction& transaction, Dataset dataset) {
  AssessAll(transaction, {&dataset});
  return db::InsertDataset(transaction, std::move(dataset));
}

Dataset AddNewDataset(db::WriteTransaction& transaction, Dataset dataset) {
  AssessAll(transaction, {&dataset});
  return db::AddDataset(transaction, std::move(dataset));
}

Dataset SaveDataset(db::WriteTransaction& transaction, Change::Type type, const Dataset& before, Dataset after) {
  if (!after.has_delete_time() && !db::SameContent(before, after)) AssessAll(transaction, {&after});
  return db::UpdateDataset(transaction, type, before, std::move(after));
}

int ReportUpdates(db::WriteTransaction& transaction, const std::vector<db::DatasetUpdate>& updates,
                  std::vector<Dataset>& datasets) {
  const std::vector<db::DatasetUpdate> added = db::AddDatasetUpdates(transaction, updates);
  std::map<std::string, std::vector<Timestamp>> times;
  for (const db::DatasetUpdate& update : added) times[update.dataset].push_back(update.data_time);

  std::vector<db::DatasetEdit> edits;
  std::vector<Dataset*> places;
  for (Dataset& dataset : datasets) {
    const auto found = times.find(dataset.name());
    if (found == times.end()) continue;
    Dataset after = dataset;
    for (const Timestamp& time : found->second) {
      if (!after.has_last_update_time() || after.last_update_time() < time) *after.mutable_last_update_time() = time;
    }
    after.set_update_count(dataset.update_count() + static_cast<int64_t>(found->second.size()));
    edits.push_back({dataset, std::move(after)});
    places.push_back(&dataset);
  }
  std::vector<Dataset*> changed;
  for (db::DatasetEdit& edit : edits) changed.push_back(&edit.after);
  ObserveAll(transaction, changed);
  for (Dataset* dataset : changed) rules::Assess(transaction.now(), dataset);
  db::UpdateFreshness(transaction, Change::UPDATE_REPORTED, edits);
  for (size_t i = 0; i < edits.size(); ++i) *places[i] = std::move(edits[i].after);
  return static_cast<int>(added.size());
}

void ReassessDatasets(db::WriteTransaction& transaction, std::vector<Dataset> datasets) {
  std::vector<db::DatasetEdit> edits;
  for (Dataset& dataset : datasets) edits.push_back({dataset, dataset});
  std::vector<Dataset*> changed;
  for (db::DatasetEdit& edit : edits) changed.push_back(&edit.after);
  AssessAll(transaction, changed);
  db::UpdateFreshness(transaction, Change::FRESHNESS_CHANGED, edits);
}

}  // namespace almanac::service
