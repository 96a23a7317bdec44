#include <gmock/gmock.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "db/database.h"
#include "service/list_request.h"
#include "tests/integration/dataset_rows.h"
#include "tests/integration/list_query_fixture.h"

namespace almanac::testing {
namespace {

using almanac::v1::Dataset;
using almanac::v1::ListCommitmentsRequest;
using almanac::v1::ListDatasetsRequest;
using almanac::v1::ListDatasetsResponse;
using almanac::v1::ListPublishersRequest;
using almanac::v1::ListReleasePlansRequest;
using almanac::v1::UpdateDatasetRequest;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ListQueryTest : public ListQueryFixture {
 protected:
  // What a wrong filter is told.
  std::string Complaint(const std::string& filter) {
    const grpc::Status status = Refused(Query(filter), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(FieldOf(status), "filter") << filter;
    return status.error_message();
  }
};

Dataset With(const std::string& release_date, almanac::v1::Frequency frequency = almanac::v1::MONTHLY,
             const std::vector<std::string>& formats = {"CSV"}) {
  Dataset dataset;
  dataset.set_release_date(release_date);
  dataset.set_frequency(frequency);
  for (const std::string& format : formats) dataset.add_formats(format);
  return dataset;
}

class FilterTest : public ListQueryTest {
 protected:
  FilterTest() {
    AddPublisher("swd");
    AddPublisher("td");
    Add("lifts", With("2020-06", almanac::v1::MONTHLY, {"CSV", "XML"}));
    Add("homes", With("2021", almanac::v1::YEARLY));
    Dataset old = With("2019-12-31", almanac::v1::MONTHLY);
    old.set_discontinued(true);
    (*old.mutable_titles())["zh-Hant-HK"] = "升降機維修紀錄";
    (*old.mutable_titles())["en"] = "Lift Repairs";
    (*old.mutable_remarks())["en"] = "100% of \"all\" lifts_";
    Add("repairs", old);
    Dataset none;
    (*none.mutable_categories())["en"] = "Transport";
    none.set_landing_page("https://data.gov.hk/td");
    Add("roads", none, "td");
  }
};

TEST_F(FilterTest, ByEveryTypeOfField) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases = {
      {"publisher = swd", {"homes", "lifts", "repairs"}},
      {"publisher = \"publishers/td\"", {"roads"}},
      {"publisher != swd", {"roads"}},
      {"dataset = l*", {"lifts"}},
      {"frequency = MONTHLY", {"lifts", "repairs"}},
      {"frequency = monthly AND NOT discontinued", {"lifts"}},
      {"frequency:*", {"homes", "lifts", "repairs"}},
      {"formats:xml", {"lifts"}},
      {"NOT formats:CSV", {"roads"}},
      {"formats:*", {"homes", "lifts", "repairs"}},
      {"discontinued", {"repairs"}},
      {"discontinued = false", {"homes", "lifts", "roads"}},
      {"discontinued != false", {"repairs"}},
      {"release_date >= \"2020-06\"", {"homes", "lifts"}},
      {"release_date > 2020", {"homes"}},
      {"release_date <= 2020", {"lifts", "repairs"}},
      {"release_date < \"2020-06\"", {"repairs"}},
      {"release_date = 2020", {"lifts"}},
      {"release_date = 2021", {"homes"}},
      {"release_date = \"2021-01\"", {}},
      {"release_date != 2020", {"homes", "repairs", "roads"}},
      {"release_date:*", {"homes", "lifts", "repairs"}},
      {"NOT release_date:*", {"roads"}},
      {"release_date < days_ago(365)", {"homes", "lifts", "repairs"}},
      {"create_time > days_ago(1)", {"homes", "lifts", "repairs", "roads"}},
      {"create_time < \"2020-01-01T00:00:00Z\"", {}},
      {"NOT last_update_time:*", {"homes", "lifts", "repairs", "roads"}},
      {"last_update_time < today()", {}},
      {"NOT last_update_time < today()", {"homes", "lifts", "repairs", "roads"}},
      {"update_count = 0 AND revision > 0", {"homes", "lifts", "repairs", "roads"}},
      {"update_count > 0", {}},
      {"landing_page = \"https://data.gov.hk/*\"", {"roads"}},
      {"landing_page:GOV.HK", {"roads"}},
      {"titles.en = \"Lift Repairs\"", {"repairs"}},
      {"titles.en = \"lift repairs\"", {}},
      {"titles = \"升降機維修紀錄\"", {"repairs"}},
      {"titles.en = *rep*", {}},
      {"titles.en = *Rep*", {"repairs"}},
      {"titles.zh-Hant-HK:*", {"repairs"}},
      {"titles:维修", {"repairs"}},
      {"titles:repair", {"repairs"}},
      {"titles:rep", {}},
      {"titles:rep*", {"repairs"}},
      {"remarks:repair", {}},
      {"remarks:lifts", {"repairs"}},
      {"remarks = *%*", {"repairs"}},
      {"remarks = *_", {"repairs"}},
      {R"(remarks = "100% of \"all\" lifts_")", {"repairs"}},
      {"categories:transport", {"roads"}},
      {"freshness.state = UNKNOWN AND frequency = YEARLY", {"homes"}},
      {"publisher = td OR formats:XML", {"lifts", "roads"}},
      {"publisher = swd AND (formats:XML OR discontinued)", {"lifts", "repairs"}},
      {"publisher = swd AND formats:XML OR discontinued", {"lifts", "repairs"}},
      {"-publisher = swd", {"roads"}},
      {"NOT (publisher = swd AND NOT discontinued)", {"repairs", "roads"}},
  };
  for (const auto& [filter, expected] : cases) EXPECT_THAT(Ids(filter), ElementsAreArray(expected)) << filter;
}

TEST_F(FilterTest, AWrongOneIsToldWhereAndWhatWouldBeRight) {
  EXPECT_THAT(Complaint("frequenzy = MONTHLY"), HasSubstr("nearest is frequency"));
  EXPECT_THAT(Complaint("frequency = MONTLY"), HasSubstr("nearest is MONTHLY"));
  EXPECT_THAT(Complaint("publisher = swd AND"), HasSubstr("20"));
  EXPECT_THAT(Complaint("release_date > \"2022-13\""), HasSubstr("2022-06-30"));
  EXPECT_THAT(Complaint("titles.en:lift"), HasSubstr("titles:lift"));
  EXPECT_THAT(Complaint("titles:\"—\""), HasSubstr("words"));
  EXPECT_THAT(Complaint("update_count = many"), HasSubstr("whole number"));
  EXPECT_THAT(Complaint("create_time > yesterday()"), HasSubstr("days_ago"));
  EXPECT_THAT(Complaint("titles > x"), HasSubstr("no order"));
}

TEST_F(FilterTest, OfThePast) {
  const int64_t then = HeadRevision();
  UpdateDatasetRequest update;
  update.mutable_dataset()->set_name("publishers/swd/datasets/lifts");
  (*update.mutable_dataset()->mutable_titles())["en"] = "Escalators";
  update.mutable_dataset()->add_formats("JSON");
  Do(update);
  ListDatasetsRequest request = Query("formats:XML AND titles:lifts");
  EXPECT_THAT(Ids(request), IsEmpty());
  request.mutable_at()->set_revision(then);
  EXPECT_THAT(Ids(request), ElementsAre("lifts"));
  request.set_order_by("create_time");
  EXPECT_EQ(FieldOf(Refused(request, grpc::StatusCode::INVALID_ARGUMENT)), "order_by");
}

TEST_F(FilterTest, TogetherWithFreshnessStatesAndDeletedOnes) {
  ListDatasetsRequest request = Query("frequency = MONTHLY");
  request.add_freshness_states(almanac::v1::Freshness::DISCONTINUED);
  EXPECT_THAT(Ids(request), ElementsAre("repairs"));
  Do(Named<almanac::v1::DeleteDatasetRequest>("publishers/swd/datasets/lifts"));
  EXPECT_THAT(Ids("formats:XML"), IsEmpty());
  request = Query("formats:XML");
  request.set_show_deleted(true);
  EXPECT_THAT(Ids(request), ElementsAre("lifts"));
  request.set_filter("delete_time:*");
  EXPECT_THAT(Ids(request), ElementsAre("lifts"));
}

TEST_F(FilterTest, OfTheOtherNouns) {
  AddPlan("swd", 2022, 2024);
  AddPlan("td", 2021, 2023);
  const std::string plan = "publishers/swd/plans/2022-2024";
  Do(NewLine("A", 1, "publishers/swd/datasets/lifts", "2022-06"));
  Do(NewLine("A", 2, "publishers/swd/datasets/homes", "2023-Q1"));
  Do(NewLine("B", 1, "publishers/swd/datasets/repairs", "2022-12-31"));

  auto publishers = ListPublishersRequest();
  publishers.set_filter("publisher != td");
  EXPECT_EQ(Do(publishers).publishers().at(0).name(), "publishers/swd");
  EXPECT_EQ(Do(publishers).publishers_size(), 1);

  auto plans = Named<ListReleasePlansRequest>("publishers/-");
  plans.set_filter("period.start_year < 2022 AND state = DRAFT");
  ASSERT_EQ(Do(plans).release_plans_size(), 1);
  EXPECT_EQ(Do(plans).release_plans(0).name(), "publishers/td/plans/2021-2023");

  auto lines = Named<ListCommitmentsRequest>(plan);
  lines.set_filter("target_date < 2023 AND section = A AND state = PLANNED");
  ASSERT_EQ(Do(lines).commitments_size(), 1);
  EXPECT_EQ(Do(lines).commitments(0).name(), plan + "/commitments/a-1");
  lines.set_filter("");
  lines.set_order_by("target_date desc");
  std::vector<std::string> targets;
  const auto answer = Do(lines);
  for (const auto& line : answer.commitments()) targets.push_back(line.target_date());
  EXPECT_THAT(targets, ElementsAre("2023-Q1", "2022-12-31", "2022-06"));
}

TEST_F(FilterTest, TheTotalIsCountedIfAskedFor) {
  ListDatasetsRequest request = Query("publisher = swd");
  request.set_page_size(1);
  EXPECT_EQ(Do(request).total_size(), 0);
  request.set_include_total_size(true);
  EXPECT_EQ(Do(request).total_size(), 3);
  EXPECT_FALSE(Do(request).is_total_size_estimated());
  request.set_filter("");
  const ListDatasetsResponse all = Do(request);
  EXPECT_EQ(all.total_size(), 4);
  // Only the first page need be asked for it.
  request.set_include_total_size(false);
  request.set_page_token(all.next_page_token());
  EXPECT_EQ(Do(request).datasets_size(), 1);
}

TEST_F(ListQueryTest, TheTotalIsEstimatedBeyondItsBound) {
  AddPublisher("swd");
  database_.Sql(
      AddDatasetsSql("swd", absl::StrCat("select 'd' || n from generate_series(1, ", service::kMaxCounted + 1, ") n")));
  database_.Sql("analyze datasets");
  ListDatasetsRequest request = Query("frequency = DAILY");
  request.set_include_total_size(true);
  EXPECT_TRUE(Do(request).is_total_size_estimated());
  EXPECT_GT(Do(request).total_size(), service::kMaxCounted);
  database_.Sql("delete from datasets where dataset_id = 'd1'");
  EXPECT_FALSE(Do(request).is_total_size_estimated());
  EXPECT_EQ(Do(request).total_size(), service::kMaxCounted);
}

TEST_F(ListQueryTest, AYearHasWhatBeginsInItHoweverPrecise) {
  AddPublisher("swd");
  Add("year", With("2019"));
  Add("quarter", With("2019-Q4"));
  Add("month", With("2019-12"));
  Add("day", With("2019-12-31"));
  Add("before", With("2018-12-31"));
  Add("after", With("2020-01"));
  EXPECT_THAT(Ids("release_date = 2019"), ElementsAre("day", "month", "quarter", "year"));
  EXPECT_THAT(Ids("release_date = \"2019-12\""), ElementsAre("day", "month"));
  EXPECT_THAT(Ids("release_date = \"2019-Q4\""), ElementsAre("day", "month", "quarter"));
}

class OrderTest : public ListQueryTest {
 protected:
  OrderTest() { AddPublisher("swd"); }
};

TEST_F(OrderTest, ByDateEitherWayWithWhatHasNoneAtTheEndOfNewestFirst) {
  Add("b", With("2021-06"));
  Add("a", With("2021-06-01"));
  Add("none", With(""));
  Add("c", With("2020"));
  EXPECT_THAT(Ids("", "release_date"), ElementsAre("none", "c", "a", "b"));
  EXPECT_THAT(Ids("", "release_date desc"), ElementsAre("b", "a", "c", "none"));
  EXPECT_THAT(Ids("", "release_date desc, name"), ElementsAre("a", "b", "c", "none"));
  EXPECT_THAT(Ids("", "create_time"), ElementsAre("b", "a", "none", "c"));
  EXPECT_THAT(Ids("", "name desc"), ElementsAre("none", "c", "b", "a"));
  EXPECT_THAT(Ids("", " release_date  DESC ,create_time desc "), ElementsAre("a", "b", "c", "none"));
  EXPECT_THAT(Ids("release_date:*", "freshness.due_time, release_date"), ElementsAre("c", "a", "b"));
}

// Pages that end among them: what stands for no value in a token leads on from there.
TEST_F(OrderTest, ManyWithoutAValue) {
  for (const char* id : {"a", "b", "c"}) Add(id, With(""));
  Add("d", With("1900"));
  Add("e", With("2001-01-01"));
  Add("f", With("9999"));
  for (const char* order : {"release_date", "last_update_time", "freshness.due_time, release_date", "create_time"}) {
    EXPECT_THAT(Ids(Query("", order), 1), ElementsAre("a", "b", "c", "d", "e", "f")) << order;
    EXPECT_THAT(Ids(Query("", absl::StrReplaceAll(absl::StrCat(order, " desc"), {{",", " desc,"}})), 1),
                ElementsAre("f", "e", "d", "c", "b", "a"))
        << order;
  }
}

TEST_F(OrderTest, AWrongOneNamesTheFields) {
  const auto complaint = [&](const std::string& order_by) {
    const grpc::Status status = Refused(Query("", order_by), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(FieldOf(status), "order_by");
    return status.error_message();
  };
  EXPECT_THAT(complaint("titles"), HasSubstr("create_time"));
  EXPECT_THAT(complaint("relaese_date"), HasSubstr("nearest that they can is release_date"));
  EXPECT_THAT(complaint("release_date down"), HasSubstr("desc"));
  EXPECT_THAT(complaint("release_date,"), HasSubstr("desc"));
  EXPECT_THAT(complaint("name, release_date"), HasSubstr("behind name"));
  EXPECT_THAT(complaint(absl::StrCat("name", std::string(300, ' '))), HasSubstr("at most 200"));
  EXPECT_THAT(complaint("name,name,name,name,name,name"), HasSubstr("at most 5"));
}

TEST_F(OrderTest, ATokenIsBoundToFilterAndOrder) {
  for (const char* id : {"a", "b", "c"}) Add(id, With("2021"));
  ListDatasetsRequest request = Query("release_date = 2021", "release_date");
  request.set_page_size(1);
  const std::string token = Do(request).next_page_token();
  request.set_page_token(token);
  EXPECT_EQ(Do(request).datasets_size(), 1);
  for (const auto& [filter, order_by] : std::vector<std::pair<std::string, std::string>>{
           {"", "release_date"}, {"release_date = 2021", ""}, {"release_date = 2021", "release_date desc"}}) {
    request.set_filter(filter);
    request.set_order_by(order_by);
    EXPECT_EQ(FieldOf(Refused(request, grpc::StatusCode::INVALID_ARGUMENT)), "page_token");
  }
}

// Between any two pages the catalogue changes: what is not yet read moves to where the walk has been and the other way
// round, is deleted, and is new. What was there throughout is seen once, in its order and as it was at the start.
TEST_F(OrderTest, AWalkSeesWhatWasThereThroughoutOnce) {
  std::vector<std::string> expected;
  for (int i = 10; i < 40; ++i) {
    Add(absl::StrCat("d", i), With(absl::StrCat("20", i)));
    expected.push_back(absl::StrCat("d", i));
  }
  ListDatasetsRequest request = Query("", "release_date");
  request.set_page_size(3);
  const std::vector<Dataset> seen = Walk(request, [&](int step) {
    UpdateDatasetRequest update;
    update.mutable_dataset()->set_name(absl::StrCat("publishers/swd/datasets/d", 39 - step));
    update.mutable_dataset()->set_release_date("2001");
    Do(update);
    update.mutable_dataset()->set_name(absl::StrCat("publishers/swd/datasets/d", 10 + step));
    update.mutable_dataset()->set_release_date("2099");
    Do(update);
    Do(Named<almanac::v1::DeleteDatasetRequest>(absl::StrCat("publishers/swd/datasets/d", 29 - step)));
    Add(absl::StrCat("new", step), With("2025"));
  });
  EXPECT_THAT(IdsOf(seen), ElementsAreArray(expected));
  for (const Dataset& dataset : seen) {
    EXPECT_EQ(dataset.release_date(), absl::StrCat("20", IdOf(dataset).substr(1)));
  }
}

TEST_F(OrderTest, AWalkByNameGoesOnWhateverChanges) {
  for (int i = 10; i < 20; ++i) Add(absl::StrCat("d", i), With("2021"));
  ListDatasetsRequest request = Query("release_date:*");
  request.set_page_size(5);
  request.set_page_token(Do(request).next_page_token());
  Do(Named<almanac::v1::DeleteDatasetRequest>("publishers/swd/datasets/d17"));
  EXPECT_EQ(Do(request).datasets_size(), 4);
}

TEST_F(OrderTest, AWalkEndsWhenTooMuchChanged) {
  for (const char* id : {"a", "b"}) Add(id, With("2021"));
  ListDatasetsRequest request = Query("", "release_date");
  request.set_page_size(1);
  request.set_page_token(Do(request).next_page_token());
  const auto add_changes = [&](int count) {
    database_.Sql(absl::StrCat(
        "with grown as (update head set revision = revision + ", count,
        " returning revision), numbers as (select revision - ", count, " + n as n from grown, generate_series(1, ",
        count,
        ") n) insert into changes (revision, change_time, actor, request_id, kind, type, resource, changed_fields,"
        " last_of_write, entry) select n, now(), '', '', 2, 1, 'publishers/swd/datasets/x' || n, '{}', true, '' from"
        " numbers"));
  };
  add_changes(service::kMaxChangedInWalk);
  EXPECT_EQ(Do(request).datasets_size(), 1);
  add_changes(1);
  EXPECT_EQ(ReasonOf(Try(request)), "LIST_CHANGED");
  EXPECT_EQ(Try(request).error_code(), grpc::StatusCode::ABORTED);
}

}  // namespace
}  // namespace almanac::testing
