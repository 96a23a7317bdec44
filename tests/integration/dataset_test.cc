#include <gmock/gmock.h>
#include <google/protobuf/util/time_util.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/integration/catalogue_fixture.h"
#include "tests/integration/dataset_rows.h"

namespace almanac::testing {
namespace {

using almanac::v1::BatchGetDatasetsRequest;
using almanac::v1::Change;
using almanac::v1::CreateDatasetRequest;
using almanac::v1::Dataset;
using almanac::v1::DeleteDatasetRequest;
using almanac::v1::ListDatasetsRequest;
using almanac::v1::ListDatasetsResponse;
using almanac::v1::ReportUpdateRequest;
using almanac::v1::UndeleteDatasetRequest;
using almanac::v1::UpdateDatasetRequest;
using google::protobuf::util::TimeUtil;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kD1[] = "publishers/swd/datasets/d1";

class DatasetTest : public CatalogueTest {
 protected:
  DatasetTest() { AddPublisher(); }

  static UpdateDatasetRequest Update(const std::string& path, const std::string& name = kD1) {
    UpdateDatasetRequest request;
    request.mutable_dataset()->set_name(name);
    request.mutable_update_mask()->add_paths(path);
    return request;
  }
};

TEST_F(DatasetTest, EveryFieldThatCanBeSetIsKept) {
  CreateDatasetRequest request;
  request.set_parent("publishers/swd");
  request.set_dataset_id("d1");
  Dataset& dataset = *request.mutable_dataset();
  (*dataset.mutable_titles())["en"] = "Title";
  (*dataset.mutable_titles())["zh-Hans-HK"] = "名单 / \"名单\"";
  (*dataset.mutable_categories())["en"] = "Welfare";
  (*dataset.mutable_remarks())["en"] = "Line 1\nLine 2\ttab \\ back";
  auto* former = dataset.add_former_titles();
  former->set_language("en");
  former->set_text("Old title");
  dataset.set_frequency(almanac::v1::HALF_YEARLY);
  (*dataset.mutable_frequency_texts())["zh-Hans-HK"] = "每半年";
  dataset.add_formats("CSV");
  dataset.add_formats("XML");
  dataset.set_landing_page("https://data.gov.hk/x?a=b&c={d}");
  dataset.set_release_date("2022-Q2");
  dataset.set_discontinued(true);
  dataset.set_last_update_date("2021-06");
  const Dataset created = Do(request);
  Dataset expected = dataset;
  expected.set_name(kD1);
  *expected.mutable_create_time() = created.create_time();
  *expected.mutable_update_time() = created.create_time();
  expected.set_revision(2);
  expected.set_etag(created.etag());
  expected.mutable_freshness()->set_state(almanac::v1::Freshness::DISCONTINUED);
  EXPECT_EQ(created.DebugString(), expected.DebugString());
  EXPECT_EQ(GetDataset(kD1).DebugString(), expected.DebugString());
}

TEST_F(DatasetTest, WithoutAnIdTheTitleGivesIt) {
  CreateDatasetRequest request;
  request.set_parent("publishers/swd");
  (*request.mutable_dataset()->mutable_titles())["en"] = "Waiting Times 2022";
  EXPECT_EQ(Do(request).name(), "publishers/swd/datasets/waiting-times-2022");
  const grpc::Status again = Refused(request, grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_THAT(again.error_message(), HasSubstr("publishers/swd/datasets/waiting-times-2022"));
}

TEST_F(DatasetTest, AnotherTitleWithTheSameSoundsGetsAnIdOfItsOwn) {
  // Both are fu li shu in Latin letters.
  CreateDatasetRequest request = Named<CreateDatasetRequest>("publishers/swd");
  (*request.mutable_dataset()->mutable_titles())["zh-Hans-HK"] = "福利署";
  EXPECT_EQ(Do(request).name(), "publishers/swd/datasets/fu-li-shu");
  (*request.mutable_dataset()->mutable_titles())["zh-Hans-HK"] = "福利数";
  EXPECT_THAT(Do(request).name(), ::testing::MatchesRegex("publishers/swd/datasets/fu-li-shu-[0-9a-f]{8}"));
  Refused(request, grpc::StatusCode::ALREADY_EXISTS);
}

TEST_F(DatasetTest, APublisherIsNeeded) {
  CreateDatasetRequest request;
  request.set_parent("publishers/nobody");
  (*request.mutable_dataset()->mutable_titles())["en"] = "Title";
  const grpc::Status status = Refused(request, grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(status).resource_name(), "publishers/nobody");
}

TEST_F(DatasetTest, ABatchKeepsItsOrder) {
  for (const char* id : {"a", "b", "c"}) AddDataset(id);
  BatchGetDatasetsRequest request;
  for (const char* id : {"c", "a", "b", "a"}) request.add_names(absl::StrCat("publishers/swd/datasets/", id));
  const auto found = Do(request).datasets();
  ASSERT_EQ(found.size(), 4);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(found[i].name(), request.names(i));
}

TEST_F(DatasetTest, ABatchNamesTheFirstThatIsMissing) {
  AddDataset("a");
  BatchGetDatasetsRequest request;
  for (const char* id : {"a", "missing-1", "missing-2"})
    request.add_names(absl::StrCat("publishers/swd/datasets/", id));
  const grpc::Status status = Refused(request, grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(status).resource_name(), "publishers/swd/datasets/missing-1");
}

TEST_F(DatasetTest, PagesOfAnySizeCoverTheListOnceInOrder) {
  for (const char* id : {"c", "a", "e", "b", "d"}) AddDataset(id);
  AddPublisher("ha");
  AddDataset("x", "ha");
  AddPublisher("td");
  AddDataset("y", "td");
  ListDatasetsRequest of_one, of_all;
  of_one.set_parent("publishers/swd");
  of_all.set_parent("publishers/-");
  for (int size = 1; size <= 8; ++size) {
    EXPECT_THAT(NamesInPages(of_one, size, &ListDatasetsResponse::datasets),
                ElementsAre("publishers/swd/datasets/a", "publishers/swd/datasets/b", "publishers/swd/datasets/c",
                            "publishers/swd/datasets/d", "publishers/swd/datasets/e"));
    EXPECT_THAT(NamesInPages(of_all, size, &ListDatasetsResponse::datasets),
                ElementsAre("publishers/ha/datasets/x", "publishers/swd/datasets/a", "publishers/swd/datasets/b",
                            "publishers/swd/datasets/c", "publishers/swd/datasets/d", "publishers/swd/datasets/e",
                            "publishers/td/datasets/y"));
  }
}

TEST_F(DatasetTest, ATokenBelongsToItsList) {
  for (const char* id : {"a", "b", "c"}) AddDataset(id);
  ListDatasetsRequest request;
  request.set_parent("publishers/swd");
  request.set_page_size(1);
  request.set_page_token(Do(request).next_page_token());
  // Another size of page is fine, another list is not.
  request.set_page_size(2);
  EXPECT_EQ(Do(request).datasets_size(), 2);
  ListDatasetsRequest other = request;
  other.set_show_deleted(true);
  EXPECT_EQ(FieldOf(Refused(other, grpc::StatusCode::INVALID_ARGUMENT)), "page_token");
  other = request;
  other.set_parent("publishers/-");
  EXPECT_EQ(FieldOf(Refused(other, grpc::StatusCode::INVALID_ARGUMENT)), "page_token");
  almanac::v1::ListReleasePlansRequest plans;
  plans.set_parent("publishers/swd");
  plans.set_page_token(request.page_token());
  EXPECT_EQ(FieldOf(Refused(plans, grpc::StatusCode::INVALID_ARGUMENT)), "page_token");
}

TEST_F(DatasetTest, APageHoldsHundredUnlessAskedAndAtMostThousand) {
  database_.Sql(AddDatasetsSql("swd", "select 'd' || i from generate_series(1, 1001) i"));
  ListDatasetsRequest request;
  request.set_parent("publishers/swd");
  EXPECT_EQ(Do(request).datasets_size(), 100);
  request.set_page_size(1001);
  const ListDatasetsResponse first = Do(request);
  EXPECT_EQ(first.datasets_size(), 1000);
  request.set_page_token(first.next_page_token());
  EXPECT_EQ(Do(request).datasets_size(), 1);
  request.set_page_size(-1);
  EXPECT_EQ(FieldOf(Refused(request, grpc::StatusCode::INVALID_ARGUMENT)), "page_size");
}

TEST_F(DatasetTest, DeletedOnesAreShownOnRequest) {
  AddDataset("a");
  AddDataset("b");
  const Dataset deleted = Do(Named<DeleteDatasetRequest>("publishers/swd/datasets/a"));
  EXPECT_TRUE(deleted.has_delete_time());
  ListDatasetsRequest request;
  request.set_parent("publishers/swd");
  EXPECT_THAT(NamesInPages(request, 1, &ListDatasetsResponse::datasets), ElementsAre("publishers/swd/datasets/b"));
  request.set_show_deleted(true);
  EXPECT_THAT(NamesInPages(request, 1, &ListDatasetsResponse::datasets),
              ElementsAre("publishers/swd/datasets/a", "publishers/swd/datasets/b"));
  EXPECT_EQ(GetDataset("publishers/swd/datasets/a").DebugString(), deleted.DebugString());
  Refused(Named<DeleteDatasetRequest>("publishers/swd/datasets/a"), grpc::StatusCode::NOT_FOUND);
  EXPECT_FALSE(Do(Named<UndeleteDatasetRequest>("publishers/swd/datasets/a")).has_delete_time());
  Refused(Named<UndeleteDatasetRequest>("publishers/swd/datasets/a"), grpc::StatusCode::ALREADY_EXISTS);
}

TEST_F(DatasetTest, OneThatIsPromisedIsNotDeleted) {
  AddDataset("d1");
  AddPlan();
  Do(NewLine("A", 1, kD1, "2022-06"));
  const grpc::Status status = Refused(Named<DeleteDatasetRequest>(kD1), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(status), "IS_PROMISED");
  EXPECT_THAT(status.error_message(), HasSubstr("publishers/swd/plans/2022-2024/commitments/a-1"));
}

TEST_F(DatasetTest, OfConcurrentUpdatesWithOneEtagExactlyOneWins) {
  const Dataset before = AddDataset("d1");
  constexpr int kWriters = 16;
  std::vector<grpc::Status> statuses(kWriters);
  std::vector<Dataset> answers(kWriters);
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&, i] {
      const std::unique_ptr<Client> client = server_.NewClient();
      UpdateDatasetRequest request = Update("landing_page");
      request.mutable_dataset()->set_landing_page(absl::StrCat("https://", i, ".example"));
      request.mutable_dataset()->set_etag(before.etag());
      CallContext context;
      statuses[i] = client->datasets->UpdateDataset(&context, request, &answers[i]);
    });
  }
  for (std::thread& writer : writers) writer.join();
  const Dataset after = GetDataset(kD1);
  int winners = 0;
  for (int i = 0; i < kWriters; ++i) {
    if (statuses[i].ok()) {
      ++winners;
      EXPECT_EQ(answers[i].DebugString(), after.DebugString());
      EXPECT_EQ(after.landing_page(), absl::StrCat("https://", i, ".example"));
    } else {
      EXPECT_EQ(statuses[i].error_code(), grpc::StatusCode::ABORTED) << statuses[i].error_message();
      EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(statuses[i]).metadata().at("etag"), after.etag());
    }
  }
  EXPECT_EQ(winners, 1);
  EXPECT_EQ(HeadRevision(), before.revision() + 1);
}

TEST_F(DatasetTest, ReportedUpdatesAreCountedAndTheLatestIsKept) {
  AddDataset("d1");
  const auto report = [&](const std::string& time) {
    ReportUpdateRequest request = Named<ReportUpdateRequest>(kD1);
    EXPECT_TRUE(TimeUtil::FromString(time, request.mutable_data_time()));
    return Do(request);
  };
  EXPECT_EQ(report("2022-06-01T00:00:00Z").update_count(), 1);
  EXPECT_EQ(report("2022-07-01T00:00:00.123456Z").update_count(), 2);
  const Dataset third = report("2022-05-01T00:00:00Z");
  EXPECT_EQ(third.update_count(), 3);
  EXPECT_EQ(TimeUtil::ToString(third.last_update_time()), "2022-07-01T00:00:00.123456Z");
  // The same time again is no news.
  EXPECT_EQ(report("2022-06-01T00:00:00Z").DebugString(), third.DebugString());
  EXPECT_EQ(GetDataset(kD1).DebugString(), third.DebugString());
  const std::vector<Change> changes = ChangesAfter(2);
  ASSERT_EQ(changes.size(), 3u);
  EXPECT_EQ(changes[0].type(), Change::UPDATE_REPORTED);
  EXPECT_THAT(changes[0].changed_fields(), ElementsAre("last_update_time", "update_count"));
  EXPECT_THAT(changes[2].changed_fields(), ElementsAre("freshness", "update_count")) << "three tell how often";
}

TEST_F(DatasetTest, TimesOfEveryYearAreKept) {
  AddDataset("d1");
  ReportUpdateRequest request = Named<ReportUpdateRequest>(kD1);
  ASSERT_TRUE(TimeUtil::FromString("0033-04-03T12:00:00Z", request.mutable_data_time()));
  EXPECT_EQ(TimeUtil::ToString(Do(request).last_update_time()), "0033-04-03T12:00:00Z");
  EXPECT_EQ(TimeUtil::ToString(GetDataset(kD1).last_update_time()), "0033-04-03T12:00:00Z");
}

TEST_F(DatasetTest, AnUpdateWithoutATimeIsNow) {
  const Dataset created = AddDataset("d1");
  const Dataset reported = Do(Named<ReportUpdateRequest>(kD1));
  EXPECT_EQ(reported.last_update_time().DebugString(), reported.update_time().DebugString());
  EXPECT_GE(TimeUtil::TimestampToMicroseconds(reported.last_update_time()),
            TimeUtil::TimestampToMicroseconds(created.create_time()));
}

TEST_F(DatasetTest, AnUpdateInTheFutureIsRefused) {
  AddDataset("d1");
  ReportUpdateRequest request = Named<ReportUpdateRequest>(kD1);
  *request.mutable_data_time() = TimeUtil::GetCurrentTime() + TimeUtil::SecondsToDuration(4 * 60);
  Do(request);
  *request.mutable_data_time() = TimeUtil::GetCurrentTime() + TimeUtil::SecondsToDuration(6 * 60);
  EXPECT_EQ(FieldOf(Refused(request, grpc::StatusCode::INVALID_ARGUMENT)), "data_time");
  request.mutable_data_time()->set_seconds(INT64_MAX);
  EXPECT_EQ(FieldOf(Refused(request, grpc::StatusCode::INVALID_ARGUMENT)), "data_time");
  request.mutable_data_time()->set_seconds(0);
  request.mutable_data_time()->set_nanos(-1);
  EXPECT_EQ(FieldOf(Refused(request, grpc::StatusCode::INVALID_ARGUMENT)), "data_time");
  Refused(Named<ReportUpdateRequest>("publishers/swd/datasets/none"), grpc::StatusCode::NOT_FOUND);
}

}  // namespace
}  // namespace almanac::testing
