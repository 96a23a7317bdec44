#include "client/moment.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/date_span.h"
#include "client/errors.h"
#include "client/values.h"

namespace almanac::client {
namespace {

using google::protobuf::util::TimeUtil;

constexpr size_t kDayLength = 10;

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  return TimeUtil::NanosecondsToTimestamp(absl::ToUnixNanos(time));
}

// What `text`, the value of `flag`, says.
PointInTime ParseFlag(const std::string& flag, const std::string& text) {
  absl::StatusOr<PointInTime> point = ParsePointInTime(text);
  if (!point.ok()) throw CLI::ValidationError(flag, std::string(point.status().message()));
  return *std::move(point);
}

}  // namespace

absl::StatusOr<PointInTime> ParsePointInTime(const std::string& text) {
  PointInTime point{.text = text, .revision = {}, .begin = {}, .end = {}};
  if (!text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit)) {
    int64_t revision = 0;
    if (!absl::SimpleAtoi(text, &revision)) {
      return UsageError(absl::StrCat("\"", text, "\" is no revision: it is greater than any can be"));
    }
    point.revision = revision;
    return point;
  }
  const std::optional<DateSpan> day = text.size() == kDayLength ? ParseDateSpan(text) : std::nullopt;
  if (day) {
    point.begin = absl::FromCivil(day->first, absl::LocalTimeZone());
    point.end = absl::FromCivil(day->first + 1, absl::LocalTimeZone());
    return point;
  }
  const absl::StatusOr<google::protobuf::Timestamp> time = ParseTime(text);
  if (!time.ok()) {
    return UsageError(absl::StrCat("\"", text,
                                   "\" is no revision such as 120, no time with a time zone such as "
                                   "2022-07-01T09:00:00+08:00, and no day such as 2022-07-01"));
  }
  point.begin = absl::FromUnixSeconds(time->seconds()) + absl::Nanoseconds(time->nanos());
  point.end = point.begin + absl::Nanoseconds(1);
  return point;
}

void AtFlag::AddTo(CLI::App& command) {
  const auto set = [this](const std::string& text) {
    const PointInTime point = ParseFlag("--at", text);
    moment_.emplace();
    if (point.revision) {
      moment_->set_revision(*point.revision);
      return;
    }
    const absl::Time now = absl::Now();
    const bool is_day = text.size() == kDayLength;
    if (is_day && point.begin > now) throw CLI::ValidationError("--at", absl::StrCat(text, " is yet to come"));
    // At the end of a day that is not over yet, which is now.
    if (is_day && point.end > now) return moment_.reset();
    *moment_->mutable_time() = ToTimestamp(point.end - absl::Nanoseconds(1));
  };
  command
      .add_option_function<std::string>(
          "--at", set,
          "As it was just after this revision, at this time (2022-07-01T09:00:00+08:00), or at the end of this day "
          "(2022-07-01) in this computer's time zone")
      ->type_name("REV|TIME");
}

void SpanFlags::AddTo(CLI::App& command) {
  command
      .add_option_function<std::string>(
          "--since", [this](const std::string& text) { since_ = ParseFlag("--since", text); },
          "Only changes after this revision, or from this time or day on (all if not given)")
      ->type_name("REV|TIME");
  command
      .add_option_function<std::string>(
          "--until", [this](const std::string& text) { until_ = ParseFlag("--until", text); },
          "Only changes up to and with this revision, time (2022-07-01T09:00:00+08:00) or day (2022-07-01, in this "
          "computer's time zone) (all if not given)")
      ->type_name("REV|TIME");
}

absl::StatusOr<bool> SpanFlags::Fill(v1::ListChangesRequest& request) const {
  const bool both = since_ && until_ && since_->revision.has_value() == until_->revision.has_value();
  if (both && (until_->revision < since_->revision || until_->begin < since_->begin)) {
    return UsageError(absl::StrCat("--until ", until_->text, " is before --since ", since_->text));
  }
  if (since_ && since_->revision) {
    // The greatest number there is has none after it.
    request.set_start_revision(*since_->revision + (*since_->revision < std::numeric_limits<int64_t>::max() ? 1 : 0));
  } else if (since_) {
    *request.mutable_start_time() = ToTimestamp(since_->begin);
  }
  if (until_ && until_->revision) {
    request.set_end_revision(*until_->revision);
    // The server takes an end at 0 for the head, and has no other way to say that the range is empty.
    return *until_->revision >= std::max<int64_t>(request.start_revision(), 1);
  }
  if (until_) *request.mutable_end_time() = ToTimestamp(until_->end);
  return true;
}

}  // namespace almanac::client
