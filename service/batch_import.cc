#include "service/batch_import.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "db/errors.h"
#include "db/names.h"
#include "google/rpc/error_details.pb.h"
#include "service/plan_import.h"
#include "service/publisher_finder.h"
#include "service/standard_methods.h"
#include "service/titles.h"
#include "service/validation.h"

namespace almanac::service {
namespace {

using almanac::v1::BatchImportPlansRequest;
using almanac::v1::BatchImportPlansResponse;
using almanac::v1::ImportPlanRequest;
using almanac::v1::ImportPlanResponse;

constexpr char kAnyPublisher[] = "publishers/-";

std::string Place(int index) { return absl::StrCat("requests[", index, "]"); }

// The fields that `status` complains about, each below `place`.
std::vector<db::FieldFault> FaultsBelow(const std::string& place, const absl::Status& status) {
  std::vector<db::FieldFault> faults;
  const auto request = db::Detail<google::rpc::BadRequest>(status);
  for (const auto& violation : request.field_violations()) {
    faults.push_back({absl::StrCat(place, ".", violation.field()), violation.description()});
  }
  return faults;
}

// An error about one document of a batch, said so that the document can be found.
absl::Status AboutDocument(int index, const ImportPlanRequest& request, const absl::Status& status) {
  if (const auto faults = FaultsBelow(Place(index), status); !faults.empty()) return db::InvalidFields(faults);
  const auto info = db::Detail<google::rpc::ErrorInfo>(status);
  if (info.reason().empty()) return status;
  absl::Status placed =
      db::Error(status.code(), info.reason(),
                absl::StrCat(Place(index), " (", db::Excerpt(request.document().publisher_title(), kShownTitle),
                             "): ", status.message()));
  status.ForEachPayload(
      [&](absl::string_view type_url, const absl::Cord& payload) { placed.SetPayload(type_url, payload); });
  return placed;
}

// RESOURCE_EXHAUSTED if the answer cannot be sent: then nobody would learn what was done.
absl::Status CheckAnswer(const google::protobuf::Message& answer, int64_t max_bytes) {
  return CheckAnswerSize(answer, max_bytes, "nothing was changed: ", "import fewer documents at once, or ");
}

}  // namespace

absl::Status CheckImport(const ImportPlanRequest& request) {
  absl::Status valid = db::CheckName("parent", db::kPublisherPattern, request.parent(), db::Wildcard::kAllowed);
  return valid.ok() ? CheckDocument(request.document()) : valid;
}

absl::Status CheckBatchImport(const BatchImportPlansRequest& request) {
  if (request.parent() != kAnyPublisher) {
    return db::InvalidField("parent", "is not publishers/-; each of the requests names its own publisher");
  }
  if (request.requests().empty() || request.requests_size() > kMaxDocuments) {
    return db::InvalidField("requests",
                            absl::StrCat("has ", request.requests_size(), " documents; give 1 to ", kMaxDocuments));
  }
  int64_t lines = 0;
  for (const ImportPlanRequest& one : request.requests()) lines += one.document().commitments_size();
  if (lines > kMaxBatchLines) {
    return db::InvalidField(
        "requests", absl::StrCat("have ", lines, " lines together; at most ", kMaxBatchLines, " are allowed at once"));
  }
  std::vector<db::FieldFault> faults;
  for (int i = 0; i < request.requests_size(); ++i) {
    const ImportPlanRequest& one = request.requests(i);
    if (!one.request_id().empty()) {
      faults.push_back({Place(i) + ".request_id", "is not empty; a batch is one write, give it one request_id"});
    }
    if (one.validate_only()) {
      faults.push_back({Place(i) + ".validate_only", "is set; a batch is previewed as a whole, by its validate_only"});
    }
    for (db::FieldFault& fault : FaultsBelow(Place(i), CheckImport(one))) faults.push_back(std::move(fault));
  }
  return db::InvalidFields(faults);
}

absl::StatusOr<ImportPlanResponse> ImportOne(db::WriteTransaction& transaction, const ImportPlanRequest& request,
                                             int64_t max_answer_bytes) {
  const auto publisher = PublisherFinder(transaction).Find(request.parent(), request.document().publisher_title());
  if (!publisher.ok()) return publisher.status();
  absl::StatusOr<ImportPlanResponse> response = ImportDocument(transaction, *publisher, request.document());
  if (!response.ok()) return response;
  if (absl::Status fits = CheckAnswer(*response, max_answer_bytes); !fits.ok()) return fits;
  return response;
}

absl::StatusOr<BatchImportPlansResponse> ImportAll(db::WriteTransaction& transaction,
                                                   const BatchImportPlansRequest& request, int64_t max_answer_bytes) {
  BatchImportPlansResponse response;
  PublisherFinder publishers(transaction);
  std::map<std::pair<std::string, std::string>, int> documents;  // by plan and language
  for (int i = 0; i < request.requests_size(); ++i) {
    const ImportPlanRequest& one = request.requests(i);
    const std::string& title = one.document().publisher_title();
    const auto publisher = publishers.Find(one.parent(), title);
    if (!publisher.ok()) return AboutDocument(i, one, publisher.status());
    absl::StatusOr<ImportPlanResponse> imported = ImportDocument(transaction, *publisher, one.document());
    if (!imported.ok()) return AboutDocument(i, one, imported.status());
    publishers.Learn(*publisher, title);
    const std::string& plan = imported->release_plan().name();
    const std::string& language = one.document().language();
    if (const auto [same, is_first] = documents.try_emplace({plan, language}, i); !is_first) {
      return db::InvalidField(Place(i) + ".document",
                              absl::StrCat("is ", plan, " in ", language, ", and so is ", Place(same->second),
                                           ".document; a batch has a plan once in each language"));
    }
    *response.add_responses() = *std::move(imported);
  }
  if (absl::Status fits = CheckAnswer(response, max_answer_bytes); !fits.ok()) return fits;
  return response;
}

}  // namespace almanac::service
