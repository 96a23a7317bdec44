#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "almanac/v1/commitment.pb.h"

// The life of a commitment: planned → confirmed → released | cancelled. Each move takes the commitment as it is and
// returns it as it becomes, or FAILED_PRECONDITION with the reason why that is no legal move. A commitment that a later
// edition continues is neither released nor cancelled: the later one is. Pure.
namespace almanac::service::rules {

// How often a commitment can be moved; its history travels with each of its changes.
inline constexpr int kMaxReschedules = 100;

// Why a commitment is moved or cancelled, by whom and when.
struct Justification {
  almanac::v1::Commitment::Reason reason;
  std::string note;
  std::string actor;
  absl::Time time;
  // The day on which it was decided, where the publisher is.
  absl::CivilDay day;
};

// Whether the promise was neither kept nor cancelled.
inline bool IsOpen(const almanac::v1::Commitment& commitment) {
  return commitment.state() == almanac::v1::Commitment::PLANNED ||
         commitment.state() == almanac::v1::Commitment::CONFIRMED;
}

// Moves the target and puts the move on record. `target_date` is a date of any precision; a confirmed commitment takes
// only an exact day. INVALID_ARGUMENT if it is the current target, or the day is before that of an earlier move.
absl::StatusOr<almanac::v1::Commitment> Reschedule(almanac::v1::Commitment commitment, const std::string& target_date,
                                                   const Justification& why);

// Gives a planned commitment its exact day, which lies within its target; it was known on `confirmed_on`.
absl::StatusOr<almanac::v1::Commitment> Confirm(almanac::v1::Commitment commitment, absl::CivilDay day,
                                                absl::CivilDay confirmed_on);

// Fulfils a commitment by a release on `release_date`, of any precision, and stamps the outcome against the target that
// was first promised and the last one.
absl::StatusOr<almanac::v1::Commitment> Release(almanac::v1::Commitment commitment, const std::string& release_date);

absl::StatusOr<almanac::v1::Commitment> Cancel(almanac::v1::Commitment commitment, const Justification& why);

// Says of an open commitment since when it is overdue: the day after the last one that its target names.
almanac::v1::Commitment BecomeOverdue(almanac::v1::Commitment commitment);

// How far a release is from `target`; both are valid dates. On time if some day of the release is within what the
// target names; else the days and calendar months between the nearest two days, negative when early.
almanac::v1::Slip SlipOf(const std::string& target, const std::string& release_date);

}  // namespace almanac::service::rules
