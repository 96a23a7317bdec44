#include "client/watcher.h"

#include <signal.h>

#include <algorithm>
#include <ostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/change_text.h"
#include "client/errors.h"
#include "client/json.h"

namespace almanac::client {
namespace {

using Event = Follower::Event;

// How often the place is written at most: a write is a flush of the disk. After a command it is written at once.
constexpr absl::Duration kPrintedPause = absl::Seconds(1);
constexpr absl::Duration kBookmarkPause = absl::Seconds(5);

}  // namespace

Watcher::Watcher(Options options, Session& session) : options_(std::move(options)), session_(session) {
  if (options_.command.empty()) return;
  command_.emplace(EventCommand::Options{options_.command, session_.connection.server(), options_.max_retries},
                   session_.notes);
}

void Watcher::Stop() {
  absl::MutexLock lock(&mutex_);
  stopped_ = true;
  if (command_.has_value()) command_->Stop();
  if (follower_ != nullptr) follower_->Stop();
}

void Watcher::Abandon() {
  if (command_.has_value()) command_->Signal(SIGINT);
}

bool Watcher::IsStopped() const {
  absl::MutexLock lock(&mutex_);
  return stopped_;
}

bool Watcher::IsDone() const {
  const std::ostream& out = session_.printer.out();
  return count_ >= options_.limit || !out.good() || ReaderHasGone(out);
}

absl::Status Watcher::Follow() {
  Follower::Options options;
  options.request = options_.request;
  options.relist = options_.request.snapshot();
  options.patient = false;
  options.prepare = [this](grpc::ClientContext& context) { session_.connection.Prepare(context); };
  if (!options_.position.empty()) {
    absl::StatusOr<std::unique_ptr<PositionFile>> position = PositionFile::Open(options_.position);
    if (!position.ok()) return position.status();
    position_ = *std::move(position);
    if (!position_->token().empty()) options.request.set_resume_token(position_->token());
  }
  // Says early that there is no server; a failure is told by the call itself.
  session_.connection.WaitForServer();
  Follower follower(session_.connection.channel(), std::move(options));
  {
    absl::MutexLock lock(&mutex_);
    follower_ = &follower;
    if (stopped_) follower.Stop();
  }
  absl::Status status = TakeAll(follower);
  absl::MutexLock lock(&mutex_);
  follower_ = nullptr;
  return status;
}

absl::Status Watcher::TakeAll(Follower& follower) {
  Event event;
  absl::Status taken;
  while (taken.ok() && !IsDone() && follower.Next(event)) taken = Take(event, follower.resume_token());
  if (position_ != nullptr) {
    if (absl::Status kept = position_->Flush(); !kept.ok()) return kept;
  }
  if (IsStopped()) return Stopped();
  if (!taken.ok() || IsDone()) return taken;
  return Refused(follower.status());
}

absl::Status Watcher::Take(const Event& event, const std::string& token) {
  if (event.type == Event::kLost) {
    Note(event);
    return absl::OkStatus();
  }
  absl::Duration pause = kBookmarkPause;
  if (command_.has_value() && event.type != Event::kBookmark) {
    if (absl::Status run = Run(event); !run.ok()) return run;
    pause = absl::ZeroDuration();
  } else if (!command_.has_value()) {
    Print(event);
    // What was not printed is not behind us.
    if (!session_.printer.out().good()) return absl::OkStatus();
    if (event.type != Event::kBookmark) pause = kPrintedPause;
  }
  const v1::WatchResponse& response = event.response;
  if (event.type == Event::kSnapshotBegin) in_snapshot_ = true;
  if (event.type == Event::kSnapshotEnd) in_snapshot_ = false;
  if (event.type == Event::kChange) ++count_;
  if (event.type == Event::kChange) revision_ = response.change().revision();
  if (event.type == Event::kSnapshotEnd) revision_ = response.snapshot_end().revision();
  if (event.type == Event::kBookmark) revision_ = std::max(revision_, response.bookmark().revision());
  return position_ == nullptr ? absl::OkStatus() : position_->Keep(token, pause);
}

absl::Status Watcher::Run(const Event& event) {
  if (event.type == Event::kChange) return command_->Run(event);
  if (event.type == Event::kSnapshotBegin) snapshot_.clear();
  snapshot_.push_back(event);
  if (event.type != Event::kSnapshotEnd) return absl::OkStatus();
  for (const Event& part : std::exchange(snapshot_, {})) {
    if (absl::Status run = command_->Run(part); !run.ok()) return run;
  }
  return absl::OkStatus();
}

void Watcher::Note(const Event& event) {
  std::ostream& notes = session_.notes;
  const std::string cause = PlainCause(event.cause.error_message());
  switch (event.next_step) {
    case NextStep::kRelist:
      notes << "almanac: " << cause << "; beginning anew with a snapshot\n";
      break;
    case NextStep::kWait:
      notes << "almanac: " << session_.connection.server() << " has to be waited for (" << cause << ")\n";
      break;
    default:
      notes << "almanac: lost " << session_.connection.server()
            << (in_snapshot_ ? " within the snapshot" : absl::StrCat(" at revision ", revision_)) << " (" << cause
            << "); " << (in_snapshot_ ? "beginning it anew" : "going on there") << " as soon as it is back\n";
  }
}

void Watcher::Print(const Event& event) {
  const Printer& printer = session_.printer;
  const v1::WatchResponse& response = event.response;
  std::string name;
  std::string line;
  switch (event.type) {
    case Event::kSnapshotBegin:
      // The first one begins where everything does.
      if (event.cause.ok()) return;
      line = "snapshot begins anew, in place of all before";
      break;
    case Event::kChange:
      name = response.change().resource();
      if (printer.format() == Format::kTable) line = ChangeLine(response.change(), printer.style());
      break;
    case Event::kSnapshotResource:
      name = NameOf(response.snapshot_resource());
      if (printer.format() == Format::kTable) line = SnapshotLine(response.snapshot_resource(), printer.style());
      break;
    case Event::kSnapshotEnd:
      line = absl::StrCat("snapshot complete at revision ", response.snapshot_end().revision());
      break;
    case Event::kBookmark:
      if (printer.format() != Format::kJson || !options_.bookmarks) return;
      break;
    case Event::kLost:
      return;
  }
  if (printer.format() == Format::kJson) {
    line = event.type == Event::kSnapshotBegin ? R"({"snapshotBegin":{}})" : ToJson(response, -1);
  }
  if (printer.format() == Format::kName) line = name;
  if (line.empty()) return;
  printer.out() << line << std::endl;
}

absl::Status Watcher::Stopped() const {
  if (revision_ < 0 || in_snapshot_) return InterruptedError("stopped before there was anything to go on from");
  if (position_ != nullptr) {
    return InterruptedError(absl::StrCat("stopped at revision ", revision_,
                                         "; the same command line goes on there, by ", position_->file()));
  }
  std::string flags = absl::StrCat("--since ", revision_);
  const v1::WatchRequest& request = options_.request;
  if (!request.resource_prefix().empty()) absl::StrAppend(&flags, " --resource ", request.resource_prefix());
  for (const int kind : request.kinds()) absl::StrAppend(&flags, " --kind ", EnumText(v1::ResourceKind(kind)));
  for (const int type : request.types()) absl::StrAppend(&flags, " --type ", EnumText(v1::Change::Type(type)));
  for (const std::string& field : request.changed_fields()) absl::StrAppend(&flags, " --field ", field);
  return InterruptedError(absl::StrCat("stopped at revision ", revision_, "; go on with: almanac watch ", flags));
}

absl::Status Watcher::Refused(const grpc::Status& status) const {
  const absl::Status error = FromGrpc(status, session_.connection.server());
  if (position_ == nullptr || position_->token().empty()) return error;
  if (status.error_code() == grpc::StatusCode::INVALID_ARGUMENT && IsAbout(error, "resume_token")) {
    return AddLine(error,
                   absl::StrCat(position_->file(),
                                " is of a watch with another --resource, --kind, --type or --field, or of another "
                                "catalogue: give what it was made with, or name another file"));
  }
  if (NextStepOf(status) == NextStep::kRelist) {
    return AddLine(error,
                   absl::StrCat("changes after the position in ", position_->file(),
                                " can no longer be had: add --snapshot to begin anew with every resource as it is "
                                "now, or delete the file to begin from now on"));
  }
  return error;
}

}  // namespace almanac::client
