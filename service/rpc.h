#pragma once

#include <grpcpp/grpcpp.h>

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "almanac/v1/consistency.pb.h"
#include "db/database.h"
#include "service/hashing.h"
#include "service/validation.h"

// What every unary method does around its own work: check the request, hand the work to the database, turn the result
// into a gRPC answer. No thread of gRPC is ever blocked.
namespace almanac::service {

using Context = grpc::CallbackServerContext;
using Reactor = grpc::ServerUnaryReactor;

// The gRPC status, with the google.rpc details that the status carries (AIP-193). The only place where errors become
// gRPC statuses. Payloads that are not google.rpc messages, and the words of unexpected errors, stay inside.
grpc::Status ToGrpcStatus(const absl::Status& status);

// Who calls: the metadata `x-almanac-actor`, or "anonymous". INVALID_ARGUMENT if it is longer than 256 characters or
// not clean UTF-8. It is the client's word; nothing authenticates it.
absl::StatusOr<std::string> ActorOf(const Context& context);

// Blanks what a write that was rolled back cannot promise: `revision` and `etag`, of what is inside the response too.
void ClearRevision(google::protobuf::Message& response);

// What a request says of consistency: nothing, which is strong, if it has no such field.
template <typename Request>
const almanac::v1::Consistency& ConsistencyOf(const Request& request) {
  if constexpr (requires { request.consistency(); }) return request.consistency();
  return almanac::v1::Consistency::default_instance();
}

// How fresh the answer to a call must be and how long it is waited for; INVALID_ARGUMENT for a negative revision.
absl::StatusOr<db::ReadContext> ToReadContext(Context* context, const almanac::v1::Consistency& consistency);

// Finishes a call at once.
Reactor* Refuse(Context* context, const absl::Status& status);

// Runs `fn(Transaction&) -> StatusOr<Response>`, with what the request has of consistency, and finishes the call with
// what it returns. `valid` is what the method itself found in checking its request.
template <typename Request, typename Response, typename Fn>
Reactor* Read(db::Database& database, Context* context, const Request& request, Response* response, absl::Status valid,
              Fn fn, db::Lane lane = db::Lane::kRequests) {
  if (absl::Status clean = CheckTexts(request); !clean.ok()) return Refuse(context, clean);
  if (!valid.ok()) return Refuse(context, valid);
  absl::StatusOr<db::ReadContext> read = ToReadContext(context, ConsistencyOf(request));
  if (!read.ok()) return Refuse(context, read.status());
  read->lane = lane;
  Reactor* reactor = context->DefaultReactor();
  database.Read<Response>(*std::move(read), std::move(fn), [reactor, response](absl::StatusOr<Response> result) {
    if (result.ok()) *response = std::move(*result);
    reactor->Finish(ToGrpcStatus(result.status()));
  });
  return reactor;
}

// The same for `fn(WriteTransaction&) -> StatusOr<Response>`, with the request's request_id and validate_only.
template <typename Request, typename Response, typename Fn>
Reactor* Write(db::Database& database, Context* context, const Request& request, Response* response, absl::Status valid,
               Fn fn) {
  if (absl::Status clean = CheckTexts(request); !clean.ok()) return Refuse(context, clean);
  if (absl::Status status = CheckRequestId(request.request_id()); !status.ok()) return Refuse(context, status);
  if (!valid.ok()) return Refuse(context, valid);
  absl::StatusOr<std::string> actor = ActorOf(*context);
  if (!actor.ok()) return Refuse(context, actor.status());
  db::WriteContext write{.actor = *std::move(actor),
                         .request_id = request.request_id(),
                         .payload_hash = request.request_id().empty() ? "" : PayloadHash(request),
                         .validate_only = request.validate_only(),
                         .request_bytes = static_cast<int64_t>(request.ByteSizeLong())};
  const bool validate_only = request.validate_only();
  Reactor* reactor = context->DefaultReactor();
  database.Write<Response>(std::move(write), std::move(fn),
                           [reactor, response, validate_only](absl::StatusOr<Response> result) {
                             if (result.ok()) *response = std::move(*result);
                             if (validate_only) ClearRevision(*response);
                             reactor->Finish(ToGrpcStatus(result.status()));
                           });
  return reactor;
}

}  // namespace almanac::service
