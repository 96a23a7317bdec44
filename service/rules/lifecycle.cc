#include "service/rules/lifecycle.h"

#include <google/protobuf/util/time_util.h>

#include "absl/strings/str_cat.h"
#include "db/errors.h"
#include "service/rules/dates.h"

namespace almanac::service::rules {
namespace {

using almanac::v1::Commitment;
using almanac::v1::Slip;

absl::Status IllegalMove(const Commitment& commitment, const std::string& message) {
  return db::FailedPrecondition("ILLEGAL_MOVE", commitment.name(), message);
}

// OK while the promise is open.
absl::Status CheckOpen(const Commitment& commitment, const std::string& move) {
  if (commitment.state() == Commitment::RELEASED) {
    return IllegalMove(commitment, absl::StrCat(commitment.name(), " was released on ", commitment.release_date(),
                                                " and cannot be ", move));
  }
  if (commitment.state() == Commitment::CANCELLED) {
    return IllegalMove(commitment, absl::StrCat(commitment.name(), " was cancelled and cannot be ", move));
  }
  return absl::OkStatus();
}

// OK unless a later edition has the promise: what ends it is recorded there.
absl::Status CheckKeptHere(const Commitment& commitment, const std::string& move) {
  if (commitment.continued_by().empty()) return absl::OkStatus();
  return IllegalMove(commitment,
                     absl::StrCat(commitment.name(), " is continued by ", commitment.continued_by(),
                                  ", where the promise is kept account of, and cannot be ", move, ": do it there"));
}

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(time));
}

int32_t MonthsBetween(absl::CivilDay from, absl::CivilDay to) {
  return static_cast<int32_t>(absl::CivilMonth(to) - absl::CivilMonth(from));
}

}  // namespace

absl::StatusOr<Commitment> Reschedule(Commitment commitment, const std::string& target_date, const Justification& why) {
  if (absl::Status open = CheckOpen(commitment, "moved"); !open.ok()) return open;
  if (target_date == commitment.target_date()) {
    return db::InvalidField("target_date", absl::StrCat(target_date, " is the current target already"));
  }
  if (commitment.state() == Commitment::CONFIRMED && !ParseDate(target_date)->is_day()) {
    return IllegalMove(commitment, absl::StrCat(commitment.name(), " is confirmed for ", commitment.target_date(),
                                                " and can only be moved to another exact day"));
  }
  if (commitment.reschedules_size() == kMaxReschedules) {
    return IllegalMove(commitment, absl::StrCat(commitment.name(), " was moved ", kMaxReschedules,
                                                " times, as often as a promise can be; release or cancel it"));
  }
  const std::string day = FormatDay(why.day);
  if (commitment.reschedules_size() > 0 && day < commitment.reschedules().rbegin()->reschedule_date()) {
    return db::InvalidField("reschedule_date", absl::StrCat(day, " is before the last move, which was on ",
                                                            commitment.reschedules().rbegin()->reschedule_date()));
  }
  auto* move = commitment.add_reschedules();
  move->set_from_target_date(commitment.target_date());
  move->set_to_target_date(target_date);
  move->set_reason(why.reason);
  move->set_note(why.note);
  move->set_actor(why.actor);
  *move->mutable_reschedule_time() = ToTimestamp(why.time);
  move->set_reschedule_date(day);
  commitment.set_target_date(target_date);
  commitment.clear_overdue_date();
  return commitment;
}

absl::StatusOr<Commitment> Confirm(Commitment commitment, absl::CivilDay day, absl::CivilDay confirmed_on) {
  if (absl::Status open = CheckOpen(commitment, "confirmed"); !open.ok()) return open;
  if (commitment.state() == Commitment::CONFIRMED) {
    return IllegalMove(commitment, absl::StrCat(commitment.name(), " is confirmed for ", commitment.target_date(),
                                                " already; reschedule it to move it to another day"));
  }
  if (!ParseDate(commitment.target_date())->contains(day)) {
    return IllegalMove(commitment, absl::StrCat(FormatDay(day), " lies outside the target ", commitment.target_date(),
                                                " of ", commitment.name(), "; reschedule it first, with a reason"));
  }
  commitment.set_state(Commitment::CONFIRMED);
  commitment.set_target_date(FormatDay(day));
  commitment.set_confirm_date(FormatDay(confirmed_on));
  // Said already, but of the last day of a longer target.
  if (!commitment.overdue_date().empty()) return BecomeOverdue(std::move(commitment));
  return commitment;
}

absl::StatusOr<Commitment> Release(Commitment commitment, const std::string& release_date) {
  if (absl::Status open = CheckOpen(commitment, "released again"); !open.ok()) return open;
  if (absl::Status kept = CheckKeptHere(commitment, "released"); !kept.ok()) return kept;
  commitment.set_state(Commitment::RELEASED);
  commitment.set_release_date(release_date);
  commitment.clear_overdue_date();
  const std::string& first =
      commitment.continues().empty() ? commitment.first_target_date() : commitment.original_target_date();
  *commitment.mutable_outcome()->mutable_against_first_target() = SlipOf(first, release_date);
  *commitment.mutable_outcome()->mutable_against_last_target() = SlipOf(commitment.target_date(), release_date);
  return commitment;
}

absl::StatusOr<Commitment> Cancel(Commitment commitment, const Justification& why) {
  if (absl::Status open = CheckOpen(commitment, "cancelled"); !open.ok()) return open;
  if (absl::Status kept = CheckKeptHere(commitment, "cancelled"); !kept.ok()) return kept;
  commitment.set_state(Commitment::CANCELLED);
  commitment.clear_overdue_date();
  auto* cancellation = commitment.mutable_cancellation();
  cancellation->set_reason(why.reason);
  cancellation->set_note(why.note);
  cancellation->set_actor(why.actor);
  *cancellation->mutable_cancel_time() = ToTimestamp(why.time);
  cancellation->set_cancel_date(FormatDay(why.day));
  return commitment;
}

Commitment BecomeOverdue(Commitment commitment) {
  commitment.set_overdue_date(FormatDay(ParseDate(commitment.target_date())->last + 1));
  return commitment;
}

Slip SlipOf(const std::string& target, const std::string& release_date) {
  const Span due = *ParseDate(target);
  const Span released = *ParseDate(release_date);
  Slip slip;
  slip.set_verdict(Slip::ON_TIME);
  if (released.last < due.first) {
    slip.set_verdict(Slip::EARLY);
    slip.set_days(static_cast<int32_t>(released.last - due.first));
    slip.set_months(MonthsBetween(due.first, released.last));
  } else if (released.first > due.last) {
    slip.set_verdict(Slip::LATE);
    slip.set_days(static_cast<int32_t>(released.first - due.last));
    slip.set_months(MonthsBetween(due.last, released.first));
  }
  return slip;
}

}  // namespace almanac::service::rules
