#include "client/watcher.h"

#include <algorithm>
#include <ostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/change_text.h"
#include "client/errors.h"
#include "client/json.h"

namespace almanac::client {
namespace {

constexpr absl::Duration kFirstPause = absl::Milliseconds(200);
constexpr absl::Duration kLongestPause = absl::Seconds(10);

}  // namespace

Watcher::Watcher(Options options, Session& session) : options_(std::move(options)), session_(session) {}

void Watcher::Stop() {
  if (!stopped_.HasBeenNotified()) stopped_.Notify();
  absl::MutexLock lock(&mutex_);
  if (context_ != nullptr) context_->TryCancel();
}

bool Watcher::IsDone() const {
  const std::ostream& out = session_.printer.out();
  return stopped_.HasBeenNotified() || count_ >= options_.limit || !out.good() || ReaderHasGone(out);
}

bool Watcher::IsInSnapshot() const { return options_.request.snapshot() && resume_token_.empty(); }

bool Watcher::MayResume(const grpc::Status& status) const {
  if (resume_token_.empty()) return false;
  switch (status.error_code()) {
    case grpc::StatusCode::OK:                  // The server rebalances its watchers.
    case grpc::StatusCode::UNAVAILABLE:         // It stops, or was lost.
    case grpc::StatusCode::RESOURCE_EXHAUSTED:  // We were too slow for it, or the next one is full.
    case grpc::StatusCode::INTERNAL:            // The connection broke within a message.
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return true;
    default:
      return false;
  }
}

absl::Status Watcher::Follow() {
  // Says early that there is no server; a failure is told by the call itself.
  session_.connection.WaitForServer();
  absl::Duration pause = kFirstPause;
  for (;;) {
    heard_ = false;
    const grpc::Status status = FollowStream();
    if (stopped_.HasBeenNotified()) return Stopped();
    if (IsDone()) return absl::OkStatus();
    if (!MayResume(status)) {
      const absl::Status error = FromGrpc(status, session_.connection.server());
      if (status.ok()) return absl::UnavailableError("the server ended the stream before it said where to resume");
      return heard_ && IsInSnapshot() ? AddLine(error, "a snapshot cannot be resumed: start it again") : error;
    }
    if (heard_) pause = kFirstPause;
    if (!status.ok() && (heard_ || pause == kFirstPause)) {
      session_.notes << "almanac: lost " << session_.connection.server() << " at revision " << revision_ << " ("
                     << PlainCause(status.error_message()) << "); going on there as soon as it is back\n";
    }
    if (stopped_.WaitForNotificationWithTimeout(status.ok() && heard_ ? absl::ZeroDuration() : pause)) return Stopped();
    pause = std::min(pause * 2, kLongestPause);
  }
}

grpc::Status Watcher::FollowStream() {
  v1::WatchRequest request = options_.request;
  if (!resume_token_.empty()) request.set_resume_token(resume_token_);
  grpc::ClientContext context;
  session_.connection.Prepare(context);
  {
    absl::MutexLock lock(&mutex_);
    context_ = &context;
    if (stopped_.HasBeenNotified()) context.TryCancel();
  }
  v1::ChangeService::Stub stub(session_.connection.channel());
  const std::unique_ptr<grpc::ClientReader<v1::WatchResponse>> reader = stub.Watch(&context, request);
  v1::WatchResponse response;
  while (!IsDone() && reader->Read(&response)) {
    heard_ = true;
    Print(response);
    // Only what was printed counts as read.
    if (!response.resume_token().empty()) resume_token_ = response.resume_token();
  }
  // Only our own end is a cancellation: it would hide the server's reason.
  if (IsDone()) context.TryCancel();
  const grpc::Status status = reader->Finish();
  absl::MutexLock lock(&mutex_);
  context_ = nullptr;
  return status;
}

void Watcher::Print(const v1::WatchResponse& response) {
  const Printer& printer = session_.printer;
  std::string name;
  std::string line;
  switch (response.event_case()) {
    case v1::WatchResponse::kChange:
      ++count_;
      revision_ = response.change().revision();
      name = response.change().resource();
      if (printer.format() == Format::kTable) line = ChangeLine(response.change(), printer.style());
      break;
    case v1::WatchResponse::kSnapshotResource:
      name = NameOf(response.snapshot_resource());
      if (printer.format() == Format::kTable) line = SnapshotLine(response.snapshot_resource(), printer.style());
      break;
    case v1::WatchResponse::kSnapshotEnd:
      revision_ = response.snapshot_end().revision();
      line = absl::StrCat("snapshot complete at revision ", revision_);
      break;
    case v1::WatchResponse::kBookmark:
      revision_ = std::max(revision_, response.bookmark().revision());
      if (printer.format() != Format::kJson || !options_.bookmarks) return;
      break;
    case v1::WatchResponse::EVENT_NOT_SET:
      return;
  }
  if (printer.format() == Format::kJson) line = ToJson(response, -1);
  if (printer.format() == Format::kName) line = name;
  if (line.empty()) return;
  printer.out() << line << std::endl;
}

absl::Status Watcher::Stopped() const {
  if (revision_ < 0 || IsInSnapshot()) return InterruptedError("stopped before there was anything to go on from");
  std::string flags = absl::StrCat("--since ", revision_);
  const v1::WatchRequest& request = options_.request;
  if (!request.resource_prefix().empty()) absl::StrAppend(&flags, " --resource ", request.resource_prefix());
  for (const int kind : request.kinds()) absl::StrAppend(&flags, " --kind ", EnumText(v1::ResourceKind(kind)));
  for (const int type : request.types()) absl::StrAppend(&flags, " --type ", EnumText(v1::Change::Type(type)));
  for (const std::string& field : request.changed_fields()) absl::StrAppend(&flags, " --field ", field);
  return InterruptedError(absl::StrCat("stopped at revision ", revision_, "; go on with: almanac watch ", flags));
}

}  // namespace almanac::client
