#include <gmock/gmock.h>
#include <google/protobuf/util/time_util.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/integration/history_fixture.h"
#include "tests/integration/log_lock.h"

// The catalogue as it was: `at` of every read.
namespace almanac::testing {
namespace {

using almanac::v1::BatchGetCommitmentsRequest;
using almanac::v1::BatchGetDatasetsRequest;
using almanac::v1::Change;
using almanac::v1::Commitment;
using almanac::v1::Dataset;
using almanac::v1::GetDatasetRequest;
using almanac::v1::GetPublisherRequest;
using almanac::v1::ListCommitmentsRequest;
using almanac::v1::ListDatasetsRequest;
using almanac::v1::ListDatasetsResponse;
using almanac::v1::ListPublishersRequest;
using almanac::v1::ListReleasePlansRequest;
using google::protobuf::util::TimeUtil;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kD1[] = "publishers/swd/datasets/d1";

TEST_F(HistoryTest, BatchesAreOfOneMomentInTheOrderOfTheRequest) {
  AddPromise();
  const int64_t before = HeadRevision();
  Retitle(kD1, "Another");
  AddDataset("d2");
  BatchGetDatasetsRequest request;
  request.add_names("publishers/swd/datasets/d2");
  request.add_names(kD1);
  request.add_names(kD1);
  const auto now = Do(At(request, HeadRevision()));
  ASSERT_EQ(now.datasets_size(), 3);
  EXPECT_EQ(now.datasets(0).name(), "publishers/swd/datasets/d2");
  EXPECT_EQ(now.datasets(2).titles().at("en"), "Another");
  Refuses(At(request, before), grpc::StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND");
  request.mutable_names()->DeleteSubrange(0, 1);
  const auto then = Do(At(request, before));
  ASSERT_EQ(then.datasets_size(), 2);
  EXPECT_EQ(then.datasets(0).titles().at("en"), "Dataset d1");
  EXPECT_EQ(then.datasets(1).titles().at("en"), "Dataset d1");

  const std::string line = "publishers/swd/plans/2022-2024/commitments/a-1";
  Do(ToMove(line, "2022-09"));
  BatchGetCommitmentsRequest lines;
  lines.add_names(line);
  EXPECT_EQ(Do(At(lines, before)).commitments(0).target_date(), "2022-06");
  EXPECT_THAT(Do(At(lines, before)).commitments(0).reschedules(), IsEmpty());
  EXPECT_EQ(Do(lines).commitments(0).target_date(), "2022-09");
}

TEST_F(HistoryTest, AListOfAParentIsOfThatParentThen) {
  AddPromise();
  AddPublisher("other");
  AddDataset("o1", "other");
  AddPlan("other");
  Do(NewLine("B", 1, "publishers/other/datasets/o1", "2022-07", "publishers/other/plans/2022-2024"));
  AddPlan("swd", 2025, 2027);
  Do(NewLine("A", 1, kD1, "2025", "publishers/swd/plans/2025-2027"));
  const int64_t then = HeadRevision();
  Do(NewLine("A", 2, kD1, "2026", "publishers/swd/plans/2025-2027"));
  const auto lines = [&](const std::string& parent, int64_t at) {
    const auto answer = Do(At(Named<ListCommitmentsRequest>(parent), at));
    std::vector<std::string> names;
    for (const Commitment& line : answer.commitments()) names.push_back(line.name());
    return names;
  };
  const std::string swd = "publishers/swd/plans/2022-2024/commitments/a-1";
  const std::string next = "publishers/swd/plans/2025-2027/commitments/a-1";
  const std::string other = "publishers/other/plans/2022-2024/commitments/b-1";
  EXPECT_THAT(lines("publishers/-/plans/-", then), ElementsAre(other, swd, next));
  EXPECT_THAT(lines("publishers/swd/plans/-", then), ElementsAre(swd, next));
  EXPECT_THAT(lines("publishers/swd/plans/2025-2027", then), ElementsAre(next));
  EXPECT_THAT(lines("publishers/-/plans/2022-2024", then), ElementsAre(other, swd));
  EXPECT_THAT(lines("publishers/-/plans/-", 0), IsEmpty());
  // The parents are revisions 1 and 3.
  Refuses(At(Named<ListDatasetsRequest>("publishers/swd"), 0), grpc::StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND");
  EXPECT_THAT(Do(At(Named<ListDatasetsRequest>("publishers/swd"), 1)).datasets(), IsEmpty());
  const auto plan = Named<ListCommitmentsRequest>("publishers/swd/plans/2022-2024");
  Refuses(At(plan, 2), grpc::StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND");
  EXPECT_THAT(Do(At(plan, 3)).commitments(), IsEmpty());
}

TEST_F(HistoryTest, ATimeIsTheLastRevisionUpToIt) {
  AddPublisher();
  AddDataset("d1");
  for (int i = 0; i < 40; ++i) Retitle(kD1, absl::StrCat("Title ", i));
  const auto revision_at = [&](const google::protobuf::Timestamp& time) {
    return Do(AtTime(Named<GetDatasetRequest>(kD1), time)).revision();
  };
  for (const Change& change : ChangesAfter(2)) {
    const int64_t micros = TimeUtil::TimestampToMicroseconds(change.change_time());
    EXPECT_EQ(revision_at(change.change_time()), change.revision());
    EXPECT_EQ(revision_at(TimeUtil::MicrosecondsToTimestamp(micros - 1)), change.revision() - 1);
    auto within = change.change_time();
    within.set_nanos(within.nanos() + 999);
    EXPECT_EQ(revision_at(within), change.revision());
  }
  const google::protobuf::Timestamp first = ChangesAfter(0)[0].change_time();
  const auto before = TimeUtil::MicrosecondsToTimestamp(TimeUtil::TimestampToMicroseconds(first) - 1);
  Refuses(AtTime(Named<GetPublisherRequest>("publishers/swd"), before), grpc::StatusCode::NOT_FOUND,
          "RESOURCE_NOT_FOUND");
  EXPECT_EQ(Do(AtTime(Named<GetPublisherRequest>("publishers/swd"), first)).revision(), 1);
  EXPECT_THAT(Do(AtTime(ListPublishersRequest(), before)).publishers(), IsEmpty());
  google::protobuf::Timestamp earliest;
  earliest.set_seconds(TimeUtil::kTimestampMinSeconds);
  EXPECT_THAT(Do(AtTime(ListPublishersRequest(), earliest)).publishers(), IsEmpty());
}

// Changes of one write have one time, and are together.
TEST_F(HistoryTest, ATimeNeverSplitsAWrite) {
  AddPromise();
  auto request = Named<almanac::v1::DeleteReleasePlanRequest>("publishers/swd/plans/2022-2024");
  request.set_force(true);
  const int64_t before = HeadRevision();
  Do(request);
  const std::vector<Change> changes = ChangesAfter(before);
  ASSERT_EQ(changes.size(), 2U);
  const auto lines = AtTime(Named<ListCommitmentsRequest>("publishers/-/plans/-"), changes[0].change_time());
  const auto plans = AtTime(Named<ListReleasePlansRequest>("publishers/-"), changes[0].change_time());
  EXPECT_THAT(Do(lines).commitments(), IsEmpty());
  EXPECT_THAT(Do(plans).release_plans(), IsEmpty());
}

TEST_F(HistoryTest, AMomentThatIsNoneIsRefused) {
  AddPublisher();
  const auto get = Named<GetPublisherRequest>("publishers/swd");
  auto empty = get;
  empty.mutable_at();
  Refuses(empty, grpc::StatusCode::INVALID_ARGUMENT, "at");
  Refuses(At(get, -1), grpc::StatusCode::INVALID_ARGUMENT, "at.revision");
  Refuses(At(get, 2), grpc::StatusCode::OUT_OF_RANGE, "REVISION_IN_FUTURE");
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(Try(At(get, 2))).metadata().at("head_revision"), "1");
  EXPECT_EQ(Do(At(get, 1)).revision(), 1);
  Refuses(At(get, 0), grpc::StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND");
  google::protobuf::Timestamp time;
  time.set_seconds(TimeUtil::kTimestampMaxSeconds + 1);
  Refuses(AtTime(get, time), grpc::StatusCode::INVALID_ARGUMENT, "at.time");
  time.set_seconds(TimeUtil::kTimestampMaxSeconds);
  Refuses(AtTime(get, time), grpc::StatusCode::INVALID_ARGUMENT, "at.time");
  // By the catalogue's clock, to the microsecond.
  database_.SetClock(absl::FromUnixSeconds(4'000'000'000));
  time.set_seconds(4'000'000'000);
  EXPECT_EQ(Do(AtTime(get, time)).revision(), 1);
  time.set_nanos(1000);
  Refuses(AtTime(get, time), grpc::StatusCode::INVALID_ARGUMENT, "at.time");
  Refuses(AtTime(ListPublishersRequest(), time), grpc::StatusCode::INVALID_ARGUMENT, "at.time");
  Refuses(At(Named<ListDatasetsRequest>("publishers/-"), 2), grpc::StatusCode::OUT_OF_RANGE, "REVISION_IN_FUTURE");
}

TEST_F(HistoryTest, TheLogReachesBackToWhatWasCompactedLast) {
  AddPublisher();
  AddDataset("d1");
  for (int i = 3; i <= 8; ++i) Retitle(kD1, absl::StrCat("Title ", i));
  const std::vector<Change> changes = ChangesAfter(0);
  database_.Sql(CompactSql(5));
  const auto get = Named<GetDatasetRequest>(kD1);
  EXPECT_EQ(Do(At(get, 5)).titles().at("en"), "Title 5");
  const auto refused = [&](const auto& request) {
    Refuses(request, grpc::StatusCode::OUT_OF_RANGE, "REVISION_COMPACTED");
    EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(Try(request)).metadata().at("oldest_revision"), "6");
  };
  refused(At(get, 4));
  // The publisher has not changed since, and yet: nobody can say so of what the log has lost.
  refused(At(Named<GetPublisherRequest>("publishers/swd"), 4));
  refused(At(Named<ListDatasetsRequest>("publishers/swd"), 4));
  EXPECT_EQ(Do(AtTime(get, changes[5].change_time())).revision(), 6);
  refused(AtTime(get, changes[3].change_time()));
  refused(AtTime(get, changes[4].change_time()));
  database_.Sql(CompactSql(8));
  EXPECT_EQ(Do(AtTime(get, changes[7].change_time())).revision(), 8) << "the head's time is still known";
  EXPECT_EQ(Do(At(get, 8)).revision(), 8);
}

TEST_F(HistoryTest, CompactionDuringAReadIsAnError) {
  AddPublisher();
  AddDataset("d1");
  for (int i = 3; i <= 8; ++i) Retitle(kD1, absl::StrCat("Title ", i));
  const auto get = At(Named<GetDatasetRequest>(kD1), 4);
  const auto list = At(Named<ListDatasetsRequest>("publishers/-"), 4);
  LogLock lock(database_.url());
  grpc::Status got, listed;
  std::thread getter([&] { got = Try(get); });
  std::thread lister([&] { listed = Try(list); });
  EXPECT_TRUE(Eventually([&] {
    return database_
               .Sql(
                   "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
                   " and datname = current_database()")
               .front() >= "2";
  }));
  lock.Commit(CompactSql(6));
  getter.join();
  lister.join();
  EXPECT_EQ(ReasonOf(got), "REVISION_COMPACTED") << got.error_message();
  EXPECT_EQ(ReasonOf(listed), "REVISION_COMPACTED") << listed.error_message();
}

// Pages of a list tell of the moment that the first one found, though changes came since with times before it.
TEST_F(HistoryTest, AllPagesTellOfOneMoment) {
  const absl::Time start = absl::FromUnixSeconds(4'000'000'000);
  database_.SetClock(start);
  AddPublisher();
  for (int i = 1; i <= 6; ++i) AddDataset(absl::StrCat("d", i));
  database_.SetClock(start + absl::Hours(2));
  auto request = Named<ListDatasetsRequest>("publishers/swd");
  request.mutable_at()->mutable_time()->set_seconds(absl::ToUnixSeconds(start + absl::Hours(1)));
  request.set_page_size(2);
  ListDatasetsResponse page = Do(request);
  std::vector<std::string> titles;
  database_.SetClock(start + absl::Minutes(30));
  for (int i = 1; i <= 6; ++i) {
    for (const Dataset& dataset : page.datasets()) titles.push_back(dataset.titles().at("en"));
    Retitle(absl::StrCat("publishers/swd/datasets/d", i), "Changed");
    AddDataset(absl::StrCat("d", i, "-new"));
    request.set_page_token(page.next_page_token());
    page = request.page_token().empty() ? ListDatasetsResponse() : Do(request);
  }
  EXPECT_THAT(titles, ElementsAre("Dataset d1", "Dataset d2", "Dataset d3", "Dataset d4", "Dataset d5", "Dataset d6"));
  // A token is of its moment alone.
  database_.SetClock(start + absl::Hours(2));
  request.set_page_token("");
  request.set_page_token(Do(request).next_page_token());
  request.mutable_at()->set_revision(3);
  Refuses(request, grpc::StatusCode::INVALID_ARGUMENT, "page_token");
}

// Many more rows than a page looks at were not there yet.
TEST_F(HistoryTest, AListDoesNotEndEarlyWhereMuchIsNewer) {
  AddPublisher();
  AddDataset("a");
  AddDataset("z");
  const int64_t then = HeadRevision();
  database_.Sql(
      "insert into datasets select publisher_id, 'n' || n, titles, categories, remarks, former_titles, frequency,"
      " frequency_texts, formats, landing_page, release_date, discontinued, last_update_date, last_update_time,"
      " update_count, create_time, update_time, delete_time, 1000000 from datasets, generate_series(1, 5000) as n"
      " where dataset_id = 'a'");
  auto request = At(Named<ListDatasetsRequest>("publishers/-"), then);
  request.set_page_size(1);
  std::vector<std::string> names;
  int pages = 0;
  do {
    const ListDatasetsResponse page = Do(request);
    for (const Dataset& dataset : page.datasets()) names.push_back(dataset.name());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() && ++pages < 20);
  EXPECT_THAT(names, ElementsAre("publishers/swd/datasets/a", "publishers/swd/datasets/z"));
  EXPECT_GT(pages, 1) << "all was looked through at once";
}

TEST_F(HistoryTest, WhatWasDeletedThenIsInListsThatAskForIt) {
  AddPublisher();
  AddDataset("d1");
  Do(Named<almanac::v1::DeleteDatasetRequest>(kD1));
  const int64_t deleted = HeadRevision();
  Do(Named<almanac::v1::UndeleteDatasetRequest>(kD1));
  EXPECT_TRUE(Do(At(Named<GetDatasetRequest>(kD1), deleted)).has_delete_time());
  EXPECT_FALSE(Do(Named<GetDatasetRequest>(kD1)).has_delete_time());
  auto list = At(Named<ListDatasetsRequest>("publishers/swd"), deleted);
  EXPECT_THAT(Do(list).datasets(), IsEmpty());
  list.set_show_deleted(true);
  EXPECT_EQ(Do(list).datasets_size(), 1);
}

}  // namespace
}  // namespace almanac::testing
