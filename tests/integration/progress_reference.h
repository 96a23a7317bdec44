#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "almanac/v1/commitment.pb.h"
#include "almanac/v1/publisher.pb.h"
#include "almanac/v1/release_plan_service.pb.h"

// What GetProgress should answer, worked out from the resources one by one, as the contract's comments read.
namespace almanac::testing {

// Everything that there is, by name.
struct Catalogue {
  std::map<std::string, almanac::v1::Publisher> publishers;
  std::map<std::string, almanac::v1::ReleasePlan> plans;
  std::map<std::string, almanac::v1::Commitment> lines;
};

// The account of one publisher at the end of one day. The catalogue must outlive it.
class ProgressReference {
 public:
  // What was counted of a set of lines so far.
  struct Account {
    almanac::v1::SectionProgress figures;
    std::vector<int> overdue_days;
    std::vector<int> slips;
    int was_open = 0;
  };

  ProgressReference(const Catalogue& catalogue, const almanac::v1::Publisher& publisher, absl::CivilDay day);

  // The editions that were published by that day, latest first.
  const std::vector<std::string>& published() const { return published_; }

  // All lines of a plan, or of one of its sections.
  almanac::v1::SectionProgress OfLines(const std::string& plan, const std::string& section = "") const;

  // Each promise once, by the line that no published one continues, with what the ones before it add.
  void AddPromises(Account* account) const;

  // The figures with maxima, medians and rates.
  static almanac::v1::SectionProgress Finish(const Account& account);

 private:
  // Whether `a` is a later edition than `b`.
  bool IsLater(const std::string& a, const std::string& b) const;
  std::optional<absl::CivilDay> PublishedDay(const std::string& plan) const;
  bool IsPublished(const std::string& plan) const;
  // The first day on which both the plan and a later edition were published.
  std::optional<absl::CivilDay> SupersededDay(const std::string& plan) const;
  // Whether an edition that is published continues the line, at once or by way of others.
  bool IsCarried(const almanac::v1::Commitment& line) const;
  almanac::v1::Commitment::State StateOf(const almanac::v1::Commitment& line) const;
  std::string TargetOf(const almanac::v1::Commitment& line) const;
  int ReasonedMovesOf(const almanac::v1::Commitment& line) const;
  int MovesOf(const almanac::v1::Commitment& line) const;
  bool WasOpenWhenSuperseded(const almanac::v1::Commitment& line) const;
  void Add(const almanac::v1::Commitment& line, int moves, int reasoned, bool was_open, Account* account) const;
  void AddOpen(const almanac::v1::Commitment& line, Account* account) const;

  const Catalogue& catalogue_;
  const almanac::v1::Publisher& publisher_;
  const absl::CivilDay day_;
  std::vector<std::string> published_;
};

}  // namespace almanac::testing
