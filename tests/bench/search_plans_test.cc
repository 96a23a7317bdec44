#include "tests/bench/search_plans.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "absl/strings/str_cat.h"

namespace almanac::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class SearchPlansTest : public ::testing::Test {
 protected:
  ~SearchPlansTest() override { std::remove(log_.c_str()); }

  void Log(const std::string& text) const { std::ofstream(log_, std::ios::app) << text; }

  const std::string log_ = absl::StrCat("/tmp/almanac-plans-", getpid(), ".log");
};

TEST_F(SearchPlansTest, ReadsThePlansOfDatasetsThatCameMeanwhile) {
  Log("12 LOG:  duration: 9.999 ms  plan:\n\tQuery Text: select 1 from datasets\n\tSeq Scan on datasets\n");
  const auto plans = RecordPlans(log_, [&] {
    Log("12 LOG:  duration: 0.100 ms  plan:\n\tQuery Text: select revision from head\n\tSeq Scan on head\n"
        "12 LOG:  duration: 1.234 ms  plan:\n\tQuery Text: select * from datasets d\n\tLimit\n"
        "\t  ->  Index Scan using datasets_pkey on datasets d\n\t        Filter: discontinued\n"
        "13 LOG:  checkpoint starting: time\n\tSeq Scan of nothing\n");
    return absl::OkStatus();
  });
  ASSERT_TRUE(plans.ok()) << plans.status();
  ASSERT_THAT(*plans, SizeIs(1));
  EXPECT_EQ(plans->front().statement, "select * from datasets d");
  EXPECT_THAT(plans->front().lines, ElementsAre("Limit", "  ->  Index Scan using datasets_pkey on datasets d",
                                                "        Filter: discontinued"));
  EXPECT_FALSE(HasSequentialScan(plans->front()));
  EXPECT_TRUE(HasSequentialScan({"", {"Limit", "  ->  Parallel Seq Scan on datasets"}}));
}

TEST_F(SearchPlansTest, NoPlanIsAnError) {
  Log("");
  EXPECT_EQ(RecordPlans(log_, [] { return absl::OkStatus(); }).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(SearchPlansTest, IsIndented) {
  EXPECT_EQ(ToText({"select 0, message from datasets t", {"Limit"}}),
            "    select 0, message from datasets t\n      Limit\n");
}

TEST_F(SearchPlansTest, HasFirstDayAsItWasWritten) {
  const std::string inlined =
      "CASE WHEN ((t.release_date)::text ~~ '____-Q_'::text) THEN make_date(1, 2, 1) ELSE make_date(1, 2, 3) END";
  EXPECT_EQ(ToText({"", {"Filter: (COALESCE(" + inlined + ", x) > (CASE WHEN a THEN b END))"}}),
            "    \n      Filter: (COALESCE(first_day(t.release_date), x) > (CASE WHEN a THEN b END))\n");
}

}  // namespace
}  // namespace almanac::bench
