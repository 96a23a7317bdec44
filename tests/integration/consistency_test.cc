#include <atomic>
#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "tests/integration/consistency_calls.h"

// How fresh reads are where a server reads from the primary, and that every read honours what is asked for.
namespace almanac::testing {
namespace {

using almanac::v1::Consistency;
using almanac::v1::Publisher;
using almanac::v1::PublisherService;

class ConsistencyTest : public ServiceTest {};

TEST_F(ConsistencyTest, ARevisionThatIsThereNeedsNoWaiting) {
  const int64_t revision = CreateSwd(*client_).revision();
  for (const Consistency& consistency : {Consistency(), Strong(), Any(), AtLeast(0), AtLeast(revision)}) {
    EXPECT_EQ(TitleAt(*client_, consistency), "first");
  }
}

TEST_F(ConsistencyTest, AFutureRevisionIsWaitedFor) {
  const int64_t revision = CreateSwd(*client_).revision();
  Publisher answer;
  ExpectNotReached(Read(*client_, AtLeast(revision + 1), &answer, absl::Seconds(1)), revision);
  std::vector<std::string> titles(4);
  std::vector<std::thread> readers;
  for (size_t i = 0; i < titles.size(); ++i) {
    readers.emplace_back([&, i] { titles[i] = TitleAt(*client_, AtLeast(revision + 1 + i % 2)); });
  }
  EXPECT_EQ(TitleAt(*client_, Strong()), "first");
  Retitle(*client_, "second");
  Retitle(*client_, "third");
  for (std::thread& reader : readers) reader.join();
  for (size_t i = 0; i < titles.size(); ++i) {
    EXPECT_TRUE(titles[i] == "third" || (i % 2 == 0 && titles[i] == "second")) << titles[i];
  }
}

// A read of the database itself that waits for a revision. Once it waits, it is asked whether it is still wanted.
class WaitingRead {
 public:
  WaitingRead(db::Database& database, int64_t revision) {
    db::ReadContext context;
    context.consistency = AtLeast(revision);
    context.is_cancelled = [this] {
      waits_ = true;
      return cancelled_.load();
    };
    database.Read<bool>(
        std::move(context), [](db::Transaction&) -> absl::StatusOr<bool> { return true; },
        [this](absl::StatusOr<bool> result) {
          status_ = result.status();
          done_.Notify();
        });
  }
  ~WaitingRead() { Cancel(); }

  bool waits() const { return waits_; }
  bool is_done() const { return done_.HasBeenNotified(); }
  absl::StatusCode Result() {
    done_.WaitForNotification();
    return status_.code();
  }
  absl::StatusCode Cancel() {
    cancelled_ = true;
    return Result();
  }

 private:
  std::atomic<bool> waits_ = false;
  std::atomic<bool> cancelled_ = false;
  absl::Status status_;
  absl::Notification done_;
};

TEST_F(ConsistencyTest, HowManyWaitIsBoundedAndWhoLeavesMakesRoom) {
  const int64_t future = CreateSwd(*client_).revision() + 1;
  db::Database::Options options;
  options.url = database_.url();
  options.max_queue = 4;  // of which those that wait for a revision may take half
  const auto database = db::Database::Open(options);
  ASSERT_TRUE(database.ok()) << database.status();
  WaitingRead first(**database, future);
  WaitingRead second(**database, future);
  ASSERT_TRUE(Eventually([&] { return first.waits() && second.waits(); }));
  EXPECT_EQ(WaitingRead(**database, future).Result(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(first.Cancel(), absl::StatusCode::kCancelled);
  WaitingRead third(**database, future);
  ASSERT_TRUE(Eventually([&] { return third.waits(); }));
  Retitle(*client_, "second");
  EXPECT_EQ(second.Result(), absl::StatusCode::kOk);
  EXPECT_EQ(third.Result(), absl::StatusCode::kOk);
}

TEST_F(ConsistencyTest, ACallThatIsCancelledWaitsNoLonger) {
  const int64_t future = CreateSwd(*client_).revision() + 1;
  db::Database::Options options;
  options.max_queue = 1;
  TestServer server(database_.url(), {}, options);
  const auto client = server.NewClient();
  // Whether there is room for one more.
  const auto has_room = [&] {
    WaitingRead probe(server.database(), future);
    EXPECT_TRUE(Eventually([&] { return probe.waits() || probe.is_done(); }));
    return probe.Cancel() == absl::StatusCode::kCancelled;
  };
  absl::Mutex mutex;
  std::unique_ptr<CallContext> context;
  grpc::Status status;
  std::thread reader([&] {
    do {  // until no probe was in its way
      {
        absl::MutexLock lock(&mutex);
        context = std::make_unique<CallContext>();
      }
      Publisher answer;
      status = client->publishers->GetPublisher(context.get(), GetSwd(AtLeast(future)), &answer);
    } while (ReasonOf(status) == "TOO_BUSY");
  });
  EXPECT_TRUE(Eventually([&] { return !has_room(); }));
  {
    absl::MutexLock lock(&mutex);
    context->TryCancel();
  }
  reader.join();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED) << status.error_message();
  EXPECT_TRUE(Eventually(has_room));
}

TEST_F(ConsistencyTest, AServerThatStopsLetsNobodyWaitForEver) {
  service::Server::Options options;
  options.drain_timeout = absl::Milliseconds(100);
  auto server = std::make_unique<TestServer>(database_.url(), options);
  const auto client = server->NewClient();
  const int64_t revision = CreateSwd(*client_).revision();
  grpc::Status status;
  std::atomic<bool> begun = false;
  std::thread reader([&] {
    Publisher answer;
    begun = true;
    status = Read(*client, AtLeast(revision + 1), &answer);
  });
  EXPECT_TRUE(Eventually([&] { return begun.load(); }));
  server.reset();
  reader.join();
  EXPECT_TRUE(status.error_code() == grpc::StatusCode::UNAVAILABLE ||
              status.error_code() == grpc::StatusCode::CANCELLED)
      << status.error_code();
}

// Calls every method that has the field with `consistency`, and returns the statuses by the names of their requests.
std::map<std::string, grpc::Status> ReadAll(const Client& client, const Consistency& consistency) {
  using almanac::v1::ChangeService;
  using almanac::v1::DatasetService;
  using almanac::v1::ReleasePlanService;
  std::map<std::string, grpc::Status> statuses;
  const auto call = [&]<typename Stub, typename Request, typename Response>(
                        Stub* stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                        Request request) {
    *request.mutable_consistency() = consistency;
    CallContext context(absl::Milliseconds(400));
    Response response;
    statuses[Request::descriptor()->full_name()] = (stub->*method)(&context, request, &response);
  };
  const auto named = [](auto request, const std::string& name) {
    request.set_name(name);
    return request;
  };
  const auto under = [](auto request, const std::string& parent) {
    request.set_parent(parent);
    return request;
  };
  const auto several = [](auto request, const std::string& name) {
    request.add_names(name);
    return request;
  };
  const std::string plan = "publishers/swd/plans/2022-2024";
  const std::string commitment = plan + "/commitments/a-1";
  const std::string dataset = "publishers/swd/datasets/d";
  call(client.publishers.get(), &PublisherService::Stub::GetPublisher, GetSwd(consistency));
  call(client.publishers.get(), &PublisherService::Stub::ListPublishers, {});
  call(client.datasets.get(), &DatasetService::Stub::GetDataset, named(almanac::v1::GetDatasetRequest(), dataset));
  call(client.datasets.get(), &DatasetService::Stub::BatchGetDatasets,
       several(almanac::v1::BatchGetDatasetsRequest(), dataset));
  call(client.datasets.get(), &DatasetService::Stub::ListDatasets,
       under(almanac::v1::ListDatasetsRequest(), "publishers/swd"));
  call(client.datasets.get(), &DatasetService::Stub::CountFreshness,
       under(almanac::v1::CountFreshnessRequest(), "publishers/swd"));
  almanac::v1::SearchDatasetsRequest search;
  search.set_query("d");
  call(client.datasets.get(), &DatasetService::Stub::SearchDatasets, under(search, "publishers/swd"));
  call(client.datasets.get(), &DatasetService::Stub::CountFacets,
       under(almanac::v1::CountFacetsRequest(), "publishers/swd"));
  call(client.plans.get(), &ReleasePlanService::Stub::GetReleasePlan,
       named(almanac::v1::GetReleasePlanRequest(), plan));
  call(client.plans.get(), &ReleasePlanService::Stub::ListReleasePlans,
       under(almanac::v1::ListReleasePlansRequest(), "publishers/swd"));
  call(client.plans.get(), &ReleasePlanService::Stub::GetProgress, named(almanac::v1::GetProgressRequest(), plan));
  almanac::v1::DiffPlansRequest diff;
  diff.set_name(plan);
  diff.set_other_plan("publishers/swd/plans/2025-2027");
  call(client.plans.get(), &ReleasePlanService::Stub::DiffPlans, diff);
  call(client.plans.get(), &ReleasePlanService::Stub::GetCommitment,
       named(almanac::v1::GetCommitmentRequest(), commitment));
  call(client.plans.get(), &ReleasePlanService::Stub::BatchGetCommitments,
       several(almanac::v1::BatchGetCommitmentsRequest(), commitment));
  call(client.plans.get(), &ReleasePlanService::Stub::ListCommitments,
       under(almanac::v1::ListCommitmentsRequest(), plan));
  call(client.changes.get(), &ChangeService::Stub::GetChange, named(almanac::v1::GetChangeRequest(), "changes/1"));
  call(client.changes.get(), &ChangeService::Stub::ListChanges, {});
  return statuses;
}

// The requests of the API that have the field.
size_t CountReads() {
  size_t count = 0;
  for (const char* name : {"PublisherService", "DatasetService", "ReleasePlanService", "ChangeService"}) {
    const auto* service =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(absl::StrCat("almanac.v1.", name));
    for (int i = 0; i < service->method_count(); ++i) {
      if (service->method(i)->input_type()->FindFieldByName("consistency") != nullptr) ++count;
    }
  }
  return count;
}

TEST_F(ConsistencyTest, EveryReadHonoursIt) {
  const int64_t revision = CreateSwd(*client_).revision();
  const auto future = ReadAll(*client_, AtLeast(revision + 1));
  EXPECT_EQ(future.size(), CountReads());
  for (const auto& [request, status] : future) {
    EXPECT_EQ(ReasonOf(status), "REVISION_NOT_REACHED") << request << ": " << status.error_message();
  }
  for (const auto& [request, status] : ReadAll(*client_, AtLeast(-1))) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << request;
    EXPECT_EQ(FieldOf(status), "consistency.at_least_revision") << request;
  }
  for (const auto& [request, status] : ReadAll(*client_, AtLeast(revision))) {
    EXPECT_NE(status.error_code(), grpc::StatusCode::UNAVAILABLE) << request << ": " << status.error_message();
  }
}

}  // namespace
}  // namespace almanac::testing
