#include "client/export/calendar.h"

#include <gmock/gmock.h>
#include <utf8proc.h>

#include <algorithm>

#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "tests/unit/client/promise_testing.h"

namespace almanac::client {
namespace {

using absl::CivilDay;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr char kUid[] = "UID:publishers/swd/plans/2022-2024/commitments/";

std::string CalendarOn(const PublisherPlans& all, CivilDay day) {
  return CalendarText({"SWD, all", "cat", {{"publishers/swd/datasets/teams", "https://example.org/teams?a=1,2;3"}}},
                      PromisesOn(all, day), Language());
}

std::vector<std::string> UnfoldedLines(const std::string& text) {
  return absl::StrSplit(absl::StrReplaceAll(text, {{"\r\n ", ""}}), "\r\n", absl::SkipEmpty());
}

// The lines of the event with this UID; none if there is no such event.
std::vector<std::string> EventLines(const std::string& text, const std::string& uid) {
  std::vector<std::string> event;
  for (const std::string& line : UnfoldedLines(text)) {
    if (line == "BEGIN:VEVENT") event.clear();
    event.push_back(line);
    const bool found = std::find(event.begin(), event.end(), uid + "@cat") != event.end();
    if (line == "END:VEVENT" && found) return event;
  }
  return {};
}

int SequenceOf(const PublisherPlans& all, CivilDay day) {
  for (const std::string& line : EventLines(CalendarOn(all, day), std::string(kUid) + "a-1")) {
    if (line.rfind("SEQUENCE:", 0) == 0) return std::stoi(line.substr(9));
  }
  return -1;
}

TEST(CalendarText, FramesItsEvents) {
  const std::vector<std::string> lines = UnfoldedLines(CalendarOn(TwoEditions(), CivilDay(2025, 7, 1)));
  EXPECT_THAT(std::vector<std::string>(lines.begin(), lines.begin() + 7),
              ElementsAre("BEGIN:VCALENDAR", "PRODID:-//Almanac//almanac 0.1.0//EN", "VERSION:2.0",
                          "CALSCALE:GREGORIAN", "METHOD:PUBLISH", "X-WR-CALNAME:SWD, all", "BEGIN:VEVENT"));
  EXPECT_EQ(lines.back(), "END:VCALENDAR");
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "BEGIN:VEVENT"), 5);
}

TEST(CalendarText, TellsAReleaseOnItsDay) {
  EXPECT_THAT(
      EventLines(CalendarOn(TwoEditions(), CivilDay(2025, 7, 1)), std::string(kUid) + "a-1"),
      ElementsAre("BEGIN:VEVENT", std::string(kUid) + "a-1@cat", "DTSTAMP:20220920T010000Z", "CREATED:20211220T113320Z",
                  "LAST-MODIFIED:20220920T010000Z", "SEQUENCE:3", "STATUS:CONFIRMED", "TRANSP:TRANSPARENT",
                  "DTSTART;VALUE=DATE:20220920", "DTEND;VALUE=DATE:20220921",
                  "SUMMARY;LANGUAGE=zh-Hans-HK:少数族裔外展队名单",
                  "DESCRIPTION;LANGUAGE=en:First promised for June 2022\\nMoved on 20 May 2022 from June 2022 to "
                  "September 2022 (resources): Two posts are vacant\\nConfirmed on 1 September 2022\\nReleased on 20 "
                  "September 2022\\, late by 3 months by the first "
                  "target\\npublishers/swd/plans/2022-2024/commitments/a-1",
                  "CATEGORIES;LANGUAGE=zh-Hans-HK:社会福利", "URL:https://example.org/teams?a=1,2;3", "END:VEVENT"));
}

TEST(CalendarText, SpansWhatATargetNames) {
  const std::string text = CalendarOn(TwoEditions(), CivilDay(2025, 7, 1));
  EXPECT_THAT(EventLines(text, std::string(kUid) + "a-3"),
              AllOf(Contains("DTSTART;VALUE=DATE:20221001"), Contains("DTEND;VALUE=DATE:20230101"),
                    Contains("STATUS:CANCELLED"), Contains("SEQUENCE:1"),
                    Contains(HasSubstr("Cancelled on 10 February 2023 (data quality): Too many gaps"))));
  EXPECT_THAT(EventLines(text, std::string(kUid) + "a-4"),
              AllOf(Contains("DTSTART;VALUE=DATE:20230301"), Contains("DTEND;VALUE=DATE:20230401"),
                    Contains("STATUS:TENTATIVE"), Contains(HasSubstr("Left out by a later edition without a word"))));
  EXPECT_THAT(EventLines(text, std::string(kUid) + "d-1"),
              AllOf(Contains("DTSTART;VALUE=DATE:20210101"), Contains("DTEND;VALUE=DATE:20220101"),
                    Contains(HasSubstr("Released in 2021"))));
}

TEST(CalendarText, LeavesOutWhatNoCalendarReaches) {
  PublisherPlans all = TwoEditions();
  v1::Commitment& open = *std::find_if(all.commitments.begin(), all.commitments.end(), [](const v1::Commitment& line) {
    return line.name() == "publishers/swd/plans/2022-2024/commitments/a-4";
  });
  const auto event_for = [&](const std::string& target) {
    open.set_target_date(target);
    open.set_first_target_date(target);
    return EventLines(CalendarOn(all, CivilDay(2025, 7, 1)), std::string(kUid) + "a-4");
  };
  EXPECT_THAT(event_for("2999"), Contains("DTEND;VALUE=DATE:30000101"));
  EXPECT_THAT(event_for("3000"), IsEmpty());
  EXPECT_THAT(event_for("9999"), IsEmpty());
}

TEST(CalendarText, TellsOfACancellationThatALaterEditionUndid) {
  EXPECT_THAT(EventLines(CalendarOn(CancelledAndTakenUpAgain(), CivilDay(2025, 7, 1)), std::string(kUid) + "a-2"),
              AllOf(Contains("STATUS:TENTATIVE"),
                    Contains(HasSubstr("Cancelled on 2 May 2023 and taken up again by a later edition (funding): No "
                                       "money"))));
}

TEST(CalendarText, APromiseKeepsItsUidAcrossEditions) {
  const PublisherPlans all = TwoEditions();
  EXPECT_THAT(EventLines(CalendarOn(all, CivilDay(2024, 12, 29)), std::string(kUid) + "a-2"),
              AllOf(Contains("DTSTART;VALUE=DATE:20230101"), Contains("SEQUENCE:0")));
  EXPECT_THAT(EventLines(CalendarOn(all, CivilDay(2024, 12, 30)), std::string(kUid) + "a-2"),
              AllOf(Contains("DTSTART;VALUE=DATE:20250601"), Contains("DTEND;VALUE=DATE:20250701"),
                    Contains("SEQUENCE:1"), Contains("DTSTAMP:20241229T192000Z"),
                    Contains(HasSubstr("Moved on 30 December 2024 from 2023 to June 2025 by a later edition"))));
}

TEST(CalendarText, TheSequenceGrowsWithAllThatHappens) {
  PublisherPlans all = TwoEditions();
  v1::Commitment& line = all.commitments[0];
  const v1::Commitment whole = line;
  line.clear_reschedules();
  line.clear_confirm_date();
  line.clear_release_date();
  line.set_state(v1::Commitment::PLANNED);
  EXPECT_EQ(SequenceOf(all, CivilDay(2025, 7, 1)), 0);
  *line.mutable_reschedules() = whole.reschedules();
  EXPECT_EQ(SequenceOf(all, CivilDay(2025, 7, 1)), 1);
  line.set_state(v1::Commitment::CONFIRMED);
  line.set_confirm_date(whole.confirm_date());
  EXPECT_EQ(SequenceOf(all, CivilDay(2025, 7, 1)), 2);
  line = whole;
  EXPECT_EQ(SequenceOf(all, CivilDay(2025, 7, 1)), 3);
}

TEST(CalendarText, EscapesAndFoldsAnyText) {
  PublisherPlans all = TwoEditions();
  std::string title = "a, b; c\\d \"e\"\nBEGIN:VEVENT\x01 ";
  for (int i = 0; i < 200; ++i) title += "福";
  (*all.commitments[0].mutable_titles())["zh-Hans-HK"] = title;
  (*all.commitments[0].mutable_categories())["zh-Hans-HK"] = "社会, 福利; a\\b";
  const std::string text = CalendarOn(all, CivilDay(2025, 7, 1));
  EXPECT_THAT(EventLines(text, std::string(kUid) + "a-1"),
              Contains(StartsWith("SUMMARY;LANGUAGE=zh-Hans-HK:a\\, b\\; c\\\\d \"e\" BEGIN:VEVENT\uFFFD 福福")));
  EXPECT_THAT(EventLines(text, std::string(kUid) + "a-1"),
              Contains("CATEGORIES;LANGUAGE=zh-Hans-HK:社会， 福利； a\\\\b"));
  for (const std::string& line : std::vector<std::string>(absl::StrSplit(text, "\r\n"))) {
    EXPECT_LE(line.size(), 75U) << line;
    EXPECT_EQ(line.find_first_of("\r\n"), std::string::npos) << line;
    utf8proc_int32_t code = 0;
    for (size_t i = 0; i < line.size();) {
      const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(line.data() + i), -1, &code);
      ASSERT_GT(length, 0) << "a character was split: " << line;
      i += static_cast<size_t>(length);
    }
  }
}

TEST(CalendarText, OfTheSamePromisesIsTheSame) {
  EXPECT_EQ(CalendarOn(TwoEditions(), CivilDay(2025, 7, 1)), CalendarOn(TwoEditions(), CivilDay(2025, 7, 1)));
}

TEST(CalendarText, MayBeEmpty) {
  const std::string text = CalendarText({"Nothing", "cat", {}}, {}, Language());
  EXPECT_THAT(UnfoldedLines(text), Contains("X-WR-CALNAME:Nothing"));
  EXPECT_EQ(text.find("VEVENT"), std::string::npos);
}

}  // namespace
}  // namespace almanac::client
