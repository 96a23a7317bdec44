#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "almanac/v1/commitment.pb.h"
#include "almanac/v1/dataset.pb.h"
#include "almanac/v1/plan_document.pb.h"

namespace almanac::service {

// How many datasets a line that fits several keeps as its candidates.
inline constexpr int kMaxCandidates = 16;

// Finds the dataset that a document's line is about, among those of the publisher. Pure.
class LineMatcher {
 public:
  // What was found. Without a dataset the line is about something new, or nobody knows yet which of the candidates.
  struct Match {
    const almanac::v1::Dataset* dataset = nullptr;
    // The names of the live datasets that the line fits, if there are several: sorted, the first kMaxCandidates.
    std::vector<std::string> candidates;
  };

  // `datasets` are all of the publisher, deleted ones too, and must outlive this; `unsettled` names those that lines
  // with candidates got meanwhile; `lines` are the live ones of the plan; `document` is the one whose lines will be
  // looked up.
  LineMatcher(const std::vector<almanac::v1::Dataset>& datasets, const std::set<std::string>& unsettled,
              const std::vector<almanac::v1::Commitment>& lines, const almanac::v1::PlanDocument& document);

  // The dataset of the plan's line with this title, whatever title the dataset itself has by now. Else the one whose
  // title is the line's, and those whose title is a former title of the line, unless the first had that title too; else
  // the one that had the line's title formerly. Titles in the document's language go before those in others. Left out
  // is what another line of the document is about. Else, if the plan is known in other languages only, that of the
  // plan's line with the same section and number. Else a dataset that is deleted or unsettled, by its titles as above,
  // if it is the only one.
  Match Find(const almanac::v1::DocumentCommitment& line) const;

 private:
  using Datasets = std::map<std::string, const almanac::v1::Dataset*>;  // by name

  // Datasets by the keys of titles. Of one title, no more are kept than it takes to know the candidates: a publisher
  // may have thousands with the same, and each line of a document may ask for it.
  class TitleIndex {
   public:
    // One that is not `free` is never found, but hides those that have the title in other languages only.
    void Add(const std::string& key, const almanac::v1::Dataset& dataset, bool in_language, bool is_free);
    // Those with this title in the document's language, else in any: the first kMaxCandidates by name, and one more.
    const Datasets& Find(const std::string& key) const;

   private:
    struct Entry {
      bool is_in_language = false;
      Datasets in_language;
      Datasets in_any;
    };
    std::map<std::string, Entry> entries_;
  };

  struct Index {
    TitleIndex titles;         // of datasets that are not held
    TitleIndex free_titles;    // of datasets that are not taken
    TitleIndex former_titles;  // the same
  };

  // The keys of a dataset's titles.
  struct Keys {
    std::map<std::string, std::string> titles;                       // by language
    std::vector<std::pair<std::string, std::string>> former_titles;  // with their language
  };

  Datasets FindIn(const Index& index, const almanac::v1::DocumentCommitment& line) const;
  bool HadTitle(const almanac::v1::Dataset& dataset, const std::string& key) const;

  Index settled_;  // live datasets
  Index others_;
  std::map<const almanac::v1::Dataset*, Keys> keys_;
  std::map<std::string, const almanac::v1::Dataset*> by_line_title_;
  std::map<std::pair<std::string, int32_t>, const almanac::v1::Dataset*> by_number_;
};

}  // namespace almanac::service
