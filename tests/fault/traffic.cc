#include "tests/fault/traffic.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace almanac::fault {
namespace {

constexpr int kFirstYear = 2030;

grpc::ChannelArguments Arguments() {
  grpc::ChannelArguments arguments;
  // Channels to one address would otherwise share a connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // What is retried is retried here, where it is written down.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetMaxReceiveMessageSize(-1);
  return arguments;
}

// The field of `Resource` that is set, as any message.
template <typename Fn>
auto Visit(const v1::Resource& resource, Fn fn) -> decltype(fn(resource.dataset())) {
  switch (resource.resource_case()) {
    case v1::Resource::kPublisher:
      return fn(resource.publisher());
    case v1::Resource::kDataset:
      return fn(resource.dataset());
    case v1::Resource::kReleasePlan:
      return fn(resource.release_plan());
    case v1::Resource::kCommitment:
      return fn(resource.commitment());
    case v1::Resource::RESOURCE_NOT_SET:
      break;
  }
  return {};
}

template <typename Request>
Request WithFilter(const Filter& filter) {
  Request request;
  request.set_resource_prefix(filter.resource_prefix());
  for (const int kind : filter.kinds()) request.add_kinds(static_cast<v1::ResourceKind>(kind));
  for (const int type : filter.types()) request.add_types(static_cast<v1::Change::Type>(type));
  *request.mutable_changed_fields() = filter.changed_fields();
  return request;
}

uint64_t SeedOf(uint64_t seed, absl::string_view client) {
  for (const char c : client) seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return seed;
}

}  // namespace

std::string PublisherName(int publisher) { return absl::StrCat("publishers/p-", publisher); }

std::string DatasetName(int publisher, int dataset) {
  return absl::StrCat(PublisherName(publisher), "/datasets/d-", dataset);
}

std::string PlanName(int publisher, int plan) {
  return absl::StrCat(PublisherName(publisher), "/plans/", kFirstYear + plan);
}

Random::Random(uint64_t seed, absl::string_view client) : generator_(SeedOf(seed ^ 0xCBF29CE484222325ULL, client)) {}

void Traffic::Saw(int64_t revision) {
  int64_t known = highest;
  while (revision > known && !highest.compare_exchange_weak(known, revision)) {
  }
}

void Traffic::Pause(absl::Duration duration) const {
  const absl::Time end = absl::Now() + duration;
  for (absl::Time now = absl::Now(); now < end && !stopping; now = absl::Now()) {
    absl::SleepFor(std::min(end - now, absl::Milliseconds(50)));
  }
}

Connections::Connections(const std::vector<std::string>& addresses) {
  for (const std::string& address : addresses) {
    channels_.push_back(grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), Arguments()));
  }
}

CallContext::CallContext(absl::Duration timeout, const std::string& actor) {
  set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  AddMetadata("x-almanac-actor", actor);
}

const google::protobuf::Message* Inner(const v1::Resource& resource) {
  return Visit(resource, [](const auto& inner) -> const google::protobuf::Message* { return &inner; });
}

uint64_t FingerprintOf(const v1::Resource& resource) {
  const google::protobuf::Message* inner = Inner(resource);
  return inner == nullptr ? 0 : Fingerprint(*inner);
}

int64_t RevisionOf(const v1::Resource& resource) {
  return Visit(resource, [](const auto& inner) { return static_cast<int64_t>(inner.revision()); });
}

bool IsDeleted(const v1::Resource& resource) {
  return Visit(resource, [](const auto& inner) { return inner.has_delete_time(); });
}

v1::WatchRequest ToWatchRequest(const Filter& filter) { return WithFilter<v1::WatchRequest>(filter); }

v1::ListChangesRequest ToListRequest(const Filter& filter) { return WithFilter<v1::ListChangesRequest>(filter); }

Filter RandomFilter(Random& random) {
  Filter filter;
  const int publisher = static_cast<int>(random.Below(kPublishers));
  switch (random.Below(10)) {
    case 0:
      filter.set_resource_prefix(PublisherName(publisher));
      break;
    case 1:
      filter.set_resource_prefix(DatasetName(publisher, 0));
      break;
    case 2:
      filter.set_resource_prefix(PlanName(publisher, 0));
      filter.add_kinds(v1::COMMITMENT);
      break;
    case 3:
      filter.add_kinds(v1::DATASET);
      break;
    case 4:
      filter.add_types(v1::Change::DELETED);
      filter.add_types(v1::Change::UNDELETED);
      break;
    case 5:
      filter.set_resource_prefix(PublisherName(publisher));
      filter.add_types(v1::Change::UPDATE_REPORTED);
      break;
    case 6:
      filter.add_changed_fields("titles");
      break;
    case 7:
      filter.add_kinds(v1::COMMITMENT);
      filter.add_kinds(v1::RELEASE_PLAN);
      filter.add_changed_fields("target_date");
      filter.add_changed_fields("state");
      break;
    default:  // everything
      break;
  }
  return filter;
}

}  // namespace almanac::fault
