#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "tests/integration/harness.h"

// What the tests of the nouns share besides the harness: calls by the type of their request, and a small catalogue.
namespace almanac::testing {

// The stub and the method that take a request of this type.
template <typename Request>
struct Method;

#define ALMANAC_METHOD(stubs, service, method)                         \
  template <>                                                          \
  struct Method<almanac::v1::method##Request> {                        \
    static auto* Stub(Client& client) { return client.stubs.get(); }   \
    static constexpr auto kCall = &almanac::v1::service::Stub::method; \
  }
ALMANAC_METHOD(publishers, PublisherService, CreatePublisher);
ALMANAC_METHOD(publishers, PublisherService, GetPublisher);
ALMANAC_METHOD(publishers, PublisherService, ListPublishers);
ALMANAC_METHOD(publishers, PublisherService, UpdatePublisher);
ALMANAC_METHOD(publishers, PublisherService, DeletePublisher);
ALMANAC_METHOD(publishers, PublisherService, UndeletePublisher);
ALMANAC_METHOD(datasets, DatasetService, CreateDataset);
ALMANAC_METHOD(datasets, DatasetService, GetDataset);
ALMANAC_METHOD(datasets, DatasetService, BatchGetDatasets);
ALMANAC_METHOD(datasets, DatasetService, ListDatasets);
ALMANAC_METHOD(datasets, DatasetService, UpdateDataset);
ALMANAC_METHOD(datasets, DatasetService, DeleteDataset);
ALMANAC_METHOD(datasets, DatasetService, UndeleteDataset);
ALMANAC_METHOD(datasets, DatasetService, ReportUpdate);
ALMANAC_METHOD(datasets, DatasetService, BatchReportUpdates);
ALMANAC_METHOD(datasets, DatasetService, CountFreshness);
ALMANAC_METHOD(datasets, DatasetService, SearchDatasets);
ALMANAC_METHOD(datasets, DatasetService, CountFacets);
ALMANAC_METHOD(plans, ReleasePlanService, CreateReleasePlan);
ALMANAC_METHOD(plans, ReleasePlanService, GetReleasePlan);
ALMANAC_METHOD(plans, ReleasePlanService, ListReleasePlans);
ALMANAC_METHOD(plans, ReleasePlanService, UpdateReleasePlan);
ALMANAC_METHOD(plans, ReleasePlanService, DeleteReleasePlan);
ALMANAC_METHOD(plans, ReleasePlanService, UndeleteReleasePlan);
ALMANAC_METHOD(plans, ReleasePlanService, ImportPlan);
ALMANAC_METHOD(plans, ReleasePlanService, BatchImportPlans);
ALMANAC_METHOD(plans, ReleasePlanService, DiffPlans);
ALMANAC_METHOD(plans, ReleasePlanService, LinkCommitment);
ALMANAC_METHOD(plans, ReleasePlanService, PublishPlan);
ALMANAC_METHOD(plans, ReleasePlanService, GetProgress);
ALMANAC_METHOD(plans, ReleasePlanService, CreateCommitment);
ALMANAC_METHOD(plans, ReleasePlanService, GetCommitment);
ALMANAC_METHOD(plans, ReleasePlanService, BatchGetCommitments);
ALMANAC_METHOD(plans, ReleasePlanService, ListCommitments);
ALMANAC_METHOD(plans, ReleasePlanService, UpdateCommitment);
ALMANAC_METHOD(plans, ReleasePlanService, DeleteCommitment);
ALMANAC_METHOD(plans, ReleasePlanService, UndeleteCommitment);
ALMANAC_METHOD(plans, ReleasePlanService, RescheduleCommitment);
ALMANAC_METHOD(plans, ReleasePlanService, ConfirmCommitment);
ALMANAC_METHOD(plans, ReleasePlanService, ReleaseCommitment);
ALMANAC_METHOD(plans, ReleasePlanService, CancelCommitment);
ALMANAC_METHOD(changes, ChangeService, GetChange);
ALMANAC_METHOD(changes, ChangeService, ListChanges);
#undef ALMANAC_METHOD

// A request whose first text field is `name`, or the parent.
template <typename Request>
Request Named(const std::string& name) {
  Request request;
  request.GetReflection()->SetString(&request, Request::descriptor()->field(0), name);
  return request;
}

class CatalogueTest : public ServiceTest {
 protected:
  // Calls the method of the request; fails the test unless the status is OK.
  template <typename Request>
  auto Do(const Request& request) {
    return Call(Method<Request>::Stub(*client_), Method<Request>::kCall, request);
  }

  // Calls the method of the request and returns its status.
  template <typename Request>
  grpc::Status Try(const Request& request) {
    return StatusOf(Method<Request>::Stub(*client_), Method<Request>::kCall, request);
  }

  // Calls the method of the request, which must end with `code` and leave no change.
  template <typename Request>
  grpc::Status Refused(const Request& request, grpc::StatusCode code) {
    const int64_t head = HeadRevision();
    const grpc::Status status = Try(request);
    EXPECT_EQ(status.error_code(), code) << status.error_message() << "\n" << request.ShortDebugString().substr(0, 500);
    EXPECT_EQ(HeadRevision(), head);
    return status;
  }

  // Calls the method of the request, which the state of a resource must forbid for this reason, leaving no change.
  template <typename Request>
  grpc::Status Barred(const Request& request, const std::string& reason) {
    const grpc::Status status = Refused(request, grpc::StatusCode::FAILED_PRECONDITION);
    EXPECT_EQ(ReasonOf(status), reason) << status.error_message();
    EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status).domain(), "almanac");
    const auto failure = DetailOf<google::rpc::PreconditionFailure>(status);
    EXPECT_EQ(failure.violations_size() == 1 ? failure.violations(0).type() : "", reason);
    return status;
  }

  // Calls the method of the request with a stale etag and then with `current`; returns the answer to that.
  template <typename Request>
  auto DoWithEtag(Request request, const std::string& stale, const std::string& current) {
    request.set_etag(stale);
    const grpc::Status status = Refused(request, grpc::StatusCode::ABORTED);
    EXPECT_EQ(ReasonOf(status), "ETAG_MISMATCH");
    EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status).metadata().at("etag"), current);
    request.set_etag(current);
    return Do(request);
  }

  template <typename Request>
  auto Get(const std::string& name) {
    return Do(Named<Request>(name));
  }
  almanac::v1::Publisher GetPublisher(const std::string& name) { return Get<almanac::v1::GetPublisherRequest>(name); }
  almanac::v1::Dataset GetDataset(const std::string& name) { return Get<almanac::v1::GetDatasetRequest>(name); }
  almanac::v1::ReleasePlan GetPlan(const std::string& name) { return Get<almanac::v1::GetReleasePlanRequest>(name); }
  almanac::v1::Commitment GetCommitment(const std::string& name) {
    return Get<almanac::v1::GetCommitmentRequest>(name);
  }

  // Creates the draft plan for these years.
  almanac::v1::ReleasePlan AddPlan(const std::string& publisher = "swd", int first_year = 2022, int last_year = 2024) {
    almanac::v1::CreateReleasePlanRequest request;
    request.set_parent("publishers/" + publisher);
    request.mutable_release_plan()->mutable_period()->set_start_year(first_year);
    request.mutable_release_plan()->mutable_period()->set_end_year(last_year);
    return Do(request);
  }

  static almanac::v1::CreateCommitmentRequest NewLine(const std::string& section, int number,
                                                      const std::string& dataset, const std::string& target_date,
                                                      const std::string& plan = "publishers/swd/plans/2022-2024") {
    almanac::v1::CreateCommitmentRequest request;
    request.set_parent(plan);
    request.mutable_commitment()->set_section(section);
    request.mutable_commitment()->set_number(number);
    request.mutable_commitment()->set_dataset(dataset);
    request.mutable_commitment()->set_target_date(target_date);
    return request;
  }

  // Creates the dataset `{section}-{number}` of swd and the line of the plan 2022-2024 that promises it.
  almanac::v1::Commitment AddLine(const std::string& section, int number, const std::string& target_date) {
    const almanac::v1::Dataset dataset = AddDataset(absl::AsciiStrToLower(section) + "-" + std::to_string(number));
    return Do(NewLine(section, number, dataset.name(), target_date));
  }

  // The moves of a commitment's life, with a reason and a note where one is needed.
  static almanac::v1::RescheduleCommitmentRequest ToMove(const std::string& name, const std::string& target_date) {
    auto request = Named<almanac::v1::RescheduleCommitmentRequest>(name);
    request.set_target_date(target_date);
    request.set_reason(almanac::v1::Commitment::RESOURCES);
    request.set_note("Two posts are vacant");
    return request;
  }
  static almanac::v1::ConfirmCommitmentRequest ToConfirm(const std::string& name, const std::string& day) {
    auto request = Named<almanac::v1::ConfirmCommitmentRequest>(name);
    request.set_target_date(day);
    return request;
  }
  static almanac::v1::ReleaseCommitmentRequest ToRelease(const std::string& name, const std::string& day) {
    auto request = Named<almanac::v1::ReleaseCommitmentRequest>(name);
    request.set_release_date(day);
    return request;
  }
  static almanac::v1::CancelCommitmentRequest ToCancel(const std::string& name) {
    auto request = Named<almanac::v1::CancelCommitmentRequest>(name);
    request.set_reason(almanac::v1::Commitment::FUNDING);
    request.set_note("The vote was cut");
    return request;
  }

  // The publisher `swd`, its dataset `d1`, the draft plan 2022-2024 and in it line A1: d1 by June 2022.
  almanac::v1::Commitment AddPromise() {
    AddPublisher();
    AddDataset("d1");
    AddPlan();
    return Do(NewLine("A", 1, "publishers/swd/datasets/d1", "2022-06"));
  }

  // The changes after `revision`, at most 1,000.
  std::vector<almanac::v1::Change> ChangesAfter(int64_t revision) {
    almanac::v1::ListChangesRequest request;
    request.set_start_revision(revision + 1);
    request.set_page_size(1000);
    const almanac::v1::ListChangesResponse response = Do(request);
    return {response.changes().begin(), response.changes().end()};
  }

  // Reads a list in pages of `page_size` and returns every name in order. Each page but the last is full.
  template <typename Request, typename Response, typename Resource>
  std::vector<std::string> NamesInPages(Request request, int page_size,
                                        const google::protobuf::RepeatedPtrField<Resource>& (Response::*list)() const) {
    std::vector<std::string> names;
    request.set_page_size(page_size);
    do {
      const Response page = Do(request);
      for (const Resource& resource : (page.*list)()) names.push_back(resource.name());
      const int size = (page.*list)().size();
      EXPECT_TRUE(page.next_page_token().empty() ? size <= page_size : size == page_size);
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty() && names.size() < 10'000);
    return names;
  }
};

}  // namespace almanac::testing
