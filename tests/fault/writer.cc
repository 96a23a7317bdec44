#include "tests/fault/writer.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace almanac::fault {
namespace {

using v1::DatasetService;
using v1::PublisherService;
using v1::ReleasePlanService;

constexpr int kMaxCalls = 12;
constexpr absl::Duration kTimeout = absl::Seconds(10);

// What became of a call.
Write::Outcome OutcomeOf(const grpc::Status& status, const Failure& failure) {
  if (status.ok()) return Write::OK;
  // A server that says why says that nothing was changed, with one exception.
  return failure.reason().empty() || failure.reason() == "COMMIT_IN_DOUBT" ? Write::IN_DOUBT : Write::REFUSED;
}

// Whether to send it again.
bool IsUnsettled(const Write& write) {
  return write.outcome() == Write::IN_DOUBT ||
         (write.outcome() == Write::REFUSED && (write.failure().code() == grpc::StatusCode::UNAVAILABLE ||
                                                write.failure().code() == grpc::StatusCode::RESOURCE_EXHAUSTED));
}

template <typename Request>
std::string EtagIn(const Request& request) {
  if constexpr (requires { request.etag(); }) return request.etag();
  if constexpr (requires { request.dataset().etag(); }) return request.dataset().etag();
  if constexpr (requires { request.publisher().etag(); }) return request.publisher().etag();
  return "";
}

void TakeImport(const v1::ImportPlanResponse& response, Write* write) {
  const int lines = response.lines_size();
  const int made = (response.plan_created() ? 1 : 0) + (response.publisher_created() ? 1 : 0);
  write->set_min_changes(write->min_changes() + lines + made);
  // Of a line: its commitment and its dataset. And the plan and the publisher.
  write->set_max_changes(write->max_changes() + 2 * lines + 2);
  write->set_last_revision(std::max(write->last_revision(), response.revision()));
  AddRow(response.release_plan(), write->mutable_rows());
}

}  // namespace

Writer::Writer(Traffic& traffic, uint64_t seed, int index)
    : traffic_(traffic),
      name_(absl::StrCat("w", index)),
      random_(seed, absl::StrCat("writer ", index)),
      connections_(traffic.addresses) {}

absl::Status Writer::Prepare() {
  for (int i = 0; i < kPublishers; ++i) {
    v1::CreatePublisherRequest request;
    request.set_publisher_id(absl::StrCat("p-", i));
    (*request.mutable_publisher()->mutable_titles())["en"] = absl::StrCat("Publisher ", i);
    request.set_request_id(absl::StrCat("r-", name_, "-publisher-", i));
    const Plan plan{.method = "CreatePublisher", .resource = PublisherName(i)};
    DoOne(&PublisherService::Stub::CreatePublisher, request, plan);
    if (!etags_.contains(PublisherName(i))) {
      return absl::UnavailableError(absl::StrCat(PublisherName(i), " could not be created"));
    }
  }
  for (int plan = 0; plan < kPlans; ++plan) BatchImportPlans(plan);
  return absl::OkStatus();
}

void Writer::Work() {
  while (!traffic_.stopping) {
    WriteSomething();
    traffic_.Pause(absl::Milliseconds(random_.Below(30)));
  }
}

bool Writer::WriteTo(int replica) {
  only_replica_ = replica;
  const bool is_acknowledged = UpdatePublisher(0);
  only_replica_.reset();
  return is_acknowledged;
}

void Writer::WriteSomething() {
  const int64_t choice = random_.Below(100);
  if (choice < 5) return CreateDataset();
  if (choice < 46) return UpdateDataset();
  if (choice < 48) {
    UpdatePublisher(static_cast<int>(random_.Below(kPublishers)));
    return;
  }
  if (choice < 50) return DeleteDataset();
  if (choice < 57) return UndeleteDataset();
  if (choice < 71) return ReportUpdate();
  if (choice < 78) return BatchReportUpdates();
  if (choice < 92) return Reschedule();
  if (choice < 97) return ImportPlan();
  if (choice < 99) return BatchImportPlans(static_cast<int>(random_.Below(kPlans)));
  PublishPlan();
}

template <typename Stub, typename Request, typename Response>
Write Writer::Call(Method<Stub, Request, Response> method, const Request& request, const Plan& plan,
                   const Meaning<Response>& meaning) {
  Event event;
  Write& write = *event.mutable_write();
  write.set_actor(absl::StrCat(name_, "-", ++calls_));
  write.set_request_id(request.request_id());
  write.set_payload(Fingerprint(request));
  write.set_method(plan.method);
  write.set_resource(plan.resource);
  write.set_validate_only(request.validate_only());
  write.set_replica(only_replica_.value_or(static_cast<int>(random_.Below(traffic_.size()))));
  if (const std::string etag = EtagIn(request); !etag.empty()) write.set_etag_revision(RevisionOfEtag(etag));
  // Now and then somebody does not wait for the answer.
  CallContext context(random_.Percent(2) ? absl::Milliseconds(5 + random_.Below(60)) : kTimeout, write.actor());
  Response response;
  Stub stub(connections_.channel(write.replica()));
  write.set_start(traffic_.recorder.Now());
  const grpc::Status status = (stub.*method)(&context, request, &response);
  write.set_end(traffic_.recorder.Now());
  if (status.ok()) {
    write.set_answer(Fingerprint(response));
    write.set_min_changes(plan.min_changes);
    write.set_max_changes(plan.max_changes);
    write.set_last_revision(-1);
    meaning(response, &write);
  } else {
    *write.mutable_failure() = ToFailure(status);
  }
  write.set_outcome(OutcomeOf(status, write.failure()));
  traffic_.recorder.Add(event);
  ++traffic_.writes;
  if (write.outcome() == Write::OK) ++traffic_.acknowledged;
  if (write.outcome() == Write::IN_DOUBT) ++traffic_.in_doubt;
  if (!write.validate_only()) {
    for (const Row& row : write.rows()) traffic_.Saw(row.revision());
    traffic_.Saw(write.last_revision());
  }
  return write;
}

template <typename Stub, typename Request, typename Response>
bool Writer::Do(Method<Stub, Request, Response> method, Request request, const Plan& plan, Meaning<Response> meaning,
                Spoil<Request> spoil) {
  ++writes_;
  if (request.request_id().empty() && random_.Percent(80)) {
    request.set_request_id(absl::StrCat("r-", name_, "-", writes_));
  }
  request.set_validate_only(random_.Percent(5) && writes_ > kPublishers);
  const bool has_id = !request.request_id().empty();
  Write write = Call(method, request, plan, meaning);
  for (int calls = 1; IsUnsettled(write) && calls < kMaxCalls; ++calls) {
    if (write.outcome() == Write::IN_DOUBT && !has_id) return false;
    // An impatient client changes its mind before it knows.
    if (has_id && spoil != nullptr && random_.Percent(5)) spoil(request);
    traffic_.Pause(absl::Milliseconds(30 + random_.Below(100 * calls)));
    if (traffic_.stopping && calls > 3) return false;
    write = Call(method, request, plan, meaning);
  }
  const bool is_acknowledged = write.outcome() == Write::OK;
  if (!is_acknowledged || !has_id || request.validate_only()) return is_acknowledged;
  if (random_.Percent(5)) Call(method, request, plan, meaning);
  if (spoil != nullptr && random_.Percent(5)) {
    spoil(request);
    Call(method, request, plan, meaning);
  }
  return true;
}

template <typename Stub, typename Request, typename Response>
bool Writer::DoOne(Method<Stub, Request, Response> method, const Request& request, const Plan& plan,
                   Spoil<Request> spoil) {
  return Do(
      method, request, plan,
      [this](const Response& response, Write* write) {
        AddRow(response, write->mutable_rows());
        write->mutable_rows(0)->set_name(response.name());
        if (!write->validate_only()) etags_[response.name()] = response.etag();
      },
      std::move(spoil));
}

std::string Writer::RandomDataset() {
  return DatasetName(static_cast<int>(random_.Below(kPublishers)), static_cast<int>(random_.Below(kDatasets)));
}

std::string Writer::SomeEtag(const std::string& name) {
  const auto known = etags_.find(name);
  return known != etags_.end() && random_.Percent(20) ? known->second : "";
}

void Writer::CreateDataset() {
  v1::CreateDatasetRequest request;
  const std::string name = RandomDataset();
  request.set_parent(name.substr(0, name.find("/datasets/")));
  request.set_dataset_id(name.substr(name.rfind('/') + 1));
  (*request.mutable_dataset()->mutable_titles())["en"] = absl::StrCat(name_, " creates ", writes_);
  request.mutable_dataset()->set_frequency(static_cast<v1::Frequency>(random_.Below(8)));
  DoOne(
      &DatasetService::Stub::CreateDataset, request, {.method = "CreateDataset", .resource = name},
      [](v1::CreateDatasetRequest& other) { other.mutable_dataset()->set_landing_page("https://example.org/spoilt"); });
}

void Writer::UpdateDataset() {
  v1::UpdateDatasetRequest request;
  v1::Dataset& dataset = *request.mutable_dataset();
  dataset.set_name(RandomDataset());
  dataset.set_etag(SomeEtag(dataset.name()));
  (*dataset.mutable_titles())["en"] = absl::StrCat(name_, " updates ", writes_);
  // One in some changes nothing: most datasets have this page already.
  const bool only_page = random_.Percent(10);
  dataset.set_landing_page("https://example.org/page");
  request.mutable_update_mask()->add_paths(only_page ? "landing_page" : "titles");
  DoOne(&DatasetService::Stub::UpdateDataset, request,
        {.method = "UpdateDataset", .resource = dataset.name(), .min_changes = only_page ? 0 : 1},
        [this](v1::UpdateDatasetRequest& other) {
          (*other.mutable_dataset()->mutable_titles())["en"] = absl::StrCat(name_, " spoils ", writes_);
        });
}

bool Writer::UpdatePublisher(int index) {
  v1::UpdatePublisherRequest request;
  v1::Publisher& publisher = *request.mutable_publisher();
  publisher.set_name(PublisherName(index));
  publisher.set_etag(SomeEtag(publisher.name()));
  publisher.set_homepage(absl::StrCat("https://example.org/", name_, "/", writes_));
  return DoOne(&PublisherService::Stub::UpdatePublisher, request,
               {.method = "UpdatePublisher", .resource = publisher.name()});
}

void Writer::DeleteDataset() {
  v1::DeleteDatasetRequest request;
  request.set_name(RandomDataset());
  request.set_etag(SomeEtag(request.name()));
  DoOne(&DatasetService::Stub::DeleteDataset, request, {.method = "DeleteDataset", .resource = request.name()});
}

void Writer::UndeleteDataset() {
  v1::UndeleteDatasetRequest request;
  request.set_name(RandomDataset());
  request.set_etag(SomeEtag(request.name()));
  DoOne(&DatasetService::Stub::UndeleteDataset, request, {.method = "UndeleteDataset", .resource = request.name()});
}

void Writer::ReportUpdate() {
  v1::ReportUpdateRequest request;
  request.set_name(RandomDataset());
  // One of a few times, so that some were reported before, or now.
  const bool is_known = random_.Percent(30);
  if (is_known) request.mutable_data_time()->set_seconds(1'700'000'000 + random_.Below(5));
  DoOne(&DatasetService::Stub::ReportUpdate, request,
        {.method = "ReportUpdate", .resource = request.name(), .min_changes = is_known ? 0 : 1});
}

void Writer::BatchReportUpdates() {
  v1::BatchReportUpdatesRequest request;
  const int publisher = static_cast<int>(random_.Below(kPublishers));
  request.set_parent(PublisherName(publisher));
  std::set<std::string> datasets;
  for (int64_t i = 0; i < 2 + random_.Below(5); ++i) {
    v1::ReportUpdateRequest& update = *request.add_requests();
    update.set_name(DatasetName(publisher, static_cast<int>(random_.Below(kDatasets))));
    // Each at a time of its own.
    update.mutable_data_time()->set_seconds(1'600'000'000 + random_.Below(10'000'000));
    update.mutable_data_time()->set_nanos(static_cast<int32_t>(random_.Below(1'000'000)) * 1000);
    datasets.insert(update.name());
  }
  const int count = static_cast<int>(datasets.size());
  Do(&DatasetService::Stub::BatchReportUpdates, request,
     {.method = "BatchReportUpdates", .resource = request.parent(), .min_changes = count, .max_changes = count},
     [](const v1::BatchReportUpdatesResponse& response, Write* write) {
       write->set_last_revision(response.revision());
     });
}

void Writer::Reschedule() {
  v1::RescheduleCommitmentRequest request;
  const std::string plan =
      PlanName(static_cast<int>(random_.Below(kPublishers)), static_cast<int>(random_.Below(kPlans)));
  request.set_name(absl::StrCat(plan, "/commitments/a-", 1 + random_.Below(kLines)));
  request.set_target_date(absl::StrCat(2060 + random_.Below(20), "-0", 1 + random_.Below(9)));
  request.set_reason(v1::Commitment::RESOURCES);
  request.set_note(absl::StrCat(name_, " moves ", writes_));
  request.set_etag(SomeEtag(request.name()));
  DoOne(&ReleasePlanService::Stub::RescheduleCommitment, request,
        {.method = "RescheduleCommitment", .resource = request.name()},
        [](v1::RescheduleCommitmentRequest& other) { other.set_note("spoilt"); });
}

v1::PlanDocument Writer::RandomDocument(int publisher, int plan) {
  const std::string name = PlanName(publisher, plan);
  int year = 0;
  (void)absl::SimpleAtoi(name.substr(name.rfind('/') + 1), &year);
  v1::PlanDocument document;
  document.set_publisher_title(absl::StrCat("Publisher ", publisher));
  document.set_title(absl::StrCat("Plan ", year));
  document.mutable_period()->set_start_year(year);
  document.mutable_period()->set_end_year(year);
  document.set_language("en");
  for (int i = 1; i <= kLines; ++i) {
    if (random_.Percent(15)) continue;
    v1::DocumentCommitment& line = *document.add_commitments();
    line.set_section("A");
    line.set_number(i);
    line.set_line(i);
    line.set_title(absl::StrCat("Line ", i, " of publisher ", publisher));
    line.set_target_date(absl::StrCat(year, "-0", i));
    line.set_frequency(v1::MONTHLY);
    line.set_remark(absl::StrCat("Remark ", random_.Below(4)));
  }
  return document;
}

void Writer::ImportPlan() {
  v1::ImportPlanRequest request;
  const int publisher = static_cast<int>(random_.Below(kPublishers));
  const int plan = static_cast<int>(random_.Below(kPlans));
  request.set_parent(PublisherName(publisher));
  *request.mutable_document() = RandomDocument(publisher, plan);
  Do(&ReleasePlanService::Stub::ImportPlan, request,
     {.method = "ImportPlan", .resource = PlanName(publisher, plan), .min_changes = 0, .max_changes = 0}, TakeImport,
     [](v1::ImportPlanRequest& other) { other.mutable_document()->set_title("spoilt"); });
}

void Writer::BatchImportPlans(int plan) {
  v1::BatchImportPlansRequest request;
  request.set_parent("publishers/-");
  for (int publisher = 0; publisher < kPublishers; ++publisher) {
    v1::ImportPlanRequest& import = *request.add_requests();
    import.set_parent(PublisherName(publisher));
    *import.mutable_document() = RandomDocument(publisher, plan);
  }
  Do(&ReleasePlanService::Stub::BatchImportPlans, request,
     {.method = "BatchImportPlans", .resource = request.parent(), .min_changes = 0, .max_changes = 0},
     [](const v1::BatchImportPlansResponse& response, Write* write) {
       for (const v1::ImportPlanResponse& import : response.responses()) TakeImport(import, write);
     });
}

// Only the first few are ever published: what is published is not imported any more.
void Writer::PublishPlan() {
  v1::PublishPlanRequest request;
  request.set_name(PlanName(static_cast<int>(random_.Below(kPublishers)), static_cast<int>(random_.Below(4))));
  DoOne(&ReleasePlanService::Stub::PublishPlan, request,
        // Each line may be linked on both sides, and so may each edition.
        {.method = "PublishPlan", .resource = request.name(), .min_changes = 1, .max_changes = 4 * kPlans * kLines});
}

}  // namespace almanac::fault
