#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "almanac/v1/commitment.pb.h"

// The life of a commitment: planned → confirmed → released | cancelled. Each move takes the commitment as it is and
// returns it as it becomes, or FAILED_PRECONDITION with the reason why that is no legal move. Pure.
namespace almanac::service::rules {

// How often a commitment can be moved; its history travels with each of its changes.
inline constexpr int kMaxReschedules = 100;

// Why a commitment is moved or cancelled, by whom and when.
struct Justification {
  almanac::v1::Commitment::Reason reason;
  std::string note;
  std::string actor;
  absl::Time time;
};

// Moves the target and puts the move on record. `target_date` is a date of any precision; a confirmed commitment takes
// only an exact day. INVALID_ARGUMENT if it is the current target.
absl::StatusOr<almanac::v1::Commitment> Reschedule(almanac::v1::Commitment commitment, const std::string& target_date,
                                                   const Justification& why);

// Gives a planned commitment its exact day, which lies within its target.
absl::StatusOr<almanac::v1::Commitment> Confirm(almanac::v1::Commitment commitment, absl::CivilDay day);

// Fulfils a commitment on `day` and stamps the outcome against its first and its last target.
absl::StatusOr<almanac::v1::Commitment> Release(almanac::v1::Commitment commitment, absl::CivilDay day);

absl::StatusOr<almanac::v1::Commitment> Cancel(almanac::v1::Commitment commitment, const Justification& why);

// How far `day` is from `target`, which is a valid date: on time within what the target names; else days and calendar
// months, negative when early.
almanac::v1::Slip SlipOf(const std::string& target, absl::CivilDay day);

}  // namespace almanac::service::rules
