#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "almanac/v1/plan_document.pb.h"
#include "client/documents/plan_date.h"
#include "client/documents/plan_formats.h"
#include "client/documents/plan_language.h"
#include "client/documents/plan_table.h"
#include "client/documents/text_pattern.h"

namespace almanac::client {

// Turns the rows of a plan's tables into commitments.
class PlanRowReader {
 public:
  PlanRowReader(const PlanLanguage& language, v1::PlanDocument* document);

  // Adds the commitment that `row` promises to the document, and a warning if something in it was not understood. A row
  // without a usable number, title or date, or with a number that its section has already, is left out with a warning.
  // `title` is what the row's title cell says without the spaces that wrapping put there.
  void Read(const PlanRow& row, std::string_view title);

 private:
  // What is wrong with a row.
  struct Problems {
    // Without this the row is no commitment.
    std::vector<std::string> grave;
    std::vector<std::string> slight;
  };

  void ReadNumber(const PlanRow& row, v1::DocumentCommitment* commitment, Problems* problems) const;
  void ReadTitle(std::string_view title, v1::DocumentCommitment* commitment, Problems* problems) const;
  void ReadDate(const PlanRow& row, v1::DocumentCommitment* commitment, Problems* problems) const;
  void ReadFrequency(const PlanRow& row, v1::DocumentCommitment* commitment, Problems* problems) const;
  void ReadRemark(const PlanRow& row, v1::DocumentCommitment* commitment, Problems* problems) const;
  void Warn(const PlanRow& row, const Problems& problems);

  const PlanLanguage& language_;
  v1::PlanDocument* const document_;
  TextPattern number_;
  TextPattern month_;
  DatePattern last_update_;
  FormatFinder formats_;
  // The sections and numbers of the rows that were read.
  std::set<std::pair<char, int>> numbers_;
};

}  // namespace almanac::client
