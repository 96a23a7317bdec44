#include "service/change_list.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "db/errors.h"
#include "service/tokens.h"
#include "service/validation.h"

namespace almanac::service {
namespace {

using almanac::v1::ListChangesRequest;
using almanac::v1::ListChangesResponse;

// How often a page is begun anew because compaction overtook it.
constexpr int kAttempts = 5;

// The first microsecond, which is how finely changes are timed, from `time` on.
absl::Time ToMicros(const google::protobuf::Timestamp& time) {
  const int64_t micros = google::protobuf::util::TimeUtil::TimestampToMicroseconds(time);
  return absl::FromUnixMicros(time.nanos() % 1000 == 0 ? micros : micros + 1);
}

absl::Status CheckRange(const ListChangesRequest& request) {
  if (request.start_revision() < 0) return db::InvalidField("start_revision", "is negative; 0 means the oldest");
  if (request.end_revision() < 0) return db::InvalidField("end_revision", "is negative; 0 means the head");
  if (request.end_revision() > 0 && request.end_revision() < request.start_revision()) {
    return db::InvalidField("end_revision", "is before start_revision");
  }
  absl::Status valid;
  if (request.has_start_time()) valid = CheckTime("start_time", request.start_time());
  if (valid.ok() && request.has_end_time()) valid = CheckTime("end_time", request.end_time());
  if (valid.ok() && request.has_start_time() && request.has_end_time() &&
      ToMicros(request.end_time()) < ToMicros(request.start_time())) {
    valid = db::InvalidField("end_time", "is before start_time");
  }
  if (valid.ok()) valid = CheckText("actor", request.actor(), kMaxActor);
  if (valid.ok() && request.show_compacted() && request.resource_prefix().empty()) {
    valid =
        db::InvalidField("resource_prefix", "is required with show_compacted: name a resource, such as publishers/swd");
  }
  return valid;
}

// The revisions of a page: after the one and up to the other.
struct Revisions {
  int64_t after = 0;
  int64_t up_to = 0;
};

// Just before `time` there is no change of that time yet.
db::TimeInLog FindJustBefore(db::Transaction& transaction, absl::Time time) {
  return db::FindTime(transaction, time - absl::Microseconds(1));
}

Revisions ToRevisions(db::Transaction& transaction, const db::Head& head, const ChangeRange& range) {
  Revisions revisions;
  if (range.position) {
    revisions.after = *range.position;
  } else {
    const bool has_start = range.after || range.times.from != absl::InfinitePast();
    revisions.after = range.after.value_or(has_start || range.show_compacted ? 0 : head.compacted_revision);
    if (range.times.from != absl::InfinitePast()) {
      const db::TimeInLog from = FindJustBefore(transaction, range.times.from);
      // Of a time to which the log does not reach back nobody knows how many changes came after it.
      if (!from.compacted) revisions.after = std::max(revisions.after, from.revision);
    }
  }
  revisions.up_to = std::min(range.up_to.value_or(head.revision), head.revision);
  if (range.times.before != absl::InfiniteFuture()) {
    revisions.up_to = std::min(revisions.up_to, FindJustBefore(transaction, range.times.before).revision);
  }
  return revisions;
}

absl::StatusOr<db::LogPage> ReadLogPage(db::Transaction& transaction, const db::ChangeFilter& filter,
                                        const ChangeRange& range, const db::Head& head, const Revisions& revisions) {
  db::LogRange wanted{.after = revisions.after,
                      .up_to = revisions.up_to,
                      .max_changes = range.limit,
                      .max_bytes = static_cast<int64_t>(kMaxPageBytes)};
  if (!range.show_compacted || revisions.after >= head.compacted_revision) {
    return db::ReadChanges(transaction, head, filter, wanted);
  }
  wanted.up_to = std::min(revisions.up_to, head.compacted_revision);
  return db::ReadSummaries(transaction, filter, range.times, wanted);
}

}  // namespace

absl::StatusOr<ChangeRange> ToChangeRange(const ListChangesRequest& request) {
  if (absl::Status valid = CheckRange(request); !valid.ok()) return valid;
  const absl::StatusOr<int> size = PageSize(request.page_size());
  if (!size.ok()) return size.status();
  ChangeRange range;
  range.limit = *size;
  range.binding = PageBinding(request);
  range.show_compacted = request.show_compacted();
  if (request.start_revision() > 0) range.after = request.start_revision() - 1;
  if (request.end_revision() > 0) range.up_to = request.end_revision();
  if (request.has_start_time()) range.times.from = ToMicros(request.start_time());
  if (request.has_end_time()) range.times.before = ToMicros(request.end_time());
  const absl::StatusOr<std::vector<std::string>> position = ReadPageToken(request.page_token(), range.binding, 1);
  if (!position.ok()) return position.status();
  if (!position->empty()) {
    int64_t after = 0;
    if (!absl::SimpleAtoi(position->front(), &after) || after < 0) {
      return db::InvalidField("page_token", "is malformed");
    }
    range.position = after;
  }
  return range;
}

absl::StatusOr<ListChangesResponse> ReadChangePage(db::Transaction& transaction, const db::ChangeFilter& filter,
                                                   const ChangeRange& range) {
  // Who asks for the oldest, or for what was compacted as well, gets it wherever the log begins by now.
  const bool has_start = range.position || range.after || range.times.from != absl::InfinitePast();
  Revisions revisions;
  absl::StatusOr<db::LogPage> page;
  for (int i = 0; i < kAttempts; ++i) {
    const db::Head head = db::ReadHead(transaction);
    // The page before came from a server that was further.
    if (range.position && *range.position > head.revision) {
      return db::RevisionNotReached(*range.position, head.revision);
    }
    revisions = ToRevisions(transaction, head, range);
    page = ReadLogPage(transaction, filter, range, head, revisions);
    if (!absl::IsOutOfRange(page.status()) || (has_start && !range.show_compacted)) break;
  }
  if (!page.ok()) return page.status();
  ListChangesResponse answer;
  for (const db::LogEntry& entry : page->entries) answer.add_changes()->ParseFromString(entry.change);
  if (page->through < revisions.up_to) {
    answer.set_next_page_token(MakePageToken(range.binding, {absl::StrCat(page->through)}));
  }
  return answer;
}

}  // namespace almanac::service
