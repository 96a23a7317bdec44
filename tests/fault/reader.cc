#include "tests/fault/reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace almanac::fault {
namespace {

using v1::ChangeService;
using v1::DatasetService;
using v1::PublisherService;
using v1::ReleasePlanService;

constexpr absl::Duration kTimeout = absl::Seconds(10);
// A revision that will not come within the run.
constexpr int64_t kFarOff = 1'000'000'000;
constexpr int kMaxPages = 1000;
constexpr int64_t kLogAtOnce = 5000;

}  // namespace

Reader::Reader(Traffic& traffic, const std::string& name, uint64_t seed)
    : traffic_(traffic), name_(name), random_(seed, name), connections_(traffic.addresses) {}

void Reader::Work() {
  while (!traffic_.stopping) {
    ReadSomething();
    traffic_.Pause(absl::Milliseconds(random_.Below(30)));
  }
}

void Reader::ReadSomething() {
  const int64_t choice = random_.Below(100);
  if (choice < 50) return GetDataset();
  if (choice < 58) return GetCommitment();
  if (choice < 70) return ListDatasets();
  if (choice < 74) return ListPlans();
  if (choice < 78) return ListCommitments();
  if (choice < 90) return ListChanges();
  GetStatus();
}

Read Reader::Begin(Read::Method method) {
  Read read;
  read.set_method(method);
  read.set_replica(static_cast<int32_t>(random_.Below(traffic_.size())));
  const int64_t highest = traffic_.highest;
  if (method == Read::STATUS) return read;
  if (method != Read::CHANGES && random_.Percent(15)) {
    // Mostly of late, so that there is a log of it.
    const int64_t back = random_.Percent(70) ? random_.Below(200) : random_.Below(highest + 1);
    read.set_at_revision(random_.Percent(5) ? kFarOff : std::max<int64_t>(highest - back, 0));
    return read;
  }
  if (random_.Percent(50)) return read;
  read.set_consistency(random_.Percent(70) ? Read::AT_LEAST : Read::ANY);
  if (read.consistency() == Read::ANY) return read;
  const int64_t wanted = random_.Percent(70) ? highest : random_.Below(highest + 1);
  // Some want what is about to come, and some what never will.
  const int64_t ahead = random_.Percent(10) ? random_.Below(10) : 0;
  read.set_at_least_revision(random_.Percent(1) ? kFarOff : wanted + ahead);
  return read;
}

absl::Duration Reader::Timeout(const Read& read) const {
  return read.at_least_revision() == kFarOff ? absl::Seconds(1) : kTimeout;
}

template <typename Request>
void Reader::SetFreshness(const Read& read, Request* request) const {
  if (read.consistency() == Read::AT_LEAST) {
    request->mutable_consistency()->set_at_least_revision(read.at_least_revision());
  }
  if (read.consistency() == Read::ANY) request->mutable_consistency()->set_any(true);
  if constexpr (requires { request->mutable_at(); }) {
    if (read.has_at_revision()) request->mutable_at()->set_revision(read.at_revision());
  }
}

template <typename Stub, typename Request, typename Response, typename Take>
bool Reader::Call(Method<Stub, Request, Response> method, const Request& request, Read read, Take take) {
  CallContext context(Timeout(read), name_);
  Response response;
  Stub stub(connections_.channel(read.replica()));
  read.set_actor(absl::StrCat(name_, "-", ++reads_));
  read.set_start(traffic_.recorder.Now());
  const grpc::Status status = (stub.*method)(&context, request, &response);
  read.set_end(traffic_.recorder.Now());
  ++traffic_.reads;
  if (!status.ok()) {
    *read.mutable_failure() = ToFailure(status);
  } else if (!take(response, &read)) {
    return false;
  }
  Event event;
  *event.mutable_read() = std::move(read);
  traffic_.recorder.Add(event);
  return status.ok();
}

template <typename Stub, typename Request, typename Response, typename Rows>
bool Reader::List(Method<Stub, Request, Response> method, Request request, Read read, Rows rows) {
  SetFreshness(read, &request);
  request.set_page_size(1000);
  request.set_show_deleted(read.show_deleted());
  return Call(method, request, std::move(read), [rows](const Response& response, Read* answered) {
    for (const auto& resource : rows(response)) AddRow(resource, answered->mutable_rows());
    // A list of several pages is of several moments.
    return response.next_page_token().empty();
  });
}

void Reader::GetDataset() {
  Read read = Begin(Read::GET);
  read.set_target(
      DatasetName(static_cast<int>(random_.Below(kPublishers)), static_cast<int>(random_.Below(kDatasets))));
  v1::GetDatasetRequest request;
  request.set_name(read.target());
  SetFreshness(read, &request);
  Call(&DatasetService::Stub::GetDataset, request, std::move(read), [](const v1::Dataset& response, Read* answered) {
    AddRow(response, answered->mutable_rows());
    return true;
  });
}

void Reader::GetCommitment() {
  Read read = Begin(Read::GET);
  const std::string plan =
      PlanName(static_cast<int>(random_.Below(kPublishers)), static_cast<int>(random_.Below(kPlans)));
  read.set_target(absl::StrCat(plan, "/commitments/a-", 1 + random_.Below(kLines)));
  v1::GetCommitmentRequest request;
  request.set_name(read.target());
  SetFreshness(read, &request);
  Call(&ReleasePlanService::Stub::GetCommitment, request, std::move(read),
       [](const v1::Commitment& response, Read* answered) {
         AddRow(response, answered->mutable_rows());
         return true;
       });
}

void Reader::ListDatasets() {
  Read read = Begin(Read::LIST);
  v1::ListDatasetsRequest request;
  request.set_parent(PublisherName(static_cast<int>(random_.Below(kPublishers))));
  read.set_target(absl::StrCat(request.parent(), "/datasets/"));
  read.set_kind(v1::DATASET);
  read.set_show_deleted(random_.Percent(50));
  List(&DatasetService::Stub::ListDatasets, request, std::move(read),
       [](const v1::ListDatasetsResponse& response) { return response.datasets(); });
}

void Reader::ListPlans() {
  Read read = Begin(Read::LIST);
  v1::ListReleasePlansRequest request;
  request.set_parent(PublisherName(static_cast<int>(random_.Below(kPublishers))));
  read.set_target(absl::StrCat(request.parent(), "/plans/"));
  read.set_kind(v1::RELEASE_PLAN);
  read.set_show_deleted(random_.Percent(50));
  List(&ReleasePlanService::Stub::ListReleasePlans, request, std::move(read),
       [](const v1::ListReleasePlansResponse& response) { return response.release_plans(); });
}

void Reader::ListCommitments() {
  Read read = Begin(Read::LIST);
  v1::ListCommitmentsRequest request;
  request.set_parent(PlanName(static_cast<int>(random_.Below(kPublishers)), static_cast<int>(random_.Below(kPlans))));
  read.set_target(absl::StrCat(request.parent(), "/commitments/"));
  read.set_kind(v1::COMMITMENT);
  read.set_show_deleted(random_.Percent(50));
  List(&ReleasePlanService::Stub::ListCommitments, request, std::move(read),
       [](const v1::ListCommitmentsResponse& response) { return response.commitments(); });
}

void Reader::ListChanges() {
  Read read = Begin(Read::CHANGES);
  *read.mutable_filter() = RandomFilter(random_);
  const int64_t highest = traffic_.highest;
  const int64_t back = random_.Percent(70) ? random_.Below(300) : random_.Below(highest + 1);
  read.set_first_revision(std::max<int64_t>(highest - back, 1));
  if (random_.Percent(50)) read.set_last_revision(read.first_revision() + random_.Below(200));
  ListChangesOf(std::move(read));
}

bool Reader::ListChangesOf(Read read) {
  v1::ListChangesRequest request = ToListRequest(read.filter());
  request.set_start_revision(read.first_revision());
  request.set_end_revision(read.last_revision());
  request.set_page_size(random_.Percent(50) ? 50 : 1000);
  SetFreshness(read, &request);
  int64_t first_start = -1;
  for (int page = 0; page < kMaxPages; ++page) {
    const int64_t start = traffic_.recorder.Now();
    if (page == 0) first_start = start;
    bool is_last = false;
    CallContext context(Timeout(read), name_);
    v1::ListChangesResponse response;
    ChangeService::Stub stub(connections_.channel(read.replica()));
    const grpc::Status status = stub.ListChanges(&context, request, &response);
    ++traffic_.reads;
    if (!status.ok()) {
      // On a later page what was asked for is no longer where the answer failed.
      if (page > 0) return false;
      *read.mutable_failure() = ToFailure(status);
      is_last = true;
    }
    for (const v1::Change& change : response.changes()) AddRow(change, read.mutable_rows());
    request.set_page_token(response.next_page_token());
    if (!is_last && !response.next_page_token().empty()) continue;
    read.set_actor(absl::StrCat(name_, "-", ++reads_));
    read.set_start(first_start);
    read.set_end(traffic_.recorder.Now());
    Event event;
    *event.mutable_read() = std::move(read);
    traffic_.recorder.Add(event);
    return status.ok();
  }
  return false;
}

void Reader::GetStatus() {
  Call(&ChangeService::Stub::GetStatus, v1::GetStatusRequest(), Begin(Read::STATUS),
       [this](const v1::GetStatusResponse& response, Read* answered) {
         answered->set_head_revision(response.head_revision());
         answered->set_oldest_revision(response.oldest_revision());
         traffic_.Saw(response.head_revision());
         return true;
       });
}

bool Reader::ReadAll(int replica, int64_t oldest, int64_t head) {
  Read read;
  read.set_method(Read::LIST);
  read.set_replica(replica);
  read.set_show_deleted(true);
  read.set_target("publishers/");
  read.set_kind(v1::PUBLISHER);
  bool is_read = List(&PublisherService::Stub::ListPublishers, v1::ListPublishersRequest(), read,
                      [](const v1::ListPublishersResponse& response) { return response.publishers(); });
  for (int publisher = 0; publisher < kPublishers; ++publisher) {
    v1::ListDatasetsRequest datasets;
    datasets.set_parent(PublisherName(publisher));
    read.set_target(absl::StrCat(datasets.parent(), "/datasets/"));
    read.set_kind(v1::DATASET);
    is_read &= List(&DatasetService::Stub::ListDatasets, datasets, read,
                    [](const v1::ListDatasetsResponse& response) { return response.datasets(); });
    v1::ListReleasePlansRequest plans;
    plans.set_parent(PublisherName(publisher));
    read.set_target(absl::StrCat(plans.parent(), "/plans/"));
    read.set_kind(v1::RELEASE_PLAN);
    is_read &= List(&ReleasePlanService::Stub::ListReleasePlans, plans, read,
                    [](const v1::ListReleasePlansResponse& response) { return response.release_plans(); });
    v1::ListCommitmentsRequest commitments;
    commitments.set_parent(absl::StrCat(PublisherName(publisher), "/plans/-"));
    read.set_target(absl::StrCat(PublisherName(publisher), "/plans/"));
    read.set_kind(v1::COMMITMENT);
    is_read &= List(&ReleasePlanService::Stub::ListCommitments, commitments, read,
                    [](const v1::ListCommitmentsResponse& response) { return response.commitments(); });
  }
  for (int64_t first = oldest; first <= head; first += kLogAtOnce) {
    Read log;
    log.set_method(Read::CHANGES);
    log.set_replica(replica);
    log.set_first_revision(first);
    log.set_last_revision(std::min(first + kLogAtOnce - 1, head));
    is_read &= ListChangesOf(std::move(log));
  }
  return is_read;
}

}  // namespace almanac::fault
