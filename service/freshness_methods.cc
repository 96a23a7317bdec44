#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "db/datasets.h"
#include "db/freshness.h"
#include "db/names.h"
#include "google/rpc/error_details.pb.h"
#include "service/dataset_service.h"
#include "service/dataset_writes.h"
#include "service/standard_methods.h"

namespace almanac::service {
namespace {

using almanac::v1::BatchReportUpdatesRequest;
using almanac::v1::BatchReportUpdatesResponse;
using almanac::v1::CountFreshnessResponse;
using almanac::v1::Dataset;
using almanac::v1::ReportUpdateRequest;
using google::protobuf::Timestamp;
using google::protobuf::util::TimeUtil;

// How far the clock of whoever reports an update may be ahead of ours.
constexpr absl::Duration kClockSkew = absl::Minutes(5);

// How large the datasets of a batch may be together. Each change has its dataset twice, and takes some times that
// until it is committed, while all other writes wait.
constexpr size_t kMaxReportedBytes = 16 << 20;

// How many datasets are read at once, before it is known how large they are.
constexpr size_t kReadAtOnce = 50;

// Checks a request by itself; its fields lie under `path`.
absl::Status CheckReport(const std::string& path, const ReportUpdateRequest& request) {
  absl::Status valid = db::CheckName(path + "name", db::kDatasetPattern, request.name());
  if (valid.ok() && request.has_data_time()) valid = CheckTime(path + "data_time", request.data_time());
  return valid;
}

absl::Status CheckIsPast(const db::WriteTransaction& transaction, const std::string& path, const Timestamp& time) {
  if (time <= db::ToTimestamp(transaction.now() + kClockSkew)) return absl::OkStatus();
  return db::InvalidField(path + "data_time", TimeUtil::ToString(time) + " is in the future; it is now " +
                                                  TimeUtil::ToString(db::ToTimestamp(transaction.now())));
}

std::string PathOf(int position) { return absl::StrCat("requests[", position, "]."); }

absl::Status CheckReports(const BatchReportUpdatesRequest& batch) {
  absl::Status valid = db::CheckName("parent", db::kPublisherPattern, batch.parent(), db::Wildcard::kAllowed);
  if (!valid.ok()) return valid;
  if (batch.requests().empty() || batch.requests_size() > kMaxBatch) {
    return db::InvalidField("requests", absl::StrCat("has ", batch.requests_size(), " updates; give 1 to ", kMaxBatch));
  }
  const std::string publisher = db::IdsOf(batch.parent())[0];
  for (int i = 0; i < batch.requests_size(); ++i) {
    const ReportUpdateRequest& request = batch.requests(i);
    if (valid = CheckReport(PathOf(i), request); !valid.ok()) return valid;
    if (publisher != "-" && publisher != db::IdsOf(request.name())[0]) {
      return db::InvalidField(PathOf(i) + "name",
                              absl::StrCat(request.name(), " is no dataset of ", batch.parent(),
                                           "; give publishers/- as the parent for those of several publishers"));
    }
    if (!request.request_id().empty() || request.validate_only()) {
      return db::InvalidField(PathOf(i) + (request.validate_only() ? "validate_only" : "request_id"),
                              "must be empty; give it for the batch as a whole");
    }
  }
  return absl::OkStatus();
}

// NOT_FOUND about the dataset of this name, naming the first place in the batch that has it.
absl::Status NotFound(const BatchReportUpdatesRequest& batch, const std::string& name) {
  const auto place = std::find_if(batch.requests().begin(), batch.requests().end(),
                                  [&](const ReportUpdateRequest& request) { return request.name() == name; });
  const std::string field = PathOf(static_cast<int>(place - batch.requests().begin())) + "name";
  const absl::Status missing = db::NotFound(name);
  absl::Status status(missing.code(), absl::StrCat(field, ": ", missing.message()));
  missing.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) { status.SetPayload(url, payload); });
  google::rpc::BadRequest request;
  auto* violation = request.add_field_violations();
  violation->set_field(field);
  violation->set_description(std::string(missing.message()));
  db::SetDetail(status, request);
  return status;
}

// The live datasets that the batch names, each once, in the order in which they are first named. FAILED_PRECONDITION if
// they are too large together.
absl::StatusOr<std::vector<Dataset>> ReadReported(db::Transaction& transaction,
                                                  const BatchReportUpdatesRequest& batch) {
  std::vector<std::string> names;
  std::set<std::string> known;
  for (const ReportUpdateRequest& request : batch.requests()) {
    if (known.insert(request.name()).second) names.push_back(request.name());
  }
  std::vector<Dataset> datasets;
  size_t bytes = 0;
  for (size_t first = 0; first < names.size(); first += kReadAtOnce) {
    const size_t end = std::min(first + kReadAtOnce, names.size());
    absl::StatusOr<std::vector<Dataset>> found =
        db::ReadDatasets(transaction, {names.begin() + first, names.begin() + end});
    if (absl::IsNotFound(found.status())) {
      return NotFound(batch, db::Detail<google::rpc::ResourceInfo>(found.status()).resource_name());
    }
    if (!found.ok()) return found;
    for (Dataset& dataset : *found) {
      if (dataset.has_delete_time()) return NotFound(batch, dataset.name());
      bytes += dataset.ByteSizeLong();
      datasets.push_back(std::move(dataset));
    }
    if (bytes > kMaxReportedBytes) {
      return db::FailedPrecondition(
          "RESOURCE_TOO_LARGE", batch.parent(),
          absl::StrCat("the first ", datasets.size(), " datasets of ", batch.parent(), " that requests name have ",
                       bytes, " bytes together; at most ", kMaxReportedBytes,
                       " are allowed at once: report fewer updates in a batch"));
    }
  }
  return datasets;
}

absl::StatusOr<BatchReportUpdatesResponse> ReportAll(db::WriteTransaction& transaction,
                                                     const BatchReportUpdatesRequest& batch) {
  absl::StatusOr<std::vector<Dataset>> datasets = ReadReported(transaction, batch);
  if (!datasets.ok()) return datasets.status();
  std::vector<db::DatasetUpdate> updates;
  for (int i = 0; i < batch.requests_size(); ++i) {
    const ReportUpdateRequest& request = batch.requests(i);
    const Timestamp time = request.has_data_time() ? request.data_time() : db::ToTimestamp(transaction.now());
    if (absl::Status past = CheckIsPast(transaction, PathOf(i), time); !past.ok()) return past;
    updates.push_back({request.name(), time});
  }
  BatchReportUpdatesResponse answer;
  const int64_t revision_before = transaction.next_revision() - 1;
  answer.set_reported_count(ReportUpdates(transaction, updates, *datasets));
  answer.set_known_count(batch.requests_size() - answer.reported_count());
  const int64_t revision = transaction.next_revision() - 1;
  if (revision > revision_before) answer.set_revision(revision);
  return answer;
}

}  // namespace

Reactor* DatasetService::ReportUpdate(Context* context, const ReportUpdateRequest* request, Dataset* response) {
  return Write(database_, context, *request, response, CheckReport("", *request),
               [request](db::WriteTransaction& transaction) -> absl::StatusOr<Dataset> {
                 const auto before = Live(db::ReadDataset(transaction, request->name()));
                 if (!before.ok()) return before;
                 const Timestamp time =
                     request->has_data_time() ? request->data_time() : db::ToTimestamp(transaction.now());
                 if (absl::Status past = CheckIsPast(transaction, "", time); !past.ok()) return past;
                 std::vector<Dataset> datasets = {*before};
                 ReportUpdates(transaction, {{request->name(), time}}, datasets);
                 return datasets[0];
               });
}

Reactor* DatasetService::BatchReportUpdates(Context* context, const BatchReportUpdatesRequest* request,
                                            BatchReportUpdatesResponse* response) {
  return Write(database_, context, *request, response, CheckReports(*request),
               [request](db::WriteTransaction& transaction) { return ReportAll(transaction, *request); });
}

Reactor* DatasetService::CountFreshness(Context* context, const almanac::v1::CountFreshnessRequest* request,
                                        CountFreshnessResponse* response) {
  return Read(database_, context, *request, response,
              db::CheckName("parent", db::kPublisherPattern, request->parent(), db::Wildcard::kAllowed),
              [request](db::Transaction& transaction) -> absl::StatusOr<CountFreshnessResponse> {
                const CountFreshnessResponse answer = db::CountFreshness(transaction, request->parent());
                if (!answer.publishers().empty()) return answer;
                if (absl::Status parent = CheckParentExists(transaction, request->parent()); !parent.ok())
                  return parent;
                return answer;
              });
}

}  // namespace almanac::service
