#include "service/validation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "db/errors.h"
#include "google/rpc/error_details.pb.h"

namespace almanac::service {
namespace {

using almanac::v1::Commitment;
using almanac::v1::Dataset;
using almanac::v1::Publisher;
using almanac::v1::ReleasePlan;
using ::testing::HasSubstr;

// `count` Chinese characters, three bytes each.
std::string Chinese(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "汉";
  return text;
}

// The fields that a status complains about, joined.
std::string Faults(const absl::Status& status) {
  EXPECT_TRUE(status.ok() || absl::IsInvalidArgument(status)) << status;
  std::string fields;
  const auto request = db::Detail<google::rpc::BadRequest>(status);
  for (const auto& violation : request.field_violations()) {
    absl::StrAppend(&fields, fields.empty() ? "" : " ", violation.field());
  }
  return fields;
}

Dataset ValidDataset() {
  Dataset dataset;
  (*dataset.mutable_titles())["zh-Hans-HK"] = "少数族裔外展队名单";
  return dataset;
}

TEST(CheckTextTest, CountsCharactersNotBytes) {
  EXPECT_EQ(Faults(CheckText("note", Chinese(1000), 1000)), "");
  EXPECT_EQ(Faults(CheckText("note", Chinese(1001), 1000)), "note");
  EXPECT_EQ(Faults(CheckText("note", "😀", 1)), "");
}

TEST(CheckTextTest, WantsUtf8WithoutNul) {
  EXPECT_EQ(Faults(CheckText("note", "\xff\xfe", 10)), "note");
  EXPECT_EQ(Faults(CheckText("note", "\xe6\xb1", 10)), "note");      // a character cut short
  EXPECT_EQ(Faults(CheckText("note", "\xed\xa0\x80", 10)), "note");  // half of a surrogate pair
  EXPECT_EQ(Faults(CheckText("note", "\xc0\x80", 10)), "note");      // NUL, overlong
  EXPECT_EQ(Faults(CheckText("note", std::string("a\0b", 3), 10)), "note");
}

TEST(CheckTextsTest, FindsNulInEveryCornerAndNamesTheField) {
  const std::string nul("a\0b", 3);
  Dataset dataset = ValidDataset();
  EXPECT_EQ(Faults(CheckTexts(dataset)), "");
  dataset.set_landing_page(nul);
  EXPECT_EQ(Faults(CheckTexts(dataset)), "landing_page");
  dataset = ValidDataset();
  (*dataset.mutable_titles())["en"] = nul;
  EXPECT_EQ(Faults(CheckTexts(dataset)), "titles");
  dataset = ValidDataset();
  (*dataset.mutable_remarks())[nul] = "text";
  EXPECT_EQ(Faults(CheckTexts(dataset)), "remarks");
  dataset = ValidDataset();
  dataset.add_formats("CSV");
  dataset.add_formats(nul);
  EXPECT_EQ(Faults(CheckTexts(dataset)), "formats");
  dataset = ValidDataset();
  dataset.add_former_titles()->set_text(nul);
  EXPECT_EQ(Faults(CheckTexts(dataset)), "former_titles[0].text");
}

TEST(CheckRequestIdTest, TakesHundredPrintableCharacters) {
  EXPECT_EQ(Faults(CheckRequestId("")), "");
  EXPECT_EQ(Faults(CheckRequestId(std::string(100, 'x'))), "");
  EXPECT_EQ(Faults(CheckRequestId("monday's import, !~")), "");
  EXPECT_EQ(Faults(CheckRequestId(std::string(101, 'x'))), "request_id");
  EXPECT_EQ(Faults(CheckRequestId("a\nb")), "request_id");
  EXPECT_EQ(Faults(CheckRequestId("汉")), "request_id");
  EXPECT_EQ(Faults(CheckRequestId("\x7f")), "request_id");
}

TEST(CheckBatchTest, TakesOneToThousandNames) {
  google::protobuf::RepeatedPtrField<std::string> names;
  EXPECT_EQ(Faults(CheckBatch(names, "publishers/{publisher}")), "names");
  for (int i = 0; i < 1000; ++i) names.Add("publishers/swd");
  EXPECT_EQ(Faults(CheckBatch(names, "publishers/{publisher}")), "");
  names.Add("publishers/swd");
  EXPECT_EQ(Faults(CheckBatch(names, "publishers/{publisher}")), "names");
  names.Clear();
  names.Add("publishers/swd");
  names.Add("publishers/SWD");
  EXPECT_EQ(Faults(CheckBatch(names, "publishers/{publisher}")), "names[1]");
}

TEST(PageSizeTest, IsHundredUnlessGivenAndAtMostThousand) {
  EXPECT_EQ(*PageSize(0), 100);
  EXPECT_EQ(*PageSize(1), 1);
  EXPECT_EQ(*PageSize(1000), 1000);
  EXPECT_EQ(*PageSize(1001), 1000);
  EXPECT_EQ(*PageSize(INT32_MAX), 1000);
  EXPECT_EQ(Faults(PageSize(-1).status()), "page_size");
  EXPECT_EQ(Faults(PageSize(INT32_MIN).status()), "page_size");
}

TEST(CheckReasonTest, WantsACodeAndANote) {
  EXPECT_EQ(Faults(CheckReason(Commitment::FUNDING, "x")), "");
  EXPECT_EQ(Faults(CheckReason(Commitment::OTHER, Chinese(4000))), "");
  EXPECT_EQ(Faults(CheckReason(Commitment::FUNDING, Chinese(4001))), "note");
  EXPECT_EQ(Faults(CheckReason(Commitment::REASON_UNSPECIFIED, "")), "reason note");
  EXPECT_EQ(Faults(CheckReason(static_cast<Commitment::Reason>(99), "x")), "reason");
}

TEST(CheckDateTest, WantsADateOfAnyPrecisionOrADay) {
  EXPECT_EQ(Faults(CheckDate("d", "2022-Q2")), "");
  EXPECT_EQ(Faults(CheckDate("d", "")), "d");
  EXPECT_EQ(Faults(CheckDate("d", "2022-13")), "d");
  EXPECT_EQ(Faults(CheckDay("d", "2022-06-30")), "");
  EXPECT_EQ(Faults(CheckDay("d", "2022-06")), "d");
  EXPECT_EQ(Faults(CheckDay("d", "")), "d");
}

TEST(CheckDatasetTest, TakesTextsUpToTheirLimits) {
  Dataset dataset = ValidDataset();
  (*dataset.mutable_titles())["en"] = Chinese(1000);
  (*dataset.mutable_categories())["en"] = Chinese(1000);
  (*dataset.mutable_remarks())["en"] = Chinese(10000);
  (*dataset.mutable_frequency_texts())["en"] = Chinese(1000);
  for (int i = 0; i < 32; ++i) {
    auto* former = dataset.add_former_titles();
    former->set_language("en");
    former->set_text(Chinese(1000));
    dataset.add_formats(std::string(32, 'X'));
  }
  dataset.set_landing_page("https://" + std::string(1992, 'x'));
  EXPECT_EQ(Faults(CheckDataset(dataset)), "");
}

TEST(CheckDatasetTest, NamesEachFieldPastItsLimit) {
  Dataset dataset = ValidDataset();
  (*dataset.mutable_titles())["en"] = Chinese(1001);
  (*dataset.mutable_categories())["en"] = Chinese(1001);
  (*dataset.mutable_remarks())["en"] = Chinese(10001);
  (*dataset.mutable_frequency_texts())["en"] = Chinese(1001);
  dataset.add_formats(std::string(33, 'X'));
  dataset.set_landing_page("https://" + std::string(1993, 'x'));
  EXPECT_EQ(Faults(CheckDataset(dataset)),
            "dataset.titles[\"en\"] dataset.categories[\"en\"] dataset.remarks[\"en\"] dataset.frequency_texts[\"en\"]"
            " dataset.formats dataset.landing_page");
  dataset = ValidDataset();
  for (int i = 0; i < 33; ++i) {
    auto* former = dataset.add_former_titles();
    former->set_language("en");
    former->set_text("x");
    dataset.add_formats("CSV");
  }
  EXPECT_EQ(Faults(CheckDataset(dataset)), "dataset.former_titles dataset.formats");
}

TEST(CheckDatasetTest, WantsATitleAndLanguageTags) {
  EXPECT_EQ(Faults(CheckDataset(Dataset())), "dataset.titles");
  for (const char* tag : {"en", "zh-Hans-HK", "zh-Hant-HK", "pt-BR"}) {
    Dataset dataset;
    (*dataset.mutable_titles())[tag] = "x";
    EXPECT_EQ(Faults(CheckDataset(dataset)), "") << tag;
  }
  for (const char* tag : {"", "english language", "zh_Hans", "-", "en-", "汉"}) {
    Dataset dataset;
    (*dataset.mutable_titles())[tag] = "x";
    EXPECT_THAT(Faults(CheckDataset(dataset)), HasSubstr("dataset.titles")) << tag;
  }
  Dataset dataset = ValidDataset();
  (*dataset.mutable_titles())["en"] = "";
  EXPECT_EQ(Faults(CheckDataset(dataset)), "dataset.titles[\"en\"]");
}

TEST(CheckDatasetTest, RefusesWhatIsNoFormatUrlDateOrFrequency) {
  Dataset dataset = ValidDataset();
  dataset.add_formats("csv");
  dataset.set_landing_page("javascript:alert(1)");
  dataset.set_release_date("2022-02-30");
  dataset.set_last_update_date("0000");
  dataset.set_frequency(static_cast<almanac::v1::Frequency>(77));
  EXPECT_EQ(Faults(CheckDataset(dataset)),
            "dataset.frequency dataset.formats dataset.landing_page dataset.release_date dataset.last_update_date");
}

TEST(CheckPublisherTest, WantsATimeZoneOfTheIanaDatabase) {
  Publisher publisher;
  (*publisher.mutable_titles())["en"] = "Publisher";
  for (const char* zone : {"Asia/Hong_Kong", "UTC", "America/Argentina/Buenos_Aires"}) {
    publisher.set_time_zone(zone);
    EXPECT_EQ(Faults(CheckPublisher(publisher)), "") << zone;
  }
  // Names that a time zone library would take for files must not be opened.
  for (const std::string& zone :
       {std::string(""), std::string("Mars/Olympus"), std::string("/dev/zero"), std::string("../../../etc/passwd"),
        std::string("/usr/share/zoneinfo/UTC"), std::string("file:/dev/zero"), std::string("Asia/Hong_Kong\0", 15),
        std::string("Fixed/UTC+08:00:00"), std::string(1'000'000, 'x')}) {
    publisher.set_time_zone(zone);
    EXPECT_EQ(Faults(CheckPublisher(publisher)), "publisher.time_zone") << zone.substr(0, 50);
  }
}

TEST(CheckPlanTest, ThePeriodLiesBetween1900And9999) {
  const auto faults = [](int first, int last) {
    ReleasePlan plan;
    plan.mutable_period()->set_start_year(first);
    plan.mutable_period()->set_end_year(last);
    return Faults(CheckPlan(plan));
  };
  EXPECT_EQ(faults(1900, 9999), "");
  EXPECT_EQ(faults(2022, 2022), "");
  for (const auto& [first, last] : {std::pair{1899, 2022}, {2022, 10000}, {2024, 2022}, {0, 0}, {-1, 2022}}) {
    EXPECT_EQ(faults(first, last), "release_plan.period") << first << " " << last;
  }
}

TEST(CheckPlanTest, SectionsAreLettersOnceEach) {
  ReleasePlan plan;
  plan.mutable_period()->set_start_year(2022);
  plan.mutable_period()->set_end_year(2024);
  for (char code = 'A'; code <= 'Z'; ++code) plan.add_sections()->set_code(std::string(1, code));
  EXPECT_EQ(Faults(CheckPlan(plan)), "");
  plan.mutable_sections(25)->set_code("A");
  EXPECT_EQ(Faults(CheckPlan(plan)), "release_plan.sections[25].code");
  plan.mutable_sections(25)->set_code("z");
  EXPECT_EQ(Faults(CheckPlan(plan)), "release_plan.sections[25].code");
}

TEST(CheckCommitmentTest, NumbersRunFromOneTo99999) {
  Commitment commitment;
  commitment.set_section("A");
  commitment.set_target_date("2022-06");
  commitment.set_dataset("publishers/swd/datasets/d");
  for (const int number : {1, 99999}) {
    commitment.set_number(number);
    EXPECT_EQ(Faults(CheckCommitment(commitment)), "") << number;
  }
  for (const int number : {0, -1, 100000, INT32_MIN}) {
    commitment.set_number(number);
    EXPECT_EQ(Faults(CheckCommitment(commitment)), "commitment.number") << number;
  }
}

TEST(CheckCommitmentTest, NamesAllThatIsMissing) {
  EXPECT_EQ(Faults(CheckCommitment(Commitment())),
            "commitment.section commitment.number commitment.target_date commitment.dataset");
}

}  // namespace
}  // namespace almanac::service
