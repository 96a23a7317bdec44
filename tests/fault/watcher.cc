#include "tests/fault/watcher.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "service/tokens.h"

namespace almanac::fault {
namespace {

using v1::WatchResponse;

constexpr size_t kPlacesKept = 24;
constexpr int64_t kFarOff = 1'000'000'000;

}  // namespace

Watcher::Watcher(Traffic& traffic, const std::string& name, uint64_t seed)
    : traffic_(traffic), name_(name), random_(seed, name), connections_(traffic.addresses) {}

void Watcher::Work() {
  while (!traffic_.stopping) {
    StreamStart start;
    v1::WatchRequest request;
    Choose(&start, &request);
    start.set_replica(static_cast<int32_t>(random_.Below(traffic_.size())));
    Patience patience{.time = absl::Milliseconds(100 + random_.Below(8000)),
                      .messages = 1 + random_.Below(random_.Percent(40) ? 8 : 3000)};
    if (random_.Percent(5)) patience.pause = absl::Milliseconds(20);
    Watch(std::move(start), std::move(request), patience);
    traffic_.Pause(absl::Milliseconds(random_.Below(100)));
  }
}

bool Watcher::WatchAll(int replica, int64_t position, int64_t head) {
  constexpr int kAttempts = 5;
  for (int i = 0; i < kAttempts; ++i) {
    StreamStart start;
    start.set_from(StreamStart::REVISION);
    start.set_position(position);
    start.set_replica(replica);
    start.set_to_the_end(true);
    v1::WatchRequest request;
    request.set_after_revision(position);
    if (Watch(std::move(start), std::move(request), {.time = absl::Seconds(120), .until = head}) >= head) return true;
    absl::SleepFor(absl::Seconds(1));
  }
  return false;
}

void Watcher::ChooseToken(const Place& place, StreamStart* start, v1::WatchRequest* request) const {
  start->set_from(StreamStart::TOKEN);
  start->set_position(place.position);
  start->set_resumes(place.stream);
  *start->mutable_filter() = place.filter;
  *request = ToWatchRequest(place.filter);
  request->set_resume_token(place.token);
}

void Watcher::Choose(StreamStart* start, v1::WatchRequest* request) {
  const int64_t choice = must_relist_ ? 75 : random_.Below(100);
  must_relist_ = false;
  if (choice < 55 && last_) return ChooseToken(*last_, start, request);
  if (choice < 70 && !places_.empty()) return ChooseToken(random_.Pick(places_), start, request);
  if (choice >= 96 && Forge(start, request)) return;
  *start->mutable_filter() = RandomFilter(random_);
  *request = ToWatchRequest(start->filter());
  if (choice < 82) {
    start->set_from(StreamStart::SNAPSHOT);
    request->set_snapshot(true);
  } else if (choice < 94) {
    start->set_from(StreamStart::REVISION);
    const int64_t highest = traffic_.highest;
    const int64_t back = random_.Percent(70) ? random_.Below(1000) : random_.Below(highest + 1);
    start->set_position(random_.Percent(5) ? kFarOff : std::max<int64_t>(highest - back, 0));
    request->set_after_revision(start->position());
  } else {
    start->set_from(StreamStart::NOW);
  }
}

bool Watcher::Forge(StreamStart* start, v1::WatchRequest* request) {
  if (places_.empty()) return false;
  const Place& place = random_.Pick(places_);
  ChooseToken(place, start, request);
  auto token = service::ReadResumeToken(place.token);
  if (!token.ok()) return false;
  switch (random_.Below(4)) {
    case 0:
      start->set_from(StreamStart::OTHER_FILTER_TOKEN);
      // No filter of the traffic has this kind alone.
      request->clear_kinds();
      request->add_kinds(v1::PUBLISHER);
      start->mutable_filter()->clear_kinds();
      start->mutable_filter()->add_kinds(v1::PUBLISHER);
      return true;
    case 1:
      start->set_from(StreamStart::OTHER_EPOCH_TOKEN);
      token->epoch += 1 + random_.Below(2);
      break;
    case 2:
      start->set_from(StreamStart::OTHER_CATALOGUE_TOKEN);
      token->catalogue_id = "00000000-0000-0000-0000-000000000000";
      break;
    default:
      start->set_from(StreamStart::BROKEN_TOKEN);
      request->set_resume_token(place.token.substr(0, place.token.size() / 2));
      return true;
  }
  request->set_resume_token(service::MakeResumeToken(*token));
  return true;
}

void Watcher::Keep(const Place& place) {
  if (places_.size() < kPlacesKept) return places_.push_back(place);
  places_[static_cast<size_t>(random_.Below(kPlacesKept))] = place;
}

// Writes the message down, and notes where it leads to.
void Watcher::Take(const WatchResponse& response, Place* place, bool* is_placed) {
  Event event;
  StreamMessage& message = *event.mutable_stream_message();
  message.set_time(traffic_.recorder.Now());
  message.set_stream(place->stream);
  switch (response.event_case()) {
    case WatchResponse::kChange:
      message.set_kind(StreamMessage::CHANGE);
      message.set_revision(response.change().revision());
      message.set_fingerprint(Fingerprint(response.change()));
      break;
    case WatchResponse::kSnapshotResource:
      message.set_kind(StreamMessage::SNAPSHOT_ROW);
      message.set_revision(RevisionOf(response.snapshot_resource()));
      message.set_fingerprint(FingerprintOf(response.snapshot_resource()));
      break;
    case WatchResponse::kSnapshotEnd:
      message.set_kind(StreamMessage::SNAPSHOT_END);
      message.set_revision(response.snapshot_end().revision());
      break;
    case WatchResponse::kBookmark:
      message.set_kind(StreamMessage::BOOKMARK);
      message.set_revision(response.bookmark().revision());
      break;
    case WatchResponse::EVENT_NOT_SET:
      break;
  }
  traffic_.recorder.Add(event);
  traffic_.Saw(message.revision());
  ++traffic_.messages;
  *is_placed = !response.resume_token().empty();
  if (!*is_placed) return;
  place->token = response.resume_token();
  place->position = message.revision();
  if (random_.Percent(4)) Keep(*place);
}

int64_t Watcher::Watch(StreamStart start, v1::WatchRequest request, const Patience& patience) {
  Place place{.token = "", .position = start.position(), .filter = start.filter(), .stream = ++traffic_.streams};
  const bool is_forged = start.from() >= StreamStart::OTHER_FILTER_TOKEN;
  start.set_stream(place.stream);
  start.set_time(traffic_.recorder.Now());
  Event begun;
  *begun.mutable_stream_start() = std::move(start);
  traffic_.recorder.Add(begun);

  CallContext context(patience.time, name_);
  v1::ChangeService::Stub stub(connections_.channel(begun.stream_start().replica()));
  const auto reader = stub.Watch(&context, request);
  bool is_placed = false;
  bool left = false;
  WatchResponse response;
  for (int64_t messages = 0; !left && reader->Read(&response); ++messages) {
    Take(response, &place, &is_placed);
    if (patience.pause > absl::ZeroDuration()) traffic_.Pause(patience.pause);
    const bool is_done = is_placed && place.position >= patience.until;
    left = messages >= patience.messages || is_done || (traffic_.stopping && patience.until == INT64_MAX);
  }
  if (left) context.TryCancel();
  const grpc::Status status = reader->Finish();
  Event ended;
  ended.mutable_stream_end()->set_stream(place.stream);
  ended.mutable_stream_end()->set_time(traffic_.recorder.Now());
  Failure failure = ToFailure(status);
  // Its own deadline is the client's own end.
  const bool is_own_end = left || (failure.reason().empty() && failure.code() == grpc::StatusCode::DEADLINE_EXCEEDED);
  if (!is_own_end && !is_forged) {
    const auto token = failure.metadata().find("resume_token");
    const StreamStart::From from = begun.stream_start().from();
    const bool knows_where = is_placed || from == StreamStart::REVISION || from == StreamStart::TOKEN;
    if (knows_where && token != failure.metadata().end() && !token->second.empty()) {
      place.token = token->second;
      is_placed = true;
    }
    const auto step = failure.metadata().find("next_step");
    must_relist_ = step != failure.metadata().end() && step->second == "RELIST";
  }
  if (!is_own_end) *ended.mutable_stream_end()->mutable_failure() = std::move(failure);
  traffic_.recorder.Add(ended);
  if (is_forged) return 0;
  if (is_placed) {
    last_ = place;
  } else if (must_relist_ || begun.stream_start().from() == StreamStart::SNAPSHOT) {
    last_.reset();
  }
  return is_placed ? place.position : 0;
}

}  // namespace almanac::fault
