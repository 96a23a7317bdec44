#include "service/rules/plan_diff.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "service/rules/continuation.h"
#include "service/rules/dates.h"
#include "service/titles.h"

namespace almanac::service::rules {
namespace {

using almanac::v1::Commitment;
using almanac::v1::PlanDiff;
using almanac::v1::PlanDifference;
using Texts = google::protobuf::Map<std::string, std::string>;

// A difference while it is found; the kinds in their order.
struct Finding {
  PlanDifference difference;
  std::set<PlanDifference::Kind> kinds;

  void Add(PlanDifference::Kind kind, const std::string& field, const std::string& before, const std::string& after) {
    kinds.insert(kind);
    auto* change = difference.add_fields();
    change->set_field(field);
    change->set_before(before);
    change->set_after(after);
  }
};

std::string CancellationText(const Commitment& line) {
  if (!line.has_cancellation()) return "";
  return absl::StrCat(Commitment::Reason_Name(line.cancellation().reason()), ": ", line.cancellation().note());
}

std::string FormatsText(const Commitment& line) {
  const std::set<std::string> formats(line.formats().begin(), line.formats().end());
  return absl::StrJoin(formats, ", ");
}

// Adds a field for each language in which both have a text and `differ` says so.
template <typename Differ>
void CompareTexts(PlanDifference::Kind kind, const std::string& field, const Texts& from, const Texts& to,
                  Differ differ, Finding& finding) {
  const std::map<std::string, std::string> sorted(from.begin(), from.end());
  for (const auto& [language, text] : sorted) {
    const auto other = to.find(language);
    if (other == to.end() || !differ(text, other->second)) continue;
    finding.Add(kind, absl::StrCat(field, ".", language), text, other->second);
  }
}

// Whether a line was promised, whatever became of it since.
bool WasPromised(const Commitment& line) { return !line.target_date().empty(); }

void CompareFate(const Commitment& from, const Commitment& to, Finding& finding) {
  if (from.has_cancellation() || to.has_cancellation()) {
    finding.Add(PlanDifference::CANCELLED, "cancellation", CancellationText(from), CancellationText(to));
  }
  if (!WasPromised(from)) return;
  if (from.state() == Commitment::RELEASED || to.state() == Commitment::RELEASED) {
    const Commitment& released = from.state() == Commitment::RELEASED ? from : to;
    finding.Add(PlanDifference::RELEASED, "release_date", "", released.release_date());
  }
  if (!WasPromised(to) || from.target_date() == to.first_target_date()) return;
  const absl::CivilDay before = ParseDate(from.target_date())->last;
  const absl::CivilDay after = ParseDate(to.first_target_date())->last;
  finding.Add(PlanDifference::MOVED, "target_date", from.target_date(), to.first_target_date());
  finding.difference.set_moved_days(static_cast<int32_t>(after - before));
  finding.difference.set_moved_months(static_cast<int32_t>(absl::CivilMonth(after) - absl::CivilMonth(before)));
}

void CompareWords(const Commitment& from, const Commitment& to, Finding& finding) {
  const auto other_title = [](const std::string& a, const std::string& b) { return TitleKey(a) != TitleKey(b); };
  CompareTexts(PlanDifference::RETITLED, "titles", from.titles(), to.titles(), other_title, finding);
  if (from.frequency() != to.frequency()) {
    finding.Add(PlanDifference::FREQUENCY_CHANGED, "frequency", almanac::v1::Frequency_Name(from.frequency()),
                almanac::v1::Frequency_Name(to.frequency()));
  } else if (from.frequency() == almanac::v1::OTHER) {
    CompareTexts(PlanDifference::FREQUENCY_CHANGED, "frequency_texts", from.frequency_texts(), to.frequency_texts(),
                 other_title, finding);
  }
  if (const std::string before = FormatsText(from), after = FormatsText(to); before != after) {
    finding.Add(PlanDifference::FORMATS_CHANGED, "formats", before, after);
  }
  if (from.section() != to.section()) {
    finding.Add(PlanDifference::SECTION_CHANGED, "section", from.section(), to.section());
  }
}

// What a line that only `to` has promises, or lists.
void DescribeAdded(const Commitment& to, Finding& finding) {
  if (WasPromised(to)) return finding.Add(PlanDifference::ADDED, "target_date", "", to.first_target_date());
  finding.Add(PlanDifference::ADDED, "release_date", "", to.release_date());
}

// What became of a line that only `from` has; nothing if it promised nothing.
void DescribeGone(const Commitment& from, Finding& finding) {
  if (from.has_cancellation()) {
    return finding.Add(PlanDifference::CANCELLED, "cancellation", "", CancellationText(from));
  }
  if (!WasPromised(from)) return;
  if (from.state() == Commitment::RELEASED) {
    return finding.Add(PlanDifference::RELEASED, "release_date", "", from.release_date());
  }
  finding.Add(PlanDifference::DROPPED, "target_date", from.target_date(), "");
}

// The differences and the count of what has none.
class Comparison {
 public:
  // Either may be null.
  void Add(const Commitment* from, const Commitment* to) {
    Finding finding;
    const Commitment& shown = to != nullptr ? *to : *from;
    if (from == nullptr) {
      DescribeAdded(*to, finding);
    } else if (to == nullptr) {
      DescribeGone(*from, finding);
    } else {
      CompareFate(*from, *to, finding);
      CompareWords(*from, *to, finding);
      if (finding.kinds.empty()) diff_.set_unchanged_count(diff_.unchanged_count() + 1);
    }
    if (finding.kinds.empty()) return;
    PlanDifference& difference = finding.difference;
    for (const PlanDifference::Kind kind : finding.kinds) difference.add_kinds(kind);
    difference.set_dataset(shown.dataset());
    *difference.mutable_titles() = shown.titles();
    if (from != nullptr) difference.set_from_commitment(from->name());
    if (to != nullptr) difference.set_to_commitment(to->name());
    *diff_.add_differences() = std::move(difference);
  }

  PlanDiff diff() && { return std::move(diff_); }

 private:
  PlanDiff diff_;
};

}  // namespace

PlanDiff DiffEditions(const std::vector<Commitment>& from, const std::vector<Commitment>& to,
                      const std::set<std::string>& carried) {
  // A plan rarely has two lines about a dataset; if so, the first of one is compared with the first of the other.
  std::map<std::string, std::deque<const Commitment*>> by_dataset;
  for (const Commitment& line : from) by_dataset[line.dataset()].push_back(&line);
  std::set<const Commitment*> compared;
  Comparison comparison;
  for (const Commitment& line : to) {
    std::deque<const Commitment*>& same = by_dataset[line.dataset()];
    if (same.empty() || (IsNewPromise(*same.front(), line) && !carried.contains(same.front()->name()))) {
      comparison.Add(nullptr, &line);
      continue;
    }
    comparison.Add(same.front(), &line);
    compared.insert(same.front());
    same.pop_front();
  }
  for (const Commitment& line : from) {
    if (!compared.contains(&line)) comparison.Add(&line, nullptr);
  }
  return std::move(comparison).diff();
}

}  // namespace almanac::service::rules
