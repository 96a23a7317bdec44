#pragma once

#include <google/protobuf/repeated_field.h>

#include <string>
#include <vector>

#include "almanac/v1/commitment.pb.h"
#include "almanac/v1/dataset.pb.h"
#include "almanac/v1/plan_document.pb.h"
#include "almanac/v1/release_plan.pb.h"

// How a document in another language than a plan's first one adds its texts to what the plan says. It changes nothing
// but texts in its language; where it says something else, the plan stays as it is and a warning says so, which has no
// line where it is about none of the file. The 1,000th warning is the last, and says so. Pure.
namespace almanac::service::rules {

using DocumentWarnings = google::protobuf::RepeatedPtrField<almanac::v1::DocumentWarning>;

// Whether a document in `language` is a translation of `plan`. A draft without a language takes the document's; a
// published plan without one is in the languages of its heading.
bool IsTranslation(const almanac::v1::ReleasePlan& plan, const std::string& language);

// `plan` with the heading of the document, and the headings and notes of those sections that it has.
almanac::v1::ReleasePlan TranslatePlan(almanac::v1::ReleasePlan plan, const almanac::v1::PlanDocument& document,
                                       DocumentWarnings* warnings);

// For each line of the document the one of `lines`, the live ones of the plan, whose texts it has, or null: the one
// with its title in its language, else the one with its section and number. The latter is not taken if the dates
// disagree and so do two more columns: it may be another line. A warning names each line of either side that is left
// over, and each column in which the two of a pair disagree.
std::vector<const almanac::v1::Commitment*> MatchTranslation(const std::vector<almanac::v1::Commitment>& lines,
                                                             const almanac::v1::PlanDocument& document,
                                                             DocumentWarnings* warnings);

// `commitment` with the texts of the line instead of those it had in `language`.
almanac::v1::Commitment TranslateCommitment(almanac::v1::Commitment commitment,
                                            const almanac::v1::DocumentCommitment& line, const std::string& language);

// `dataset` with those texts of the line that it has none of in `language`, or has as `before`, its commitment until
// now, had them, or one of `earlier`, lines of other editions that this one goes before. A title of theirs becomes a
// former one.
almanac::v1::Dataset TranslateDataset(almanac::v1::Dataset dataset, const almanac::v1::Commitment& before,
                                      const almanac::v1::DocumentCommitment& line, const std::string& language,
                                      const std::vector<almanac::v1::Commitment>& earlier = {});

// Whether `after`, which is a translation of `before`, has every text of it as it was.
bool OnlyAddsTexts(const almanac::v1::ReleasePlan& before, const almanac::v1::ReleasePlan& after);
bool OnlyAddsTexts(const almanac::v1::Commitment& before, const almanac::v1::Commitment& after);

}  // namespace almanac::service::rules
