#include <gmock/gmock.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/integration/catalogue_fixture.h"

// The life of a commitment: planned, confirmed, released or cancelled.
namespace almanac::testing {
namespace {

using almanac::v1::Change;
using almanac::v1::Commitment;
using almanac::v1::CreateCommitmentRequest;
using almanac::v1::Dataset;
using almanac::v1::RescheduleCommitmentRequest;
using almanac::v1::Slip;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kD1[] = "publishers/swd/datasets/d1";
constexpr char kA1[] = "publishers/swd/plans/2022-2024/commitments/a-1";

std::string Text(const Slip& slip) {
  return absl::StrCat(Slip::Verdict_Name(slip.verdict()), " ", slip.days(), " days ", slip.months(), " months");
}

class CommitmentLifeTest : public CatalogueTest {
 protected:
  // Does a move, and expects that it is the last write, of `size` changes, the first of which is of A1 and says
  // everything about it.
  template <typename Request>
  Commitment Moved(const Request& request, Change::Type type, const std::vector<std::string>& fields, size_t size = 1) {
    const Commitment before = GetCommitment(kA1);
    const int64_t head = HeadRevision();
    const Commitment after = Do(request);
    EXPECT_EQ(GetCommitment(kA1).DebugString(), after.DebugString());
    const std::vector<Change> changes = ChangesAfter(head);
    EXPECT_THAT(changes, SizeIs(size));
    if (changes.empty()) return after;
    const Change& change = changes[0];
    EXPECT_EQ(change.type(), type) << Change::Type_Name(change.type());
    EXPECT_EQ(change.actor(), "tester");
    EXPECT_EQ(change.resource(), kA1);
    EXPECT_EQ(change.kind(), almanac::v1::COMMITMENT);
    EXPECT_EQ(change.revision(), after.revision());
    EXPECT_EQ(change.change_time().DebugString(), after.update_time().DebugString());
    EXPECT_THAT(change.changed_fields(), ::testing::ElementsAreArray(fields));
    EXPECT_EQ(change.before().commitment().DebugString(), before.DebugString());
    EXPECT_EQ(change.after().commitment().DebugString(), after.DebugString());
    for (size_t i = 0; i < changes.size(); ++i) {
      EXPECT_EQ(changes[i].request_id(), change.request_id());
      EXPECT_EQ(changes[i].last_of_write(), i + 1 == changes.size());
    }
    return after;
  }

  // Expects that a move is no legal one, for a reason with these words, and changes nothing.
  template <typename Request>
  void ExpectIllegal(const Request& request, const std::string& words) {
    const Commitment before = GetCommitment(request.name());
    const Dataset dataset = GetDataset(before.dataset());
    const grpc::Status status = Barred(request, "ILLEGAL_MOVE");
    EXPECT_THAT(status.error_message(), AllOf(HasSubstr(request.name()), HasSubstr(words)));
    EXPECT_EQ(GetCommitment(request.name()).DebugString(), before.DebugString());
    EXPECT_EQ(GetDataset(before.dataset()).DebugString(), dataset.DebugString());
  }

  void ExpectNothingIsLegal(const std::string& name, const std::string& words) {
    ExpectIllegal(ToMove(name, "2022-09"), words);
    ExpectIllegal(ToConfirm(name, "2022-06-15"), words);
    ExpectIllegal(ToRelease(name, "2022-06-20"), words);
    ExpectIllegal(ToCancel(name), words);
  }
};

TEST_F(CommitmentLifeTest, PlannedConfirmedReleased) {
  AddPromise();
  const Commitment confirmed =
      Moved(ToConfirm(kA1, "2022-06-15"), Change::CONFIRMED, {"confirm_date", "state", "target_date"});
  EXPECT_EQ(confirmed.state(), Commitment::CONFIRMED);
  EXPECT_EQ(confirmed.target_date(), "2022-06-15");
  EXPECT_EQ(confirmed.first_target_date(), "2022-06");
  EXPECT_EQ(confirmed.reschedules_size(), 0);
  EXPECT_FALSE(confirmed.has_outcome());
  const Commitment released =
      Moved(ToRelease(kA1, "2022-06-17"), Change::RELEASED, {"outcome", "release_date", "state"}, 2);
  EXPECT_EQ(released.state(), Commitment::RELEASED);
  EXPECT_EQ(released.release_date(), "2022-06-17");
  EXPECT_EQ(Text(released.outcome().against_first_target()), "ON_TIME 0 days 0 months");
  EXPECT_EQ(Text(released.outcome().against_last_target()), "LATE 2 days 0 months");
}

TEST_F(CommitmentLifeTest, PlannedReleased) {
  AddPromise();
  const Commitment released =
      Moved(ToRelease(kA1, "2022-06-30"), Change::RELEASED, {"outcome", "release_date", "state"}, 2);
  EXPECT_EQ(released.state(), Commitment::RELEASED);
  EXPECT_EQ(released.target_date(), "2022-06");
  EXPECT_EQ(Text(released.outcome().against_last_target()), "ON_TIME 0 days 0 months");
}

TEST_F(CommitmentLifeTest, PlannedCancelled) {
  AddPromise();
  const Commitment cancelled = Moved(ToCancel(kA1), Change::CANCELLED, {"cancellation", "state"});
  EXPECT_EQ(cancelled.state(), Commitment::CANCELLED);
  EXPECT_EQ(cancelled.cancellation().reason(), Commitment::FUNDING);
  EXPECT_EQ(cancelled.cancellation().note(), "The vote was cut");
  EXPECT_EQ(cancelled.cancellation().actor(), "tester");
  EXPECT_EQ(cancelled.cancellation().cancel_time().DebugString(), cancelled.update_time().DebugString());
  EXPECT_EQ(cancelled.target_date(), "2022-06");
  EXPECT_FALSE(cancelled.has_outcome());
  EXPECT_EQ(GetDataset(kD1).release_date(), "");
}

TEST_F(CommitmentLifeTest, ConfirmedCancelled) {
  AddPromise();
  Do(ToConfirm(kA1, "2022-06-15"));
  const Commitment cancelled = Moved(ToCancel(kA1), Change::CANCELLED, {"cancellation", "state"});
  EXPECT_EQ(cancelled.state(), Commitment::CANCELLED);
  EXPECT_EQ(cancelled.target_date(), "2022-06-15");
}

TEST_F(CommitmentLifeTest, AReleasedOneIsReleasedForGood) {
  AddPromise();
  Do(ToRelease(kA1, "2022-06-15"));
  ExpectNothingIsLegal(kA1, "was released on 2022-06-15");
}

TEST_F(CommitmentLifeTest, ACancelledOneIsCancelledForGood) {
  AddPromise();
  Do(ToCancel(kA1));
  ExpectNothingIsLegal(kA1, "was cancelled");
}

TEST_F(CommitmentLifeTest, OneListedAsReleasedIsReleasedForGood) {
  const std::string first = AddPromise().name();
  CreateCommitmentRequest listed = NewLine("D", 79, kD1, "");
  listed.mutable_commitment()->set_release_date("2020-06");
  ExpectNothingIsLegal(Do(listed).name(), "was released on 2020-06");
}

TEST_F(CommitmentLifeTest, AConfirmedOneIsNeitherConfirmedAgainNorMovedToAMonth) {
  AddPromise();
  Do(ToConfirm(kA1, "2022-06-15"));
  for (const char* day : {"2022-06-15", "2022-06-16"}) {
    ExpectIllegal(ToConfirm(kA1, day), "is confirmed for 2022-06-15 already");
  }
  for (const char* target : {"2022-06", "2022-Q3", "2023"}) ExpectIllegal(ToMove(kA1, target), "exact day");
  const Commitment moved = Moved(ToMove(kA1, "2022-07-01"), Change::RESCHEDULED, {"reschedules", "target_date"});
  EXPECT_EQ(moved.state(), Commitment::CONFIRMED);
  EXPECT_EQ(moved.first_target_date(), "2022-06");
  EXPECT_EQ(moved.reschedules(0).from_target_date(), "2022-06-15");
}

TEST_F(CommitmentLifeTest, NothingHappensToADeletedOne) {
  AddPromise();
  Do(Named<almanac::v1::DeleteCommitmentRequest>(kA1));
  Refused(ToMove(kA1, "2022-09"), grpc::StatusCode::NOT_FOUND);
  Refused(ToConfirm(kA1, "2022-06-15"), grpc::StatusCode::NOT_FOUND);
  Refused(ToRelease(kA1, "2022-06-15"), grpc::StatusCode::NOT_FOUND);
  Refused(ToCancel(kA1), grpc::StatusCode::NOT_FOUND);
}

TEST_F(CommitmentLifeTest, EveryMoveIsKeptBesideTheFirstTarget) {
  AddPromise();
  const std::vector<std::string> targets = {"2022-06", "2022-Q3", "2023", "2022-05", "2022-05-20", "2022-06"};
  std::vector<std::string> times;
  for (size_t i = 1; i < targets.size(); ++i) {
    RescheduleCommitmentRequest request = ToMove(kA1, targets[i]);
    request.set_reason(static_cast<Commitment::Reason>(i));
    request.set_note(absl::StrCat("Move ", i, ": \"因为\"\n\\"));
    const Commitment moved = Moved(request, Change::RESCHEDULED, {"reschedules", "target_date"});
    EXPECT_EQ(moved.state(), Commitment::PLANNED);
    EXPECT_EQ(moved.target_date(), targets[i]);
    times.push_back(moved.update_time().DebugString());
  }
  const Commitment commitment = GetCommitment(kA1);
  EXPECT_EQ(commitment.first_target_date(), "2022-06");
  ASSERT_EQ(commitment.reschedules_size(), 5);
  for (int i = 0; i < 5; ++i) {
    const auto& move = commitment.reschedules(i);
    EXPECT_EQ(move.from_target_date(), targets[i]);
    EXPECT_EQ(move.to_target_date(), targets[i + 1]);
    EXPECT_EQ(move.reason(), static_cast<Commitment::Reason>(i + 1));
    EXPECT_EQ(move.note(), absl::StrCat("Move ", i + 1, ": \"因为\"\n\\"));
    EXPECT_EQ(move.actor(), "tester");
    EXPECT_EQ(move.reschedule_time().DebugString(), times[i]);
  }
}

TEST_F(CommitmentLifeTest, MovingAndCancellingNeedAReasonAndANote) {
  AddPromise();
  const auto expect_both_needed = [&](auto request) {
    auto without = request;
    without.clear_reason();
    EXPECT_EQ(FieldOf(Refused(without, grpc::StatusCode::INVALID_ARGUMENT)), "reason");
    without = request;
    without.clear_note();
    EXPECT_EQ(FieldOf(Refused(without, grpc::StatusCode::INVALID_ARGUMENT)), "note");
  };
  expect_both_needed(ToMove(kA1, "2022-09"));
  expect_both_needed(ToCancel(kA1));
}

TEST_F(CommitmentLifeTest, AMoveGoesSomewhereElse) {
  AddPromise();
  EXPECT_EQ(FieldOf(Refused(ToMove(kA1, "2022-06"), grpc::StatusCode::INVALID_ARGUMENT)), "target_date");
  EXPECT_EQ(FieldOf(Refused(ToMove(kA1, ""), grpc::StatusCode::INVALID_ARGUMENT)), "target_date");
  Do(ToMove(kA1, "2022-09"));
  EXPECT_EQ(FieldOf(Refused(ToMove(kA1, "2022-09"), grpc::StatusCode::INVALID_ARGUMENT)), "target_date");
}

TEST_F(CommitmentLifeTest, AConfirmedDayLiesWithinTheTarget) {
  AddPromise();
  struct {
    const char *target, *before, *first, *last, *after;
  } const cases[] = {
      {"2022-06", "2022-05-31", "2022-06-01", "2022-06-30", "2022-07-01"},
      {"2024-02", "2024-01-31", "2024-02-01", "2024-02-29", "2024-03-01"},
      {"2022-Q4", "2022-09-30", "2022-10-01", "2022-12-31", "2023-01-01"},
      {"2023", "2022-12-31", "2023-01-01", "2023-12-31", "2024-01-01"},
      {"2022-06-15", "2022-06-14", "2022-06-15", "2022-06-15", "2022-06-16"},
  };
  int number = 1;
  for (const auto& [target, before, first, last, after] : cases) {
    for (const char* day : {first, last}) {
      const std::string name = Do(NewLine("B", number++, kD1, target)).name();
      ExpectIllegal(ToConfirm(name, before), absl::StrCat("outside the target ", target));
      ExpectIllegal(ToConfirm(name, after), "reschedule it first");
      const Commitment confirmed = Do(ToConfirm(name, day));
      EXPECT_EQ(confirmed.state(), Commitment::CONFIRMED);
      EXPECT_EQ(confirmed.target_date(), day);
    }
  }
  // What counts is the current target; and the day is exact.
  Do(ToMove(kA1, "2022-09"));
  ExpectIllegal(ToConfirm(kA1, "2022-06-15"), "outside the target 2022-09");
  EXPECT_EQ(FieldOf(Refused(ToConfirm(kA1, "2022-09"), grpc::StatusCode::INVALID_ARGUMENT)), "target_date");
  EXPECT_EQ(FieldOf(Refused(ToConfirm(kA1, ""), grpc::StatusCode::INVALID_ARGUMENT)), "target_date");
}

TEST_F(CommitmentLifeTest, TheOutcomeIsCountedFromTheLastOrFirstDayOfTheTarget) {
  AddPromise();
  struct {
    const char *target, *day, *outcome;
  } const cases[] = {
      {"2022-06", "2022-06-01", "ON_TIME 0 days 0 months"},    {"2022-06", "2022-06-30", "ON_TIME 0 days 0 months"},
      {"2022-06", "2022-07-01", "LATE 1 days 1 months"},       {"2022-06", "2022-09-30", "LATE 92 days 3 months"},
      {"2022-06", "2022-05-31", "EARLY -1 days -1 months"},    {"2022-06", "2021-12-31", "EARLY -152 days -6 months"},
      {"2024-02", "2024-03-01", "LATE 1 days 1 months"},       {"2022-Q1", "2022-04-15", "LATE 15 days 1 months"},
      {"2022-Q1", "2021-12-31", "EARLY -1 days -1 months"},    {"2022", "2022-12-31", "ON_TIME 0 days 0 months"},
      {"2022", "2023-01-31", "LATE 31 days 1 months"},         {"2022", "2021-11-30", "EARLY -32 days -2 months"},
      {"2022-06-15", "2022-06-15", "ON_TIME 0 days 0 months"}, {"2022-06-15", "2022-06-20", "LATE 5 days 0 months"},
      {"2022-06-15", "2022-06-14", "EARLY -1 days 0 months"},  {"2022-06-15", "2023-06-15", "LATE 365 days 12 months"},
  };
  int number = 1;
  for (const auto& [target, day, outcome] : cases) {
    const std::string name = Do(NewLine("B", number++, kD1, target)).name();
    const Commitment released = Do(ToRelease(name, day));
    EXPECT_EQ(Text(released.outcome().against_first_target()), outcome) << target << " " << day;
    EXPECT_EQ(Text(released.outcome().against_last_target()), outcome) << target << " " << day;
    EXPECT_EQ(GetCommitment(name).DebugString(), released.DebugString());
  }
}

TEST_F(CommitmentLifeTest, TheOutcomeKnowsTheFirstAndTheLastTarget) {
  AddPromise();
  Do(ToMove(kA1, "2022-12"));
  Do(ToMove(kA1, "2022-09"));
  const Commitment released = Do(ToRelease(kA1, "2022-08-31"));
  EXPECT_EQ(Text(released.outcome().against_first_target()), "LATE 62 days 2 months");
  EXPECT_EQ(Text(released.outcome().against_last_target()), "EARLY -1 days -1 months");
  EXPECT_EQ(released.first_target_date(), "2022-06");
  EXPECT_EQ(released.target_date(), "2022-09");
  EXPECT_EQ(released.reschedules_size(), 2);
}

TEST_F(CommitmentLifeTest, AReleaseDatesTheDataset) {
  AddPromise();
  const Dataset before = GetDataset(kD1);
  const Commitment released = Do(ToRelease(kA1, "2022-06-15"));
  const Dataset after = GetDataset(kD1);
  EXPECT_EQ(after.release_date(), "2022-06-15");
  const std::vector<Change> changes = ChangesAfter(released.revision());
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].type(), Change::RELEASED);
  EXPECT_EQ(changes[0].resource(), kD1);
  EXPECT_EQ(changes[0].actor(), "tester");
  EXPECT_THAT(changes[0].changed_fields(), ElementsAre("release_date"));
  EXPECT_EQ(changes[0].before().dataset().DebugString(), before.DebugString());
  EXPECT_EQ(changes[0].after().dataset().DebugString(), after.DebugString());
}

TEST_F(CommitmentLifeTest, ADatasetKeepsTheDayOfItsFirstRelease) {
  AddPromise();
  const std::string second = Do(NewLine("A", 2, kD1, "2023-06")).name();
  Do(ToRelease(kA1, "2022-06-15"));
  const Dataset first = GetDataset(kD1);
  const int64_t head = HeadRevision();
  Do(ToRelease(second, "2023-06-15"));
  EXPECT_EQ(HeadRevision(), head + 1);
  EXPECT_EQ(GetDataset(kD1).DebugString(), first.DebugString());
}

TEST_F(CommitmentLifeTest, ItGoesOnInAPublishedPlan) {
  AddPromise();
  Do(Named<almanac::v1::PublishPlanRequest>("publishers/swd/plans/2022-2024"));
  Do(ToMove(kA1, "2022-09"));
  Do(ToConfirm(kA1, "2022-09-15"));
  EXPECT_EQ(Do(ToRelease(kA1, "2022-09-15")).state(), Commitment::RELEASED);
}

TEST_F(CommitmentLifeTest, AStaleEtagChangesNothing) {
  const Commitment created = AddPromise();
  const std::string other = Do(NewLine("A", 2, kD1, "2022-06")).name();
  const Commitment moved = DoWithEtag(ToMove(kA1, "2022-09"), "\"0\"", created.etag());
  const Commitment confirmed = DoWithEtag(ToConfirm(kA1, "2022-09-15"), created.etag(), moved.etag());
  DoWithEtag(ToRelease(kA1, "2022-09-15"), moved.etag(), confirmed.etag());
  DoWithEtag(ToCancel(other), created.etag(), GetCommitment(other).etag());
}

TEST_F(CommitmentLifeTest, TodayIsThatOfThePublishersTimeZone) {
  absl::Time now;
  std::string error;
  ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, "2022-06-30T16:30:00Z", &now, &error)) << error;
  database_.SetClock(now);
  const std::string in_hong_kong = AddPromise().name();
  almanac::v1::CreatePublisherRequest london;
  london.set_publisher_id("ons");
  (*london.mutable_publisher()->mutable_titles())["en"] = "Office";
  london.mutable_publisher()->set_time_zone("Europe/London");
  Do(london);
  AddDataset("x", "ons");
  const std::string plan = AddPlan("ons").name();
  const std::string in_london = Do(NewLine("A", 1, "publishers/ons/datasets/x", "2022-06", plan)).name();

  // It is half past midnight on 1 July in Hong Kong, and still 30 June in London.
  const grpc::Status hong_kong = Refused(ToRelease(in_hong_kong, "2022-07-02"), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(FieldOf(hong_kong), "release_date");
  EXPECT_THAT(hong_kong.error_message(), HasSubstr("2022-07-01"));
  EXPECT_EQ(FieldOf(Refused(ToRelease(in_london, "2022-07-01"), grpc::StatusCode::INVALID_ARGUMENT)), "release_date");
  const Commitment late = Do(ToRelease(in_hong_kong, ""));
  EXPECT_EQ(late.release_date(), "2022-07-01");
  EXPECT_EQ(Text(late.outcome().against_last_target()), "LATE 1 days 1 months");
  EXPECT_EQ(GetDataset(kD1).release_date(), "2022-07-01");
  const Commitment on_time = Do(ToRelease(in_london, ""));
  EXPECT_EQ(on_time.release_date(), "2022-06-30");
  EXPECT_EQ(Text(on_time.outcome().against_last_target()), "ON_TIME 0 days 0 months");
}

TEST_F(CommitmentLifeTest, WhatIsRecordedLaterKeepsTheDayOnWhichItWasDecided) {
  absl::Time now;
  std::string error;
  ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, "2022-06-30T16:30:00Z", &now, &error)) << error;
  database_.SetClock(now);
  AddPromise();
  const std::string other = AddLine("A", 2, "2022-06").name();
  auto move = ToMove(kA1, "2022-09");
  move.set_reschedule_date("2022-05-31");
  EXPECT_EQ(Do(move).reschedules(0).reschedule_date(), "2022-05-31");
  // Not given, it is today where the publisher is: half past midnight on 1 July.
  EXPECT_EQ(Do(ToMove(kA1, "2022-10")).reschedules(1).reschedule_date(), "2022-07-01");
  auto confirm = ToConfirm(kA1, "2022-10-15");
  confirm.set_confirm_date("2022-06-29");
  EXPECT_EQ(Do(confirm).confirm_date(), "2022-06-29");
  auto cancel = ToCancel(other);
  cancel.set_cancel_date("2022-06-01");
  EXPECT_EQ(Do(cancel).cancellation().cancel_date(), "2022-06-01");
}

TEST_F(CommitmentLifeTest, TheDayOfADecisionIsADayAndNotInTheFuture) {
  absl::Time now;
  std::string error;
  ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, "2022-06-30T16:30:00Z", &now, &error)) << error;
  database_.SetClock(now);
  AddPromise();
  for (const char* day : {"2022-07-02", "2022-06", "yesterday"}) {
    auto move = ToMove(kA1, "2022-09");
    move.set_reschedule_date(day);
    EXPECT_EQ(FieldOf(Refused(move, grpc::StatusCode::INVALID_ARGUMENT)), "reschedule_date") << day;
    auto confirm = ToConfirm(kA1, "2022-06-15");
    confirm.set_confirm_date(day);
    EXPECT_EQ(FieldOf(Refused(confirm, grpc::StatusCode::INVALID_ARGUMENT)), "confirm_date") << day;
    auto cancel = ToCancel(kA1);
    cancel.set_cancel_date(day);
    EXPECT_EQ(FieldOf(Refused(cancel, grpc::StatusCode::INVALID_ARGUMENT)), "cancel_date") << day;
  }
  auto earlier = ToMove(kA1, "2022-10");
  earlier.set_reschedule_date("2022-04-30");
  auto move = ToMove(kA1, "2022-09");
  move.set_reschedule_date("2022-05-01");
  Do(move);
  EXPECT_EQ(FieldOf(Refused(earlier, grpc::StatusCode::INVALID_ARGUMENT)), "reschedule_date");
}

TEST_F(CommitmentLifeTest, AReleaseOnTodaysDateIsNotInTheFuture) {
  absl::Time now;
  std::string error;
  ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, "2022-06-30T16:30:00Z", &now, &error)) << error;
  database_.SetClock(now);
  AddPromise();
  EXPECT_EQ(Do(ToRelease(kA1, "2022-07-01")).release_date(), "2022-07-01");
}

TEST_F(CommitmentLifeTest, OfAReleaseAndACancellationAtOnceOneHappens) {
  AddPromise();
  const int64_t head = HeadRevision();
  constexpr int kWriters = 16;
  std::vector<grpc::Status> statuses(kWriters);
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&, i] { statuses[i] = i % 2 == 0 ? Try(ToRelease(kA1, "2022-06-15")) : Try(ToCancel(kA1)); });
  }
  for (std::thread& writer : writers) writer.join();
  const Commitment after = GetCommitment(kA1);
  const bool released = after.state() == Commitment::RELEASED;
  int winners = 0;
  for (int i = 0; i < kWriters; ++i) {
    if (statuses[i].ok()) {
      ++winners;
      EXPECT_EQ(i % 2 == 0, released);
    } else {
      EXPECT_EQ(ReasonOf(statuses[i]), "ILLEGAL_MOVE");
    }
  }
  EXPECT_EQ(winners, 1);
  EXPECT_NE(after.has_outcome(), after.has_cancellation());
  // A release dates the dataset too.
  EXPECT_EQ(HeadRevision(), head + (released ? 2 : 1));
}

}  // namespace
}  // namespace almanac::testing
