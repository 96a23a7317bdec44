#include <gmock/gmock.h>
#include <google/protobuf/util/time_util.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/catalogue_fixture.h"
#include "tests/integration/dataset_rows.h"

// What the API says of updates and freshness, while no clock runs: every write says how fresh the dataset is then.
namespace almanac::testing {
namespace {

using almanac::v1::BatchReportUpdatesRequest;
using almanac::v1::BatchReportUpdatesResponse;
using almanac::v1::Change;
using almanac::v1::CountFreshnessRequest;
using almanac::v1::CreateDatasetRequest;
using almanac::v1::Dataset;
using almanac::v1::DeleteDatasetRequest;
using almanac::v1::Freshness;
using almanac::v1::ListDatasetsRequest;
using almanac::v1::ListDatasetsResponse;
using almanac::v1::ReportUpdateRequest;
using almanac::v1::UndeleteDatasetRequest;
using almanac::v1::UpdateDatasetRequest;
using google::protobuf::util::TimeUtil;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::Time At(const std::string& text) {
  absl::Time time;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) << text;
  return time;
}

class FreshnessTest : public CatalogueTest {
 protected:
  FreshnessTest() {
    database_.SetClock(At("2022-07-01T00:00:00Z"));
    AddPublisher();
  }

  static std::string NameOf(const std::string& id, const std::string& publisher = "swd") {
    return absl::StrCat("publishers/", publisher, "/datasets/", id);
  }

  Dataset Add(const std::string& id, almanac::v1::Frequency frequency, const std::string& publisher = "swd") {
    CreateDatasetRequest request;
    request.set_parent("publishers/" + publisher);
    request.set_dataset_id(id);
    (*request.mutable_dataset()->mutable_titles())["en"] = id;
    request.mutable_dataset()->set_frequency(frequency);
    return Do(request);
  }

  static ReportUpdateRequest Update(const std::string& name, const std::string& time) {
    auto request = Named<ReportUpdateRequest>(name);
    if (!time.empty()) {
      EXPECT_TRUE(TimeUtil::FromString(time, request.mutable_data_time())) << time;
    }
    return request;
  }

  Dataset Report(const std::string& id, const std::string& time) { return Do(Update(NameOf(id), time)); }

  static UpdateDatasetRequest Edit(const std::string& id, almanac::v1::Frequency frequency, bool discontinued = false) {
    UpdateDatasetRequest request;
    request.mutable_dataset()->set_name(NameOf(id));
    request.mutable_dataset()->set_frequency(frequency);
    request.mutable_dataset()->set_discontinued(discontinued);
    request.mutable_update_mask()->add_paths("frequency");
    request.mutable_update_mask()->add_paths("discontinued");
    return request;
  }

  static Freshness::State StateOf(const Dataset& dataset) { return dataset.freshness().state(); }

  // Adds a dataset in each state, named by it: `a-unknown`, `b-fresh`, …
  void AddOneInEachState() {
    Add("a-unknown", almanac::v1::DAILY);
    const std::pair<const char*, const char*> reported[] = {{"b-fresh", "2022-06-30T00:00:01Z"},
                                                            {"c-due", "2022-06-30T00:00:00Z"},
                                                            {"d-overdue", "2022-06-29T00:00:00Z"},
                                                            {"e-delinquent", "2022-06-28T00:00:00Z"}};
    for (const auto& [id, time] : reported) {
      Add(id, almanac::v1::DAILY);
      Report(id, time);
    }
    Add("f-unscheduled", almanac::v1::CONTINUOUS);
    Add("g-discontinued", almanac::v1::DAILY);
    Do(Edit("g-discontinued", almanac::v1::DAILY, true));
  }
};

TEST_F(FreshnessTest, EveryWriteSaysHowFreshTheDatasetIsThen) {
  EXPECT_EQ(StateOf(Add("d1", almanac::v1::MONTHLY)), Freshness::UNKNOWN);
  const Dataset fresh = Report("d1", "2022-06-10T00:00:00Z");
  EXPECT_EQ(StateOf(fresh), Freshness::FRESH);
  EXPECT_EQ(TimeUtil::ToString(fresh.freshness().due_time()), "2022-07-10T00:00:00Z");
  EXPECT_EQ(TimeUtil::ToString(fresh.freshness().next_state_time()), "2022-07-10T00:00:00Z");
  // 21 days are just too long for a weekly one.
  const Dataset weekly = Do(Edit("d1", almanac::v1::WEEKLY));
  EXPECT_EQ(StateOf(weekly), Freshness::DELINQUENT);
  EXPECT_EQ(TimeUtil::ToString(weekly.freshness().due_time()), "2022-06-17T00:00:00Z");
  EXPECT_FALSE(weekly.freshness().has_next_state_time());
  EXPECT_EQ(StateOf(Do(Edit("d1", almanac::v1::OTHER))), Freshness::UNSCHEDULED);
  EXPECT_EQ(StateOf(Do(Edit("d1", almanac::v1::MONTHLY, true))), Freshness::DISCONTINUED);
  EXPECT_EQ(StateOf(Do(Edit("d1", almanac::v1::MONTHLY))), Freshness::FRESH);
  EXPECT_EQ(StateOf(GetDataset(NameOf("d1"))), Freshness::FRESH);
  // An edit of something else, after time has passed, tells of both.
  database_.SetClock(At("2022-07-10T00:00:00Z"));
  UpdateDatasetRequest other = Edit("d1", almanac::v1::MONTHLY);
  const int64_t before = HeadRevision();
  EXPECT_EQ(StateOf(Do(other)), Freshness::FRESH) << "nothing was edited";
  EXPECT_EQ(HeadRevision(), before);
  other.mutable_update_mask()->add_paths("landing_page");
  other.mutable_dataset()->set_landing_page("https://data.gov.hk/d1");
  EXPECT_EQ(StateOf(Do(other)), Freshness::DUE);
  EXPECT_THAT(ChangesAfter(before)[0].changed_fields(), ElementsAre("freshness", "landing_page"));
}

TEST_F(FreshnessTest, ADeletedOneKeepsItsLast) {
  Add("d1", almanac::v1::DAILY);
  Report("d1", "2022-06-30T12:00:00Z");
  database_.SetClock(At("2022-07-01T12:00:00Z"));
  EXPECT_EQ(StateOf(Do(Named<DeleteDatasetRequest>(NameOf("d1")))), Freshness::FRESH);
  EXPECT_EQ(StateOf(Do(Named<UndeleteDatasetRequest>(NameOf("d1")))), Freshness::DUE);
}

TEST_F(FreshnessTest, AReportOfAnOlderUpdateDoesNotMakeItFresher) {
  Add("d1", almanac::v1::DAILY);
  const Dataset before = Report("d1", "2022-06-29T00:00:00Z");
  EXPECT_EQ(StateOf(before), Freshness::OVERDUE);
  const Dataset after = Report("d1", "2022-06-01T00:00:00Z");
  EXPECT_EQ(after.update_count(), 2);
  EXPECT_EQ(after.freshness().ShortDebugString(), before.freshness().ShortDebugString());
}

TEST_F(FreshnessTest, AReleaseAndAnImportSayItToo) {
  AddDataset("d1");
  AddPlan();
  const auto line = Do(NewLine("A", 1, NameOf("d1"), "2022-06"));
  // As datasets are that were there before there was freshness.
  database_.Sql("update datasets set freshness_state = null, frequency = 'DAILY'");
  Do(ToRelease(line.name(), "2022-06-15"));
  EXPECT_EQ(GetDataset(NameOf("d1")).release_date(), "2022-06-15");
  EXPECT_EQ(StateOf(GetDataset(NameOf("d1"))), Freshness::UNKNOWN);

  almanac::v1::ImportPlanRequest request;
  request.set_parent("publishers/swd");
  auto& document = *request.mutable_document();
  document.set_language("en");
  document.set_publisher_title("Publisher swd");
  document.mutable_period()->set_start_year(2025);
  document.mutable_period()->set_end_year(2027);
  auto* section = document.add_sections();
  section->set_code("A");
  auto* promise = document.add_commitments();
  promise->set_section("A");
  promise->set_number(1);
  promise->set_title("Imported");
  promise->set_target_date("2025-06");
  promise->set_frequency(almanac::v1::DAILY);
  const std::string imported = Do(request).lines(0).dataset();
  EXPECT_EQ(StateOf(GetDataset(imported)), Freshness::UNKNOWN);
  Do(Update(imported, "2022-06-30T12:00:00Z"));
  promise->set_frequency(almanac::v1::AS_NEEDED);
  Do(request);
  EXPECT_EQ(StateOf(GetDataset(imported)), Freshness::UNSCHEDULED);
  promise->set_frequency(almanac::v1::DAILY);
  Do(request);
  EXPECT_EQ(StateOf(GetDataset(imported)), Freshness::FRESH);
}

TEST_F(FreshnessTest, WhatIsObservedStandsBesideWhatIsPromised) {
  Add("d1", almanac::v1::MONTHLY);
  Report("d1", "2022-06-01T00:00:00Z");
  EXPECT_EQ(Report("d1", "2022-06-08T00:00:00Z").freshness().observed_frequency(), almanac::v1::FREQUENCY_UNSPECIFIED);
  const Dataset third = Report("d1", "2022-06-14T00:00:00Z");
  EXPECT_EQ(third.freshness().observed_frequency(), almanac::v1::WEEKLY);
  EXPECT_EQ(third.freshness().observed_interval().seconds(), (7 + 6) * 86400 / 2);
  EXPECT_EQ(GetDataset(NameOf("d1")).ShortDebugString(), third.ShortDebugString());
  // Of the latest thirteen only: eleven daily ones outnumber the two gaps before them.
  BatchReportUpdatesRequest batch;
  batch.set_parent("publishers/swd");
  for (int day = 15; day <= 25; ++day) {
    *batch.add_requests() = Update(NameOf("d1"), absl::StrCat("2022-06-", day, "T00:00:00Z"));
  }
  Do(batch);
  const Freshness freshness = GetDataset(NameOf("d1")).freshness();
  EXPECT_EQ(freshness.observed_frequency(), almanac::v1::DAILY);
  EXPECT_EQ(freshness.observed_interval().seconds(), 86400);
  EXPECT_EQ(StateOf(Do(Edit("d1", almanac::v1::WEEKLY))), Freshness::FRESH);
  EXPECT_EQ(GetDataset(NameOf("d1")).freshness().observed_frequency(), almanac::v1::DAILY) << "an edit keeps it";
}

TEST_F(FreshnessTest, AListCanBeLimitedToStates) {
  AddOneInEachState();
  ListDatasetsRequest request;
  request.set_parent("publishers/swd");
  for (const auto& [state, id] : std::map<Freshness::State, std::string>{{Freshness::UNKNOWN, "a-unknown"},
                                                                         {Freshness::FRESH, "b-fresh"},
                                                                         {Freshness::DUE, "c-due"},
                                                                         {Freshness::OVERDUE, "d-overdue"},
                                                                         {Freshness::DELINQUENT, "e-delinquent"},
                                                                         {Freshness::UNSCHEDULED, "f-unscheduled"},
                                                                         {Freshness::DISCONTINUED, "g-discontinued"}}) {
    request.clear_freshness_states();
    request.add_freshness_states(state);
    EXPECT_THAT(NamesInPages(request, 1, &ListDatasetsResponse::datasets), ElementsAre(NameOf(id)));
  }
  // Deleted ones are in the state in which they were.
  Do(Named<DeleteDatasetRequest>(NameOf("g-discontinued")));
  EXPECT_THAT(NamesInPages(request, 1, &ListDatasetsResponse::datasets), ElementsAre());
  request.set_show_deleted(true);
  EXPECT_THAT(NamesInPages(request, 1, &ListDatasetsResponse::datasets), ElementsAre(NameOf("g-discontinued")));
}

TEST_F(FreshnessTest, PagesOfSomeStatesCoverTheListOnceInOrder) {
  AddPublisher("ha");
  AddPublisher("td");
  for (const char* publisher : {"ha", "swd", "td"}) {
    Add("a", almanac::v1::OTHER, publisher);
    Add("b", almanac::v1::DAILY, publisher);
    Add("c", almanac::v1::OTHER, publisher);
    Add("d", almanac::v1::DAILY, publisher);
    Do(Update(NameOf("d", publisher), ""));
  }
  ListDatasetsRequest request;
  request.add_freshness_states(Freshness::UNSCHEDULED);
  request.add_freshness_states(Freshness::FRESH);
  request.add_freshness_states(Freshness::UNSCHEDULED);  // said twice, listed once
  for (int size = 1; size <= 10; ++size) {
    request.set_parent("publishers/swd");
    EXPECT_THAT(NamesInPages(request, size, &ListDatasetsResponse::datasets),
                ElementsAre(NameOf("a"), NameOf("c"), NameOf("d")));
    request.set_parent("publishers/-");
    EXPECT_THAT(NamesInPages(request, size, &ListDatasetsResponse::datasets),
                ElementsAre(NameOf("a", "ha"), NameOf("c", "ha"), NameOf("d", "ha"), NameOf("a"), NameOf("c"),
                            NameOf("d"), NameOf("a", "td"), NameOf("c", "td"), NameOf("d", "td")));
  }
  request.set_page_size(1);
  request.set_page_token(Do(request).next_page_token());
  request.add_freshness_states(Freshness::DUE);
  EXPECT_EQ(FieldOf(Refused(request, grpc::StatusCode::INVALID_ARGUMENT)), "page_token");
}

TEST_F(FreshnessTest, AListOfStatesReadsTheirIndexAlone) {
  database_.Sql(AddDatasetsSql("swd", "select 'd' || i from generate_series(1, 5000) i"));
  database_.Sql(
      "update datasets set freshness_state = case when dataset_id = 'd2500' then 'DELINQUENT' else 'UNKNOWN' end");
  const auto number = [&](const std::string& sql) { return std::stoll(database_.Sql(sql).front()); };
  const std::string read =
      "select coalesce(sum(idx_tup_read), 0) from pg_stat_user_indexes where indexrelname = 'datasets_by_freshness'";
  const std::string read_otherwise =
      "select (select seq_tup_read from pg_stat_user_tables where relname = 'datasets')"
      " + (select sum(idx_tup_read) from pg_stat_user_indexes where indexrelname like 'datasets_%'"
      "    and indexrelname <> 'datasets_by_freshness')";
  ListDatasetsRequest request;
  request.set_parent("publishers/-");
  request.add_freshness_states(Freshness::DELINQUENT);
  // The counts come some seconds late.
  EXPECT_TRUE(Eventually([&] {
    Do(request);
    return number(read) > 0;
  }));
  const int64_t read_before = number(read);
  const int64_t otherwise_before = number(read_otherwise);
  EXPECT_TRUE(Eventually([&] {
    EXPECT_THAT(NamesInPages(request, 1, &ListDatasetsResponse::datasets), ElementsAre(NameOf("d2500")));
    return number(read) > read_before;
  }));
  EXPECT_EQ(number(read_otherwise), otherwise_before);
}

TEST_F(FreshnessTest, AStateMustBeOne) {
  ListDatasetsRequest request;
  request.set_parent("publishers/swd");
  for (int i = 0; i < 7; ++i) request.add_freshness_states(Freshness::FRESH);
  EXPECT_TRUE(Try(request).ok());
  request.add_freshness_states(Freshness::FRESH);
  EXPECT_EQ(FieldOf(Refused(request, grpc::StatusCode::INVALID_ARGUMENT)), "freshness_states");
  for (const int wrong : {0, 8, -1}) {
    request.clear_freshness_states();
    request.add_freshness_states(Freshness::FRESH);
    request.add_freshness_states(static_cast<Freshness::State>(wrong));
    EXPECT_EQ(FieldOf(Refused(request, grpc::StatusCode::INVALID_ARGUMENT)), "freshness_states[1]");
  }
  request.clear_freshness_states();
  request.add_freshness_states(Freshness::FRESH);
  request.set_parent("publishers/nobody");
  Refused(request, grpc::StatusCode::NOT_FOUND);
}

TEST_F(FreshnessTest, CountsAddUp) {
  AddOneInEachState();
  Add("h", almanac::v1::AS_NEEDED);
  Add("i", almanac::v1::OTHER);
  Add("j", almanac::v1::FREQUENCY_UNSPECIFIED);
  Add("k", almanac::v1::DAILY);
  database_.Sql("update datasets set freshness_state = null where dataset_id = 'k'");  // counts as unknown
  Add("l", almanac::v1::DAILY);
  Do(Named<DeleteDatasetRequest>(NameOf("l")));
  AddPublisher("empty");
  AddPublisher("ha");
  Add("x", almanac::v1::DAILY, "ha");

  const auto counts = Do(Named<CountFreshnessRequest>("publishers/-"));
  ASSERT_EQ(counts.publishers_size(), 2);
  EXPECT_EQ(counts.publishers(0).ShortDebugString(), "publisher: \"publishers/ha\" dataset_count: 1 unknown_count: 1");
  EXPECT_EQ(counts.publishers(1).ShortDebugString(),
            "publisher: \"publishers/swd\" dataset_count: 11 unknown_count: 2 fresh_count: 1 due_count: 1"
            " overdue_count: 1 delinquent_count: 1 continuous_count: 1 as_needed_count: 1 unpromised_count: 2"
            " discontinued_count: 1");
  EXPECT_EQ(counts.total().ShortDebugString(),
            "dataset_count: 12 unknown_count: 3 fresh_count: 1 due_count: 1 overdue_count: 1 delinquent_count: 1"
            " continuous_count: 1 as_needed_count: 1 unpromised_count: 2 discontinued_count: 1");

  const auto of_one = Do(Named<CountFreshnessRequest>("publishers/ha"));
  ASSERT_EQ(of_one.publishers_size(), 1);
  EXPECT_EQ(of_one.total().dataset_count(), 1);
  const auto of_none = Do(Named<CountFreshnessRequest>("publishers/empty"));
  EXPECT_EQ(of_none.publishers_size(), 0);
  EXPECT_TRUE(of_none.has_total());
  Refused(Named<CountFreshnessRequest>("publishers/nobody"), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(FieldOf(Refused(Named<CountFreshnessRequest>("swd"), grpc::StatusCode::INVALID_ARGUMENT)), "parent");
}

class BatchReportTest : public FreshnessTest {
 protected:
  static BatchReportUpdatesRequest Batch(const std::string& parent, const std::vector<ReportUpdateRequest>& requests) {
    BatchReportUpdatesRequest batch;
    batch.set_parent(parent);
    for (const ReportUpdateRequest& request : requests) *batch.add_requests() = request;
    return batch;
  }
};

TEST_F(BatchReportTest, IsOneChangeOfEachDatasetThatHasNews) {
  AddPublisher("ha");
  for (const char* id : {"a", "b", "c"}) Add(id, almanac::v1::DAILY);
  Add("x", almanac::v1::DAILY, "ha");
  Report("b", "2022-06-30T00:00:00Z");
  Report("c", "2022-06-30T00:00:00Z");
  const Dataset known = GetDataset(NameOf("c"));
  const int64_t head = HeadRevision();
  const BatchReportUpdatesResponse answer = Do(
      Batch("publishers/-", {Update(NameOf("x", "ha"), ""), Update(NameOf("b"), "2022-06-30T12:00:00Z"),
                             Update(NameOf("a"), "2022-06-30T06:00:00Z"), Update(NameOf("b"), "2022-06-29T00:00:00Z"),
                             Update(NameOf("c"), "2022-06-30T00:00:00Z"),     // known
                             Update(NameOf("b"), "2022-06-30T12:00:00Z")}));  // said twice
  EXPECT_EQ(answer.reported_count(), 4);
  EXPECT_EQ(answer.known_count(), 2);
  EXPECT_EQ(answer.revision(), head + 3);

  const std::vector<Change> changes = ChangesAfter(head);
  ASSERT_EQ(changes.size(), 3U);
  EXPECT_EQ(changes[0].resource(), NameOf("x", "ha"));
  EXPECT_EQ(changes[1].resource(), NameOf("b"));
  EXPECT_EQ(changes[2].resource(), NameOf("a"));
  for (const Change& change : changes) {
    EXPECT_EQ(change.type(), Change::UPDATE_REPORTED);
    EXPECT_EQ(change.last_of_write(), change.revision() == head + 3);
    EXPECT_EQ(change.after().dataset().ShortDebugString(), GetDataset(change.resource()).ShortDebugString());
  }
  EXPECT_THAT(changes[1].changed_fields(), ElementsAre("freshness", "last_update_time", "update_count"));
  const Dataset b = GetDataset(NameOf("b"));
  EXPECT_EQ(b.update_count(), 3);
  EXPECT_EQ(TimeUtil::ToString(b.last_update_time()), "2022-06-30T12:00:00Z");
  EXPECT_EQ(StateOf(b), Freshness::FRESH);
  EXPECT_EQ(b.freshness().observed_frequency(), almanac::v1::DAILY);
  EXPECT_EQ(GetDataset(NameOf("x", "ha")).last_update_time().seconds(), 1'656'633'600);  // now
  EXPECT_EQ(GetDataset(NameOf("c")).ShortDebugString(), known.ShortDebugString());
}

TEST_F(BatchReportTest, WithoutNewsChangesNothing) {
  Add("a", almanac::v1::DAILY);
  Report("a", "2022-06-30T00:00:00Z");
  const int64_t head = HeadRevision();
  const auto answer = Do(Batch("publishers/swd", {Update(NameOf("a"), "2022-06-30T00:00:00Z")}));
  EXPECT_EQ(answer.ShortDebugString(), "known_count: 1");
  EXPECT_EQ(HeadRevision(), head);
}

TEST_F(BatchReportTest, HappensOnceAndCanBeTriedFirst) {
  Add("a", almanac::v1::DAILY);
  const int64_t head = HeadRevision();
  auto batch = Batch("publishers/swd", {Update(NameOf("a"), "2022-06-30T00:00:00Z")});
  batch.set_validate_only(true);
  EXPECT_EQ(Do(batch).ShortDebugString(), "reported_count: 1");
  EXPECT_EQ(HeadRevision(), head);
  EXPECT_FALSE(GetDataset(NameOf("a")).has_last_update_time());
  batch.set_validate_only(false);
  batch.set_request_id("once");
  const auto first = Do(batch);
  EXPECT_EQ(first.revision(), head + 1);
  EXPECT_EQ(Do(batch).ShortDebugString(), first.ShortDebugString());
  EXPECT_EQ(HeadRevision(), head + 1);
}

TEST_F(BatchReportTest, NamesTheFirstThatIsWrongAndChangesNothing) {
  for (const char* id : {"a", "deleted"}) Add(id, almanac::v1::DAILY);
  Do(Named<DeleteDatasetRequest>(NameOf("deleted")));
  AddPublisher("ha");
  Add("x", almanac::v1::DAILY, "ha");
  const ReportUpdateRequest good = Update(NameOf("a"), "2022-06-30T00:00:00Z");
  const auto field_of = [&](const ReportUpdateRequest& bad, grpc::StatusCode code, const std::string& parent) {
    const grpc::Status status = Refused(Batch(parent, {good, bad, bad}), code);
    EXPECT_THAT(status.error_message(), HasSubstr(FieldOf(status)));
    EXPECT_FALSE(GetDataset(NameOf("a")).has_last_update_time());
    return FieldOf(status);
  };
  constexpr auto kInvalid = grpc::StatusCode::INVALID_ARGUMENT;
  constexpr auto kMissing = grpc::StatusCode::NOT_FOUND;
  EXPECT_EQ(field_of(Update(NameOf("none"), ""), kMissing, "publishers/swd"), "requests[1].name");
  EXPECT_EQ(field_of(Update(NameOf("deleted"), ""), kMissing, "publishers/-"), "requests[1].name");
  EXPECT_EQ(field_of(Update("swd/a", ""), kInvalid, "publishers/-"), "requests[1].name");
  EXPECT_EQ(field_of(Update(NameOf("x", "ha"), ""), kInvalid, "publishers/swd"), "requests[1].name");
  // Five minutes ahead is the most; the clock of the catalogue stands at midnight.
  EXPECT_EQ(field_of(Update(NameOf("a"), "2022-07-01T00:06:00Z"), kInvalid, "publishers/swd"), "requests[1].data_time");
  ReportUpdateRequest bad = good;
  bad.mutable_data_time()->set_nanos(-1);
  EXPECT_EQ(field_of(bad, kInvalid, "publishers/swd"), "requests[1].data_time");
  bad = good;
  bad.set_request_id("mine");
  EXPECT_EQ(field_of(bad, kInvalid, "publishers/swd"), "requests[1].request_id");
  bad = good;
  bad.set_validate_only(true);
  EXPECT_EQ(field_of(bad, kInvalid, "publishers/swd"), "requests[1].validate_only");
  const grpc::Status missing = Refused(Batch("publishers/-", {Update(NameOf("none"), "")}), kMissing);
  EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(missing).resource_name(), NameOf("none"));
  EXPECT_EQ(ReasonOf(missing), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(FieldOf(Refused(Batch("swd", {good}), kInvalid)), "parent");
  EXPECT_TRUE(Try(Batch("publishers/swd", {Update(NameOf("a"), "2022-07-01T00:04:59Z")})).ok());
}

TEST_F(BatchReportTest, HasAThousandUpdatesAtMost) {
  BatchReportUpdatesRequest batch;
  batch.set_parent("publishers/swd");
  EXPECT_EQ(FieldOf(Refused(batch, grpc::StatusCode::INVALID_ARGUMENT)), "requests");
  database_.Sql(AddDatasetsSql("swd", "select 'd' || i from generate_series(0, 1000) i"));
  for (int i = 0; i < 1001; ++i) {
    *batch.add_requests() = Update(NameOf(absl::StrCat("d", i)), "2022-06-30T00:00:00Z");
  }
  EXPECT_EQ(FieldOf(Refused(batch, grpc::StatusCode::INVALID_ARGUMENT)), "requests");
  batch.mutable_requests()->RemoveLast();
  const int64_t head = HeadRevision();
  const auto answer = Do(batch);
  EXPECT_EQ(answer.reported_count(), 1000);
  EXPECT_EQ(answer.revision(), head + 1000);
  EXPECT_EQ(database_.Sql("select count(*) from datasets where update_count = 1 and freshness_state = 'DUE'").front(),
            "1000");
}

TEST_F(BatchReportTest, IsOfSixteenMebibytesOfDatasetsAtMost) {
  constexpr int kLarge = 84;
  const auto set_remark = [&](const std::string& id, size_t length) {
    database_.Sql(absl::StrCat("update datasets set remarks = jsonb_build_object('en', repeat('x', ", length,
                               ")) where dataset_id = '", id, "'"));
  };
  BatchReportUpdatesRequest batch;
  batch.set_parent("publishers/swd");
  size_t bytes = 0;
  for (int i = 0; i < kLarge; ++i) {
    const std::string id = absl::StrCat("d", i);
    Add(id, almanac::v1::DAILY);
    set_remark(id, i == 0 ? 50'000 : 200'000);
    if (i > 0) bytes += GetDataset(NameOf(id)).ByteSizeLong();
    *batch.add_requests() = Update(NameOf(id), "2022-06-30T00:00:00Z");
  }
  // The first fills up what the others leave.
  const size_t other_bytes = GetDataset(NameOf("d0")).ByteSizeLong() - 50'000;
  const size_t fill = (16 << 20) - bytes - other_bytes;
  ASSERT_GT(fill, 20'000U);  // as long a number as 50,000
  ASSERT_LT(fill, 1'000'000U);
  const int64_t head = HeadRevision();
  set_remark("d0", fill + 1);
  const grpc::Status refused = Refused(batch, grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(refused), "RESOURCE_TOO_LARGE");
  EXPECT_THAT(refused.error_message(), HasSubstr("16777217 bytes together; at most 16777216 are allowed at once"));
  EXPECT_THAT(refused.error_message(), HasSubstr("report fewer updates in a batch"));
  EXPECT_EQ(HeadRevision(), head);
  set_remark("d0", fill);
  EXPECT_EQ(Do(batch).revision(), head + kLarge);
}

}  // namespace
}  // namespace almanac::testing
