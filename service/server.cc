#include "service/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <unistd.h>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "service/malformed_requests.h"

namespace almanac::service {
namespace {

// Clients may ping as often. Pings without data are unlimited, since a quiet watcher has none.
constexpr int kMinClientPingMs = 10'000;

int Milliseconds(absl::Duration duration) { return static_cast<int>(absl::ToInt64Milliseconds(duration)); }

void AddArguments(const Server::Options& options, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(options.max_message_bytes);
  builder.SetMaxSendMessageSize(options.max_message_bytes);
  // Two servers on one port would otherwise share it in silence.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(options.keepalive_time));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(options.keepalive_timeout));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kMinClientPingMs);
}

std::string NewReplicaId() {
  absl::BitGen random;
  return absl::StrFormat("%016x", absl::Uniform<uint64_t>(random));
}

// Where others may find a server that listens at `address`: if that is everywhere, by the host's name.
std::string Reachable(const std::string& address) {
  const size_t colon = address.rfind(':');
  const std::string host = address.substr(0, colon);
  char name[256] = "";
  if ((host != "0.0.0.0" && host != "[::]") || gethostname(name, sizeof(name) - 1) != 0) return address;
  return name + address.substr(colon);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(db::Database& database, const Options& options) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  std::unique_ptr<Server> server(new Server(database, options));
  grpc::ServerBuilder builder;
  AddArguments(options, builder);
  int port = 0;
  builder.AddListeningPort(options.listen, grpc::InsecureServerCredentials(), &port);
  builder.experimental().SetInterceptorCreators(RefuseMalformedRequests());
  builder.RegisterService(&server->publishers_);
  builder.RegisterService(&server->datasets_);
  builder.RegisterService(&server->plans_);
  builder.RegisterService(&server->changes_);
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr || port == 0) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", options.listen,
                                               ": is another server there already? Choose another --listen"));
  }
  server->address_ = absl::StrCat(options.listen.substr(0, options.listen.rfind(':')), ":", port);
  server->clock_.emplace(database, options.clock_interval);
  server->search_index_.emplace(database, options.search_index_interval);
  server->retention_.emplace(database, options.retention, options.retention_interval);
  almanac::v1::Replica replica;
  replica.set_id(server->replica_id_);
  replica.set_address(options.advertise_address.empty() ? Reachable(server->address_) : options.advertise_address);
  replica.set_server_version(options.version);
  server->heartbeat_.emplace(database, server->feed_, std::move(replica), options.heartbeat_interval);
  return server;
}

Server::Server(db::Database& database, const Options& options)
    : options_(options),
      replica_id_(NewReplicaId()),
      feed_(database, options.feed),
      publishers_(database),
      datasets_(database),
      plans_(database, options.max_message_bytes),
      changes_(database, feed_, options.version, replica_id_, options.retention) {}

Server::~Server() { Drain(); }

void Server::Drain() {
  if (server_ == nullptr) return;
  server_->GetHealthCheckService()->SetServingStatus(false);
  feed_.Stop();
  if (clock_) clock_->Stop();
  if (search_index_) search_index_->Stop();
  if (retention_) retention_->Stop();
  if (heartbeat_) heartbeat_->Stop();
  server_->Shutdown(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(options_.drain_timeout));
  server_->Wait();
  server_.reset();
}

}  // namespace almanac::service
