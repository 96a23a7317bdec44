#include "tests/fault/checker.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include <functional>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "tests/fault/story.h"

// Each kind of wrong history is caught, by the check that is for it and by no other.
namespace almanac::fault {
namespace {

constexpr auto kChange = StreamMessage::CHANGE;
constexpr auto kBookmark = StreamMessage::BOOKMARK;
constexpr auto kRow = StreamMessage::SNAPSHOT_ROW;
constexpr auto kSnapshotEnd = StreamMessage::SNAPSHOT_END;
constexpr char kA[] = "publishers/p/datasets/a";

TEST(CheckerTest, ARightHistoryHasNoViolations) {
  const Report report = Story::Right().Check();
  EXPECT_EQ(report.violations, 0) << ToText(report);
  EXPECT_TRUE(report.complete);
  EXPECT_EQ(report.changes, 7);
  EXPECT_EQ(report.writes, 12);
  EXPECT_EQ(report.acknowledged, 7);
  EXPECT_EQ(report.validated, 1);
  EXPECT_EQ(report.refused, 2);
  EXPECT_EQ(report.in_doubt, 2);
  EXPECT_EQ(report.made, 1);
  EXPECT_EQ(report.not_made, 1);
  EXPECT_EQ(report.streams, 9);
  EXPECT_EQ(report.resumes, 1);
  EXPECT_EQ(report.snapshots, 1);
}

TEST(CheckerTest, AHistoryThatBreaksOffIsToldApart) {
  Story story = Story::Right();
  story.Remove("final");
  const Report report = story.Check();
  EXPECT_FALSE(report.complete);
  EXPECT_THAT(ToText(report), ::testing::HasSubstr("breaks off"));
}

// What is wrong is told with the events that show it.
TEST(CheckerTest, AViolationShowsItsEvents) {
  Story story = Story::Right();
  story.Remove("stream 2 CHANGE 3");
  const Report report = story.Check();
  ASSERT_EQ(report.first_violations.size(), 1);
  const Violation& violation = report.first_violations[0];
  EXPECT_THAT(violation.what, ::testing::HasSubstr("stream 2"));
  EXPECT_THAT(violation.events, ::testing::ElementsAre(::testing::HasSubstr("stream_start"),
                                                       ::testing::HasSubstr("kind: BOOKMARK revision: 4"),
                                                       ::testing::HasSubstr("log_entry { revision: 3")));
}

struct Wrong {
  std::string name;
  Promise promise;
  std::string says;  // part of what the first violation says
  std::function<void(Story&)> spoil;
};

void PrintTo(const Wrong& wrong, std::ostream* out) { *out << wrong.name; }

class WrongHistoryTest : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongHistoryTest, IsCaught) {
  Story story = Story::Right();
  GetParam().spoil(story);
  const Report report = story.Check();
  EXPECT_GT(report.violations, 0);
  EXPECT_EQ(report.violations_by_promise[static_cast<size_t>(GetParam().promise)], report.violations) << ToText(report);
  ASSERT_FALSE(report.first_violations.empty());
  EXPECT_THAT(report.first_violations[0].what, ::testing::HasSubstr(GetParam().says));
}

void SetRow(Row* row, int64_t revision) {
  row->set_revision(revision);
  row->set_fingerprint(static_cast<uint64_t>(1000 + revision));
}

// Makes the write that is in doubt one of which there must be no trace.
void Refuse(Story& story) {
  story.write("w6").set_outcome(Write::REFUSED);
  story.write("w6").mutable_failure()->set_reason("TOO_BUSY");
  story.Remove("kept r6");
}

// One more write of a, as revision 8, after all the rest.
Write& AddUpdate(Story& story, const std::string& actor, const std::string& request_id, int64_t revision) {
  story.stream(1).set_to_the_end(false);
  story.SetHead(revision);
  return story.AddMade(actor, request_id, {kA}, v1::Change::UPDATED);
}

std::vector<Wrong> WrongLogs() {
  return {
      {"ARevisionIsMissing", Promise::kDense, "revision 7 follows revision 5", [](Story& s) { s.Remove("change 6"); }},
      {"ARevisionIsThereTwice", Promise::kDense, "revision 4 follows revision 4",
       [](Story& s) { s.change(5).set_revision(4); }},
      {"TheLogEndsBeforeTheHead", Promise::kDense, "the head is revision 8", [](Story& s) { s.SetHead(8); }},
      {"AWriteBreaksOff", Promise::kDense, "within a write", [](Story& s) { s.change(7).set_last_of_write(false); }},
      {"TwoWritesAreMixed", Promise::kDense, "breaks off at revision 5",
       [](Story& s) { s.change(5).set_last_of_write(false); }},
      {"TimeGoesBack", Promise::kDense, "revision 5 is earlier",
       [](Story& s) { s.change(5).set_change_time_micros(2); }},
      {"AnAcknowledgedWriteIsMissing", Promise::kDurable, "(request id r20) was acknowledged and is not in the log",
       [](Story& s) {
         s.AddWrite("w20", "r20", Write::OK).set_min_changes(1);
         s.AddKept("r20");
       }},
      {"AnAcknowledgedWriteWithoutAnIdIsMissing", Promise::kDurable, "by w20 was acknowledged",
       [](Story& s) { s.AddWrite("w20", "", Write::OK).set_min_changes(1); }},
      {"AnImportLostAChange", Promise::kDurable, "made 2 changes",
       [](Story& s) {
         s.write("w3").set_min_changes(3);
         s.write("w3").set_max_changes(3);
       }},
      {"AWriteMadeMoreThanItSaid", Promise::kDurable, "made 2 changes",
       [](Story& s) {
         s.write("w3").set_min_changes(1);
         s.write("w3").set_max_changes(1);
       }},
      {"TheLastRevisionIsAnother", Promise::kDurable, "as its last, which is 4",
       [](Story& s) { s.write("w3").set_last_revision(3); }},
      {"TheAnswerIsAnotherResource", Promise::kDurable, "another resource than revision 2 made",
       [](Story& s) { s.write("w2").mutable_rows(0)->set_fingerprint(7); }},
      {"TheAnswerHasAnotherRevision", Promise::kDurable, "but made 2 to 2",
       [](Story& s) { s.write("w2").mutable_rows(0)->set_revision(1); }},
      {"AnIdleWriteIsAnsweredWithWhatNeverWas", Promise::kDurable, "which the log does not have",
       [](Story& s) { s.write("w12").mutable_rows(0)->set_fingerprint(7); }},
      {"AWriteWithoutAnIdIsMadeTwice", Promise::kDurable, "it was made already, as revision 8",
       [](Story& s) {
         AddUpdate(s, "w20", "", 8).clear_rows();
         AddUpdate(s, "w21", "", 9).clear_rows();
         s.change(9).set_actor("w20");
         s.write("w20").set_outcome(Write::IN_DOUBT);
         s.write("w21").set_outcome(Write::IN_DOUBT);
       }},
  };
}

std::vector<Wrong> WrongTraces() {
  return {
      {"ARefusedWriteIsPresent", Promise::kNoTrace, "revision 7, by w6: it was refused", Refuse},
      {"AValidatedWriteIsPresent", Promise::kNoTrace, "revision 7, by w6: it was only to be validated",
       [](Story& s) {
         s.write("w6").set_validate_only(true);
         s.Remove("kept r6");
       }},
      {"AValidatedWriteGetsARevision", Promise::kNoTrace, "was only validated, but got a revision",
       [](Story& s) { s.write("w8").mutable_rows(0)->set_revision(7); }},
      {"NobodySentAChange", Promise::kNoTrace, "nobody sent this write",
       [](Story& s) {
         Refuse(s);
         s.change(7).set_actor("nobody");
       }},
      {"ARefusedIdKeepsAnAnswer", Promise::kNoTrace, "the request id r7 has an answer",
       [](Story& s) { s.AddKept("r7"); }},
      {"AChangeBeginsElsewhere", Promise::kReplay, "from something else than revision 2 left",
       [](Story& s) { s.change(5).set_before(7); }},
      {"AResourceIsCreatedTwice", Promise::kReplay, "revision 5 creates a second time",
       [](Story& s) { s.change(5).set_type(v1::Change::CREATED); }},
      {"AResourceIsNeverCreated", Promise::kReplay, "revision 2 is the first of",
       [](Story& s) { s.change(2).set_type(v1::Change::UPDATED); }},
      {"TheTablesLackAResource", Promise::kReplay, "misses publishers/p/datasets/b",
       [](Story& s) { s.read("final list").mutable_rows()->DeleteSubrange(1, 1); }},
      {"TheTablesHaveWhatTheLogDoesNot", Promise::kReplay, "that the log does not have",
       [](Story& s) { s.read("final list").mutable_rows(2)->set_fingerprint(7); }},
      {"TheTablesHaveAnOldRow", Promise::kReplay, "returned revision 2 of publishers/p/datasets/a",
       [](Story& s) { SetRow(s.read("final list").mutable_rows(0), 2); }},
  };
}

std::vector<Wrong> WrongOrders() {
  return {
      {"TwoWritesAreSwapped", Promise::kLinearizable, "revision 8 was known",
       [](Story& s) {
         SetRow(AddUpdate(s, "w20", "r20", 8).mutable_rows(0), 9);
         SetRow(AddUpdate(s, "w21", "r21", 9).mutable_rows(0), 8);
         for (const char* id : {"r20", "r21"}) s.AddKept(id);
         s.change(8).set_actor("w21");
         s.change(8).set_request_id("r21");
         s.change(9).set_actor("w20");
         s.change(9).set_request_id("r20");
       }},
      {"AStaleEtagIsTaken", Promise::kLinearizable, "carried the etag of revision 1",
       [](Story& s) { s.write("w4").set_etag_revision(1); }},
      {"AStaleEtagIsTakenByAWriteInDoubt", Promise::kLinearizable, "carried the etag of revision 3",
       [](Story& s) { s.write("w6").set_etag_revision(3), s.write("w6").set_resource("publishers/p/datasets/c"); }},
      {"AStaleEtagIsTakenByAnIdleWrite", Promise::kLinearizable, "carried the etag of revision 2",
       [](Story& s) { s.write("w12").set_etag_revision(2); }},
      {"AWatcherKnowsAWriteBeforeItIsSent", Promise::kLinearizable, "revision 7 was known",
       [](Story& s) { s.message(1, kChange, 7).set_time(s.write("w6").start() - 1); }},
      {"AStrongReadIsStale", Promise::kLinearizable, "returned revision 2, but 5 was there already",
       [](Story& s) { SetRow(s.read("get").mutable_rows(0), 2); }},
      {"AStrongReadFindsNothing", Promise::kLinearizable, "found nothing, but revision 2 had created it",
       [](Story& s) { s.read("missing").set_target(kA); }},
      {"AStrongListMissesARow", Promise::kLinearizable, "misses publishers/p/datasets/c",
       [](Story& s) { s.read("list").mutable_rows()->RemoveLast(); }},
      {"AListShowsADeletedRow", Promise::kLinearizable, "which does not belong to it",
       [](Story& s) { SetRow(s.read("list").add_rows(), 6); }},
      {"AListIsOfTwoStates", Promise::kLinearizable, "returned revision 6 of publishers/p/datasets/b",
       [](Story& s) {
         // a before revision 5, b after revision 6.
         Read& read = s.read("list");
         read.set_show_deleted(true);
         read.set_start(0);
         SetRow(read.mutable_rows(0), 2);
         SetRow(read.mutable_rows(1), 6);
       }},
      {"AListHasARowTwice", Promise::kLinearizable, "twice", [](Story& s) { SetRow(s.read("list").add_rows(), 7); }},
      {"ListedChangesLackTheLast", Promise::kLinearizable, "misses revision 6",
       [](Story& s) { s.read("changes").mutable_rows()->RemoveLast(); }},
      {"ListedChangesLackTheFirst", Promise::kLinearizable, "returned revision 6 where the log has revision 3",
       [](Story& s) { s.read("changes").mutable_rows()->DeleteSubrange(0, 1); }},
      {"ListedChangesAreOthers", Promise::kLinearizable, "another revision 6",
       [](Story& s) { s.read("changes").mutable_rows(1)->set_fingerprint(7); }},
      {"ListedChangesDoNotPass", Promise::kLinearizable, "returned revision 4 where the log has revision 6",
       [](Story& s) { s.read("changes").mutable_rows(1)->set_revision(4); }},
      {"TheHeadIsStale", Promise::kLinearizable, "returned the head 6",
       [](Story& s) { s.read("status").set_head_revision(6); }},
      {"AReadIsLessFreshThanAskedFor", Promise::kFresh, "returned revision 2, but 5 was there already",
       [](Story& s) { s.read("fresh").set_at_least_revision(5); }},
      {"AReadIsFresherThanCanBe", Promise::kFresh, "which cannot have been there",
       [](Story& s) { s.read("fresh").set_at_least_revision(8); }},
      {"APastListHasALaterRow", Promise::kFresh, "returned revision 5 of publishers/p/datasets/a",
       [](Story& s) { SetRow(s.read("past").mutable_rows(0), 5); }},
      {"APastListLacksWhatWasDeletedLater", Promise::kFresh, "misses publishers/p/datasets/b",
       [](Story& s) { s.read("past").mutable_rows()->DeleteSubrange(1, 1); }},
  };
}

std::vector<Wrong> WrongResults() {
  return {
      {"ASecondResult", Promise::kOneResult, "got another answer than before",
       [](Story& s) { s.write("w10").set_answer(7); }},
      {"OneIdIsMadeTwice", Promise::kOneResult, "the request id r20 was made already, as revision 8",
       [](Story& s) {
         for (const int64_t revision : {8, 9}) {
           Write& write = AddUpdate(s, "w" + std::to_string(12 + revision), "r20", revision);
           write.set_outcome(Write::IN_DOUBT);
         }
         s.AddKept("r20");
       }},
      {"AnotherPayloadIsAnswered", Promise::kOneResult, "was used with another payload",
       [](Story& s) { s.write("w10").set_payload(98); }},
      {"ARetryIsRefusedThoughItWasAnswered", Promise::kOneResult, "though it had been made",
       [](Story& s) {
         s.write("w10").set_outcome(Write::REFUSED);
         s.write("w10").mutable_failure()->set_code(grpc::StatusCode::NOT_FOUND);
         s.write("w10").mutable_failure()->set_reason("RESOURCE_NOT_FOUND");
       }},
      {"ARetryIsRefusedThoughItWasMade", Promise::kOneResult, "though it had been made",
       [](Story& s) {
         s.write("w4").set_outcome(Write::IN_DOUBT);
         s.write("w10").set_outcome(Write::REFUSED);
         s.write("w10").mutable_failure()->set_code(grpc::StatusCode::ABORTED);
         s.write("w10").mutable_failure()->set_reason("PLAN_PUBLISHED");
       }},
      {"EveryAnswerIsForgotten", Promise::kOneResult, "was forgotten",
       [](Story& s) {
         for (const char* id : {"r1", "r2", "r3", "r4", "r6", "r12"}) s.Remove(absl::StrCat("kept ", id));
       }},
      {"AnIdIsRefusedThatWasNeverUsed", Promise::kOneResult, "was never used before",
       [](Story& s) { s.write("w11").set_request_id("r20"); }},
      {"AnAnswerIsForgotten", Promise::kOneResult, "the answer to the request id r2 was forgotten",
       [](Story& s) { s.Remove("kept r2"); }},
      {"AChangeHasAnotherIdThanItWasSentWith", Promise::kOneResult, "was sent with r6",
       [](Story& s) {
         s.change(7).set_request_id("other");
         s.Remove("kept r6");
       }},
  };
}

std::vector<Wrong> WrongStreams() {
  return {
      {"AChangeIsLost", Promise::kWatch, "revision 5 after revision 3, but revision 4 was not sent",
       [](Story& s) { s.Remove("stream 1 CHANGE 4"); }},
      {"AChangeComesTwice", Promise::kWatch, "twice, or out of order",
       [](Story& s) { s.message(1, kChange, 5).set_revision(4), s.message(1, kChange, 5).set_fingerprint(2004); }},
      {"AChangeIsAnother", Promise::kWatch, "another revision 5",
       [](Story& s) { s.message(1, kChange, 5).set_fingerprint(7); }},
      {"AChangeDoesNotPass", Promise::kWatch, "revision 7 does not pass",
       [](Story& s) {
         s.message(2, kChange, 6).set_fingerprint(2007);
         s.message(2, kChange, 6).set_revision(7);
       }},
      {"AChangeNeverWas", Promise::kWatch, "revision 8, which the log does not have",
       [](Story& s) { s.message(1, kChange, 7).set_revision(8); }},
      {"AWriteEndsUnseen", Promise::kWatch, "revision 6 of the next write",
       [](Story& s) { s.Remove("stream 2 BOOKMARK 4"); }},
      {"AWriteEndsUnseenAfterAResume", Promise::kWatch, "revision 6 of the next write",
       [](Story& s) {
         s.stream(2).set_position(3);
         s.message(2, kBookmark, 2).set_revision(3);
         s.Remove("stream 2 CHANGE 3");
         s.Remove("stream 2 BOOKMARK 4");
       }},
      {"AGapAtResume", Promise::kResume, "revision 6 after revision 2, but revision 3 was not sent",
       [](Story& s) {
         s.Remove("stream 2 CHANGE 3");
         s.Remove("stream 2 BOOKMARK 4");
       }},
      {"ARepetitionAtResume", Promise::kWatch, "revision 3 after revision 4: twice",
       [](Story& s) {
         s.stream(2).set_position(4);
         s.message(2, kBookmark, 2).set_revision(4);
       }},
      {"ALastReaderDoesNotReachTheHead", Promise::kResume, "no stream on replica 0",
       [](Story& s) {
         s.Remove("stream 1 CHANGE 7");
         s.Remove("stream 1 BOOKMARK 7");
       }},
      {"ABookmarkIsTooEarly", Promise::kBookmark, "bookmark 7, but revision 7 was not sent",
       [](Story& s) { s.Remove("stream 1 CHANGE 7"); }},
      {"ABookmarkHidesAFilteredChange", Promise::kBookmark, "bookmark 4, but revision 3 was not sent",
       [](Story& s) { s.Remove("stream 2 CHANGE 3"); }},
      {"ABookmarkGoesBack", Promise::kBookmark, "bookmark 6 after revision 7 goes back",
       [](Story& s) { s.message(1, kBookmark, 7).set_revision(6); }},
      {"ABookmarkIsOfTheFuture", Promise::kBookmark, "bookmark 8, which the log does not have",
       [](Story& s) { s.message(1, kBookmark, 7).set_revision(8); }},
      {"AStreamBeginsWithoutABookmark", Promise::kBookmark, "it does not begin with a bookmark",
       [](Story& s) { s.Remove("stream 1 BOOKMARK 0"); }},
  };
}

std::vector<Wrong> WrongSnapshots() {
  return {
      {"ARowIsMissing", Promise::kSnapshot, "has 2 resources of 3",
       [](Story& s) { s.Remove("stream 3 SNAPSHOT_ROW 3"); }},
      {"ARowIsAPhantom", Promise::kSnapshot, "a resource of revision 4 that never was so",
       [](Story& s) { s.message(3, kRow, 4).set_fingerprint(7); }},
      {"ARowIsTooOld", Promise::kSnapshot, "publishers/p/datasets/a of revision 2 in a snapshot of revision 5",
       [](Story& s) {
         s.message(3, kRow, 5).set_fingerprint(1002);
         s.message(3, kRow, 5).set_revision(2);
       }},
      {"ARowIsTooNew", Promise::kSnapshot, "of revision 6 in a snapshot of revision 5",
       [](Story& s) {
         s.message(3, kRow, 3).set_fingerprint(1006);
         s.message(3, kRow, 3).set_revision(6);
       }},
      {"ARowIsThereTwice", Promise::kSnapshot, "publishers/p/datasets/c twice",
       [](Story& s) {
         s.message(3, kRow, 3).set_fingerprint(1004);
         s.message(3, kRow, 3).set_revision(4);
       }},
      {"ARowDoesNotPass", Promise::kSnapshot, "publishers/p does not pass the filter",
       [](Story& s) {
         s.message(3, kRow, 3).set_fingerprint(1001);
         s.message(3, kRow, 3).set_revision(1);
       }},
      {"AGapAfterTheEnd", Promise::kSnapshot, "revision 7 after revision 5, but revision 6 was not sent",
       [](Story& s) { s.Remove("stream 3 CHANGE 6"); }},
      {"AnOverlapAfterTheEnd", Promise::kSnapshot, "revision 5 after revision 5: twice",
       [](Story& s) {
         s.message(3, kChange, 6).set_fingerprint(2005);
         s.message(3, kChange, 6).set_revision(5);
       }},
      {"TheEndIsLate", Promise::kSnapshot, "revision 6 before the snapshot's end",
       [](Story& s) { s.Remove("stream 3 SNAPSHOT_END 5"); }},
      {"ARowAfterTheEnd", Promise::kSnapshot, "a resource outside of a snapshot",
       [](Story& s) { s.message(3, kChange, 6).set_kind(kRow); }},
      {"AnEndThatNeverWas", Promise::kSnapshot, "it ends at revision 8",
       [](Story& s) { s.message(3, kSnapshotEnd, 5).set_revision(8); }},
  };
}

std::vector<Wrong> WrongErrors() {
  const auto metadata = [](Story& s, int stream, const std::string& key, const std::string& value) {
    (*s.failure(stream).mutable_metadata())[key] = value;
  };
  return {
      {"TheCompactedRevisionIsStillThere", Promise::kErrors, "the log reaches back to revision 4",
       [=](Story& s) { metadata(s, 8, "oldest_revision", "4"); }},
      {"TheOldestIsLeftOut", Promise::kErrors, "without the oldest revision",
       [](Story& s) { s.failure(8).mutable_metadata()->erase("oldest_revision"); }},
      {"TheOldestIsTooLate", Promise::kErrors, "the log reached back further",
       [=](Story& s) { metadata(s, 8, "oldest_revision", "6"); }},
      {"CompactedHasAnotherCode", Promise::kErrors, "not with the code OUT_OF_RANGE",
       [](Story& s) { s.failure(8).set_code(grpc::StatusCode::INTERNAL); }},
      {"CompactedSaysToResume", Promise::kErrors, "next_step RESUME",
       [=](Story& s) {
         metadata(s, 8, "next_step", "RESUME");
         metadata(s, 8, "resume_token", "token");
       }},
      {"ACompactedRevisionIsBegun", Promise::kErrors, "the log reached back to revision 5",
       [](Story& s) {
         s.AddStream(20, StreamStart::REVISION, 3);
         s.AddMessage(20, kBookmark, 3);
       }},
      {"ACompactedRevisionIsListed", Promise::kErrors, "which was no longer in the log",
       [](Story& s) { s.AddRead("late", Read::CHANGES, "").set_first_revision(3); }},
      {"TheFutureIsThere", Promise::kErrors, "the head was 8", [=](Story& s) { metadata(s, 5, "head_revision", "8"); }},
      {"TheHeadIsStale", Promise::kErrors, "the head was not 6",
       [=](Story& s) { metadata(s, 5, "head_revision", "6"); }},
      {"TheHeadIsLeftOut", Promise::kErrors, "without the head",
       [](Story& s) { s.failure(5).mutable_metadata()->erase("head_revision"); }},
      {"TheFutureIsBegun", Promise::kErrors, "a revision that cannot have been there",
       [](Story& s) {
         s.AddStream(20, StreamStart::REVISION, 8);
         s.AddMessage(20, kBookmark, 8).set_revision(8);
       }},
      {"TheFutureIsRead", Promise::kErrors, "was answered about revision 9",
       [](Story& s) { s.read("future").clear_failure(); }},
      {"ATokenOfAnotherEpochIsTaken", Promise::kErrors, "its token was taken",
       [](Story& s) {
         s.AddStream(20, StreamStart::OTHER_EPOCH_TOKEN, 6);
         s.AddMessage(20, kBookmark, 6);
       }},
      {"ATokenOfAnotherEpochIsCalledMalformed", Promise::kErrors, "ended with INVALID_FIELD",
       [](Story& s) {
         s.failure(6).set_code(grpc::StatusCode::INVALID_ARGUMENT);
         s.failure(6).set_reason("INVALID_FIELD");
       }},
      {"ATokenOfAnotherFilterIsNotNamed", Promise::kErrors, "ended with INVALID_FIELD",
       [](Story& s) { s.failure(7).clear_field(); }},
      {"AnErrorDoesNotSayWhatNext", Promise::kErrors, "without saying what to do next",
       [](Story& s) { s.failure(2).mutable_metadata()->erase("next_step"); }},
      {"AnErrorHasNoToken", Promise::kErrors, "without a token",
       [](Story& s) { s.failure(2).mutable_metadata()->erase("resume_token"); }},
      {"AStreamEndsForNoReason", Promise::kErrors, "ended with EPOCH_CHANGED, for no reason",
       [=](Story& s) {
         s.failure(2).set_reason("EPOCH_CHANGED");
         metadata(s, 2, "next_step", "RELIST");
         s.failure(2).mutable_metadata()->erase("resume_token");
       }},
      {"AnEtagIsRefusedThatWasNotThere", Promise::kErrors, "it carried no etag",
       [](Story& s) { s.write("w7").clear_etag_revision(); }},
      {"AnEtagIsRefusedThatIsCurrent", Promise::kErrors, "is the one that it carried",
       [](Story& s) { s.write("w7").set_etag_revision(5); }},
      {"AnEtagIsStale", Promise::kErrors, "the etag in its details, of revision 2, was stale",
       [](Story& s) { (*s.write("w7").mutable_failure()->mutable_metadata())["etag"] = "\"2\""; }},
      {"AnEtagIsAnothers", Promise::kErrors, "is none of the resource",
       [](Story& s) { (*s.write("w7").mutable_failure()->mutable_metadata())["etag"] = "\"7\""; }},
      {"NothingExistsAlready", Promise::kErrors, "there was none",
       [](Story& s) {
         s.write("w7").set_resource("publishers/p/datasets/none");
         s.write("w7").mutable_failure()->set_reason("RESOURCE_ALREADY_EXISTS");
       }},
      {"AWriteFailsInside", Promise::kErrors, "a fault of the server",
       [](Story& s) { s.write("w7").mutable_failure()->set_reason("INTERNAL"); }},
      {"AReadFailsInside", Promise::kErrors, "failed with INTERNAL",
       [](Story& s) { s.read("missing").mutable_failure()->set_reason("INTERNAL"); }},
      {"ARevisionWasReached", Promise::kErrors, "the server being at 4",
       [](Story& s) {
         s.read("fresh").clear_rows();
         s.read("fresh").mutable_failure()->set_reason("REVISION_NOT_REACHED");
         (*s.read("fresh").mutable_failure()->mutable_metadata())["revision"] = "4";
       }},
  };
}

std::string NameOfCase(const ::testing::TestParamInfo<Wrong>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Log, WrongHistoryTest, ::testing::ValuesIn(WrongLogs()), NameOfCase);
INSTANTIATE_TEST_SUITE_P(Trace, WrongHistoryTest, ::testing::ValuesIn(WrongTraces()), NameOfCase);
INSTANTIATE_TEST_SUITE_P(Order, WrongHistoryTest, ::testing::ValuesIn(WrongOrders()), NameOfCase);
INSTANTIATE_TEST_SUITE_P(Result, WrongHistoryTest, ::testing::ValuesIn(WrongResults()), NameOfCase);
INSTANTIATE_TEST_SUITE_P(Stream, WrongHistoryTest, ::testing::ValuesIn(WrongStreams()), NameOfCase);
INSTANTIATE_TEST_SUITE_P(Snapshot, WrongHistoryTest, ::testing::ValuesIn(WrongSnapshots()), NameOfCase);
INSTANTIATE_TEST_SUITE_P(Error, WrongHistoryTest, ::testing::ValuesIn(WrongErrors()), NameOfCase);

}  // namespace
}  // namespace almanac::fault
