#include "tests/fault/faults.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/integration/harness.h"

// Faults whose outcome can be stated exactly, each on a cluster of its own.
namespace almanac::testing {
namespace {

using almanac::v1::CreatePublisherRequest;
using almanac::v1::Publisher;
using almanac::v1::PublisherService;
using ::testing::ElementsAre;

class FaultTest : public ::testing::Test {
 protected:
  FaultTest() {
    auto cluster = Cluster::Start({.replicas = 2, .binary_dir = ALMANAC_BINARY_DIR});
    EXPECT_TRUE(cluster.ok()) << cluster.status();
    cluster_ = *std::move(cluster);
    for (int i = 0; i < 2; ++i) clients_.push_back(std::make_unique<Client>(cluster_->address(i)));
  }
  ~FaultTest() override {
    if (cluster_ == nullptr) return;
    const absl::Status crashes = cluster_->Crashes();
    EXPECT_TRUE(crashes.ok()) << crashes;
  }

  static CreatePublisherRequest Creation(const std::string& id) {
    CreatePublisherRequest request;
    request.set_publisher_id(id);
    request.set_request_id("create-" + id);
    (*request.mutable_publisher()->mutable_titles())["en"] = "Publisher " + id;
    return request;
  }

  grpc::Status Create(int replica, const std::string& id, Publisher* answer = nullptr) {
    CallContext context;
    // A server that was killed is found again.
    context.set_wait_for_ready(true);
    Publisher ignored;
    return clients_[replica]->publishers->CreatePublisher(&context, Creation(id),
                                                          answer == nullptr ? &ignored : answer);
  }

  // Calls until the answer is not UNAVAILABLE, always under the same request id.
  grpc::Status CreateAtLast(int replica, const std::string& id, Publisher* answer = nullptr) {
    grpc::Status status;
    Eventually(
        [&] {
          status = Create(replica, id, answer);
          return status.error_code() != grpc::StatusCode::UNAVAILABLE;
        },
        absl::Seconds(60));
    return status;
  }

  grpc::Status Get(int replica, const std::string& id) {
    almanac::v1::GetPublisherRequest request;
    request.set_name("publishers/" + id);
    return StatusOf(clients_[replica]->publishers.get(), &PublisherService::Stub::GetPublisher, request);
  }

  std::vector<std::string> Sql(const std::string& sql) {
    auto rows = cluster_->Sql(sql);
    EXPECT_TRUE(rows.ok()) << rows.status();
    return rows.ok() ? *std::move(rows) : std::vector<std::string>{""};
  }
  // The log: one line for each change.
  std::vector<std::string> Log() {
    return Sql("select revision || ' ' || request_id || ' ' || resource from changes order by revision");
  }

  // How many sessions wait for a lock.
  std::string Waiting() { return Sql("select count(*) from pg_stat_activity where wait_event_type = 'Lock'").front(); }
  void AwaitLockWait() {
    EXPECT_TRUE(Eventually([&] { return Waiting() != "0"; }));
  }

  void Heal() {
    const absl::Status healed = cluster_->Heal();
    EXPECT_TRUE(healed.ok()) << healed;
  }

  // Holds the next commit of the first server, which is to create `id`, as `trap` says. The call's status comes to
  // `answered` once `call` has ended.
  void TrapCreation(const std::string& id, Proxy::Trap trap) {
    cluster_->database_proxy(0).SetTrap(kCommitMessage, trap);
    call_ = std::thread([this, id] { answered_ = Create(0, id); });
    EXPECT_TRUE(cluster_->database_proxy(0).AwaitTrapped(absl::Seconds(60)));
  }

  std::unique_ptr<Cluster> cluster_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::thread call_;
  grpc::Status answered_;
};

TEST_F(FaultTest, AServerKilledBeforeItsCommitArrivedChangedNothing) {
  TrapCreation("a", Proxy::Trap::kHoldRequest);
  cluster_->KillServer(0);
  cluster_->database_proxy(0).Cut(Proxy::Ending::kReset);
  call_.join();
  EXPECT_EQ(answered_.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(Log(), ElementsAre());
  EXPECT_TRUE(Create(1, "a").ok());
  EXPECT_THAT(Log(), ElementsAre("1 create-a publishers/a"));
}

TEST_F(FaultTest, ACommitThatArrivesAfterItsServerDiedIsFoundByTheRetry) {
  TrapCreation("a", Proxy::Trap::kHoldRequest);
  cluster_->KillServer(0);
  call_.join();
  EXPECT_EQ(answered_.error_code(), grpc::StatusCode::UNAVAILABLE);
  // The retry waits for the lock that the dead server's session has.
  Publisher answer;
  grpc::Status retried;
  std::thread retry([&] { retried = Create(1, "a", &answer); });
  AwaitLockWait();
  cluster_->database_proxy(0).Heal();
  retry.join();
  EXPECT_TRUE(retried.ok()) << retried.error_message();
  EXPECT_EQ(answer.revision(), 1);
  EXPECT_THAT(Log(), ElementsAre("1 create-a publishers/a"));
}

TEST_F(FaultTest, ACommitWhoseServerDiedBeforeItKnewIsTheAnswerToTheRetry) {
  TrapCreation("a", Proxy::Trap::kHoldAnswer);
  EXPECT_TRUE(Eventually([&] { return Sql("select revision from head").front() == "1"; }));
  cluster_->KillServer(0);
  call_.join();
  EXPECT_EQ(answered_.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(Create(1, "b").ok());
  Publisher answer;
  const grpc::Status retried = Create(1, "a", &answer);
  EXPECT_TRUE(retried.ok()) << retried.error_message();
  EXPECT_EQ(answer.name(), "publishers/a");
  EXPECT_EQ(answer.revision(), 1);
  Heal();
  Publisher once_more;
  EXPECT_TRUE(CreateAtLast(0, "a", &once_more).ok());
  EXPECT_EQ(once_more.SerializeAsString(), answer.SerializeAsString());
  EXPECT_THAT(Log(), ElementsAre("1 create-a publishers/a", "2 create-b publishers/b"));
}

TEST_F(FaultTest, AServerKilledWhileAStatementWaitsHoldsNobodyUp) {
  EXPECT_TRUE(Create(0, "a").ok());
  ForeignSession lock(*cluster_, "select from publishers for update");
  ASSERT_TRUE(lock.status().ok()) << lock.status();
  call_ = std::thread([this] {
    almanac::v1::UpdatePublisherRequest update;
    update.mutable_publisher()->set_name("publishers/a");
    (*update.mutable_publisher()->mutable_titles())["en"] = "New";
    answered_ = StatusOf(clients_[0]->publishers.get(), &PublisherService::Stub::UpdatePublisher, update);
  });
  AwaitLockWait();
  cluster_->KillServer(0);
  call_.join();
  // Well before the statement's own limit, which is 30 seconds.
  EXPECT_TRUE(Eventually([&] { return Waiting() == "0"; }, absl::Seconds(20)));
  EXPECT_TRUE(Create(1, "b").ok());
  EXPECT_THAT(Log(), ElementsAre("1 create-a publishers/a", "2 create-b publishers/b"));
}

TEST_F(FaultTest, WhileAServerIsFrozenInABatchTheOthersGoOn) {
  TrapCreation("a", Proxy::Trap::kHoldRequest);
  cluster_->Freeze(0);
  EXPECT_TRUE(Create(1, "b").ok());
  EXPECT_THAT(Log(), ElementsAre("1 create-b publishers/b"));
  Heal();
  call_.join();
  // It finds its session ended, and does its batch again.
  EXPECT_TRUE(answered_.ok()) << answered_.error_message();
  EXPECT_THAT(Log(), ElementsAre("1 create-b publishers/b", "2 create-a publishers/a"));
}

TEST_F(FaultTest, AFullDiskIsToldAndRecoveredFrom) {
  EXPECT_TRUE(Create(0, "before").ok());
  const absl::Status filled = FillTables(*cluster_);
  ASSERT_TRUE(filled.ok()) << filled;
  const grpc::Status refused = Create(0, "during");
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << refused.error_message();
  EXPECT_EQ(ReasonOf(refused), "DATABASE_FULL");
  EXPECT_GT(DetailOf<google::rpc::RetryInfo>(refused).retry_delay().seconds(), 0);
  EXPECT_TRUE(Get(0, "before").ok()) << "reads go on";
  EXPECT_EQ(Get(0, "during").error_code(), grpc::StatusCode::NOT_FOUND);
  // Many at once share a batch, and all are told.
  std::vector<std::thread> calls;
  std::atomic<int> told = 0;
  for (int i = 0; i < 20; ++i) {
    calls.emplace_back([&, i] { told += ReasonOf(Create(1, absl::StrCat("many-", i))) == "DATABASE_FULL" ? 1 : 0; });
  }
  for (std::thread& call : calls) call.join();
  EXPECT_EQ(told, 20);
  const absl::Status freed = FreeTables(*cluster_);
  ASSERT_TRUE(freed.ok()) << freed;
  EXPECT_TRUE(Create(0, "during").ok());
  EXPECT_TRUE(Create(1, "many-1").ok());
  EXPECT_THAT(Log(), ElementsAre("1 create-before publishers/before", "2 create-during publishers/during",
                                 "3 create-many-1 publishers/many-1"));
}

TEST_F(FaultTest, AFullDiskOfTheLogIsRecoveredFrom) {
  EXPECT_TRUE(Create(0, "before").ok());
  const absl::Status filled = cluster_->postgres().FillDisk(Postgres::Disk::kLog);
  ASSERT_TRUE(filled.ok()) << filled;
  // What room there is in files that were made before is soon used up.
  int made = 0;
  grpc::Status refused;
  for (; made < 10'000; ++made) {
    // May fail, as PostgreSQL does.
    (void)cluster_->Sql("select pg_logical_emit_message(true, 'filler', repeat('x', 1000000))");
    refused = Create(0, absl::StrCat("p", made));
    if (!refused.ok()) break;
  }
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::UNAVAILABLE) << refused.error_message();
  Heal();
  EXPECT_TRUE(CreateAtLast(0, absl::StrCat("p", made)).ok());
  EXPECT_TRUE(CreateAtLast(1, absl::StrCat("p", made)).ok());
  EXPECT_EQ(Log().size(), static_cast<size_t>(made) + 2);
}

TEST_F(FaultTest, WithoutAConnectionToBeHadCallsAreToldAndRecover) {
  EXPECT_TRUE(Create(0, "a").ok());
  {
    auto sessions = TakeAllConnections(*cluster_);
    EXPECT_GT(sessions.size(), 10U);
    cluster_->database_proxy(0).Cut(Proxy::Ending::kReset);
    // Those that became free by that.
    for (auto& more : TakeAllConnections(*cluster_)) sessions.push_back(std::move(more));
    const auto refused = [&](const grpc::Status& status) {
      return status.error_code() == grpc::StatusCode::UNAVAILABLE && ReasonOf(status) == "DATABASE_UNAVAILABLE" &&
             DetailOf<google::rpc::RetryInfo>(status).retry_delay().seconds() > 0;
    };
    // Which of two gets a connection that became free just now is a matter of luck, until all are taken.
    EXPECT_TRUE(Eventually([&] {
      for (auto& more : TakeAllConnections(*cluster_)) sessions.push_back(std::move(more));
      cluster_->database_proxy(0).Cut(Proxy::Ending::kReset);
      return refused(Get(0, "a")) && refused(Create(0, "b"));
    }));
  }
  EXPECT_TRUE(CreateAtLast(0, "b").ok());
  EXPECT_TRUE(Get(0, "a").ok());
}

TEST_F(FaultTest, ReadsBeyondWhatMayWaitAreRefused) {
  TestServer server(cluster_->database_url(), {},
                    {.url = cluster_->database_url(), .read_connections = 1, .max_queue = 3});
  const auto client = server.NewClient();
  ForeignSession lock(*cluster_, "lock table publishers in access exclusive mode");
  ASSERT_TRUE(lock.status().ok());
  std::atomic<int> answered = 0;
  std::atomic<int> refused = 0;
  const auto list = [&] {
    const grpc::Status status = StatusOf(client->publishers.get(), &PublisherService::Stub::ListPublishers,
                                         almanac::v1::ListPublishersRequest());
    if (status.ok()) {
      ++answered;
      return;
    }
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
    EXPECT_EQ(ReasonOf(status), "TOO_BUSY");
    EXPECT_GT(DetailOf<google::rpc::RetryInfo>(status).retry_delay().seconds(), 0);
    ++refused;
  };
  std::vector<std::thread> calls;
  calls.emplace_back(list);
  AwaitLockWait();
  for (int i = 0; i < 9; ++i) calls.emplace_back(list);
  EXPECT_TRUE(Eventually([&] { return refused >= 6; }));
  lock.End();
  for (std::thread& call : calls) call.join();
  EXPECT_EQ(refused, 6);  // one is being read, three wait
  EXPECT_EQ(answered, 4);
}

TEST_F(FaultTest, AStormOfConnectionsLeavesTheServerServing) {
  EXPECT_TRUE(Create(0, "a").ok());
  EXPECT_EQ(Storm(cluster_->client_proxy(0).port(), 2000, absl::Seconds(1)), 2000);
  Client fresh(cluster_->address(0));
  almanac::v1::GetPublisherRequest request;
  request.set_name("publishers/a");
  EXPECT_EQ(Call(fresh.publishers.get(), &PublisherService::Stub::GetPublisher, request).revision(), 1);
}

TEST_F(FaultTest, TwoMigrationsAtOnceDisturbNobody) {
  absl::BitGen random;
  const std::vector<Fault>& faults = Faults();
  const auto fault =
      std::find_if(faults.begin(), faults.end(), [](const Fault& one) { return one.name == "migrate-twice"; });
  ASSERT_NE(fault, faults.end());
  std::atomic<bool> stop = false;
  int made = 0;
  std::thread writer([&] {
    for (; !stop || made == 0; ++made) EXPECT_TRUE(Create(0, absl::StrCat("p", made)).ok());
  });
  const Injection injection = fault->run(*cluster_, random);
  stop = true;
  writer.join();
  EXPECT_TRUE(injection.status.ok()) << injection.status;
  EXPECT_EQ(Log().size(), static_cast<size_t>(made));
}

TEST_F(FaultTest, NothingIsLeftOfAClusterThatIsGone) {
  const std::string directory = cluster_->postgres().directory();
  EXPECT_EQ(access(directory.c_str(), F_OK), 0);
  cluster_ = nullptr;
  EXPECT_NE(access(directory.c_str(), F_OK), 0);
  for (const auto& process : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(process.path() / "cmdline");
    const std::string command((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    EXPECT_EQ(command.find(directory), std::string::npos) << command;
  }
}

}  // namespace
}  // namespace almanac::testing
