#include "client/next_step.h"

#include <gtest/gtest.h>

#include "client/backoff.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace almanac::client {
namespace {

using grpc::StatusCode;

// As almanacd sends it; no next_step if it is empty.
grpc::Status Refusal(StatusCode code, const std::string& reason, const std::string& next_step = "") {
  google::rpc::ErrorInfo info;
  info.set_domain("almanac");
  info.set_reason(reason);
  if (!next_step.empty()) (*info.mutable_metadata())["next_step"] = next_step;
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(2);
  google::rpc::Status details;
  details.add_details()->PackFrom(retry);
  details.add_details()->PackFrom(info);
  return {code, "why", details.SerializeAsString()};
}

TEST(NextStep, IsWhatTheServerSays) {
  EXPECT_EQ(NextStepOf(Refusal(StatusCode::INTERNAL, "NEW_REASON", "RESUME")), NextStep::kResume);
  EXPECT_EQ(NextStepOf(Refusal(StatusCode::INTERNAL, "NEW_REASON", "WAIT")), NextStep::kWait);
  EXPECT_EQ(NextStepOf(Refusal(StatusCode::INTERNAL, "NEW_REASON", "RELIST")), NextStep::kRelist);
  EXPECT_EQ(NextStepOf(Refusal(StatusCode::INTERNAL, "NEW_REASON", "FIX_REQUEST")), NextStep::kGiveUp);
  EXPECT_EQ(NextStepOf(Refusal(StatusCode::UNAVAILABLE, "STREAM_EXPIRED", "RESUME")), NextStep::kResumeNow);
  EXPECT_EQ(NextStepOf(Refusal(StatusCode::UNAVAILABLE, "SERVER_STOPPING", "RESUME")), NextStep::kResume);
}

TEST(NextStep, FollowsFromTheReasonWhereTheServerSaysNone) {
  EXPECT_EQ(NextStepOf(Refusal(StatusCode::UNAVAILABLE, "STREAM_EXPIRED")), NextStep::kResumeNow);
  EXPECT_EQ(NextStepOf(Refusal(StatusCode::UNAVAILABLE, "SERVER_STOPPING")), NextStep::kResume);
  EXPECT_EQ(NextStepOf(Refusal(StatusCode::RESOURCE_EXHAUSTED, "WATCHER_TOO_SLOW")), NextStep::kResume);
  EXPECT_EQ(NextStepOf(Refusal(StatusCode::RESOURCE_EXHAUSTED, "TOO_MANY_WATCHERS")), NextStep::kWait);
  EXPECT_EQ(NextStepOf(Refusal(StatusCode::OUT_OF_RANGE, "REVISION_IN_FUTURE")), NextStep::kRelist);
  EXPECT_EQ(NextStepOf(Refusal(StatusCode::OUT_OF_RANGE, "REVISION_COMPACTED")), NextStep::kRelist);
  EXPECT_EQ(NextStepOf(Refusal(StatusCode::FAILED_PRECONDITION, "EPOCH_CHANGED")), NextStep::kRelist);
  // A step of a later version.
  EXPECT_EQ(NextStepOf(Refusal(StatusCode::OUT_OF_RANGE, "REVISION_COMPACTED", "ASK_AGAIN")), NextStep::kRelist);
}

TEST(NextStep, FollowsFromTheCodeWhereThereAreNoDetails) {
  EXPECT_EQ(NextStepOf(grpc::Status::OK), NextStep::kResumeNow);
  for (const StatusCode code :
       {StatusCode::UNAVAILABLE, StatusCode::RESOURCE_EXHAUSTED, StatusCode::INTERNAL, StatusCode::CANCELLED,
        StatusCode::DEADLINE_EXCEEDED, StatusCode::UNKNOWN, StatusCode::ABORTED}) {
    EXPECT_EQ(NextStepOf({code, "why"}), NextStep::kResume) << code;
    EXPECT_EQ(NextStepOf({code, "why", "these are no details"}), NextStep::kResume) << code;
  }
  for (const StatusCode code :
       {StatusCode::INVALID_ARGUMENT, StatusCode::UNAUTHENTICATED, StatusCode::PERMISSION_DENIED,
        StatusCode::UNIMPLEMENTED, StatusCode::NOT_FOUND, StatusCode::FAILED_PRECONDITION, StatusCode::OUT_OF_RANGE}) {
    EXPECT_EQ(NextStepOf({code, "why"}), NextStep::kGiveUp) << code;
  }
}

TEST(NextStep, ComesWithThePauseThatTheServerAsksFor) {
  EXPECT_EQ(RetryDelayOf(Refusal(StatusCode::UNAVAILABLE, "DATABASE_UNAVAILABLE")), absl::Seconds(2));
  EXPECT_EQ(RetryDelayOf({StatusCode::UNAVAILABLE, "why"}), absl::ZeroDuration());
  EXPECT_EQ(ReasonOf(Refusal(StatusCode::UNAVAILABLE, "SERVER_STOPPING")), "SERVER_STOPPING");
  EXPECT_EQ(ReasonOf(grpc::Status(StatusCode::UNAVAILABLE, "why")), "");
}

TEST(Backoff, DoublesUpToTheLongestPauseWithJitter) {
  Backoff backoff(absl::Milliseconds(100), absl::Milliseconds(350));
  for (int round = 0; round < 2; ++round) {
    for (const int due : {100, 200, 350, 350}) {
      const absl::Duration pause = backoff.Next();
      EXPECT_GE(pause, absl::Milliseconds(due) * 0.75);
      EXPECT_LE(pause, absl::Milliseconds(due) * 1.25);
    }
    backoff.Reset();
  }
  Backoff one(absl::Seconds(1), absl::Seconds(1));
  Backoff other(absl::Seconds(1), absl::Seconds(1));
  const auto four = [](Backoff& b) { return std::vector<absl::Duration>{b.Next(), b.Next(), b.Next(), b.Next()}; };
  EXPECT_NE(four(one), four(other));
}

}  // namespace
}  // namespace almanac::client
