#include "service/rpc.h"

#include <spdlog/spdlog.h>

#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "db/errors.h"
#include "google/rpc/status.pb.h"

namespace almanac::service {
namespace {

constexpr char kActorKey[] = "x-almanac-actor";

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(std::string(status.message()));
  // In the order of their types: absl::Status has none, and the same error should always be the same bytes.
  std::map<std::string, std::string> payloads;
  status.ForEachPayload([&](absl::string_view type_url, const absl::Cord& payload) {
    payloads.emplace(std::string(type_url), std::string(payload));
  });
  for (auto& [type_url, payload] : payloads) {
    auto* detail = details.add_details();
    detail->set_type_url(type_url);
    detail->set_value(std::move(payload));
  }
  if (details.details_size() == 0) {
    // Every error meant for clients carries details; this one is a fault of ours.
    spdlog::error("internal error: {}", std::string(status.message()));
    return ToGrpcStatus(
        db::Error(absl::StatusCode::kInternal, "INTERNAL", "internal error; the server's log says more"));
  }
  return {static_cast<grpc::StatusCode>(status.code()), details.message(), details.SerializeAsString()};
}

absl::StatusOr<std::string> ActorOf(const Context& context) {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find(kActorKey);
  if (found == metadata.end() || found->second.empty()) return "anonymous";
  std::string actor(found->second.data(), found->second.size());
  if (absl::Status status = CheckText(kActorKey, actor, kMaxActor); !status.ok()) return status;
  return actor;
}

absl::StatusOr<db::ReadContext> ToReadContext(Context* context, const almanac::v1::Consistency& consistency) {
  if (consistency.at_least_revision() < 0) {
    return db::InvalidField("consistency.at_least_revision", "is negative; give the revision of a write, or 0 for any");
  }
  return db::ReadContext{.consistency = consistency,
                         .deadline = absl::FromChrono(context->deadline()),
                         .is_cancelled = [context] { return context->IsCancelled(); }};
}

void ClearRevision(google::protobuf::Message& response) {
  const google::protobuf::Descriptor& type = *response.GetDescriptor();
  const google::protobuf::Reflection& reflection = *response.GetReflection();
  for (const char* name : {"revision", "etag"}) {
    if (const auto* field = type.FindFieldByName(name)) reflection.ClearField(&response, field);
  }
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection.ListFields(response, &fields);
  for (const auto* field : fields) {
    if (field->message_type() == nullptr || field->is_map()) continue;
    if (!field->is_repeated()) ClearRevision(*reflection.MutableMessage(&response, field));
    const int count = field->is_repeated() ? reflection.FieldSize(response, field) : 0;
    for (int i = 0; i < count; ++i) ClearRevision(*reflection.MutableRepeatedMessage(&response, field, i));
  }
}

Reactor* Refuse(Context* context, const absl::Status& status) {
  Reactor* reactor = context->DefaultReactor();
  reactor->Finish(ToGrpcStatus(status));
  return reactor;
}

}  // namespace almanac::service
