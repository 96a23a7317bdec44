#include "service/history.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>

#include "absl/strings/numbers.h"
#include "almanac/v1/release_plan_service.pb.h"
#include "db/change_log.h"
#include "db/errors.h"
#include "db/names.h"
#include "db/plans.h"

namespace almanac::service {
namespace {

using almanac::v1::Change;
using almanac::v1::Moment;
using almanac::v1::Resource;

// A change may be as large as two resources.
constexpr size_t kChangesAtOnce = 50;

absl::Status TooLongAgo(const std::string& moment, int64_t compacted_revision) {
  return db::Error(absl::StatusCode::kOutOfRange, "REVISION_COMPACTED",
                   absl::StrCat(moment, " is too long ago: the log begins at revision ", compacted_revision + 1,
                                ", and the catalogue can be read as it was from revision ", compacted_revision, " on"),
                   {{"oldest_revision", absl::StrCat(compacted_revision + 1)}});
}

absl::StatusOr<int64_t> CheckRevision(const db::Head& head, int64_t revision) {
  if (revision > head.revision) return db::RevisionInFuture(revision, head.revision);
  if (revision < head.compacted_revision) {
    return TooLongAgo(absl::StrCat("revision ", revision), head.compacted_revision);
  }
  return revision;
}

absl::StatusOr<int64_t> RevisionOfTime(db::Transaction& transaction, const google::protobuf::Timestamp& time) {
  using google::protobuf::util::TimeUtil;
  if (absl::Status valid = CheckTime("at.time", time); !valid.ok()) return valid;
  const db::TimeInLog found = db::FindTime(transaction, absl::FromUnixMicros(TimeUtil::TimestampToMicroseconds(time)));
  if (found.in_future) {
    return db::InvalidField("at.time", TimeUtil::ToString(time) + " is in the future; leave `at` out for now");
  }
  if (found.compacted) return TooLongAgo(TimeUtil::ToString(time), found.revision);
  return found.revision;
}

}  // namespace

absl::StatusOr<int64_t> RevisionOf(db::Transaction& transaction, const Moment& moment) {
  switch (moment.moment_case()) {
    case Moment::kRevision:
      if (moment.revision() < 0) return db::InvalidField("at.revision", "is negative; 0 is before the first change");
      return CheckRevision(db::ReadHead(transaction), moment.revision());
    case Moment::kTime:
      return RevisionOfTime(transaction, moment.time());
    case Moment::MOMENT_NOT_SET:
      break;
  }
  return db::InvalidField("at", "is empty; give it a revision or a time, or leave it out for now");
}

absl::StatusOr<int64_t> RevisionOf(db::Transaction& transaction, const Moment& moment,
                                   const std::vector<std::string>& position) {
  if (position.empty()) return RevisionOf(transaction, moment);
  int64_t revision = 0;
  if (!absl::SimpleAtoi(position.back(), &revision) || revision < 0) {
    return db::InvalidField("page_token", "is malformed");
  }
  const db::Head head = db::ReadHead(transaction);
  // The page before came from a server that was further.
  if (revision > head.revision) return db::RevisionNotReached(revision, head.revision);
  return CheckRevision(head, revision);
}

absl::StatusOr<std::unordered_map<std::string, Resource>> ReadPast(db::Transaction& transaction,
                                                                   const std::vector<std::string>& names,
                                                                   int64_t revision) {
  std::unordered_map<std::string, Resource> past;
  for (size_t next = 0; next < names.size(); next += kChangesAtOnce) {
    const auto first = names.begin() + static_cast<std::ptrdiff_t>(next);
    const auto last = names.begin() + static_cast<std::ptrdiff_t>(std::min(next + kChangesAtOnce, names.size()));
    for (Change& change : db::ReadFirstChangesAfter(transaction, {first, last}, revision)) {
      // Else it was created after `revision`.
      if (change.has_before()) past[change.resource()] = std::move(*change.mutable_before());
    }
  }
  // Only now: what was the first change may have been dropped before it was read.
  const db::Head head = db::ReadHead(transaction);
  if (head.compacted_revision > revision) return db::RevisionCompacted(revision, head.compacted_revision + 1);
  return past;
}

absl::Status CheckParentExisted(db::Transaction& transaction, const std::string& parent, int64_t revision) {
  const std::vector<std::string> ids = db::IdsOf(parent);
  if (ids[0] == "-") return absl::OkStatus();
  almanac::v1::GetReleasePlanRequest request;
  request.mutable_at()->set_revision(revision);
  if (ids.size() == 1 || ids[1] == "-") {
    const auto read = [&] { return db::ReadPublisher(transaction, db::PublisherName(ids[0])); };
    return GetAt(transaction, request, read).status();
  }
  return GetAt(transaction, request, [&] { return db::ReadPlan(transaction, parent); }).status();
}

}  // namespace almanac::service
