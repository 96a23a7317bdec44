#include <map>
#include <random>

#include "absl/strings/str_cat.h"
#include "tests/integration/history_fixture.h"

// Whatever was written, every revision reads as it did when it was the head.
namespace almanac::testing {
namespace {

using almanac::v1::Change;
using almanac::v1::Commitment;
using almanac::v1::GetCommitmentRequest;
using almanac::v1::GetDatasetRequest;
using almanac::v1::GetPublisherRequest;
using almanac::v1::GetReleasePlanRequest;
using almanac::v1::ListCommitmentsRequest;
using almanac::v1::ListCommitmentsResponse;
using almanac::v1::ListDatasetsRequest;
using almanac::v1::ListDatasetsResponse;
using almanac::v1::ListPublishersRequest;
using almanac::v1::ListPublishersResponse;
using almanac::v1::ListReleasePlansRequest;
using almanac::v1::ListReleasePlansResponse;

// Every resource of one kind by name, as text.
using Texts = std::map<std::string, std::string>;

// What lists of all four kinds answer.
struct Catalogue {
  Texts all;    // with deleted ones
  Texts live;   // without
  Texts fresh;  // datasets whose freshness is known or has no due date, live ones
  bool operator==(const Catalogue& other) const = default;
};

class HistoryPropertyTest : public HistoryTest {
 protected:
  // Adds every resource of a list to `texts`, read in pages of `page_size`. None may come twice.
  template <typename Request, typename Response, typename Resource>
  void Collect(Request request, const google::protobuf::RepeatedPtrField<Resource>& (Response::*list)() const,
               Texts& texts, int page_size = 1000) {
    request.set_page_size(page_size);
    do {
      const Response page = Do(request);
      EXPECT_LE((page.*list)().size(), page_size);
      for (const Resource& resource : (page.*list)()) {
        EXPECT_TRUE(texts.emplace(resource.name(), resource.DebugString()).second) << resource.name() << " twice";
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
  }

  // What a list shows at `at`, or now if it is negative.
  template <typename Request, typename Response, typename Resource>
  void CollectAt(int64_t at, Request request,
                 const google::protobuf::RepeatedPtrField<Resource>& (Response::*list)() const, Catalogue& catalogue,
                 int page_size) {
    if (at >= 0) request.mutable_at()->set_revision(at);
    Collect(request, list, catalogue.live, page_size);
    request.set_show_deleted(true);
    Collect(request, list, catalogue.all, page_size);
  }

  // All lists.
  Catalogue ReadAll(int64_t at, int page_size) {
    Catalogue catalogue;
    CollectAt(at, ListPublishersRequest(), &ListPublishersResponse::publishers, catalogue, page_size);
    const auto datasets = Named<ListDatasetsRequest>("publishers/-");
    CollectAt(at, datasets, &ListDatasetsResponse::datasets, catalogue, page_size);
    const auto plans = Named<ListReleasePlansRequest>("publishers/-");
    CollectAt(at, plans, &ListReleasePlansResponse::release_plans, catalogue, page_size);
    const auto lines = Named<ListCommitmentsRequest>("publishers/-/plans/-");
    CollectAt(at, lines, &ListCommitmentsResponse::commitments, catalogue, page_size);
    auto fresh = Named<ListDatasetsRequest>("publishers/-");
    fresh.add_freshness_states(almanac::v1::Freshness::FRESH);
    fresh.add_freshness_states(almanac::v1::Freshness::DELINQUENT);
    fresh.add_freshness_states(almanac::v1::Freshness::UNSCHEDULED);
    if (at >= 0) fresh.mutable_at()->set_revision(at);
    Collect(fresh, &ListDatasetsResponse::datasets, catalogue.fresh, page_size);
    return catalogue;
  }

  // The text of the resource at a revision; empty if it was not there yet.
  template <typename Request>
  std::string TextAt(const std::string& name, int64_t revision) {
    CallContext context;
    const auto request = At(Named<Request>(name), revision);
    decltype(Do(request)) resource;
    const grpc::Status status =
        (*Method<Request>::Stub(*client_).*Method<Request>::kCall)(&context, request, &resource);
    if (status.error_code() == grpc::StatusCode::NOT_FOUND) {
      EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status).metadata().at("resource"), name);
      return "";
    }
    EXPECT_TRUE(status.ok()) << status.error_message();
    return resource.DebugString();
  }
  std::string AnyTextAt(const std::string& name, int64_t revision) {
    if (name.find("/commitments/") != std::string::npos) return TextAt<GetCommitmentRequest>(name, revision);
    if (name.find("/plans/") != std::string::npos) return TextAt<GetReleasePlanRequest>(name, revision);
    if (name.find("/datasets/") != std::string::npos) return TextAt<GetDatasetRequest>(name, revision);
    return TextAt<GetPublisherRequest>(name, revision);
  }
};

// Random writes of every kind to a small catalogue. Many are refused, as they should be.
class RandomWriter {
 public:
  RandomWriter(Client& client, unsigned seed) : client_(client), random_(seed) {}

  void Write() {
    const std::string publisher = absl::StrCat("publishers/p", Below(2));
    const std::string dataset = absl::StrCat(publisher, "/datasets/d", Below(4));
    const std::string plan = absl::StrCat(publisher, "/plans/x", Below(2));
    const std::string line = absl::StrCat(plan, "/commitments/a-", 1 + Below(12));
    switch (Below(22)) {
      case 0:
        return Create<almanac::v1::CreatePublisherRequest>("", publisher);
      case 1:
        return Update<almanac::v1::UpdatePublisherRequest>(publisher);
      case 2:
        return Send(Named<almanac::v1::DeletePublisherRequest>(publisher));
      case 3:
        return Send(Named<almanac::v1::UndeletePublisherRequest>(publisher));
      case 4:
      case 5:
        return Create<almanac::v1::CreateDatasetRequest>(publisher, dataset);
      case 6:
        return Update<almanac::v1::UpdateDatasetRequest>(dataset);
      case 7:
        return Send(Named<almanac::v1::DeleteDatasetRequest>(dataset));
      case 8:
        return Send(Named<almanac::v1::UndeleteDatasetRequest>(dataset));
      case 9:
        return Send(Named<almanac::v1::ReportUpdateRequest>(dataset));
      case 10:
        return CreatePlan(publisher, plan);
      case 11:
        return Update<almanac::v1::UpdateReleasePlanRequest>(plan);
      case 12: {
        auto request = Named<almanac::v1::DeleteReleasePlanRequest>(plan);
        request.set_force(Below(2) == 0);
        return Send(request);
      }
      case 13:
        return Send(Named<almanac::v1::UndeleteReleasePlanRequest>(plan));
      case 14:
      case 15:
      case 16:
        return CreateLine(plan, dataset);
      case 17:
        return Update<almanac::v1::UpdateCommitmentRequest>(line);
      case 18:
        return Send(Named<almanac::v1::DeleteCommitmentRequest>(line));
      case 19:
        return Send(Named<almanac::v1::UndeleteCommitmentRequest>(line));
      case 20: {
        auto request = Named<almanac::v1::RescheduleCommitmentRequest>(line);
        request.set_target_date(absl::StrCat("20", 30 + Below(60)));
        request.set_reason(Commitment::RESOURCES);
        request.set_note("Two posts are vacant");
        return Send(request);
      }
      default: {
        auto request = Named<almanac::v1::ReleaseCommitmentRequest>(line);
        request.set_release_date("2022-05-01");
        return Send(request);
      }
    }
  }

 private:
  int Below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }

  template <typename Request>
  void Send(const Request& request) {
    StatusOf(Method<Request>::Stub(client_), Method<Request>::kCall, request);
  }

  // The message of the request's second field, the resource, with a new title.
  template <typename Request>
  void Create(const std::string& parent, const std::string& name) {
    Request request;
    const std::string id = name.substr(name.rfind('/') + 1);
    if constexpr (requires { request.set_parent(""); }) request.set_parent(parent);
    if constexpr (requires { request.set_publisher_id(""); }) request.set_publisher_id(id);
    if constexpr (requires { request.set_dataset_id(""); }) {
      request.set_dataset_id(id);
      request.mutable_dataset()->set_frequency(Below(2) == 0 ? almanac::v1::DAILY : almanac::v1::AS_NEEDED);
    }
    (*Titles(request))["en"] = absl::StrCat("Title ", Below(1000));
    Send(request);
  }
  template <typename Request>
  void Update(const std::string& name) {
    Request request;
    if constexpr (requires { request.mutable_publisher(); }) request.mutable_publisher()->set_name(name);
    if constexpr (requires { request.mutable_dataset(); }) request.mutable_dataset()->set_name(name);
    if constexpr (requires { request.mutable_release_plan(); }) request.mutable_release_plan()->set_name(name);
    if constexpr (requires { request.mutable_commitment(); }) request.mutable_commitment()->set_name(name);
    (*Titles(request))[Below(2) == 0 ? "en" : "zh-Hant-HK"] = absl::StrCat("Title ", Below(1000));
    Send(request);
  }
  template <typename Request>
  static google::protobuf::Map<std::string, std::string>* Titles(Request& request) {
    if constexpr (requires { request.mutable_publisher(); }) return request.mutable_publisher()->mutable_titles();
    if constexpr (requires { request.mutable_dataset(); }) return request.mutable_dataset()->mutable_titles();
    if constexpr (requires { request.mutable_release_plan(); }) return request.mutable_release_plan()->mutable_titles();
    if constexpr (requires { request.mutable_commitment(); }) return request.mutable_commitment()->mutable_titles();
  }
  void CreatePlan(const std::string& publisher, const std::string& plan) {
    auto request = Named<almanac::v1::CreateReleasePlanRequest>(publisher);
    request.set_release_plan_id(plan.substr(plan.rfind('/') + 1));
    request.mutable_release_plan()->mutable_period()->set_start_year(2022);
    request.mutable_release_plan()->mutable_period()->set_end_year(2024);
    Send(request);
  }
  void CreateLine(const std::string& plan, const std::string& dataset) {
    auto request = Named<almanac::v1::CreateCommitmentRequest>(plan);
    request.mutable_commitment()->set_section("A");
    request.mutable_commitment()->set_number(1 + Below(12));
    request.mutable_commitment()->set_dataset(dataset);
    request.mutable_commitment()->set_target_date("2022-06");
    Send(request);
  }

  Client& client_;
  std::mt19937 random_;
};

TEST_F(HistoryPropertyTest, EveryRevisionReadsAsItDidWhenItWasTheHead) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  RandomWriter writer(*client_, seed);
  std::map<int64_t, Catalogue> catalogues = {{0, {}}};
  int64_t head = 0;
  for (int i = 0; i < 2000 && catalogues.size() < 100; ++i) {
    writer.Write();
    if (HeadRevision() == head) continue;
    head = HeadRevision();
    catalogues[head] = ReadAll(-1, 1000);
  }
  ASSERT_EQ(catalogues.size(), 100U);
  const Texts last = catalogues.rbegin()->second.all;
  EXPECT_NE(last.size(), catalogues.rbegin()->second.live.size()) << "nothing was deleted";
  std::mt19937 random(seed);
  for (const auto& [revision, then] : catalogues) {
    SCOPED_TRACE(absl::StrCat("revision ", revision));
    EXPECT_TRUE(ReadAll(revision, 1 + static_cast<int>(random() % 8)) == then);
    for (const auto& [name, text] : last) {
      const auto found = then.all.find(name);
      EXPECT_EQ(AnyTextAt(name, revision), found == then.all.end() ? "" : found->second) << name;
    }
    if (HasFailure()) break;
  }
  // Within writes of several changes too, where nobody could read.
  for (const Change& change : ChangesAfter(0)) {
    const auto& after = change.after();
    const std::string text = after.has_publisher()      ? after.publisher().DebugString()
                             : after.has_dataset()      ? after.dataset().DebugString()
                             : after.has_release_plan() ? after.release_plan().DebugString()
                                                        : after.commitment().DebugString();
    EXPECT_EQ(AnyTextAt(change.resource(), change.revision()), text) << change.revision();
  }
}

}  // namespace
}  // namespace almanac::testing
