#pragma once

#include <vector>

#include "almanac/v1/commitment.pb.h"
#include "almanac/v1/dataset.pb.h"

// What a dataset takes from the lines about it when a line is linked to another. Pure.
namespace almanac::service::rules {

// `dataset` as `line` says it is, in all the line's languages: see ApplyToDataset and, where a later plan promises it
// (`is_promised_later`), ApplyEarlierLine. A release of the line dates it, if it has no date.
almanac::v1::Dataset TakeLine(almanac::v1::Dataset dataset, const almanac::v1::Commitment& line,
                              bool is_promised_later);

// `dataset` without what it has from `line`, which is not about it after all: where it says what the line says, it says
// again what the last of `others` does, the live lines about it, the latest edition last. A release date that the line
// alone gave it goes.
almanac::v1::Dataset TakeBackLine(almanac::v1::Dataset dataset, const almanac::v1::Commitment& line,
                                  const std::vector<almanac::v1::Commitment>& others);

}  // namespace almanac::service::rules
