#include <gmock/gmock.h>
#include <google/protobuf/util/time_util.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/integration/catalogue_fixture.h"

// What a request id and validate_only promise, for every method that writes.
namespace almanac::testing {
namespace {

using almanac::v1::Commitment;
using almanac::v1::CreateDatasetRequest;
using almanac::v1::CreatePublisherRequest;
using almanac::v1::Dataset;
using almanac::v1::DeleteCommitmentRequest;
using almanac::v1::DeleteDatasetRequest;
using almanac::v1::DeletePublisherRequest;
using almanac::v1::DeleteReleasePlanRequest;
using almanac::v1::ListCommitmentsRequest;
using almanac::v1::ListDatasetsRequest;
using almanac::v1::ListPublishersRequest;
using almanac::v1::ListReleasePlansRequest;
using almanac::v1::PublishPlanRequest;
using almanac::v1::ReportUpdateRequest;
using almanac::v1::UndeleteCommitmentRequest;
using almanac::v1::UndeleteDatasetRequest;
using almanac::v1::UndeletePublisherRequest;
using almanac::v1::UndeleteReleasePlanRequest;
using almanac::v1::UpdateCommitmentRequest;
using almanac::v1::UpdateDatasetRequest;
using almanac::v1::UpdatePublisherRequest;
using almanac::v1::UpdateReleasePlanRequest;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kD1[] = "publishers/swd/datasets/d1";
constexpr char kPlan[] = "publishers/swd/plans/2022-2024";
constexpr char kA1[] = "publishers/swd/plans/2022-2024/commitments/a-1";
constexpr char kA2[] = "publishers/swd/plans/2022-2024/commitments/a-2";

CreateDatasetRequest NewDataset(const std::string& title, const std::string& request_id = "") {
  CreateDatasetRequest request;
  request.set_parent("publishers/swd");
  (*request.mutable_dataset()->mutable_titles())["en"] = title;
  request.set_request_id(request_id);
  return request;
}

// Blanks what differs between a preview and the real thing: the bookkeeping, and what time it is.
void MakeTimeless(Message& message) {
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->name() == "etag" || field->name() == "revision") reflection.ClearField(&message, field);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) continue;
    if (field->message_type() == google::protobuf::Timestamp::descriptor()) {
      reflection.MutableMessage(&message, field)->Clear();
    } else if (field->is_repeated()) {
      for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
        MakeTimeless(*reflection.MutableRepeatedMessage(&message, field, i));
      }
    } else {
      MakeTimeless(*reflection.MutableMessage(&message, field));
    }
  }
}

// What a status carries besides its message, as text: maps have no order on the wire.
std::string Details(const grpc::Status& status) {
  return absl::StrCat(DetailOf<google::rpc::ErrorInfo>(status).DebugString(),
                      DetailOf<google::rpc::BadRequest>(status).DebugString(),
                      DetailOf<google::rpc::ResourceInfo>(status).DebugString(),
                      DetailOf<google::rpc::PreconditionFailure>(status).DebugString());
}

class IdempotencyTest : public CatalogueTest {
 protected:
  IdempotencyTest() { AddPromise(); }

  // Everything in the catalogue, as text.
  std::string Catalogue() {
    ListPublishersRequest publishers;
    auto datasets = Named<ListDatasetsRequest>("publishers/-");
    auto plans = Named<ListReleasePlansRequest>("publishers/-");
    auto commitments = Named<ListCommitmentsRequest>("publishers/-/plans/-");
    publishers.set_show_deleted(true);
    datasets.set_show_deleted(true);
    plans.set_show_deleted(true);
    commitments.set_show_deleted(true);
    return absl::StrCat("head ", HeadRevision(), "\n", Do(publishers).DebugString(), Do(datasets).DebugString(),
                        Do(plans).DebugString(), Do(commitments).DebugString());
  }

  // Previews the request, does it, and repeats it here and at another server: it happens once, just as foretold.
  template <typename Request>
  auto HappensOnce(Request request) {
    SCOPED_TRACE(Request::descriptor()->name());
    request.set_request_id(absl::StrCat("request-", ++requests_));
    const std::string before = Catalogue();
    const int64_t head = HeadRevision();
    Request question = request;
    question.set_validate_only(true);
    auto preview = Do(question);
    EXPECT_EQ(preview.revision(), 0);
    EXPECT_EQ(preview.etag(), "");
    EXPECT_EQ(Catalogue(), before);

    const auto answer = Do(request);
    EXPECT_GT(answer.revision(), head);
    auto timeless = answer;
    MakeTimeless(timeless);
    MakeTimeless(preview);
    EXPECT_EQ(preview.DebugString(), timeless.DebugString());

    const std::string after = Catalogue();
    EXPECT_NE(after, before);
    EXPECT_EQ(Do(request).DebugString(), answer.DebugString());
    EXPECT_EQ(Call(Method<Request>::Stub(*other_client_), Method<Request>::kCall, request).DebugString(),
              answer.DebugString());
    EXPECT_EQ(Catalogue(), after);
    for (const auto& change : ChangesAfter(head)) EXPECT_EQ(change.request_id(), request.request_id());
    return answer;
  }

  // Sends a request whose id was used for something else.
  template <typename Request>
  void ExpectIdIsUsed(const Request& request) {
    const grpc::Status status = Refused(request, grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(ReasonOf(status), "INVALID_FIELD");
    EXPECT_EQ(FieldOf(status), "request_id");
    EXPECT_THAT(status.error_message(), HasSubstr(request.request_id()));
  }

  // A preview of what is refused is refused for the same reason.
  template <typename Request>
  void ExpectRefusedAlike(Request request, grpc::StatusCode code) {
    SCOPED_TRACE(request.ShortDebugString());
    const std::string before = Catalogue();
    const grpc::Status real = Refused(request, code);
    EXPECT_NE(Details(real), "");
    request.set_validate_only(true);
    const grpc::Status preview = Refused(request, code);
    EXPECT_EQ(preview.error_message(), real.error_message());
    EXPECT_EQ(Details(preview), Details(real));
    EXPECT_EQ(Catalogue(), before);
  }

  // Another server of the same catalogue.
  TestServer other_server_{database_.url()};
  std::unique_ptr<Client> other_client_ = other_server_.NewClient();
  int requests_ = 0;
};

TEST_F(IdempotencyTest, EveryWriteToAPublisherHappensOnceAndAsForetold) {
  CreatePublisherRequest creation;
  creation.set_publisher_id("ha");
  (*creation.mutable_publisher()->mutable_titles())["en"] = "Authority";
  HappensOnce(creation);
  UpdatePublisherRequest update;
  update.mutable_publisher()->set_name("publishers/ha");
  update.mutable_publisher()->set_homepage("https://ha.example");
  EXPECT_EQ(HappensOnce(update).homepage(), "https://ha.example");
  HappensOnce(Named<DeletePublisherRequest>("publishers/ha"));
  HappensOnce(Named<UndeletePublisherRequest>("publishers/ha"));
}

TEST_F(IdempotencyTest, EveryWriteToADatasetHappensOnceAndAsForetold) {
  const std::string name = HappensOnce(NewDataset("Waiting times")).name();
  EXPECT_EQ(name, "publishers/swd/datasets/waiting-times");
  UpdateDatasetRequest update;
  update.mutable_dataset()->set_name(name);
  update.mutable_dataset()->set_frequency(almanac::v1::DAILY);
  HappensOnce(update);
  auto dated = Named<ReportUpdateRequest>(name);
  dated.mutable_data_time()->set_seconds(1'650'000'000);
  HappensOnce(dated);
  // One without a time means now, and the retry comes later.
  EXPECT_EQ(HappensOnce(Named<ReportUpdateRequest>(name)).update_count(), 2);
  HappensOnce(Named<DeleteDatasetRequest>(name));
  HappensOnce(Named<UndeleteDatasetRequest>(name));
}

TEST_F(IdempotencyTest, EveryWriteToAPlanHappensOnceAndAsForetold) {
  almanac::v1::CreateReleasePlanRequest creation;
  creation.set_parent("publishers/swd");
  creation.mutable_release_plan()->mutable_period()->set_start_year(2025);
  creation.mutable_release_plan()->mutable_period()->set_end_year(2027);
  HappensOnce(creation);
  UpdateReleasePlanRequest update;
  update.mutable_release_plan()->set_name(kPlan);
  update.mutable_release_plan()->set_published_on("2021-12");
  HappensOnce(update);
  auto deletion = Named<DeleteReleasePlanRequest>(kPlan);
  deletion.set_force(true);
  HappensOnce(deletion);
  HappensOnce(Named<UndeleteReleasePlanRequest>(kPlan));
  HappensOnce(Named<PublishPlanRequest>(kPlan));
}

TEST_F(IdempotencyTest, EveryWriteToACommitmentHappensOnceAndAsForetold) {
  HappensOnce(NewLine("A", 2, kD1, "2022-06"));
  UpdateCommitmentRequest update;
  update.mutable_commitment()->set_name(kA1);
  update.mutable_commitment()->set_number(7);
  HappensOnce(update);
  HappensOnce(Named<DeleteCommitmentRequest>(kA1));
  HappensOnce(Named<UndeleteCommitmentRequest>(kA1));
  EXPECT_EQ(HappensOnce(ToMove(kA1, "2022-09")).reschedules_size(), 1);
  HappensOnce(ToConfirm(kA1, "2022-09-15"));
  HappensOnce(ToRelease(kA1, "2022-09-16"));
  HappensOnce(ToCancel(kA2));
}

TEST_F(IdempotencyTest, ARetryGetsTheFirstAnswerThoughMuchHappenedSince) {
  auto first = ToMove(kA1, "2022-09");
  first.set_request_id("first");
  const Commitment answer = Do(first);
  Do(ToMove(kA1, "2022-12"));
  Do(ToRelease(kA1, "2022-12-01"));
  const std::string before = Catalogue();
  EXPECT_EQ(Do(first).DebugString(), answer.DebugString());
  EXPECT_EQ(Catalogue(), before);
}

TEST_F(IdempotencyTest, AWriteThatChangedNothingIsNotRepeatedEither) {
  UpdateDatasetRequest update;
  update.mutable_dataset()->set_name(kD1);
  (*update.mutable_dataset()->mutable_titles())["en"] = "Dataset d1";
  update.set_request_id("no-change");
  const Dataset answer = Do(update);
  UpdateDatasetRequest other = update;
  other.set_request_id("");
  (*other.mutable_dataset()->mutable_titles())["en"] = "Another title";
  Do(other);
  EXPECT_EQ(Do(update).DebugString(), answer.DebugString());
  EXPECT_EQ(GetDataset(kD1).titles().at("en"), "Another title");
}

TEST_F(IdempotencyTest, TheOrderOfAMapIsNoContent) {
  std::vector<std::string> languages = {"de", "en", "fr", "it", "zh-Hans-HK", "zh-Hant-HK"};
  std::string answer;
  for (int i = 0; i < 6; ++i) {
    CreateDatasetRequest request = NewDataset("Title", "map");
    request.set_dataset_id("m");
    request.mutable_dataset()->clear_titles();
    for (const std::string& language : languages) (*request.mutable_dataset()->mutable_titles())[language] = language;
    std::rotate(languages.begin(), languages.begin() + 1, languages.end());
    const std::string repeated = Do(request).DebugString();
    EXPECT_EQ(i == 0 ? repeated : answer, repeated);
    answer = repeated;
  }
}

TEST_F(IdempotencyTest, OtherContentUnderTheSameIdIsRefused) {
  Do(NewDataset("One", "same"));
  ExpectIdIsUsed(NewDataset("Two", "same"));
  CreateDatasetRequest previewed = NewDataset("Two", "same");
  previewed.set_validate_only(true);
  ExpectIdIsUsed(previewed);
  auto move = ToMove(kA1, "2022-09");
  move.set_request_id("move");
  Do(move);
  move.set_note("Three posts are vacant");
  ExpectIdIsUsed(move);
}

TEST_F(IdempotencyTest, AnotherMethodUnderTheSameIdIsRefused) {
  AddDataset("d2");
  auto deletion = Named<DeleteDatasetRequest>("publishers/swd/datasets/d2");
  deletion.set_request_id("same");
  Do(deletion);
  // On the wire the two requests are the same bytes.
  auto undeletion = Named<UndeleteDatasetRequest>("publishers/swd/datasets/d2");
  undeletion.set_request_id("same");
  ASSERT_EQ(undeletion.SerializeAsString(), deletion.SerializeAsString());
  ExpectIdIsUsed(undeletion);
}

TEST_F(IdempotencyTest, ARefusedRequestDoesNotUseItsIdUp) {
  // Refused by a rule, before anything was written.
  auto confirm = ToConfirm(kA1, "2022-09-15");
  confirm.set_request_id("confirm");
  Barred(confirm, "ILLEGAL_MOVE");
  Do(ToMove(kA1, "2022-09"));
  EXPECT_EQ(Do(confirm).state(), Commitment::CONFIRMED);
  // Refused by the database.
  auto line = NewLine("A", 1, kD1, "2022-06");
  line.set_commitment_id("other");
  line.set_request_id("line");
  Refused(line, grpc::StatusCode::ALREADY_EXISTS);
  line.mutable_commitment()->set_number(2);
  EXPECT_EQ(Do(line).number(), 2);
}

TEST_F(IdempotencyTest, APreviewDoesNotUseItsIdUp) {
  CreateDatasetRequest request = NewDataset("One", "preview");
  request.set_validate_only(true);
  Do(request);
  const CreateDatasetRequest other = NewDataset("Two", "preview");
  EXPECT_EQ(Do(other).name(), "publishers/swd/datasets/two");
}

TEST_F(IdempotencyTest, OfIdenticalRequestsAtOnceOneHappens) {
  constexpr int kWriters = 16;
  auto move = ToMove(kA1, "2022-09");
  move.set_request_id("move");
  const CreateDatasetRequest creation = NewDataset("Created", "create");
  const int64_t head = HeadRevision();
  std::vector<Commitment> moved(kWriters);
  std::vector<Dataset> created(kWriters);
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&, i] {
      const auto client = i % 2 == 0 ? server_.NewClient() : other_server_.NewClient();
      moved[i] = Call(client->plans.get(), Method<decltype(move)>::kCall, move);
      created[i] = Call(client->datasets.get(), Method<CreateDatasetRequest>::kCall, creation);
    });
  }
  for (std::thread& writer : writers) writer.join();
  for (int i = 0; i < kWriters; ++i) {
    EXPECT_EQ(moved[i].DebugString(), moved[0].DebugString());
    EXPECT_EQ(created[i].DebugString(), created[0].DebugString());
  }
  EXPECT_THAT(ChangesAfter(head), SizeIs(2));
  EXPECT_EQ(GetCommitment(kA1).DebugString(), moved[0].DebugString());
  EXPECT_EQ(GetCommitment(kA1).reschedules_size(), 1);
}

TEST_F(IdempotencyTest, OfDifferentRequestsAtOnceWithOneIdOneHappens) {
  constexpr int kWriters = 16;
  const int64_t head = HeadRevision();
  std::vector<grpc::Status> statuses(kWriters);
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&, i] {
      Client& client = i % 2 == 0 ? *client_ : *other_client_;
      statuses[i] = StatusOf(client.datasets.get(), Method<CreateDatasetRequest>::kCall,
                             NewDataset(absl::StrCat("Title ", i), "same"));
    });
  }
  for (std::thread& writer : writers) writer.join();
  int winner = -1;
  for (int i = 0; i < kWriters; ++i) {
    if (!statuses[i].ok()) {
      EXPECT_EQ(FieldOf(statuses[i]), "request_id");
      continue;
    }
    EXPECT_EQ(winner, -1) << i;
    winner = i;
  }
  const auto changes = ChangesAfter(head);
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].resource(), absl::StrCat("publishers/swd/datasets/title-", winner));
}

TEST_F(IdempotencyTest, AnIdIsKeptForADay) {
  const CreateDatasetRequest request = NewDataset("Kept", "kept");
  const Dataset answer = Do(request);
  const absl::Time now = absl::Now();
  database_.SetClock(now + absl::Hours(23));
  AddDataset("after-23-hours");
  EXPECT_EQ(Do(request).DebugString(), answer.DebugString());
  // After its first write a server looks for what is older than a day.
  database_.SetClock(now + absl::Hours(25));
  const TestServer later(database_.url());
  client_ = later.NewClient();
  AddDataset("after-25-hours");
  EXPECT_TRUE(Eventually([&] { return Try(NewDataset("Other", "kept")).ok(); }));
}

TEST_F(IdempotencyTest, APreviewRefusesWhatWouldBeRefused) {
  ExpectRefusedAlike(ToMove("publishers/swd/plans/2022-2024/commitments/z-9", "2022-09"), grpc::StatusCode::NOT_FOUND);
  ExpectRefusedAlike(NewLine("A", 1, kD1, "2022-06"), grpc::StatusCode::ALREADY_EXISTS);
  auto same_number = NewLine("A", 1, kD1, "2022-06");
  same_number.set_commitment_id("other");
  ExpectRefusedAlike(same_number, grpc::StatusCode::ALREADY_EXISTS);
  auto stale = Named<DeleteCommitmentRequest>(kA1);
  stale.set_etag("\"1\"");
  ExpectRefusedAlike(stale, grpc::StatusCode::ABORTED);
  ExpectRefusedAlike(ToConfirm(kA1, "2022-07-01"), grpc::StatusCode::FAILED_PRECONDITION);
  ExpectRefusedAlike(Named<DeleteReleasePlanRequest>(kPlan), grpc::StatusCode::FAILED_PRECONDITION);
  ExpectRefusedAlike(Named<DeleteDatasetRequest>(kD1), grpc::StatusCode::FAILED_PRECONDITION);
  ExpectRefusedAlike(ToRelease(kA1, "9999-01-01"), grpc::StatusCode::INVALID_ARGUMENT);
  ExpectRefusedAlike(NewDataset(""), grpc::StatusCode::INVALID_ARGUMENT);
  UpdateReleasePlanRequest masked;
  masked.mutable_release_plan()->set_name(kPlan);
  masked.mutable_update_mask()->add_paths("state");
  ExpectRefusedAlike(masked, grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(IdempotencyTest, PreviewsAmongWritesLeaveNothingBehind) {
  constexpr int kEach = 8;
  constexpr int kThreads = 8;
  const int64_t head = HeadRevision();
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < kEach; ++j) {
        CreateDatasetRequest request = NewDataset(absl::StrCat("Title ", i, " ", j));
        request.set_validate_only(i % 2 == 0);
        EXPECT_EQ(Do(request).revision() == 0, request.validate_only());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(HeadRevision(), head + kEach * kThreads / 2);
  for (const auto& change : ChangesAfter(head)) {
    const int thread = change.after().dataset().titles().at("en").at(6) - '0';
    EXPECT_EQ(thread % 2, 1) << change.resource();
  }
}

}  // namespace
}  // namespace almanac::testing
