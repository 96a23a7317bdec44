#include "tests/fuzz/server.h"

#include <fcntl.h>
#include <grpcpp/grpcpp.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <pqxx/pqxx>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "almanac/v1/dataset_service.grpc.pb.h"
#include "almanac/v1/publisher_service.grpc.pb.h"
#include "almanac/v1/release_plan_service.grpc.pb.h"
#include "client/documents/plan_text.h"

namespace almanac::fuzz {
namespace {

constexpr size_t kEndOfLog = 4000;
// Datasets that something becomes of, so that no field is empty everywhere.
constexpr int kReported = 40;

std::string TextOf(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

absl::Status Exec(const std::string& url, const std::string& sql) {
  try {
    pqxx::connection connection(url);
    pqxx::nontransaction(connection).exec(sql);
    return absl::OkStatus();
  } catch (const pqxx::failure& error) {
    return absl::UnavailableError(error.what());
  }
}

template <typename Stub, typename Request, typename Response>
absl::Status Call(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                  const Request& request, Response* response) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Minutes(1)));
  context.AddMetadata("x-almanac-actor", "fuzzer");
  const grpc::Status status = (stub.*method)(&context, request, response);
  if (status.ok()) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(request.GetTypeName(), ": ", status.error_message()));
}

absl::Status ImportPlan(v1::ReleasePlanService::Stub& plans, const std::string& language) {
  const auto document = client::ParsePlan(TextOf(ALMANAC_TEST_DATA "/swd-2022-2024." + language + ".txt"));
  if (!document.ok()) return document.status();
  v1::ImportPlanRequest request;
  request.set_parent("publishers/swd");
  *request.mutable_document() = *document;
  v1::ImportPlanResponse response;
  return Call(plans, &v1::ReleasePlanService::Stub::ImportPlan, request, &response);
}

// Publishers with a plan each, so that every list has several pages.
absl::Status AddOthers(v1::PublisherService::Stub& publishers, v1::ReleasePlanService::Stub& plans) {
  for (const char* id : {"afcd", "fsd", "zero"}) {
    v1::CreatePublisherRequest publisher;
    publisher.set_publisher_id(id);
    (*publisher.mutable_publisher()->mutable_titles())["en"] = absl::StrCat("Publisher ", id);
    v1::Publisher made;
    if (absl::Status done = Call(publishers, &v1::PublisherService::Stub::CreatePublisher, publisher, &made);
        !done.ok()) {
      return done;
    }
    v1::CreateReleasePlanRequest plan;
    plan.set_parent(made.name());
    plan.mutable_release_plan()->mutable_period()->set_start_year(2023);
    plan.mutable_release_plan()->mutable_period()->set_end_year(2025);
    v1::ReleasePlan made_plan;
    if (absl::Status done = Call(plans, &v1::ReleasePlanService::Stub::CreateReleasePlan, plan, &made_plan);
        !done.ok()) {
      return done;
    }
  }
  return absl::OkStatus();
}

// Reports updates of some datasets, and deletes one that nobody promised.
absl::Status Live(v1::DatasetService::Stub& datasets) {
  v1::ListDatasetsRequest list;
  list.set_parent("publishers/swd");
  list.set_page_size(kReported);
  v1::ListDatasetsResponse found;
  if (absl::Status listed = Call(datasets, &v1::DatasetService::Stub::ListDatasets, list, &found); !listed.ok()) {
    return listed;
  }
  v1::BatchReportUpdatesRequest updates;
  updates.set_parent("publishers/swd");
  for (int i = 0; i < found.datasets_size(); ++i) {
    v1::ReportUpdateRequest& update = *updates.add_requests();
    update.set_name(found.datasets(i).name());
    update.mutable_data_time()->set_seconds(1'500'000'000 + i * int64_t{4'000'000});
  }
  v1::BatchReportUpdatesResponse reported;
  if (absl::Status done = Call(datasets, &v1::DatasetService::Stub::BatchReportUpdates, updates, &reported);
      !done.ok()) {
    return done;
  }
  v1::CreateDatasetRequest create;
  create.set_parent("publishers/swd");
  create.set_dataset_id("gone");
  (*create.mutable_dataset()->mutable_titles())["en"] = "Gone";
  v1::Dataset dataset;
  if (absl::Status done = Call(datasets, &v1::DatasetService::Stub::CreateDataset, create, &dataset); !done.ok()) {
    return done;
  }
  v1::DeleteDatasetRequest remove;
  remove.set_name(dataset.name());
  return Call(datasets, &v1::DatasetService::Stub::DeleteDataset, remove, &dataset);
}

}  // namespace

FuzzServer::FuzzServer(std::string cluster_url)
    : cluster_url_(std::move(cluster_url)),
      database_(absl::StrCat("almanac_fuzz_", getpid())),
      log_(absl::StrCat("/tmp/almanac-fuzz-", getpid(), ".log")) {}

absl::StatusOr<std::unique_ptr<FuzzServer>> FuzzServer::Start(const std::string& cluster_url) {
  std::unique_ptr<FuzzServer> server(new FuzzServer(cluster_url));
  if (absl::Status prepared = server->Prepare(); !prepared.ok()) return prepared;
  return server;
}

FuzzServer::~FuzzServer() {
  if (pid_ != 0) {
    kill(pid_, SIGKILL);
    testing::AwaitExit(pid_);
  }
  if (const absl::Status dropped =
          Exec(cluster_url_, absl::StrCat("drop database if exists ", database_, " with (force)"));
      !dropped.ok()) {
    std::fprintf(stderr, "almanac_fuzz: %s\n", std::string(dropped.message()).c_str());
  }
  std::error_code ignored;
  std::filesystem::remove(log_, ignored);
}

absl::Status FuzzServer::Prepare() {
  if (absl::Status made = Exec(cluster_url_, absl::StrCat("create database ", database_)); !made.ok()) return made;
  if (absl::Status served = Serve(); !served.ok()) return served;
  return Fill();
}

absl::Status FuzzServer::Serve() {
  int output[2];
  if (pipe2(output, O_CLOEXEC) != 0) return absl::InternalError("no pipe");
  const int log = open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  // Its clock rests: what it would change between two calls is nothing that a seed tells.
  const std::string program = ALMANAC_BINARY_DIR "/service/almanacd";
  const absl::StatusOr<pid_t> pid = spawner_.Spawn(
      {.argv = {program, "serve", "--database-url", absl::StrCat(cluster_url_, " dbname=", database_), "--listen",
                "127.0.0.1:0", "--migrate", "--clock-interval", "1h", "--log-level", "error"},
       .account = service::Account::Current(),
       .death_signal = SIGKILL,
       .output = output[1],
       .error = log});
  close(output[1]);
  close(log);
  FILE* lines = fdopen(output[0], "r");
  char buffer[200] = "";
  const bool has_line = pid.ok() && fgets(buffer, sizeof(buffer), lines) != nullptr;
  fclose(lines);
  if (!pid.ok()) return pid.status();
  pid_ = *pid;
  absl::string_view line = absl::StripSuffix(buffer, "\n");
  if (!has_line || !absl::ConsumePrefix(&line, "almanacd listening on ")) {
    return absl::UnavailableError(absl::StrCat("almanacd does not start:\n", TextOf(log_)));
  }
  address_ = std::string(line);
  return absl::OkStatus();
}

absl::Status FuzzServer::Fill() const {
  const auto channel = grpc::CreateChannel(address_, grpc::InsecureChannelCredentials());
  const auto plans = v1::ReleasePlanService::NewStub(channel);
  for (const char* language : {"zh-Hans", "zh-Hant", "en"}) {
    if (absl::Status imported = ImportPlan(*plans, language); !imported.ok()) return imported;
  }
  if (absl::Status added = AddOthers(*v1::PublisherService::NewStub(channel), *plans); !added.ok()) return added;
  return Live(*v1::DatasetService::NewStub(channel));
}

absl::Status FuzzServer::CheckRunning() {
  int status = 0;
  if (pid_ == 0 || waitpid(pid_, &status, WNOHANG) != pid_) return absl::OkStatus();
  pid_ = 0;
  const std::string log = TextOf(log_);
  return absl::InternalError(
      absl::StrCat("almanacd ended by itself with ", WIFSIGNALED(status) ? "signal " : "exit code ",
                   WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), "; its log ends with:\n",
                   log.substr(log.size() - std::min(log.size(), kEndOfLog))));
}

}  // namespace almanac::fuzz
