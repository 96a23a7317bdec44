#include "client/plan_diff.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/names.h"
#include "client/text_width.h"

namespace almanac::client {
namespace {

using v1::PlanDifference;

// A group of differences: those that have one of its kinds, and none of an earlier group.
struct Group {
  const char* title;
  const char* sign;
  std::array<PlanDifference::Kind, 4> kinds;  // the rest is unspecified, which no difference is
};

constexpr std::array<Group, 6> kGroups = {{
    {"added", "+", {PlanDifference::ADDED}},
    {"dropped without a word", "-", {PlanDifference::DROPPED}},
    {"cancelled", "-", {PlanDifference::CANCELLED}},
    {"released", "~", {PlanDifference::RELEASED}},
    {"moved", "~", {PlanDifference::MOVED}},
    {"changed otherwise",
     "~",
     {PlanDifference::RETITLED, PlanDifference::FREQUENCY_CHANGED, PlanDifference::FORMATS_CHANGED,
      PlanDifference::SECTION_CHANGED}},
}};

// The place in kGroups of the group that a difference is shown in; its end for kinds that this client does not know.
size_t GroupOf(const PlanDifference& difference) {
  const auto has = [&](PlanDifference::Kind kind) {
    return std::find(difference.kinds().begin(), difference.kinds().end(), kind) != difference.kinds().end();
  };
  const auto* found = std::find_if(kGroups.begin(), kGroups.end(), [&](const Group& group) {
    return std::any_of(group.kinds.begin(), group.kinds.end(), has);
  });
  return found - kGroups.begin();
}

std::string Count(int count, const char* unit) { return absl::StrCat(count, " ", unit, count == 1 ? "" : "s"); }

// `3 months later`, `12 days earlier`; empty where the last day stays.
std::string MoveText(const PlanDifference& difference) {
  if (difference.moved_days() == 0) return "";
  const std::string size = difference.moved_months() != 0 ? Count(std::abs(difference.moved_months()), "month")
                                                          : Count(std::abs(difference.moved_days()), "day");
  return absl::StrCat("  (", size, difference.moved_days() > 0 ? " later" : " earlier", ")");
}

void PrintDifference(const PlanDifference& difference, const char* sign, const Printer& printer) {
  std::ostream& out = printer.out();
  const NamePattern names = CommitmentNames();
  const std::string from = names.Short(difference.from_commitment());
  const std::string to = names.Short(difference.to_commitment());
  out << sign << " " << from << (from.empty() || to.empty() ? "" : " -> ") << to << "  "
      << OneLine(printer.style().language.Pick(difference.titles())) << "\n";
  const auto value = [](const std::string& text) { return text.empty() ? "(none)" : OneLine(text); };
  for (const v1::FieldChange& field : difference.fields()) {
    out << "    " << field.field() << ": " << value(field.before()) << " -> " << value(field.after())
        << (field.field() == "target_date" ? MoveText(difference) : "") << "\n";
  }
}

void PrintDiffTable(const v1::PlanDiff& diff, const Printer& printer) {
  std::ostream& out = printer.out();
  const NamePattern plans = PlanNames();
  out << plans.Short(diff.from_plan()) << " -> " << plans.Short(diff.to_plan()) << "\n";
  std::vector<std::string> counts;
  for (size_t i = 0; i <= kGroups.size(); ++i) {
    std::vector<const PlanDifference*> group;
    for (const PlanDifference& difference : diff.differences()) {
      if (GroupOf(difference) == i) group.push_back(&difference);
    }
    const bool is_known = i < kGroups.size();
    const std::string title = is_known ? kGroups[i].title : "different in a way that this client does not know";
    if (is_known || !group.empty()) counts.push_back(absl::StrCat(group.size(), " ", title));
    if (group.empty()) continue;
    out << "\n" << title << ":\n";
    for (const PlanDifference* difference : group) {
      PrintDifference(*difference, is_known ? kGroups[i].sign : "?", printer);
    }
  }
  out << "\n" << absl::StrJoin(counts, ", ") << ", " << diff.unchanged_count() << " unchanged\n";
}

void PrintDiffCsv(const v1::PlanDiff& diff, const Printer& printer) {
  const auto writer = printer.MakeWriter({{"KINDS"},
                                          {"DATASET"},
                                          {"TITLE"},
                                          {"FROM COMMITMENT"},
                                          {"TO COMMITMENT"},
                                          {"MOVED MONTHS"},
                                          {"MOVED DAYS"},
                                          {"FIELD"},
                                          {"BEFORE"},
                                          {"AFTER"}});
  std::vector<Row> rows;
  for (const PlanDifference& difference : diff.differences()) {
    std::vector<std::string> kinds;
    for (const int kind : difference.kinds()) {
      kinds.push_back(EnumText(*PlanDifference::Kind_descriptor(), kind));
    }
    const std::vector<std::string> cells = {absl::StrJoin(kinds, " "),
                                            difference.dataset(),
                                            printer.style().language.Pick(difference.titles()),
                                            difference.from_commitment(),
                                            difference.to_commitment(),
                                            absl::StrCat(difference.moved_months()),
                                            absl::StrCat(difference.moved_days())};
    const auto add = [&](const v1::FieldChange& field) {
      rows.push_back({&difference, cells});
      for (const std::string& cell : {field.field(), field.before(), field.after()}) rows.back().cells.push_back(cell);
    };
    for (const v1::FieldChange& field : difference.fields()) add(field);
    if (difference.fields().empty()) add({});
  }
  writer->Write(rows);
  writer->Finish();
}

}  // namespace

void PrintDiff(const v1::PlanDiff& diff, const Printer& printer) {
  if (printer.format() == Format::kTable) return PrintDiffTable(diff, printer);
  if (printer.format() == Format::kCsv) return PrintDiffCsv(diff, printer);
  printer.PrintMessage(diff);
}

}  // namespace almanac::client
