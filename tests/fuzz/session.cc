#include "tests/fuzz/session.h"

#include <google/protobuf/descriptor.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "almanac/v1/dataset_service.pb.h"
#include "almanac/v1/publisher_service.pb.h"
#include "almanac/v1/release_plan_service.pb.h"
#include "tests/fuzz/judge.h"

namespace almanac::fuzz {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr absl::Duration kLittlePatience = absl::Seconds(2);
// Of a request that is printed.
constexpr size_t kMostText = 8000;

using Methods = std::map<const Descriptor*, const MethodDescriptor*>;

// By the type of their requests, which no two methods share.
const Methods& AllMethods() {
  static const Methods& methods = *[] {
    auto* all = new Methods;
    for (const FileDescriptor* file :
         {v1::ListDatasetsRequest::descriptor()->file(), v1::ListPublishersRequest::descriptor()->file(),
          v1::ListReleasePlansRequest::descriptor()->file()}) {
      for (int s = 0; s < file->service_count(); ++s) {
        for (int m = 0; m < file->service(s)->method_count(); ++m) {
          const MethodDescriptor* method = file->service(s)->method(m);
          (*all)[method->input_type()] = method;
        }
      }
    }
    return all;
  }();
  return methods;
}

std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  // Each session has a connection of its own.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

// What text is not UTF-8 goes out as it is.
grpc::ByteBuffer ToBuffer(const Message& message) {
  const grpc::Slice slice(message.SerializePartialAsString());
  return {&slice, 1};
}

}  // namespace

void Tally::Count(const std::string& kind, grpc::StatusCode code) {
  const absl::MutexLock lock(&mutex_);
  ++counts_[kind][code];
}

void Tally::Fail(const std::string& failure) {
  const absl::MutexLock lock(&mutex_);
  failures_.push_back(failure);
}

bool Tally::HasFailed() const {
  const absl::MutexLock lock(&mutex_);
  return !failures_.empty();
}

std::vector<std::string> Tally::failures() const {
  const absl::MutexLock lock(&mutex_);
  return failures_;
}

int64_t Tally::calls() const {
  const absl::MutexLock lock(&mutex_);
  int64_t calls = 0;
  for (const auto& [kind, codes] : counts_) {
    for (const auto& [code, count] : codes) calls += count;
  }
  return calls;
}

std::string Tally::Table() const {
  const absl::MutexLock lock(&mutex_);
  std::string table;
  for (const auto& [kind, codes] : counts_) {
    absl::StrAppendFormat(&table, "%-34s", kind);
    for (const auto& [code, count] : codes) absl::StrAppendFormat(&table, "  %s %d", CodeName(code), count);
    absl::StrAppend(&table, "\n");
  }
  return table;
}

std::vector<std::string> Tally::NeverOk(int64_t calls) const {
  const absl::MutexLock lock(&mutex_);
  std::vector<std::string> kinds;
  for (const auto& [kind, codes] : counts_) {
    int64_t all = 0;
    for (const auto& [code, count] : codes) all += count;
    if (all >= calls && !codes.contains(grpc::StatusCode::OK)) kinds.push_back(kind);
  }
  return kinds;
}

Session::Session(const std::string& address, std::string replay, Tally& tally)
    : replay_(std::move(replay)), tally_(tally), stub_(Connect(address)) {}

std::unique_ptr<Message> Session::Call(const std::string& kind, const Message& request, bool may_wait) {
  const MethodDescriptor& method = *AllMethods().at(request.GetDescriptor());
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + (may_wait ? kLittlePatience : kPatience)));
  context.AddMetadata("x-almanac-actor", "fuzzer");
  const grpc::ByteBuffer sent = ToBuffer(request);
  grpc::ByteBuffer received;
  grpc::Status status;
  absl::Notification done;
  stub_.UnaryCall(&context, absl::StrCat("/", method.service()->full_name(), "/", method.name()), {}, &sent, &received,
                  [&](const grpc::Status& ended) {
                    status = ended;
                    done.Notify();
                  });
  done.WaitForNotification();
  Judge(kind, request, status, may_wait);
  if (!status.ok()) return nullptr;
  std::unique_ptr<Message> response(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(method.output_type())->New());
  grpc::Slice slice;
  if (received.DumpToSingleSlice(&slice).ok() &&
      response->ParseFromArray(slice.begin(), static_cast<int>(slice.size()))) {
    return response;
  }
  tally_.Fail(absl::StrCat("an answer of ", method.full_name(), " cannot be parsed; case ", number_));
  return nullptr;
}

void Session::Judge(const std::string& kind, const Message& request, const grpc::Status& status, bool may_wait) {
  tally_.Count(kind, status.error_code());
  const std::string complaint = ComplaintAbout(status, may_wait);
  if (complaint.empty()) return;
  tally_.Fail(absl::StrCat(complaint, "\nmessage: ", status.error_message(), "\nkind: ", kind, "\n",
                           request.GetTypeName(), " {", request.ShortDebugString().substr(0, kMostText),
                           "}\nrun it again: ", replay_, " --case ", number_));
}

}  // namespace almanac::fuzz
