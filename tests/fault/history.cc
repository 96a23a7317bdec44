#include "tests/fault/history.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <google/protobuf/util/delimited_message_util.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace almanac::fault {
namespace {

constexpr size_t kMaxMessage = 120;

int64_t SteadyMicros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Recorder>> Recorder::Open(const std::string& path) {
  FILE* file = std::fopen(path.c_str(), "we");
  if (file == nullptr) return absl::InternalError(absl::StrCat(path, ": ", std::strerror(errno)));
  return std::unique_ptr<Recorder>(new Recorder(path, file));
}

Recorder::Recorder(std::string path, FILE* file) : path_(std::move(path)), start_(SteadyMicros()), file_(file) {}

Recorder::~Recorder() { std::fclose(file_); }

int64_t Recorder::Now() const { return SteadyMicros() - start_; }

void Recorder::Add(const Event& event) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::util::SerializeDelimitedToZeroCopyStream(event, &stream);
  }
  absl::MutexLock lock(&mutex_);
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) failed_ = true;
}

absl::Status Recorder::Flush() {
  absl::MutexLock lock(&mutex_);
  if (std::fflush(file_) != 0) failed_ = true;
  if (failed_) return absl::DataLossError(absl::StrCat(path_, " could not be written; make room on its disk"));
  return absl::OkStatus();
}

History ReadFrom(std::string path) {
  return [path = std::move(path)](const EventSink& sink) -> absl::Status {
    std::ifstream file(path, std::ios::binary);
    if (!file) return absl::NotFoundError(absl::StrCat(path, ": ", std::strerror(errno)));
    google::protobuf::io::IstreamInputStream stream(&file);
    Event event;  // one for all, so that its parts are allocated once
    for (int64_t place = 0;; ++place) {
      event.Clear();
      bool clean_end = false;
      if (!google::protobuf::util::ParseDelimitedFromZeroCopyStream(&event, &stream, &clean_end)) {
        if (place == 0) return absl::InvalidArgumentError(absl::StrCat(path, " is no history"));
        return absl::OkStatus();
      }
      sink(place, event);
    }
  };
}

uint64_t Fingerprint(const google::protobuf::Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  const uint64_t hash = std::hash<std::string_view>()(bytes);
  return hash == 0 ? 1 : hash;
}

int64_t RevisionOfEtag(const std::string& etag) {
  int64_t revision = -1;
  if (!absl::SimpleAtoi(absl::StrReplaceAll(etag, {{"\"", ""}}), &revision)) return -1;
  return revision;
}

Failure ToFailure(const grpc::Status& status) {
  Failure failure;
  failure.set_code(status.error_code());
  failure.set_message(status.error_message().substr(0, kMaxMessage));
  google::rpc::Status details;
  details.ParseFromString(status.error_details());
  for (const auto& any : details.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest request;
    if (any.UnpackTo(&info)) {
      failure.set_reason(info.reason());
      *failure.mutable_metadata() = info.metadata();
    } else if (any.UnpackTo(&request) && request.field_violations_size() > 0) {
      failure.set_field(request.field_violations(0).field());
    }
  }
  return failure;
}

std::string Describe(const Event& event) { return event.ShortDebugString(); }

}  // namespace almanac::fault
