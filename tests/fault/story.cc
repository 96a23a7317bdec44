#include "tests/fault/story.h"

#include <grpcpp/grpcpp.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace almanac::fault {
namespace {

constexpr char kDatasets[] = "publishers/p/datasets/";

std::string MessageName(int stream, StreamMessage::Kind kind, int64_t revision) {
  return absl::StrCat("stream ", stream, " ", StreamMessage::Kind_Name(kind), " ", revision);
}

}  // namespace

Event& Story::Add(const std::string& name, Event event) {
  places_[name] = events_.size();
  events_.push_back(std::move(event));
  return events_.back();
}

Event& Story::at(const std::string& name) { return events_.at(places_.at(name)); }

Write& Story::AddWrite(const std::string& actor, const std::string& request_id, Write::Outcome outcome) {
  Event event;
  Write& write = *event.mutable_write();
  write.set_start(Tick());
  write.set_end(Tick());
  write.set_actor(actor);
  write.set_request_id(request_id);
  write.set_payload(std::hash<std::string>()(request_id) | 1);
  write.set_outcome(outcome);
  write.set_last_revision(-1);
  write.set_method("Write");
  return *Add(actor, event).mutable_write();
}

Write& Story::AddMade(const std::string& actor, const std::string& request_id,
                      const std::vector<std::string>& resources, v1::Change::Type type) {
  AddWrite(actor, request_id, Write::OK);
  for (size_t i = 0; i < resources.size(); ++i) {
    Event event;
    LogEntry& entry = *event.mutable_log_entry();
    entry.set_revision(++head_);
    entry.set_actor(actor);
    entry.set_request_id(request_id.empty() ? absl::StrCat("server-", head_) : request_id);
    entry.set_resource(resources[i]);
    entry.set_kind(absl::StrContains(resources[i], "/datasets/") ? v1::DATASET : v1::PUBLISHER);
    entry.set_type(type);
    entry.add_changed_fields("titles");
    entry.set_last_of_write(i + 1 == resources.size());
    entry.set_deleted(type == v1::Change::DELETED);
    entry.set_change_time_micros(head_);
    entry.set_fingerprint(2000 + head_);
    int64_t& latest = latest_[resources[i]];
    entry.set_before(latest == 0 ? 0 : 1000 + latest);
    entry.set_after(1000 + head_);
    latest = head_;
    Add(absl::StrCat("change ", head_), event);
  }
  Write& write = *at(actor).mutable_write();
  write.set_resource(resources.back());
  write.set_min_changes(static_cast<int>(resources.size()));
  write.set_max_changes(write.min_changes());
  if (resources.size() > 1) write.set_last_revision(head_);
  write.set_answer(3000 + head_);
  Row& row = *write.add_rows();
  row.set_revision(head_);
  row.set_fingerprint(1000 + head_);
  row.set_name(resources.back());
  return write;
}

Read& Story::AddRead(const std::string& name, Read::Method method, const std::string& target) {
  Event event;
  Read& read = *event.mutable_read();
  read.set_start(Tick());
  read.set_end(Tick());
  read.set_actor(name);
  read.set_method(method);
  read.set_target(target);
  read.set_kind(v1::DATASET);
  return *Add(name, event).mutable_read();
}

StreamStart& Story::AddStream(int stream, StreamStart::From from, int64_t position) {
  Event event;
  StreamStart& start = *event.mutable_stream_start();
  start.set_time(Tick());
  start.set_stream(stream);
  start.set_from(from);
  start.set_position(position);
  return *Add(absl::StrCat("stream ", stream), event).mutable_stream_start();
}

StreamMessage& Story::AddMessage(int stream, StreamMessage::Kind kind, int64_t revision) {
  Event event;
  StreamMessage& message = *event.mutable_stream_message();
  message.set_time(Tick());
  message.set_stream(stream);
  message.set_kind(kind);
  message.set_revision(revision);
  if (kind == StreamMessage::CHANGE) message.set_fingerprint(2000 + revision);
  if (kind == StreamMessage::SNAPSHOT_ROW) message.set_fingerprint(1000 + revision);
  return *Add(MessageName(stream, kind, revision), event).mutable_stream_message();
}

StreamEnd& Story::AddEnd(int stream) {
  Event event;
  event.mutable_stream_end()->set_time(Tick());
  event.mutable_stream_end()->set_stream(stream);
  return *Add(absl::StrCat("end ", stream), event).mutable_stream_end();
}

Failure& Story::AddFailure(int stream, int code, const std::string& reason, const std::string& next_step) {
  Failure& failure = *AddEnd(stream).mutable_failure();
  failure.set_code(code);
  failure.set_reason(reason);
  (*failure.mutable_metadata())["next_step"] = next_step;
  return failure;
}

LogEntry& Story::change(int64_t revision) { return *at(absl::StrCat("change ", revision)).mutable_log_entry(); }

StreamMessage& Story::message(int stream, StreamMessage::Kind kind, int64_t revision) {
  return *at(MessageName(stream, kind, revision)).mutable_stream_message();
}

StreamStart& Story::stream(int stream) { return *at(absl::StrCat("stream ", stream)).mutable_stream_start(); }

Failure& Story::failure(int stream) {
  return *at(absl::StrCat("end ", stream)).mutable_stream_end()->mutable_failure();
}

void Story::Remove(const std::string& name) {
  const size_t place = places_.at(name);
  events_.erase(events_.begin() + static_cast<std::ptrdiff_t>(place));
  places_.erase(name);
  for (auto& [other, its_place] : places_) {
    if (its_place > place) --its_place;
  }
}

void Story::AddKept(const std::string& request_id) {
  Event event;
  event.mutable_kept_request()->set_request_id(request_id);
  Add("kept " + request_id, event);
}

Report Story::Check() const {
  const auto report = CheckHistory([this](const EventSink& sink) {
    for (size_t i = 0; i < events_.size(); ++i) sink(static_cast<int64_t>(i), events_[i]);
    return absl::OkStatus();
  });
  return report.value();
}

namespace {

void AddRightWrites(Story& story) {
  const std::string a = absl::StrCat(kDatasets, "a"), b = absl::StrCat(kDatasets, "b"),
                    c = absl::StrCat(kDatasets, "c");
  story.AddMade("w1", "r1", {"publishers/p"}, v1::Change::CREATED);
  story.AddMade("w2", "r2", {a}, v1::Change::CREATED);
  story.AddMade("w3", "r3", {b, c}, v1::Change::CREATED);
  story.AddMade("w4", "r4", {a}, v1::Change::UPDATED);
  story.AddMade("w5", "", {b}, v1::Change::DELETED);
  story.AddMade("w6", "r6", {c}, v1::Change::UPDATED).set_outcome(Write::IN_DOUBT);
  story.write("w6").clear_rows();

  Write& stale = story.AddWrite("w7", "r7", Write::REFUSED);
  stale.set_resource(a);
  stale.set_etag_revision(1);
  stale.mutable_failure()->set_reason("ETAG_MISMATCH");
  (*stale.mutable_failure()->mutable_metadata())["etag"] = "\"5\"";
  Write& validated = story.AddWrite("w8", "r8", Write::OK);
  validated.set_validate_only(true);
  validated.add_rows()->set_name(a);
  story.AddWrite("w9", "r9", Write::IN_DOUBT);
  Write& again = story.AddWrite("w10", "r4", Write::OK);
  const Write first = story.write("w4");
  again.set_min_changes(1);
  again.set_max_changes(1);
  again.set_answer(first.answer());
  *again.mutable_rows() = first.rows();
  Write& other = story.AddWrite("w11", "r4", Write::REFUSED);
  other.set_payload(99);
  other.mutable_failure()->set_reason("INVALID_FIELD");
  other.mutable_failure()->set_field("request_id");
  // One that left things as they were.
  Write& idle = story.AddWrite("w12", "r12", Write::OK);
  idle.set_max_changes(1);
  *idle.mutable_rows() = first.rows();
}

void AddRow(Read& read, int64_t revision, int64_t base = 1000) {
  Row& row = *read.add_rows();
  row.set_revision(revision);
  row.set_fingerprint(static_cast<uint64_t>(base + revision));
}

void AddRightReads(Story& story) {
  AddRow(story.AddRead("get", Read::GET, absl::StrCat(kDatasets, "a")), 5);
  Read& list = story.AddRead("list", Read::LIST, kDatasets);
  AddRow(list, 5);
  AddRow(list, 7);
  Read& all = story.AddRead("final list", Read::LIST, kDatasets);
  all.set_show_deleted(true);
  for (const int64_t revision : {5, 6, 7}) AddRow(all, revision);
  Read& past = story.AddRead("past", Read::LIST, kDatasets);
  past.set_at_revision(4);
  for (const int64_t revision : {2, 3, 4}) AddRow(past, revision);
  Read& fresh = story.AddRead("fresh", Read::GET, absl::StrCat(kDatasets, "a"));
  fresh.set_consistency(Read::AT_LEAST);
  fresh.set_at_least_revision(4);
  AddRow(fresh, 2);  // what a copy of revision 4 has
  Read& any = story.AddRead("any", Read::GET, absl::StrCat(kDatasets, "a"));
  any.set_consistency(Read::ANY);
  AddRow(any, 2);
  Read& changes = story.AddRead("changes", Read::CHANGES, "");
  changes.set_first_revision(2);
  changes.mutable_filter()->set_resource_prefix(absl::StrCat(kDatasets, "b"));
  AddRow(changes, 3, 2000);
  AddRow(changes, 6, 2000);
  Read& status = story.AddRead("status", Read::STATUS, "");
  status.set_head_revision(7);
  status.set_oldest_revision(1);
  Read& missing = story.AddRead("missing", Read::GET, absl::StrCat(kDatasets, "none"));
  missing.mutable_failure()->set_reason("RESOURCE_NOT_FOUND");
  Read& future = story.AddRead("future", Read::GET, absl::StrCat(kDatasets, "a"));
  future.set_at_revision(9);
  future.mutable_failure()->set_reason("REVISION_IN_FUTURE");
  future.mutable_failure()->set_code(grpc::StatusCode::OUT_OF_RANGE);
  (*future.mutable_failure()->mutable_metadata())["head_revision"] = "7";
}

void AddRightStreams(Story& story) {
  story.AddStream(1, StreamStart::REVISION, 0).set_to_the_end(true);
  story.AddMessage(1, StreamMessage::BOOKMARK, 0);
  for (int64_t revision = 1; revision <= 7; ++revision) story.AddMessage(1, StreamMessage::CHANGE, revision);
  story.AddMessage(1, StreamMessage::BOOKMARK, 7);
  story.AddEnd(1);

  // Only b: of the write of revisions 3 and 4 it sees the former.
  story.AddStream(2, StreamStart::TOKEN, 2).mutable_filter()->set_resource_prefix(absl::StrCat(kDatasets, "b"));
  story.AddMessage(2, StreamMessage::BOOKMARK, 2);
  story.AddMessage(2, StreamMessage::CHANGE, 3);
  story.AddMessage(2, StreamMessage::BOOKMARK, 4);
  story.AddMessage(2, StreamMessage::CHANGE, 6);
  (*story.AddFailure(2, grpc::StatusCode::UNAVAILABLE, "SERVER_STOPPING", "RESUME")
        .mutable_metadata())["resume_token"] = "token";

  story.AddStream(3, StreamStart::SNAPSHOT).mutable_filter()->add_kinds(v1::DATASET);
  story.AddMessage(3, StreamMessage::BOOKMARK, 0);
  for (const int64_t revision : {5, 3, 4}) story.AddMessage(3, StreamMessage::SNAPSHOT_ROW, revision);
  story.AddMessage(3, StreamMessage::SNAPSHOT_END, 5);
  story.AddMessage(3, StreamMessage::CHANGE, 6);
  story.AddMessage(3, StreamMessage::CHANGE, 7);
  story.AddEnd(3);

  story.AddStream(4, StreamStart::NOW);
  story.AddMessage(4, StreamMessage::BOOKMARK, 7);
  story.AddEnd(4);

  story.AddStream(5, StreamStart::REVISION, 8);
  (*story.AddFailure(5, grpc::StatusCode::OUT_OF_RANGE, "REVISION_IN_FUTURE", "RELIST")
        .mutable_metadata())["head_revision"] = "7";
  story.AddStream(6, StreamStart::OTHER_EPOCH_TOKEN, 3);
  story.AddFailure(6, grpc::StatusCode::FAILED_PRECONDITION, "EPOCH_CHANGED", "RELIST");
  story.AddStream(7, StreamStart::OTHER_FILTER_TOKEN, 3);
  story.AddFailure(7, grpc::StatusCode::INVALID_ARGUMENT, "INVALID_FIELD", "FIX_REQUEST").set_field("resume_token");

  // Then the log is compacted up to revision 4.
  Read& compacted = story.AddRead("compacted", Read::STATUS, "");
  compacted.set_head_revision(7);
  compacted.set_oldest_revision(5);
  story.AddStream(8, StreamStart::REVISION, 3);
  (*story.AddFailure(8, grpc::StatusCode::OUT_OF_RANGE, "REVISION_COMPACTED", "RELIST")
        .mutable_metadata())["oldest_revision"] = "5";
  story.AddStream(9, StreamStart::REVISION, 4);
  story.AddMessage(9, StreamMessage::BOOKMARK, 4);
  story.AddMessage(9, StreamMessage::CHANGE, 5);
  story.AddEnd(9);
}

}  // namespace

Story Story::Right() {
  Story story;
  Event run;
  run.mutable_run()->set_seed(1);
  story.Add("run", run);
  AddRightWrites(story);
  AddRightReads(story);
  AddRightStreams(story);
  for (const char* id : {"r1", "r2", "r3", "r4", "r6", "r12"}) story.AddKept(id);
  Event event;
  event.mutable_final()->set_head_revision(7);
  event.mutable_final()->set_oldest_revision(5);
  story.Add("final", event);
  return story;
}

}  // namespace almanac::fault
