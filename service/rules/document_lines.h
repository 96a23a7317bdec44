#pragma once

#include <google/protobuf/map.h>
#include <google/protobuf/repeated_field.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "almanac/v1/commitment.pb.h"
#include "almanac/v1/dataset.pb.h"
#include "almanac/v1/plan_document.pb.h"
#include "almanac/v1/release_plan_service.pb.h"
#include "service/rules/lifecycle.h"

// How the lines of a document become commitments and datasets. Pure.
namespace almanac::service::rules {

// Texts by language.
using Texts = google::protobuf::Map<std::string, std::string>;

// Makes `text` the one in `language`; an empty one takes it away.
void SetText(Texts* texts, const std::string& language, const std::string& text);

// Makes the former titles that the line names those of `titles` in `language`. The order stays unless they differ.
void SetFormerTitles(const almanac::v1::DocumentCommitment& line, const std::string& language,
                     google::protobuf::RepeatedPtrField<almanac::v1::FormerTitle>* titles);

// Adds a former title to the dataset unless one of the same key is there; of too many, the oldest goes.
void AddFormerTitle(const std::string& language, const std::string& text, almanac::v1::Dataset* dataset);

// A line for an error message: its place in the file, number and title.
std::string Describe(const almanac::v1::DocumentCommitment& line);

// `commitment` as the plan's line says it, in `language`. Texts in other languages stay. Dates are those of the
// promise: a target that was moved since, or a release that was recorded since, stays. A line with a target and a
// release date releases a promise that is open, and stamps the outcome. FAILED_PRECONDITION if the line contradicts
// what has happened to the commitment; but a deleted commitment comes back live and, where the line contradicts how it
// ended, open.
absl::StatusOr<almanac::v1::Commitment> ApplyLine(almanac::v1::Commitment commitment,
                                                  const almanac::v1::DocumentCommitment& line,
                                                  const std::string& language);

// `commitment`, to which the line was applied: cancelled if the line says so and it is open. `import` says who imports
// and when; reason and note are the line's.
absl::StatusOr<almanac::v1::Commitment> ApplyCancellation(almanac::v1::Commitment commitment,
                                                          const almanac::v1::DocumentCommitment& line,
                                                          Justification import);

// The line that a document in `language` would have for `commitment`: its promise, or what the plan lists as released.
almanac::v1::DocumentCommitment LineOf(const almanac::v1::Commitment& commitment, const std::string& language);

// The fields in which two lines differ, but for their place in the file.
std::vector<almanac::v1::FieldChange> DiffLines(const almanac::v1::DocumentCommitment& before,
                                                const almanac::v1::DocumentCommitment& after);

// The same for what a line made of a commitment, with how the promise ended.
std::vector<almanac::v1::FieldChange> DiffCommitments(const almanac::v1::Commitment& before,
                                                      const almanac::v1::Commitment& after,
                                                      const std::string& language);

// `dataset` brought up to what the line promises. A title that it replaces becomes a former title; of more former
// titles than a dataset may have, the oldest goes. What the line does not say of dates and landing page stays.
almanac::v1::Dataset ApplyToDataset(almanac::v1::Dataset dataset, const almanac::v1::DocumentCommitment& line,
                                    const std::string& language);

// `dataset`, of which a later plan has said what it is by now, with what it lacks: texts in `language`, a release date,
// a landing page, the line's title among its former ones.
almanac::v1::Dataset ApplyEarlierLine(almanac::v1::Dataset dataset, const almanac::v1::DocumentCommitment& line,
                                      const std::string& language);

}  // namespace almanac::service::rules
