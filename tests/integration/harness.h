#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "almanac/v1/change_service.grpc.pb.h"
#include "almanac/v1/dataset_service.grpc.pb.h"
#include "almanac/v1/publisher_service.grpc.pb.h"
#include "almanac/v1/release_plan_service.grpc.pb.h"
#include "db/database.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "service/server.h"

// What the integration tests share: a fresh database for each test, servers on it, and clients over a socket.
namespace almanac::testing {

// Runs SQL on the database at `url` and returns the first column of its rows, as text.
std::vector<std::string> RunSql(const std::string& url, const std::string& sql);

// A new, migrated database in the cluster at ALMANAC_TEST_DATABASE_URL; dropped at the end. Fails the whole program if
// there is no cluster: a test without a database shows nothing.
class TestDatabase {
 public:
  explicit TestDatabase(bool migrate = true);
  ~TestDatabase();

  // libpq keywords.
  const std::string& url() const { return url_; }
  // Runs SQL as the superuser and returns the first column of its rows, as text.
  std::vector<std::string> Sql(const std::string& sql) const;
  // Makes the catalogue's clock stand at `now`, for every server on this database.
  void SetClock(absl::Time now) const;
  // Makes the partitions of the change log that are yet to come have `size` revisions; all, if nothing was written.
  void SetPartitionSize(int size) const;

 private:
  std::string name_;
  std::string url_;
};

// The stubs of one channel.
struct Client {
  explicit Client(const std::string& address);

  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<almanac::v1::PublisherService::Stub> publishers;
  std::unique_ptr<almanac::v1::DatasetService::Stub> datasets;
  std::unique_ptr<almanac::v1::ReleasePlanService::Stub> plans;
  std::unique_ptr<almanac::v1::ChangeService::Stub> changes;
};

// A server in this process, on a port of its own.
class TestServer {
 public:
  explicit TestServer(const std::string& database_url, service::Server::Options options = {},
                      db::Database::Options database_options = {});

  const std::string& address() const { return server_->address(); }
  db::Database& database() { return *database_; }
  service::Server& server() { return *server_; }
  std::unique_ptr<Client> NewClient() const { return std::make_unique<Client>(address()); }

 private:
  std::unique_ptr<db::Database> database_;
  std::unique_ptr<service::Server> server_;
};

// A context with a deadline that no working call meets, and an actor.
class CallContext : public grpc::ClientContext {
 public:
  explicit CallContext(absl::Duration timeout = absl::Seconds(60), const std::string& actor = "tester");
};

// A database, a server and a client.
class ServiceTest : public ::testing::Test {
 protected:
  // Creates `publishers/{id}` with an English title.
  almanac::v1::Publisher AddPublisher(const std::string& id = "swd");
  // Creates `publishers/swd/datasets/{id}`; the publisher must exist.
  almanac::v1::Dataset AddDataset(const std::string& id, const std::string& publisher = "swd");
  int64_t HeadRevision();

  TestDatabase database_;
  TestServer server_{database_.url()};
  std::unique_ptr<Client> client_ = server_.NewClient();
};

// Calls a unary method and returns its answer; fails the test if the status is not OK.
//   Dataset d = Call(&*client_->datasets, &DatasetService::Stub::GetDataset, request);
template <typename Stub, typename Request, typename Response>
Response Call(Stub* stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
              const Request& request) {
  CallContext context;
  Response response;
  const grpc::Status status = (stub->*method)(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_code() << " " << status.error_message() << "\n" << request.DebugString();
  return response;
}

// Calls a unary method and returns its status.
template <typename Stub, typename Request, typename Response>
grpc::Status StatusOf(Stub* stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                      const Request& request) {
  CallContext context;
  Response response;
  return (stub->*method)(&context, request, &response);
}

// The detail of type `T` in a status, or a default one.
template <typename T>
T DetailOf(const grpc::Status& status) {
  google::rpc::Status details;
  details.ParseFromString(status.error_details());
  T detail;
  for (const auto& any : details.details()) {
    if (any.UnpackTo(&detail)) return detail;
  }
  return {};
}

// The reason in a status' ErrorInfo, or "".
std::string ReasonOf(const grpc::Status& status);
// The metadata of this key in a status' ErrorInfo, or "".
std::string MetadataOf(const grpc::Status& status, const std::string& key);
// The first field that a status' BadRequest complains about, or "".
std::string FieldOf(const grpc::Status& status);

// Waits until `condition` holds; false after `limit`.
bool Eventually(const std::function<bool()>& condition, absl::Duration limit = absl::Seconds(30));

}  // namespace almanac::testing
