#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "almanac/v1/commitment.pb.h"
#include "almanac/v1/dataset.pb.h"
#include "almanac/v1/plan_document.pb.h"

namespace almanac::service {

// Finds the dataset that a document's line is about, among those of the publisher. Pure.
class LineMatcher {
 public:
  // `datasets` are all of the publisher, deleted ones too, and must outlive this; `lines` are the live ones of the
  // plan; `document` is the one whose lines will be looked up.
  LineMatcher(const std::vector<almanac::v1::Dataset>& datasets, const std::vector<almanac::v1::Commitment>& lines,
              const almanac::v1::PlanDocument& document);

  // The dataset of the plan's line with this title, whatever title the dataset itself has by now; else the one whose
  // title is the line's; else the one whose title is a former title of the line; else the one that had the line's title
  // formerly and is not what another line of the document is about; else, if the plan is known in other languages only,
  // that of the plan's line with the same section and number. Null if there is none, so that the line is about
  // something new. A live dataset goes before deleted ones; FAILED_PRECONDITION if several remain.
  absl::StatusOr<const almanac::v1::Dataset*> Find(const almanac::v1::DocumentCommitment& line) const;

 private:
  using ByTitle = std::multimap<std::string, const almanac::v1::Dataset*>;

  ByTitle by_title_;
  ByTitle by_former_title_;
  std::map<std::string, const almanac::v1::Dataset*> by_line_title_;
  std::map<std::pair<std::string, int32_t>, const almanac::v1::Dataset*> by_number_;
};

}  // namespace almanac::service
