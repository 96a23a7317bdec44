#include "service/dataset_service.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <map>

#include "db/datasets.h"
#include "db/names.h"
#include "service/dataset_ids.h"
#include "service/rpc.h"
#include "service/standard_methods.h"
#include "service/titles.h"

namespace almanac::service {
namespace {

using almanac::v1::Change;
using almanac::v1::Dataset;

constexpr std::string_view kSettable =
    "titles categories remarks former_titles frequency frequency_texts formats landing_page release_date discontinued"
    " last_update_date";

// How far the clock of whoever reports an update may be ahead of ours.
constexpr absl::Duration kClockSkew = absl::Minutes(5);

// The range that protobuf's Timestamp documents: the years 1 to 9999.
bool IsValid(const google::protobuf::Timestamp& time) {
  using google::protobuf::util::TimeUtil;
  return time.seconds() >= TimeUtil::kTimestampMinSeconds && time.seconds() <= TimeUtil::kTimestampMaxSeconds &&
         time.nanos() >= 0 && time.nanos() < 1'000'000'000;
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
                 return db::InsertDataset(transaction, dataset);
               });
}

Reactor* DatasetService::GetDataset(Context* context, const almanac::v1::GetDatasetRequest* request,
                                    Dataset* response) {
  return Read(database_, context, *request, response, db::CheckName("name", db::kDatasetPattern, request->name()),
              [request](db::Transaction& transaction) { return db::ReadDataset(transaction, request->name()); });
}

Reactor* DatasetService::BatchGetDatasets(Context* context, const almanac::v1::BatchGetDatasetsRequest* request,
                                          almanac::v1::BatchGetDatasetsResponse* response) {
  return Read(database_, context, *request, response, CheckBatch(request->names(), db::kDatasetPattern),
              [request](db::Transaction& transaction) -> absl::StatusOr<almanac::v1::BatchGetDatasetsResponse> {
                auto found = db::ReadDatasets(transaction, {request->names().begin(), request->names().end()});
                if (!found.ok()) return found.status();
                almanac::v1::BatchGetDatasetsResponse answer;
                for (Dataset& dataset : *found) *answer.add_datasets() = std::move(dataset);
                return answer;
              });
}

Reactor* DatasetService::ListDatasets(Context* context, const almanac::v1::ListDatasetsRequest* request,
                                      almanac::v1::ListDatasetsResponse* response) {
  const absl::StatusOr<PageRequest> page = ToPageRequest(*request, db::kDatasetPattern);
  absl::Status valid = db::CheckName("parent", db::kPublisherPattern, request->parent(), db::Wildcard::kAllowed);
  if (valid.ok()) valid = page.status();
  return Read(database_, context, *request, response, valid,
              [request, page](db::Transaction& transaction) -> absl::StatusOr<almanac::v1::ListDatasetsResponse> {
                almanac::v1::ListDatasetsResponse answer;
                answer.set_next_page_token(
                    FillPageByName(*page, db::ListDatasets(transaction, request->parent(), ToDbPage(*request, *page)),
                                   answer.mutable_datasets()));
                if (!answer.datasets().empty()) return answer;
                if (absl::Status parent = CheckParentExists(transaction, request->parent()); !parent.ok())
                  return parent;
                return answer;
              });
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
                 return db::UpdateDataset(transaction, Change::UPDATED, *before, after);
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
                 return db::UpdateDataset(transaction, Change::DELETED, *before, WithDeleteTime(*before, transaction));
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
                 return db::UpdateDataset(transaction, Change::UNDELETED, *before, WithoutDeleteTime(*before));
               });
}

Reactor* DatasetService::ReportUpdate(Context* context, const almanac::v1::ReportUpdateRequest* request,
                                      Dataset* response) {
  using google::protobuf::util::TimeUtil;
  absl::Status valid = db::CheckName("name", db::kDatasetPattern, request->name());
  if (valid.ok() && request->has_data_time() && !IsValid(request->data_time())) {
    valid = db::InvalidField("data_time", "is not a time between the years 1 and 9999");
  }
  return Write(database_, context, *request, response, valid,
               [request](db::WriteTransaction& transaction) -> absl::StatusOr<Dataset> {
                 const auto before = Live(db::ReadDataset(transaction, request->name()));
                 if (!before.ok()) return before;
                 const auto now = db::ToTimestamp(transaction.now());
                 const auto& time = request->has_data_time() ? request->data_time() : now;
                 if (time > db::ToTimestamp(transaction.now() + kClockSkew)) {
                   return db::InvalidField("data_time", TimeUtil::ToString(time) + " is in the future; it is now " +
                                                            TimeUtil::ToString(now));
                 }
                 return db::AddDatasetUpdate(transaction, *before, time);
               });
}

}  // namespace almanac::service
