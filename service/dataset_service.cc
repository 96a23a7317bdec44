#include "service/dataset_service.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "db/datasets.h"
#include "db/names.h"
#include "service/dataset_ids.h"
#include "service/dataset_writes.h"
#include "service/history.h"
#include "service/list_request.h"
#include "service/rpc.h"
#include "service/standard_methods.h"
#include "service/titles.h"

namespace almanac::service {
namespace {

using almanac::v1::Change;
using almanac::v1::Dataset;
using almanac::v1::Freshness;
using almanac::v1::ListDatasetsRequest;
using almanac::v1::ListDatasetsResponse;

constexpr std::string_view kSettable =
    "titles categories remarks former_titles frequency frequency_texts formats landing_page release_date discontinued"
    " last_update_date";

// The states to which a list is to be limited. INVALID_ARGUMENT for what is no state, or more than there are.
absl::StatusOr<std::set<Freshness::State>> CheckStates(const ListDatasetsRequest& request) {
  const int known = Freshness::State_descriptor()->value_count() - 1;  // without the unspecified one
  if (request.freshness_states_size() > known) {
    return db::InvalidField("freshness_states",
                            absl::StrCat("has ", request.freshness_states_size(), " states; there are only ", known));
  }
  std::set<Freshness::State> states;
  for (int i = 0; i < request.freshness_states_size(); ++i) {
    const Freshness::State state = request.freshness_states(i);
    if (state == Freshness::STATE_UNSPECIFIED || !Freshness::State_IsValid(state)) {
      return db::InvalidField(absl::StrCat("freshness_states[", i, "]"),
                              "is no freshness state; leave the list empty for datasets in every state");
    }
    states.insert(state);
  }
  return states;
}

db::Condition InStates(const std::set<Freshness::State>& states) {
  db::Condition any = {.type = states.empty() ? db::Condition::Type::kAnd : db::Condition::Type::kOr};
  for (const Freshness::State state : states) {
    any.operands.push_back({.type = db::Condition::Type::kComparison,
                            .field = db::FindField(db::DatasetFields(), "freshness.state"),
                            .comparator = db::Condition::Comparator::kEqual,
                            .parts = {Freshness::State_Name(state)}});
  }
  return any;
}

// The title that an id is made of: the English one, which needs no transliteration, or else the first by language tag.
std::string TitleForId(const google::protobuf::Map<std::string, std::string>& titles) {
  const std::map<std::string, std::string> sorted(titles.begin(), titles.end());
  const auto english = sorted.find("en");
  return english != sorted.end() ? english->second : sorted.begin()->second;
}

// The name that is made from a title: with the digits of a hash if a dataset with another title has the plain one.
std::string NameFromTitle(db::Transaction& transaction, const std::string& publisher, const std::string& title) {
  std::string name = db::DatasetName(publisher, MakeDatasetId(title));
  const absl::StatusOr<Dataset> known = db::ReadDataset(transaction, name);
  if (!known.ok()) return name;
  const auto& titles = known->titles();
  const bool has_title = std::any_of(titles.begin(), titles.end(),
                                     [&](const auto& entry) { return TitleKey(entry.second) == TitleKey(title); });
  return has_title ? name : db::DatasetName(publisher, MakeDistinctDatasetId(title));
}

}  // namespace

Reactor* DatasetService::CreateDataset(Context* context, const almanac::v1::CreateDatasetRequest* request,
                                       Dataset* response) {
  absl::Status valid = db::CheckName("parent", db::kPublisherPattern, request->parent());
  Dataset dataset;
  if (valid.ok()) valid = ApplyMask({}, request->dataset(), kSettable, &dataset);
  if (valid.ok()) valid = CheckDataset(dataset);
  const std::string& id = request->dataset_id();
  if (valid.ok() && !id.empty() && !db::IsResourceId(id)) {
    valid = db::InvalidField("dataset_id",
                             "is not 1 to 63 lower-case letters, digits and hyphens; leave it empty for one "
                             "made from the title");
  }
  return Write(database_, context, *request, response, valid,
               [request, dataset = std::move(dataset)](db::WriteTransaction& transaction) mutable {
                 const std::string publisher = db::IdsOf(request->parent())[0];
                 dataset.set_name(request->dataset_id().empty()
                                      ? NameFromTitle(transaction, publisher, TitleForId(dataset.titles()))
                                      : db::DatasetName(publisher, request->dataset_id()));
                 return SaveNewDataset(transaction, dataset);
               });
}

Reactor* DatasetService::GetDataset(Context* context, const almanac::v1::GetDatasetRequest* request,
                                    Dataset* response) {
  return Read(database_, context, *request, response, db::CheckName("name", db::kDatasetPattern, request->name()),
              [request](db::Transaction& transaction) {
                return GetAt(transaction, *request, [&] { return db::ReadDataset(transaction, request->name()); });
              });
}

Reactor* DatasetService::BatchGetDatasets(Context* context, const almanac::v1::BatchGetDatasetsRequest* request,
                                          almanac::v1::BatchGetDatasetsResponse* response) {
  return Read(database_, context, *request, response, CheckBatch(request->names(), db::kDatasetPattern),
              [request](db::Transaction& transaction) -> absl::StatusOr<almanac::v1::BatchGetDatasetsResponse> {
                const auto read = [&](const auto& names) { return db::ReadDatasets(transaction, names); };
                auto found = BatchGetAt(transaction, *request, read);
                if (!found.ok()) return found.status();
                almanac::v1::BatchGetDatasetsResponse answer;
                for (Dataset& dataset : *found) *answer.add_datasets() = std::move(dataset);
                return answer;
              });
}

Reactor* DatasetService::ListDatasets(Context* context, const ListDatasetsRequest* request,
                                      ListDatasetsResponse* response) {
  absl::Status valid = db::CheckName("parent", db::kPublisherPattern, request->parent(), db::Wildcard::kAllowed);
  const absl::StatusOr<std::set<Freshness::State>> states = CheckStates(*request);
  if (valid.ok()) valid = states.status();
  const auto by_name = [request, states](db::Transaction& transaction, const PageRequest& page) {
    return ToPageByName(page, db::ListDatasets(transaction, request->parent(), ToDbPage(*request, page), *states));
  };
  const auto scan = [request](db::Transaction& transaction, const db::Page& rows) {
    return Parse(db::ListDatasets(transaction, request->parent(), rows));
  };
  return List(database_, context, request, response, valid,
              ListedNoun<Dataset, ListDatasetsResponse, db::StoredDataset>{
                  .kind = almanac::v1::DATASET,
                  .fields = db::DatasetFields(),
                  .pattern = db::kDatasetPattern,
                  .source = db::DatasetSource(),
                  .resources = &ListDatasetsResponse::mutable_datasets,
                  .position_size = 1,
                  .by_query = std::bind_front(&DatasetService::ListByQuery, this),
                  .keep = db::KeepDatasets,
                  .condition = states.ok() ? InStates(*states) : db::Condition()},
              by_name, scan);
}

Reactor* DatasetService::UpdateDataset(Context* context, const almanac::v1::UpdateDatasetRequest* request,
                                       Dataset* response) {
  return Write(database_, context, *request, response,
               db::CheckName("dataset.name", db::kDatasetPattern, request->dataset().name()),
               [request](db::WriteTransaction& transaction) -> absl::StatusOr<Dataset> {
                 const Dataset& patch = request->dataset();
                 const auto before = Live(db::ReadDataset(transaction, patch.name()), patch.etag());
                 if (!before.ok()) return before;
                 Dataset after = *before;
                 absl::Status valid = ApplyMask(request->update_mask(), patch, kSettable, &after);
                 if (valid.ok()) valid = CheckDataset(after);
                 if (!valid.ok()) return valid;
                 return SaveDataset(transaction, Change::UPDATED, *before, after);
               });
}

Reactor* DatasetService::DeleteDataset(Context* context, const almanac::v1::DeleteDatasetRequest* request,
                                       Dataset* response) {
  return Write(database_, context, *request, response, db::CheckName("name", db::kDatasetPattern, request->name()),
               [request](db::WriteTransaction& transaction) -> absl::StatusOr<Dataset> {
                 const auto before = Live(db::ReadDataset(transaction, request->name()), request->etag());
                 if (!before.ok()) return before;
                 if (const std::string promise = db::FindPromise(transaction, request->name()); !promise.empty()) {
                   return db::FailedPrecondition("IS_PROMISED", request->name(),
                                                 request->name() + " is promised by " + promise);
                 }
                 return SaveDataset(transaction, Change::DELETED, *before, WithDeleteTime(*before, transaction));
               });
}

Reactor* DatasetService::UndeleteDataset(Context* context, const almanac::v1::UndeleteDatasetRequest* request,
                                         Dataset* response) {
  return Write(database_, context, *request, response, db::CheckName("name", db::kDatasetPattern, request->name()),
               [request](db::WriteTransaction& transaction) -> absl::StatusOr<Dataset> {
                 const auto before = Deleted(db::ReadDataset(transaction, request->name()), request->etag());
                 if (!before.ok()) return before;
                 if (absl::Status parent = CheckPublisherIsLive(transaction, request->name()); !parent.ok())
                   return parent;
                 return SaveDataset(transaction, Change::UNDELETED, *before, WithoutDeleteTime(*before));
               });
}

}  // namespace almanac::service
