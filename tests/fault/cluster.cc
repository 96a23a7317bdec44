#include "tests/fault/cluster.h"

#include <fcntl.h>
#include <grpcpp/grpcpp.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "almanac/v1/change_service.grpc.pb.h"
#include "tests/integration/partition_size.h"

namespace almanac::testing {
namespace {

constexpr absl::Duration kStartLimit = absl::Minutes(1);

// Storms of connections pass through this process.
void AllowManyFiles() {
  rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// The first line that comes, without its end; empty if none comes in time.
std::string FirstLine(int fd) {
  std::string line;
  for (const absl::Time deadline = absl::Now() + kStartLimit; absl::Now() < deadline;) {
    pollfd waited = {.fd = fd, .events = POLLIN, .revents = 0};
    if (poll(&waited, 1, 1000) <= 0) continue;
    char letter;
    if (read(fd, &letter, 1) != 1) return "";
    if (letter == '\n') return line;
    line += letter;
  }
  return "";
}

}  // namespace

absl::StatusOr<std::unique_ptr<Cluster>> Cluster::Start(const Options& options) {
  AllowManyFiles();
  std::unique_ptr<Cluster> cluster(new Cluster(options));
  if (absl::Status status = cluster->Prepare(); !status.ok()) return status;
  return cluster;
}

Cluster::~Cluster() {
  for (int i = 0; i < size(); ++i) KillServer(i);
}

absl::Status Cluster::Prepare() {
  spawner_ = std::make_unique<Spawner>();
  absl::StatusOr<std::unique_ptr<Postgres>> postgres =
      Postgres::Start(*spawner_, options_.log_dir.empty() ? "" : options_.log_dir + "/postgresql.log");
  if (!postgres.ok()) return postgres.status();
  postgres_ = *std::move(postgres);
  if (absl::Status status = Migrate(); !status.ok()) return status;
  const absl::StatusOr<std::vector<std::string>> sized = Sql(SetPartitionSizeSql(options_.change_partition_size));
  if (!sized.ok()) return sized.status();
  servers_.resize(options_.replicas);
  for (int i = 0; i < size(); ++i) {
    absl::StatusOr<std::unique_ptr<Proxy>> database_proxy = Proxy::Start("unix:" + postgres_->socket_path());
    if (!database_proxy.ok()) return database_proxy.status();
    servers_[i].database_proxy = *std::move(database_proxy);
    // Leads nowhere until there is a server.
    absl::StatusOr<std::unique_ptr<Proxy>> client_proxy = Proxy::Start("unix:" + postgres_->directory() + "/none");
    if (!client_proxy.ok()) return client_proxy.status();
    servers_[i].client_proxy = *std::move(client_proxy);
    if (absl::Status status = StartServer(i); !status.ok()) return status;
  }
  return absl::OkStatus();
}

std::string Cluster::UrlFor(const Server& server) const {
  return absl::StrCat("host=127.0.0.1 port=", server.database_proxy->port(), " user=postgres dbname=almanac");
}

int Cluster::OpenLog(const std::string& name) const {
  const std::string& directory = options_.log_dir.empty() ? postgres_->directory() : options_.log_dir;
  return open(absl::StrCat(directory, "/", name, ".log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

absl::Status Cluster::Migrate() {
  const int log = OpenLog("migrate");
  const absl::StatusOr<int> code =
      spawner_->Run({.argv = {options_.binary_dir + "/service/almanacd", "migrate", "--database-url", database_url()},
                     .account = service::Account::Current(),
                     .death_signal = SIGKILL,
                     .error = log});
  close(log);
  if (!code.ok()) return code.status();
  if (*code != 0) return absl::InternalError(absl::StrCat("almanacd migrate ended with exit code ", *code));
  return absl::OkStatus();
}

bool Cluster::Runs(int replica) {
  Server& server = servers_.at(replica);
  int status = 0;
  if (server.pid != 0 && waitpid(server.pid, &status, WNOHANG) == server.pid) {
    server.pid = 0;
    crashes_.push_back(absl::StrCat("server ", replica, " ended by itself with ",
                                    WIFSIGNALED(status) ? "signal " : "exit code ",
                                    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status)));
  }
  return server.pid != 0;
}

void Cluster::KillServer(int replica) {
  if (!Runs(replica)) return;
  Server& server = servers_.at(replica);
  kill(server.pid, SIGKILL);
  AwaitExit(std::exchange(server.pid, 0));
  server.frozen = false;
}

absl::Status Cluster::StartServer(int replica) {
  if (Runs(replica)) return absl::OkStatus();
  Server& server = servers_.at(replica);
  int output[2];
  if (pipe2(output, O_CLOEXEC) != 0) return absl::InternalError(absl::StrCat("no pipe: ", strerror(errno)));
  const int log = OpenLog(absl::StrCat("almanacd-", replica));
  Spawner::Command command{.argv = {options_.binary_dir + "/service/almanacd", "serve", "--database-url",
                                    UrlFor(server), "--listen", "127.0.0.1:0", "--log-level", "warn"},
                           .account = service::Account::Current(),
                           .death_signal = SIGKILL,
                           .output = output[1],
                           .error = log};
  command.argv.insert(command.argv.end(), options_.server_flags.begin(), options_.server_flags.end());
  const absl::StatusOr<pid_t> pid = spawner_->Spawn(command);
  close(output[1]);
  close(log);
  const std::string line = pid.ok() ? FirstLine(output[0]) : "";
  close(output[0]);
  if (!pid.ok()) return pid.status();
  absl::string_view address = line;
  if (!absl::ConsumePrefix(&address, "almanacd listening on ")) {
    kill(*pid, SIGKILL);
    AwaitExit(*pid);
    return absl::UnavailableError(absl::StrCat("server ", replica, " did not start; its log says why"));
  }
  server.pid = *pid;
  server.client_proxy->SetTarget(std::string(address));
  return AwaitServing(replica);
}

void Cluster::Freeze(int replica) {
  if (!Runs(replica)) return;
  kill(servers_.at(replica).pid, SIGSTOP);
  servers_.at(replica).frozen = true;
}

void Cluster::Thaw(int replica) {
  if (!Runs(replica)) return;
  kill(servers_.at(replica).pid, SIGCONT);
  servers_.at(replica).frozen = false;
}

absl::Status Cluster::AwaitServing(int replica) const {
  grpc::Status status;
  for (const absl::Time deadline = absl::Now() + kStartLimit; absl::Now() < deadline;) {
    grpc::ChannelArguments arguments;
    // Another channel's backoff is not waited for.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    const auto channel = grpc::CreateCustomChannel(address(replica), grpc::InsecureChannelCredentials(), arguments);
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(10)));
    almanac::v1::GetStatusResponse answer;
    status = almanac::v1::ChangeService::NewStub(channel)->GetStatus(&context, {}, &answer);
    if (status.ok()) return absl::OkStatus();
    absl::SleepFor(absl::Milliseconds(100));
  }
  return absl::UnavailableError(absl::StrCat("server ", replica, " does not answer: ", status.error_message()));
}

absl::Status Cluster::Heal() {
  absl::Status healed;
  for (const Postgres::Disk disk : {Postgres::Disk::kLog, Postgres::Disk::kTablespace}) {
    healed.Update(postgres_->FreeDisk(disk));
  }
  healed.Update(postgres_->EnsureRunning());
  for (int i = 0; i < size(); ++i) {
    servers_[i].client_proxy->Heal();
    servers_[i].database_proxy->Heal();
    Thaw(i);
  }
  for (int i = 0; i < size(); ++i) {
    healed.Update(StartServer(i));
    healed.Update(AwaitServing(i));
  }
  return healed;
}

absl::Status Cluster::Crashes() {
  for (int i = 0; i < size(); ++i) Runs(i);
  const std::vector<std::string> crashes = std::exchange(crashes_, {});
  if (crashes.empty()) return absl::OkStatus();
  return absl::InternalError(absl::StrJoin(crashes, "; "));
}

}  // namespace almanac::testing
