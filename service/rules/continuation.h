#pragma once

#include <vector>

#include "almanac/v1/commitment.pb.h"
#include "almanac/v1/release_plan.pb.h"

// How lines of several editions about one dataset are one promise. Pure.
namespace almanac::service::rules {

// Whether an edition for the years `a` is earlier than one for `b`. Two editions for the same years are neither.
bool IsEarlier(const almanac::v1::Period& a, const almanac::v1::Period& b);

// Whether `later` makes a promise anew that `earlier`, of an earlier edition and about the same dataset, has kept: it
// then does not continue it.
bool IsNewPromise(const almanac::v1::Commitment& earlier, const almanac::v1::Commitment& later);

// `line`, which is open, released or cancelled as `last` was, the last line that carries its promise on.
almanac::v1::Commitment WithEndOf(almanac::v1::Commitment line, const almanac::v1::Commitment& last);

// A line of a plan that is published or superseded, and the years of that plan.
struct EditionLine {
  almanac::v1::Commitment line;
  almanac::v1::Period period;
};

// `lines`, all about one dataset, in the order of their plans' years, as they are once each continues the line before
// it, whatever they continued until now:
// - A line continues the one of the latest earlier years; where several plans have the same years, the one first by
//   name. It continues none if it makes a new promise.
// - `original_target_date` is that of the line that it continues.
// - A line that lists a release (it has no target) releases the open line that it continues, and takes its outcome.
// - A line that is published only after a later one has listed the release of what it continues was kept by that
//   release, and is released by it; lines between the two, too.
// - The outcome of a release against the first target is judged by `original_target_date`.
std::vector<almanac::v1::Commitment> LinkLines(std::vector<EditionLine> lines);

}  // namespace almanac::service::rules
