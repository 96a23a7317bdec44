#include "client/errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace almanac::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

template <typename... Details>
grpc::Status WithDetails(grpc::StatusCode code, const std::string& message, const Details&... details) {
  google::rpc::Status status;
  status.set_code(code);
  status.set_message(message);
  (status.add_details()->PackFrom(details), ...);
  return grpc::Status(code, message, status.SerializeAsString());
}

int ExitCodeFor(grpc::StatusCode code) { return ExitCodeOf(FromGrpc(grpc::Status(code, "x"), "host:1")); }

TEST(ExitCode, IsThePublishedOne) {
  EXPECT_EQ(ExitCodeOf(absl::OkStatus()), 0);
  EXPECT_EQ(ExitCodeFor(grpc::StatusCode::INVALID_ARGUMENT), 1);
  EXPECT_EQ(ExitCodeFor(grpc::StatusCode::ALREADY_EXISTS), 1);
  EXPECT_EQ(ExitCodeFor(grpc::StatusCode::FAILED_PRECONDITION), 1);
  EXPECT_EQ(ExitCodeFor(grpc::StatusCode::PERMISSION_DENIED), 1);
  EXPECT_EQ(ExitCodeFor(grpc::StatusCode::INTERNAL), 1);
  EXPECT_EQ(ExitCodeOf(UsageError("x")), 2);
  EXPECT_EQ(ExitCodeFor(grpc::StatusCode::NOT_FOUND), 3);
  EXPECT_EQ(ExitCodeFor(grpc::StatusCode::ABORTED), 4);
  EXPECT_EQ(ExitCodeFor(grpc::StatusCode::UNAVAILABLE), 5);
  EXPECT_EQ(ExitCodeFor(grpc::StatusCode::DEADLINE_EXCEEDED), 5);
  EXPECT_EQ(ExitCodeOf(InterruptedError("x")), 130);
  EXPECT_EQ(ExitCodeFor(grpc::StatusCode::CANCELLED), 1) << "only the user interrupts";
}

TEST(FromGrpc, NamesTheAddressAndTheRemedyWhereThereIsNoServer) {
  const std::string text = Explain(FromGrpc(grpc::Status(grpc::StatusCode::UNAVAILABLE, "refused"), "host:7461"));
  EXPECT_THAT(text, HasSubstr("no connection to host:7461: refused"));
  EXPECT_THAT(text, HasSubstr("start almanacd"));
  EXPECT_THAT(text, HasSubstr("--server"));
}

TEST(Explain, LetsNoTextSteerTheTerminal) {
  EXPECT_EQ(Explain(absl::InvalidArgumentError("line 3: \x1B[2Jno plan\n  correct\tit")),
            "line 3: \uFFFD[2Jno plan\n  correct it");
}

TEST(PlainCause, LeavesOutWhatTellsNothing) {
  EXPECT_EQ(
      PlainCause("failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:1: Failed to connect to "
                 "remote host: Connection refused"),
      "Connection refused");
  EXPECT_EQ(PlainCause("failed to connect to all addresses; last error: UNKNOWN: handshake failed"),
            "UNKNOWN: handshake failed");
  EXPECT_EQ(PlainCause("Socket closed"), "Socket closed");
}

TEST(FromGrpc, KeepsWhatAServerSaysOfItself) {
  google::rpc::ErrorInfo info;
  info.set_reason("DATABASE_UNAVAILABLE");
  const std::string text =
      Explain(FromGrpc(WithDetails(grpc::StatusCode::UNAVAILABLE, "the database is away", info), "host:7461"));
  EXPECT_THAT(text, HasSubstr("the database is away [DATABASE_UNAVAILABLE]"));
  EXPECT_THAT(text, Not(HasSubstr("start almanacd")));
}

TEST(Explain, ListsEveryFieldViolation) {
  google::rpc::BadRequest bad;
  auto* first = bad.add_field_violations();
  first->set_field("publisher.titles");
  first->set_description("at least one title is required");
  auto* second = bad.add_field_violations();
  second->set_field("publisher.time_zone");
  second->set_description("\"Mars\" is no IANA time zone");
  const std::string text =
      Explain(FromGrpc(WithDetails(grpc::StatusCode::INVALID_ARGUMENT, "2 fields are wrong", bad), "h:1"));
  EXPECT_EQ(text,
            "2 fields are wrong\n  publisher.titles: at least one title is required\n"
            "  publisher.time_zone: \"Mars\" is no IANA time zone");
}

TEST(Explain, TellsAViolationOnce) {
  google::rpc::BadRequest bad;
  auto* violation = bad.add_field_violations();
  violation->set_field("publisher.titles");
  violation->set_description("is required");
  google::rpc::ErrorInfo info;
  info.set_reason("INVALID_FIELD");
  const absl::Status status =
      FromGrpc(WithDetails(grpc::StatusCode::INVALID_ARGUMENT, "publisher.titles: is required", info, bad), "h:1");
  EXPECT_EQ(Explain(status), "publisher.titles: is required [INVALID_FIELD]");
  EXPECT_EQ(ReasonOf(status), "INVALID_FIELD");
}

TEST(RenameFields, PutsLinesInPlaceOfFields) {
  google::rpc::BadRequest bad;
  auto* violation = bad.add_field_violations();
  violation->set_field("document.commitments[0].title");
  violation->set_description("is required");
  const absl::Status status = FromGrpc(
      WithDetails(grpc::StatusCode::INVALID_ARGUMENT, "document.commitments[0].title: is required", bad), "h:1");
  const absl::Status renamed =
      RenameFields(status, [](const std::string&) { return std::string("plan.txt:12: title"); });
  EXPECT_EQ(Explain(renamed), "plan.txt:12: title: is required");
}

TEST(AddLine, KeepsCodeAndDetails) {
  const absl::Status status = AddLine(UsageError("wrong"), "do this");
  EXPECT_EQ(ExitCodeOf(status), kUsage);
  EXPECT_EQ(Explain(status), "wrong\n  do this");
}

}  // namespace
}  // namespace almanac::client
