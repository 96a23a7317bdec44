#include "tests/integration/harness.h"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/integration/partition_size.h"

namespace almanac::testing {
namespace {

std::string ClusterUrl() {
  const char* url = std::getenv("ALMANAC_TEST_DATABASE_URL");
  if (url == nullptr || *url == '\0') {
    std::fputs("ALMANAC_TEST_DATABASE_URL is not set: run tests/run, which starts a PostgreSQL cluster\n", stderr);
    std::exit(1);
  }
  return url;
}

}  // namespace

std::vector<std::string> RunSql(const std::string& url, const std::string& sql) {
  pqxx::connection connection(url);
  pqxx::nontransaction work(connection);
  std::vector<std::string> column;
  for (const auto& row : work.exec(sql)) column.emplace_back(row[0].c_str());
  return column;
}

TestDatabase::TestDatabase(bool migrate) {
  static std::atomic<int> count = 0;
  name_ = absl::StrCat("almanac_test_", getpid(), "_", ++count);
  RunSql(ClusterUrl(), absl::StrCat("drop database if exists ", name_, " with (force)"));
  RunSql(ClusterUrl(), absl::StrCat("create database ", name_));
  url_ = absl::StrCat(ClusterUrl(), " dbname=", name_);
  if (migrate) {
    EXPECT_TRUE(db::Migrate(url_).ok());
  }
}

TestDatabase::~TestDatabase() {
  try {
    RunSql(ClusterUrl(), absl::StrCat("drop database ", name_, " with (force)"));
  } catch (const std::exception& error) {
    ADD_FAILURE() << error.what();
  }
}

std::vector<std::string> TestDatabase::Sql(const std::string& sql) const { return RunSql(url_, sql); }

void TestDatabase::SetClock(absl::Time now) const {
  Sql(absl::StrCat(
      "create or replace function catalogue_now() returns timestamptz language sql volatile as $$ select '",
      absl::FormatTime(absl::RFC3339_full, now, absl::UTCTimeZone()), "'::timestamptz $$"));
}

void TestDatabase::SetPartitionSize(int size) const { Sql(SetPartitionSizeSql(size)); }

Client::Client(const std::string& address)
    : channel(grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(),
                                        [] {
                                          grpc::ChannelArguments arguments;
                                          // Channels to one address would otherwise share a connection.
                                          arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
                                          arguments.SetMaxReceiveMessageSize(-1);
                                          return arguments;
                                        }())),
      publishers(almanac::v1::PublisherService::NewStub(channel)),
      datasets(almanac::v1::DatasetService::NewStub(channel)),
      plans(almanac::v1::ReleasePlanService::NewStub(channel)),
      changes(almanac::v1::ChangeService::NewStub(channel)) {}

TestServer::TestServer(const std::string& database_url, service::Server::Options options,
                       db::Database::Options database_options) {
  database_options.url = database_url;
  auto database = db::Database::Open(std::move(database_options));
  EXPECT_TRUE(database.ok()) << database.status();
  database_ = *std::move(database);
  options.listen = "127.0.0.1:0";
  auto server = service::Server::Start(*database_, options);
  EXPECT_TRUE(server.ok()) << server.status();
  server_ = *std::move(server);
}

CallContext::CallContext(absl::Duration timeout, const std::string& actor) {
  set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  AddMetadata("x-almanac-actor", actor);
}

almanac::v1::Publisher ServiceTest::AddPublisher(const std::string& id) {
  almanac::v1::CreatePublisherRequest request;
  request.set_publisher_id(id);
  (*request.mutable_publisher()->mutable_titles())["en"] = "Publisher " + id;
  return Call(client_->publishers.get(), &almanac::v1::PublisherService::Stub::CreatePublisher, request);
}

almanac::v1::Dataset ServiceTest::AddDataset(const std::string& id, const std::string& publisher) {
  almanac::v1::CreateDatasetRequest request;
  request.set_parent("publishers/" + publisher);
  request.set_dataset_id(id);
  (*request.mutable_dataset()->mutable_titles())["en"] = "Dataset " + id;
  return Call(client_->datasets.get(), &almanac::v1::DatasetService::Stub::CreateDataset, request);
}

int64_t ServiceTest::HeadRevision() {
  return Call(client_->changes.get(), &almanac::v1::ChangeService::Stub::GetStatus, almanac::v1::GetStatusRequest())
      .head_revision();
}

std::string ReasonOf(const grpc::Status& status) { return DetailOf<google::rpc::ErrorInfo>(status).reason(); }

std::string MetadataOf(const grpc::Status& status, const std::string& key) {
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  const auto found = info.metadata().find(key);
  return found == info.metadata().end() ? "" : found->second;
}

std::string FieldOf(const grpc::Status& status) {
  const auto request = DetailOf<google::rpc::BadRequest>(status);
  return request.field_violations().empty() ? "" : request.field_violations(0).field();
}

bool Eventually(const std::function<bool()>& condition, absl::Duration limit) {
  for (const absl::Time end = absl::Now() + limit; absl::Now() < end; absl::SleepFor(absl::Milliseconds(20))) {
    if (condition()) return true;
  }
  return condition();
}

}  // namespace almanac::testing
