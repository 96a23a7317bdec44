#include "client/plan_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "absl/strings/str_cat.h"

namespace almanac::client {
namespace {

using v1::PlanDifference;

constexpr char kFrom[] = "publishers/swd/plans/2022-2024";
constexpr char kTo[] = "publishers/swd/plans/2023-2025";

PlanDifference& Add(v1::PlanDiff& diff, const std::vector<PlanDifference::Kind>& kinds, const std::string& from,
                    const std::string& to, const std::string& title) {
  PlanDifference& difference = *diff.add_differences();
  for (const PlanDifference::Kind kind : kinds) difference.add_kinds(kind);
  if (!from.empty()) difference.set_from_commitment(absl::StrCat(kFrom, "/commitments/", from));
  if (!to.empty()) difference.set_to_commitment(absl::StrCat(kTo, "/commitments/", to));
  difference.set_dataset("publishers/swd/datasets/" + title);
  (*difference.mutable_titles())["en"] = title;
  return difference;
}

void AddField(PlanDifference& difference, const std::string& field, const std::string& before,
              const std::string& after) {
  auto* change = difference.add_fields();
  change->set_field(field);
  change->set_before(before);
  change->set_after(after);
}

v1::PlanDiff Diff() {
  v1::PlanDiff diff;
  diff.set_from_plan(kFrom);
  diff.set_to_plan(kTo);
  diff.set_unchanged_count(7);
  PlanDifference& moved = Add(diff, {PlanDifference::MOVED, PlanDifference::RETITLED}, "b-1", "a-1", "shelters");
  AddField(moved, "target_date", "2023-06", "2023-05-31");
  AddField(moved, "titles.en", "Homes", "Shelters");
  moved.set_moved_days(-30);
  moved.set_moved_months(-1);
  AddField(Add(diff, {PlanDifference::ADDED}, "", "a-2", "teams"), "target_date", "", "2024");
  AddField(Add(diff, {PlanDifference::DROPPED}, "a-9", "", "lists"), "target_date", "2022-06", "");
  return diff;
}

std::string Printed(const v1::PlanDiff& diff, Format format) {
  std::ostringstream out;
  PrintDiff(diff, Printer(out, format, Language(), 0));
  return out.str();
}

TEST(PrintDiff, GroupsByKindAndShowsEachPromiseOnce) {
  EXPECT_EQ(Printed(Diff(), Format::kTable),
            "swd/2022-2024 -> swd/2023-2025\n"
            "\n"
            "added:\n"
            "+ swd/2023-2025/a-2  teams\n"
            "    target_date: (none) -> 2024\n"
            "\n"
            "dropped without a word:\n"
            "- swd/2022-2024/a-9  lists\n"
            "    target_date: 2022-06 -> (none)\n"
            "\n"
            "moved:\n"
            "~ swd/2022-2024/b-1 -> swd/2023-2025/a-1  shelters\n"
            "    target_date: 2023-06 -> 2023-05-31  (1 month earlier)\n"
            "    titles.en: Homes -> Shelters\n"
            "\n"
            "1 added, 1 dropped without a word, 0 cancelled, 0 released, 1 moved, 0 changed otherwise, 7 unchanged\n");
}

TEST(PrintDiff, SaysDaysWhereTheMonthStays) {
  v1::PlanDiff diff = Diff();
  diff.mutable_differences(0)->set_moved_months(0);
  diff.mutable_differences(0)->set_moved_days(1);
  EXPECT_THAT(Printed(diff, Format::kTable), ::testing::HasSubstr("2023-05-31  (1 day later)\n"));
  diff.mutable_differences(0)->set_moved_days(0);
  EXPECT_THAT(Printed(diff, Format::kTable), ::testing::HasSubstr("2023-05-31\n"));
}

TEST(PrintDiff, CsvHasARowForEachField) {
  EXPECT_EQ(Printed(Diff(), Format::kCsv),
            "kinds,dataset,title,from_commitment,to_commitment,moved_months,moved_days,field,before,after\n"
            "moved retitled,publishers/swd/datasets/shelters,shelters,publishers/swd/plans/2022-2024/commitments/b-1,"
            "publishers/swd/plans/2023-2025/commitments/a-1,-1,-30,target_date,2023-06,2023-05-31\n"
            "moved retitled,publishers/swd/datasets/shelters,shelters,publishers/swd/plans/2022-2024/commitments/b-1,"
            "publishers/swd/plans/2023-2025/commitments/a-1,-1,-30,titles.en,Homes,Shelters\n"
            "added,publishers/swd/datasets/teams,teams,,publishers/swd/plans/2023-2025/commitments/a-2,0,0,"
            "target_date,,2024\n"
            "dropped,publishers/swd/datasets/lists,lists,publishers/swd/plans/2022-2024/commitments/a-9,,0,0,"
            "target_date,2022-06,\n");
}

TEST(PrintDiff, AKindOfALaterServerIsShownToo) {
  v1::PlanDiff diff;
  Add(diff, {static_cast<PlanDifference::Kind>(77)}, "a-1", "a-1", "x");
  const std::string table = Printed(diff, Format::kTable);
  EXPECT_THAT(table, ::testing::HasSubstr("? swd/2022-2024/a-1 -> swd/2023-2025/a-1  x\n"));
  EXPECT_THAT(table, ::testing::HasSubstr("1 different in a way that this client does not know"));
}

}  // namespace
}  // namespace almanac::client
