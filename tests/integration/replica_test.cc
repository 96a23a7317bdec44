#include <signal.h>
#include <sys/wait.h>

#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "tests/integration/processes.h"
#include "tests/integration/watch_stream.h"

// Several servers on one database, each with writers and a watcher, while servers and the database are killed.
namespace almanac::testing {
namespace {

using almanac::v1::Change;
using almanac::v1::Dataset;
using almanac::v1::DatasetService;

constexpr int kWritersPerServer = 4;

// A write that the server said it made.
struct Acknowledged {
  std::string request_id;
  std::string resource;
  int64_t revision;
};

// Whether a call may be made again under the same request id, as docs/api.md says.
bool IsRetryable(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return true;
    default:
      return false;
  }
}

// Sends `request` until it gets an answer, always under the same request id.
template <typename Request>
std::optional<Dataset> Persist(Client& client, const std::atomic<bool>& give_up,
                               grpc::Status (DatasetService::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                            Dataset*),
                               const Request& request) {
  while (true) {
    CallContext context(absl::Seconds(5));
    Dataset answer;
    const grpc::Status status = (client.datasets.get()->*method)(&context, request, &answer);
    if (status.ok()) return answer;
    EXPECT_TRUE(IsRetryable(status)) << status.error_code() << " " << status.error_message();
    if (!IsRetryable(status) || give_up) return std::nullopt;
    absl::SleepFor(absl::Milliseconds(30));
  }
}

// Four threads of writers against one server: creates, then updates of datasets that all writers share.
class Writers {
 public:
  Writers(const std::string& address, int server) {
    for (int i = 0; i < kWritersPerServer; ++i) {
      threads_.emplace_back([this, address, id = absl::StrCat("w", server, "-", i)] { Work(address, id); });
    }
  }

  // Ends the writers and returns what was acknowledged to them.
  std::vector<Acknowledged> Stop() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
    absl::MutexLock lock(&mutex_);
    return acknowledged_;
  }

  int count() {
    absl::MutexLock lock(&mutex_);
    return static_cast<int>(acknowledged_.size());
  }

 private:
  void Work(const std::string& address, const std::string& id) {
    Client client(address);
    absl::BitGen random;
    for (int i = 0; !stop_; ++i) {
      const std::string request_id = absl::StrCat(id, "-", i);
      std::optional<Dataset> answer;
      if (i % 4 == 0) {
        almanac::v1::CreateDatasetRequest request;
        request.set_parent("publishers/swd");
        request.set_dataset_id(request_id);
        (*request.mutable_dataset()->mutable_titles())["en"] = request_id;
        request.set_request_id(request_id);
        answer = Persist(client, stop_, &DatasetService::Stub::CreateDataset, request);
      } else {
        almanac::v1::UpdateDatasetRequest request;
        request.mutable_dataset()->set_name(
            absl::StrCat("publishers/swd/datasets/shared-", absl::Uniform(random, 0, 4)));
        (*request.mutable_dataset()->mutable_titles())["en"] = request_id;
        request.set_request_id(request_id);
        answer = Persist(client, stop_, &DatasetService::Stub::UpdateDataset, request);
      }
      if (!answer) continue;
      absl::MutexLock lock(&mutex_);
      acknowledged_.push_back({request_id, answer->name(), answer->revision()});
    }
  }

  std::atomic<bool> stop_ = false;
  absl::Mutex mutex_;
  std::vector<Acknowledged> acknowledged_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

// Follows one server from the first revision, across its deaths, by the tokens alone.
class Follower {
 public:
  explicit Follower(const std::string& address) : thread_([this, address] { Work(address); }) {}

  // Waits until it has seen `revision`, then ends it and returns all that it saw.
  std::vector<Change> StopAt(int64_t revision) {
    EXPECT_TRUE(Eventually([&] {
      absl::MutexLock lock(&mutex_);
      return !changes_.empty() && changes_.back().revision() >= revision;
    }));
    stop_ = true;
    thread_.join();
    absl::MutexLock lock(&mutex_);
    return changes_;
  }

 private:
  void Work(const std::string& address) {
    Client client(address);
    std::string token;
    while (!stop_) {
      WatchStream watch(client, token.empty() ? After(0) : Resume(token), absl::Seconds(2));
      while (const auto response = watch.Next()) {
        token = response->resume_token();
        if (!response->has_change()) continue;
        absl::MutexLock lock(&mutex_);
        changes_.push_back(response->change());
      }
      absl::SleepFor(absl::Milliseconds(30));
    }
  }

  std::atomic<bool> stop_ = false;
  absl::Mutex mutex_;
  std::vector<Change> changes_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

class ReplicaTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Client client(servers_[0].address());
    almanac::v1::CreatePublisherRequest publisher;
    publisher.set_publisher_id("swd");
    (*publisher.mutable_publisher()->mutable_titles())["en"] = "SWD";
    Call(client.publishers.get(), &almanac::v1::PublisherService::Stub::CreatePublisher, publisher);
    for (int i = 0; i < 4; ++i) {
      almanac::v1::CreateDatasetRequest dataset;
      dataset.set_parent("publishers/swd");
      dataset.set_dataset_id(absl::StrCat("shared-", i));
      (*dataset.mutable_dataset()->mutable_titles())["en"] = "Shared";
      Call(client.datasets.get(), &DatasetService::Stub::CreateDataset, dataset);
    }
    for (int i = 0; i < 2; ++i) {
      followers_.push_back(std::make_unique<Follower>(servers_[i].address()));
      writers_.push_back(std::make_unique<Writers>(servers_[i].address(), i));
    }
  }

  // Lets the writers of every server get `count` more answers.
  void LetWritersGetOn(int count) {
    for (const auto& writers : writers_) {
      const int before = writers->count();
      EXPECT_TRUE(Eventually([&] { return writers->count() >= before + count; }, absl::Seconds(60)));
    }
  }

  void CheckAll();

  TestCluster cluster_;
  ServerProcess servers_[2] = {ServerProcess(cluster_.url()), ServerProcess(cluster_.url())};
  std::vector<std::unique_ptr<Writers>> writers_;
  std::vector<std::unique_ptr<Follower>> followers_;
};

// The tables as the API tells them, by name.
std::map<std::string, std::string> ReadTables(Client& client) {
  std::map<std::string, std::string> tables;
  almanac::v1::ListDatasetsRequest request;
  request.set_parent("publishers/swd");
  request.set_show_deleted(true);
  do {
    const auto page = Call(client.datasets.get(), &DatasetService::Stub::ListDatasets, request);
    for (const Dataset& dataset : page.datasets()) tables[dataset.name()] = dataset.ShortDebugString();
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return tables;
}

void ReplicaTest::CheckAll() {
  std::vector<Acknowledged> acknowledged;
  for (const auto& writers : writers_) {
    for (Acknowledged& write : writers->Stop()) acknowledged.push_back(std::move(write));
  }
  Client client(servers_[0].address());
  const int64_t head =
      Call(client.changes.get(), &almanac::v1::ChangeService::Stub::GetStatus, almanac::v1::GetStatusRequest())
          .head_revision();
  const std::vector<Change> seen = followers_[0]->StopAt(head);
  const std::vector<Change> also_seen = followers_[1]->StopAt(head);

  ASSERT_EQ(seen.size(), static_cast<size_t>(head)) << "the first watcher missed or repeated a revision";
  ASSERT_EQ(also_seen.size(), seen.size()) << "the second watcher missed or repeated a revision";
  std::map<std::string, std::string> replayed;
  std::map<std::string, const Change*> by_request;
  for (size_t i = 0; i < seen.size(); ++i) {
    ASSERT_EQ(seen[i].revision(), static_cast<int64_t>(i) + 1);
    ASSERT_EQ(seen[i].ShortDebugString(), also_seen[i].ShortDebugString());
    if (seen[i].after().has_dataset()) replayed[seen[i].resource()] = seen[i].after().dataset().ShortDebugString();
    EXPECT_TRUE(by_request.emplace(seen[i].request_id(), &seen[i]).second) << seen[i].request_id() << " happened twice";
  }
  EXPECT_EQ(replayed, ReadTables(client));
  for (const Acknowledged& write : acknowledged) {
    const auto change = by_request.find(write.request_id);
    ASSERT_NE(change, by_request.end()) << write.request_id << " was acknowledged and is lost";
    EXPECT_EQ(change->second->revision(), write.revision);
    EXPECT_EQ(change->second->resource(), write.resource);
  }
}

TEST_F(ReplicaTest, BothWatchersSeeTheSameDenseRevisions) {
  LetWritersGetOn(100);
  CheckAll();
}

TEST_F(ReplicaTest, NothingIsLostWhenAServerIsKilled) {
  LetWritersGetOn(50);
  for (int i = 0; i < 3; ++i) {
    servers_[0].Signal(SIGKILL);
    servers_[0].Start();
    LetWritersGetOn(20);
  }
  CheckAll();
}

TEST_F(ReplicaTest, NothingIsLostWhenPostgresIsKilled) {
  LetWritersGetOn(50);
  for (int i = 0; i < 2; ++i) {
    cluster_.Kill();
    cluster_.Start();
    LetWritersGetOn(20);
  }
  CheckAll();
}

TEST_F(ReplicaTest, NothingIsLostWhenAServerIsAskedToStop) {
  LetWritersGetOn(50);
  const int status = servers_[1].Signal(SIGTERM);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  servers_[1].Start();
  LetWritersGetOn(20);
  CheckAll();
}

TEST(LostDatabaseTest, ReadsAndWritesAreUnavailableAtOnceAndComeBackByThemselves) {
  TestCluster cluster;
  ASSERT_TRUE(db::Migrate(cluster.url()).ok());
  TestServer server(cluster.url());
  const auto client = server.NewClient();
  almanac::v1::CreatePublisherRequest create;
  create.set_publisher_id("swd");
  (*create.mutable_publisher()->mutable_titles())["en"] = "SWD";
  almanac::v1::GetPublisherRequest get;
  get.set_name("publishers/swd");
  using almanac::v1::PublisherService;
  Call(client->publishers.get(), &PublisherService::Stub::CreatePublisher, create);

  cluster.Kill();
  const grpc::Status read = StatusOf(client->publishers.get(), &PublisherService::Stub::GetPublisher, get);
  EXPECT_EQ(read.error_code(), grpc::StatusCode::UNAVAILABLE) << read.error_message();
  EXPECT_EQ(ReasonOf(read), "DATABASE_UNAVAILABLE");
  EXPECT_GT(DetailOf<google::rpc::RetryInfo>(read).retry_delay().seconds(), 0);
  create.set_publisher_id("other");
  const grpc::Status write = StatusOf(client->publishers.get(), &PublisherService::Stub::CreatePublisher, create);
  EXPECT_EQ(write.error_code(), grpc::StatusCode::UNAVAILABLE) << write.error_message();

  cluster.Start();
  EXPECT_EQ(Call(client->publishers.get(), &PublisherService::Stub::GetPublisher, get).revision(), 1);
  EXPECT_EQ(Call(client->publishers.get(), &PublisherService::Stub::CreatePublisher, create).revision(), 2);
}

// A commit whose answer is lost. With a synchronous standby that does not exist, a commit is durable here but waits for
// ever before it says so; ending its session then loses just the answer.
TEST(LostAnswerTest, ACommitThatWasMadeIsNotMadeAgain) {
  TestCluster cluster;
  ASSERT_TRUE(db::Migrate(cluster.url()).ok());
  TestServer server(cluster.url());
  const auto client = server.NewClient();
  RunSql(cluster.url(), "alter system set synchronous_standby_names = 'none_such'");
  RunSql(cluster.url(), "select pg_reload_conf()");
  // The reload takes a moment; from then on commits wait.
  ASSERT_TRUE(
      Eventually([&] { return RunSql(cluster.url(), "show synchronous_standby_names").front() == "none_such"; }));

  almanac::v1::CreatePublisherRequest create;
  create.set_publisher_id("swd");
  (*create.mutable_publisher()->mutable_titles())["en"] = "SWD";
  almanac::v1::Publisher answer;
  grpc::Status status;
  std::thread call([&] {
    CallContext context;
    status = client->publishers->CreatePublisher(&context, create, &answer);
  });
  EXPECT_TRUE(Eventually([&] {
    return RunSql(cluster.url(), "select count(*) from pg_stat_activity where wait_event = 'SyncRep'").front() == "1";
  }));
  RunSql(cluster.url(), "alter system reset synchronous_standby_names");
  RunSql(cluster.url(), "select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'");
  RunSql(cluster.url(), "select pg_reload_conf()");
  call.join();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(answer.revision(), 1);
  EXPECT_EQ(RunSql(cluster.url(), "select count(*) from changes").front(), "1");
}

}  // namespace
}  // namespace almanac::testing
