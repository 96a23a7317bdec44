#include <gmock/gmock.h>
#include <google/protobuf/message.h>
#include <grpcpp/generic/generic_stub.h>

#include <climits>
#include <future>
#include <random>

#include "absl/strings/str_cat.h"
#include "service/tokens.h"
#include "tests/integration/catalogue_fixture.h"

// What comes over the wire and should not: each gets a clear error, leaves no change, and the server goes on.
namespace almanac::testing {
namespace {

using almanac::v1::BatchGetCommitmentsRequest;
using almanac::v1::BatchGetDatasetsRequest;
using almanac::v1::CancelCommitmentRequest;
using almanac::v1::Commitment;
using almanac::v1::CreateCommitmentRequest;
using almanac::v1::CreateDatasetRequest;
using almanac::v1::CreatePublisherRequest;
using almanac::v1::CreateReleasePlanRequest;
using almanac::v1::Dataset;
using almanac::v1::GetChangeRequest;
using almanac::v1::GetCommitmentRequest;
using almanac::v1::GetDatasetRequest;
using almanac::v1::GetPublisherRequest;
using almanac::v1::GetReleasePlanRequest;
using almanac::v1::ListChangesRequest;
using almanac::v1::ListCommitmentsRequest;
using almanac::v1::ListDatasetsRequest;
using almanac::v1::ListPublishersRequest;
using almanac::v1::ListReleasePlansRequest;
using almanac::v1::RescheduleCommitmentRequest;
using almanac::v1::UpdateCommitmentRequest;
using almanac::v1::UpdateDatasetRequest;
using almanac::v1::UpdatePublisherRequest;
using almanac::v1::UpdateReleasePlanRequest;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Lt;

constexpr grpc::StatusCode kInvalid = grpc::StatusCode::INVALID_ARGUMENT;
constexpr char kD1[] = "publishers/swd/datasets/d1";
constexpr char kA1[] = "publishers/swd/plans/2022-2024/commitments/a-1";

// `count` times a character of three bytes.
std::string Characters(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "数";
  return text;
}

// `count` bytes.
std::string Bytes(size_t count, char byte = 'x') {
  std::string text;
  text.resize(count, byte);
  return text;
}

// Every unary method of the contract.
std::vector<const MethodDescriptor*> UnaryMethods() {
  std::vector<const MethodDescriptor*> methods;
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  for (const char* name : {"PublisherService", "DatasetService", "ReleasePlanService", "ChangeService"}) {
    const ServiceDescriptor* service = pool->FindServiceByName(absl::StrCat("almanac.v1.", name));
    for (int i = 0; i < service->method_count(); ++i) {
      if (!service->method(i)->server_streaming()) methods.push_back(service->method(i));
    }
  }
  return methods;
}

class BadInputTest : public CatalogueTest {
 protected:
  BadInputTest() { AddPromise(); }

  // Sends `bytes` as the request of a method, whatever they are.
  grpc::Status Send(const MethodDescriptor* method, const std::string& bytes) {
    grpc::GenericStub stub(client_->channel);
    CallContext context;
    const grpc::Slice slice(bytes);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    std::promise<grpc::Status> done;
    stub.UnaryCall(&context, absl::StrCat("/", method->service()->full_name(), "/", method->name()), {}, &request,
                   &response, [&done](grpc::Status status) { done.set_value(std::move(status)); });
    return done.get_future().get();
  }

  // The field that the request is refused for.
  template <typename Request>
  std::string BadField(const Request& request) {
    return FieldOf(Refused(request, kInvalid));
  }

  static UpdateDatasetRequest UpdateD1(const std::function<void(Dataset&)>& edit) {
    UpdateDatasetRequest request;
    request.mutable_dataset()->set_name(kD1);
    edit(*request.mutable_dataset());
    return request;
  }

  void ExpectGoesOn() { EXPECT_EQ(GetDataset(kD1).name(), kD1); }
};

TEST_F(BadInputTest, TextThatIsNotUtf8IsRefusedByEveryMethod) {
  const int64_t head = HeadRevision();
  for (const MethodDescriptor* method : UnaryMethods()) {
    const FieldDescriptor* text = nullptr;
    for (int i = 0; i < method->input_type()->field_count() && text == nullptr; ++i) {
      if (method->input_type()->field(i)->type() == FieldDescriptor::TYPE_STRING) text = method->input_type()->field(i);
    }
    if (text == nullptr) continue;
    // A field with a length, and in it two bytes that no UTF-8 has.
    const std::string bytes = {static_cast<char>(text->number() << 3 | 2), 2, '\xc3', '\x28'};
    const grpc::Status status = Send(method, bytes);
    EXPECT_EQ(status.error_code(), kInvalid) << method->full_name();
    EXPECT_EQ(ReasonOf(status), "INVALID_FIELD") << method->full_name();
    EXPECT_THAT(status.error_message(), HasSubstr("UTF-8")) << method->full_name();
  }
  EXPECT_EQ(HeadRevision(), head);
  ExpectGoesOn();
}

TEST_F(BadInputTest, BytesThatAreNoMessageAreRefusedByEveryMethod) {
  for (const MethodDescriptor* method : UnaryMethods()) {
    for (const std::string bytes : {"\xff\xff\xff\xff", "\x0a\x7fshort", "garbage"}) {
      const grpc::Status status = Send(method, bytes);
      EXPECT_EQ(status.error_code(), kInvalid) << method->full_name();
      EXPECT_EQ(ReasonOf(status), "INVALID_FIELD") << method->full_name();
    }
  }
  ExpectGoesOn();
}

TEST_F(BadInputTest, AnEmptyRequestNeverIsAFaultOfTheServer) {
  for (const MethodDescriptor* method : UnaryMethods()) {
    const grpc::Status status = Send(method, "");
    EXPECT_THAT(status.error_code(), AnyOf(grpc::StatusCode::OK, kInvalid))
        << method->full_name() << " " << status.error_message();
    EXPECT_TRUE(status.ok() || !FieldOf(status).empty()) << method->full_name();
  }
}

TEST_F(BadInputTest, NulCharactersAreRefusedWhereverTheyStand) {
  const std::string nul("a\0b", 3);
  EXPECT_EQ(BadField(Named<GetDatasetRequest>(absl::StrCat(kD1, nul))), "name");
  EXPECT_EQ(BadField(UpdateD1([&](Dataset& d) { (*d.mutable_titles())["en"] = nul; })), "dataset.titles");
  EXPECT_EQ(BadField(UpdateD1([&](Dataset& d) { (*d.mutable_titles())[nul] = "Title"; })), "dataset.titles");
  EXPECT_EQ(BadField(UpdateD1([&](Dataset& d) { d.add_former_titles()->set_text(nul); })),
            "dataset.former_titles[0].text");
  EXPECT_EQ(BadField(UpdateD1([&](Dataset& d) { d.add_formats(nul); })), "dataset.formats");
  EXPECT_EQ(BadField(UpdateD1([&](Dataset& d) { d.set_etag(nul); })), "dataset.etag");
  CreatePublisherRequest publisher;
  (*publisher.mutable_publisher()->mutable_titles())["en"] = "Title";
  publisher.set_publisher_id(nul);
  EXPECT_EQ(BadField(publisher), "publisher_id");
  publisher.set_publisher_id("ha");
  publisher.set_request_id(nul);
  EXPECT_EQ(BadField(publisher), "request_id");
  publisher.clear_request_id();
  publisher.mutable_publisher()->set_time_zone(absl::StrCat("Asia/Hong_Kong", nul));
  EXPECT_EQ(BadField(publisher), "publisher.time_zone");
  CancelCommitmentRequest cancel = Named<CancelCommitmentRequest>(kA1);
  cancel.set_reason(Commitment::FUNDING);
  cancel.set_note(nul);
  EXPECT_EQ(BadField(cancel), "note");
  ListDatasetsRequest list = Named<ListDatasetsRequest>("publishers/swd");
  list.set_page_token(nul);
  EXPECT_EQ(BadField(list), "page_token");
}

TEST_F(BadInputTest, TenMegabytesOfTextAreRefusedInFewWords) {
  const grpc::Status status =
      Refused(UpdateD1([](Dataset& d) { (*d.mutable_remarks())["en"] = Bytes(10'000'000); }), kInvalid);
  EXPECT_EQ(FieldOf(status), "dataset.remarks[\"en\"]");
  EXPECT_THAT(status.error_message(), HasSubstr("10000000 characters; at most 10000"));
  EXPECT_THAT(status.error_message().size(), Lt(500u));
  for (const grpc::Status& long_name :
       {Refused(Named<GetDatasetRequest>(Bytes(10'000'000)), kInvalid),
        Refused(UpdateD1([](Dataset& d) { (*d.mutable_titles())[Bytes(10'000'000)] = "Title"; }), kInvalid)}) {
    EXPECT_THAT(long_name.error_message().size(), Lt(1000u));
    EXPECT_THAT(long_name.error_details().size(), Lt(5000u));
  }
}

TEST_F(BadInputTest, AMessageBeyondTheLimitIsRefusedAndTheConnectionStays) {
  const grpc::Status status = Refused(Named<GetDatasetRequest>(Bytes(17 << 20)), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(status.error_message(), HasSubstr("16777216"));
  ExpectGoesOn();
}

TEST_F(BadInputTest, TextsAreAsLongAsTheContractSaysAndNotLonger) {
  const auto title = [](int length) {
    return UpdateD1([&](Dataset& d) { (*d.mutable_titles())["en"] = Characters(length); });
  };
  EXPECT_EQ(Do(title(1000)).titles().at("en"), Characters(1000));
  EXPECT_EQ(BadField(title(1001)), "dataset.titles[\"en\"]");
  const auto remark = [](int length) {
    return UpdateD1([&](Dataset& d) { (*d.mutable_remarks())["en"] = Characters(length); });
  };
  EXPECT_EQ(Do(remark(10'000)).remarks().at("en"), Characters(10'000));
  EXPECT_EQ(BadField(remark(10'001)), "dataset.remarks[\"en\"]");
  const auto url = [](int length) {
    return UpdateD1([&](Dataset& d) { d.set_landing_page("https://" + std::string(length - 8, 'x')); });
  };
  EXPECT_EQ(Do(url(2000)).landing_page().size(), 2000u);
  EXPECT_EQ(BadField(url(2001)), "dataset.landing_page");
  const auto format = [](int length) { return UpdateD1([&](Dataset& d) { d.add_formats(std::string(length, 'X')); }); };
  EXPECT_EQ(Do(format(32)).formats(0).size(), 32u);
  EXPECT_EQ(BadField(format(33)), "dataset.formats");

  RescheduleCommitmentRequest move = Named<RescheduleCommitmentRequest>(kA1);
  move.set_target_date("2022-07");
  move.set_reason(Commitment::OTHER);
  move.set_note(Characters(4001));
  EXPECT_EQ(BadField(move), "note");
  move.set_note(Characters(4000));
  EXPECT_EQ(Do(move).reschedules(0).note(), Characters(4000));

  CreatePublisherRequest publisher;
  (*publisher.mutable_publisher()->mutable_titles())["en"] = "Title";
  publisher.set_publisher_id("ha");
  publisher.set_request_id(std::string(101, '~'));
  EXPECT_EQ(BadField(publisher), "request_id");
  publisher.set_request_id("tab\there");
  EXPECT_EQ(BadField(publisher), "request_id");
  publisher.set_request_id(std::string(100, '~'));
  EXPECT_EQ(Do(publisher).name(), "publishers/ha");
}

TEST_F(BadInputTest, ListsInAResourceAreAsLongAsTheContractSaysAndNotLonger) {
  const auto formats = [](int count) {
    return UpdateD1([&](Dataset& d) {
      for (int i = 0; i < count; ++i) d.add_formats(absl::StrCat("F", i));
    });
  };
  EXPECT_EQ(Do(formats(32)).formats_size(), 32);
  EXPECT_EQ(BadField(formats(33)), "dataset.formats");
  const auto former_titles = [](int count) {
    return UpdateD1([&](Dataset& d) {
      for (int i = 0; i < count; ++i) {
        d.add_former_titles()->set_language("en");
        d.mutable_former_titles(i)->set_text(absl::StrCat("Title ", i));
      }
    });
  };
  EXPECT_EQ(Do(former_titles(32)).former_titles_size(), 32);
  EXPECT_EQ(BadField(former_titles(33)), "dataset.former_titles");
  const auto languages = [](int count) {
    return UpdateD1([&](Dataset& d) {
      for (int i = 0; i < count; ++i) {
        (*d.mutable_titles())[absl::StrCat("en-x-l", i)] = "Title";
      }
    });
  };
  EXPECT_EQ(Do(languages(32)).titles_size(), 32);
  EXPECT_EQ(BadField(languages(33)), "dataset.titles");
}

TEST_F(BadInputTest, MillionsOfEntriesAreRefusedAtOnce) {
  const auto many = [](auto* list, int count) {
    for (int i = 0; i < count; ++i) list->Add();
  };
  constexpr int kMany = 3'000'000;
  EXPECT_EQ(BadField(UpdateD1([&](Dataset& d) { many(d.mutable_formats(), kMany); })), "dataset.formats");
  EXPECT_EQ(BadField(UpdateD1([&](Dataset& d) { many(d.mutable_former_titles(), kMany); })), "dataset.former_titles");
  almanac::v1::ImportPlanRequest import = Named<almanac::v1::ImportPlanRequest>("publishers/swd");
  many(import.mutable_document()->mutable_sections(), kMany);
  Refused(import, kInvalid);
  import.mutable_document()->clear_sections();
  many(import.mutable_document()->add_commitments()->mutable_former_titles(), kMany);
  Refused(import, kInvalid);
  EXPECT_EQ(BadField(Named<GetDatasetRequest>(Bytes(15'000'000, '/'))), "name");
}

TEST_F(BadInputTest, AResourceAsAWholeHasALimit) {
  const auto remarks = [](int languages, int length) {
    return UpdateD1([&](Dataset& d) {
      for (int i = 0; i < languages; ++i) (*d.mutable_remarks())[absl::StrCat("en-x-l", i)] = Characters(length);
    });
  };
  // 30,000 bytes each, of 262,144 in all.
  EXPECT_EQ(Do(remarks(8, 10'000)).remarks_size(), 8);
  const grpc::Status status = Refused(remarks(9, 10'000), kInvalid);
  EXPECT_EQ(FieldOf(status), "dataset");
  EXPECT_THAT(status.error_message(), HasSubstr("at most 262144"));
}

TEST_F(BadInputTest, APageOfLargeResourcesEndsEarly) {
  UpdateDatasetRequest large = UpdateD1([](Dataset& d) { (*d.mutable_remarks())["en"] = Characters(10'000); });
  for (int i = 0; i < 7; ++i)
    (*large.mutable_dataset()->mutable_remarks())[absl::StrCat("en-x-l", i)] = Characters(10'000);
  Do(large);
  database_.Sql(
      "insert into datasets select (jsonb_populate_record(d, jsonb_build_object('dataset_id', 'x' || n, 'message', "
      "null))).* "
      "from datasets d, generate_series(1, 29) n where d.dataset_id = 'd1' returning 1");
  ListDatasetsRequest request = Named<ListDatasetsRequest>("publishers/swd");
  request.set_page_size(1000);
  int count = 0;
  do {
    const auto page = Do(request);
    EXPECT_GT(page.datasets_size(), 0);
    EXPECT_LT(page.ByteSizeLong(), 4u << 20);
    count += page.datasets_size();
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(count, 30);
}

TEST_F(BadInputTest, ALanguageHasOneSpelling) {
  const grpc::Status status =
      Refused(UpdateD1([](Dataset& d) { (*d.mutable_titles())["zh-hans-hk"] = "Title"; }), kInvalid);
  EXPECT_EQ(FieldOf(status), "dataset.titles[\"zh-hans-hk\"]");
  EXPECT_THAT(status.error_message(), HasSubstr("write zh-Hans-HK"));
  for (const char* tag : {"", "english language", "zh_HK", "x", "-"}) {
    Refused(UpdateD1([&](Dataset& d) { (*d.mutable_titles())[tag] = "Title"; }), kInvalid);
  }
}

TEST_F(BadInputTest, TextsThatNobodySeesAndUrlsThatLeadNowhereAreRefused) {
  for (const char* text : {" ", "\u3000", "\t\n", "\u200b"}) {
    EXPECT_EQ(BadField(UpdateD1([&](Dataset& d) { (*d.mutable_titles())["en"] = text; })), "dataset.titles[\"en\"]");
  }
  for (const char* url :
       {"http://", "ftp://example.org", "example.org", "https://a b", "https://a\n", "javascript:1"}) {
    EXPECT_EQ(BadField(UpdateD1([&](Dataset& d) { d.set_landing_page(url); })), "dataset.landing_page") << url;
  }
}

TEST_F(BadInputTest, APromiseIsMovedAHundredTimesAtMost) {
  RescheduleCommitmentRequest move = Named<RescheduleCommitmentRequest>(kA1);
  move.set_reason(Commitment::OTHER);
  move.set_note("A note");
  for (int i = 0; i < 100; ++i) {
    move.set_target_date(absl::StrCat(2023 + i));
    Do(move);
  }
  move.set_target_date("2500");
  EXPECT_EQ(ReasonOf(Refused(move, grpc::StatusCode::FAILED_PRECONDITION)), "ILLEGAL_MOVE");
  CancelCommitmentRequest cancel = Named<CancelCommitmentRequest>(kA1);
  cancel.set_reason(Commitment::OTHER);
  cancel.set_note("Enough");
  EXPECT_EQ(Do(cancel).reschedules_size(), 100);
}

TEST_F(BadInputTest, IdsAreShortAndPlain) {
  CreateDatasetRequest request = Named<CreateDatasetRequest>("publishers/swd");
  (*request.mutable_dataset()->mutable_titles())["en"] = "Title";
  for (const std::string& id : {std::string(64, 'a'), std::string("Upper"), std::string("-a"), std::string("a-"),
                                std::string("a_b"), std::string("a/b"), std::string("名"), std::string(" ")}) {
    request.set_dataset_id(id);
    EXPECT_EQ(BadField(request), "dataset_id") << id;
  }
  request.set_dataset_id(std::string(63, 'a'));
  EXPECT_EQ(Do(request).name(), absl::StrCat("publishers/swd/datasets/", std::string(63, 'a')));
}

TEST_F(BadInputTest, DatesThatDoNotExistAreRefused) {
  for (const char* date : {"2022-13",    "2022-00",    "0000",     "0000-01",     "0-06",   "1899-12",   "10000",
                           "2022-02-30", "2023-02-29", "2022-Q5",  "2022-Q0",     "2022-6", "2022/06",   "06/2022",
                           " 2022-06",   "2022-06 ",   "2022-06-", "２０２２-06", "TBC",    "2022-06-31"}) {
    RescheduleCommitmentRequest move = Named<RescheduleCommitmentRequest>(kA1);
    move.set_target_date(date);
    move.set_reason(Commitment::FUNDING);
    move.set_note("A note");
    const grpc::Status status = Refused(move, kInvalid);
    EXPECT_EQ(FieldOf(status), "target_date") << date;
    EXPECT_THAT(status.error_message(), HasSubstr(date));
    EXPECT_EQ(BadField(UpdateD1([&](Dataset& d) { d.set_release_date(date); })), "dataset.release_date") << date;
    CreateCommitmentRequest line = NewLine("A", 2, kD1, date);
    EXPECT_EQ(BadField(line), "commitment.target_date") << date;
  }
}

TEST_F(BadInputTest, YearsThatNoPlanCoversAreRefused) {
  using Years = std::pair<int, int>;
  for (const auto& [first, last] : {Years(0, 0), Years(0, 2024), Years(1899, 1900), Years(2024, 10'000),
                                    Years(2024, 2022), Years(-1, 2), Years(INT_MIN, INT_MAX)}) {
    CreateReleasePlanRequest request = Named<CreateReleasePlanRequest>("publishers/swd");
    request.mutable_release_plan()->mutable_period()->set_start_year(first);
    request.mutable_release_plan()->mutable_period()->set_end_year(last);
    EXPECT_EQ(BadField(request), "release_plan.period") << first << " to " << last;
  }
  for (const int number : {0, -1, 100'000, INT_MAX}) {
    EXPECT_EQ(BadField(NewLine("A", number, kD1, "2022")), "commitment.number") << number;
  }
  for (const char* section : {"", "a", "AB", "甲", "1"}) {
    EXPECT_EQ(BadField(NewLine(section, 1, kD1, "2022")), "commitment.section") << section;
  }
}

TEST_F(BadInputTest, UnknownPathsOfAMaskAreRefusedByEveryUpdate) {
  for (const char* path : {"nonsense", "", "titles.en", "create_time", "Titles", "titles "}) {
    UpdatePublisherRequest publisher;
    publisher.mutable_publisher()->set_name("publishers/swd");
    publisher.mutable_update_mask()->add_paths(path);
    EXPECT_EQ(BadField(publisher), "update_mask") << path;
    UpdateDatasetRequest dataset = UpdateD1([](Dataset&) {});
    dataset.mutable_update_mask()->add_paths(path);
    EXPECT_EQ(BadField(dataset), "update_mask") << path;
    UpdateReleasePlanRequest plan;
    plan.mutable_release_plan()->set_name("publishers/swd/plans/2022-2024");
    plan.mutable_update_mask()->add_paths(path);
    EXPECT_EQ(BadField(plan), "update_mask") << path;
    UpdateCommitmentRequest commitment;
    commitment.mutable_commitment()->set_name(kA1);
    commitment.mutable_update_mask()->add_paths(path);
    EXPECT_EQ(BadField(commitment), "update_mask") << path;
  }
}

TEST_F(BadInputTest, APageHasASizeThatMakesSense) {
  const auto negative = [this](auto request) {
    for (const int size : {-1, INT_MIN}) {
      request.set_page_size(size);
      EXPECT_EQ(BadField(request), "page_size");
    }
    request.set_page_size(INT_MAX);
    Do(request);
  };
  negative(ListPublishersRequest());
  negative(Named<ListDatasetsRequest>("publishers/swd"));
  negative(Named<ListReleasePlansRequest>("publishers/swd"));
  negative(Named<ListCommitmentsRequest>("publishers/swd/plans/2022-2024"));
  negative(ListChangesRequest());
}

TEST_F(BadInputTest, ABiggerPageThanAThousandIsAThousand) {
  database_.Sql(
      "insert into datasets select (jsonb_populate_record(d, jsonb_build_object('dataset_id', 'x' || n, 'message', "
      "null))).* "
      "from datasets d, generate_series(1, 1001) n where d.dataset_id = 'd1' returning 1");
  ListDatasetsRequest request = Named<ListDatasetsRequest>("publishers/swd");
  EXPECT_EQ(Do(request).datasets_size(), 100);
  request.set_page_size(1001);
  const auto page = Do(request);
  EXPECT_EQ(page.datasets_size(), 1000);
  request.set_page_token(page.next_page_token());
  EXPECT_EQ(Do(request).datasets_size(), 2);
}

TEST_F(BadInputTest, PageTokensOfOtherRequestsAreRefused) {
  AddDataset("d2");
  AddPublisher("ha");
  AddDataset("d1", "ha");
  AddDataset("d2", "ha");
  ListDatasetsRequest request = Named<ListDatasetsRequest>("publishers/swd");
  request.set_page_size(1);
  const std::string token = Do(request).next_page_token();
  request.set_page_token(token);
  request.set_page_size(5);
  EXPECT_EQ(Do(request).datasets_size(), 1);

  ListDatasetsRequest other_parent = request;
  other_parent.set_parent("publishers/ha");
  EXPECT_EQ(BadField(other_parent), "page_token");
  ListDatasetsRequest other_filter = request;
  other_filter.set_show_deleted(true);
  EXPECT_EQ(BadField(other_filter), "page_token");
  ListReleasePlansRequest other_list = Named<ListReleasePlansRequest>("publishers/swd");
  other_list.set_page_token(token);
  EXPECT_EQ(BadField(other_list), "page_token");
  ListChangesRequest changes;
  changes.set_page_token(token);
  EXPECT_EQ(BadField(changes), "page_token");

  for (const std::string& forged : {std::string("x"), token.substr(1), token + "x", token.substr(0, token.size() - 1),
                                    std::string("数"), Bytes(100'000, 'A'), std::string("=")}) {
    request.set_page_token(forged);
    EXPECT_EQ(BadField(request), "page_token") << forged.substr(0, 100);
  }
}

TEST_F(BadInputTest, ATokenWithAForgedPlaceIsNoFaultOfTheServer) {
  const auto forged = [this](auto request, size_t parts) {
    for (const std::string& place :
         {std::string("\xff\xfe"), std::string("a\0b", 3), std::string(900, 'x'), std::string("-1"),
          std::string("99999999999999999999"), std::string("'; drop table datasets; --"), std::string()}) {
      request.set_page_token(
          service::MakePageToken(service::PageBinding(request), std::vector<std::string>(parts, place)));
      EXPECT_THAT(Try(request).error_code(), AnyOf(grpc::StatusCode::OK, kInvalid)) << place;
    }
  };
  for (size_t parts = 1; parts <= 4; ++parts) {
    forged(ListPublishersRequest(), parts);
    forged(Named<ListDatasetsRequest>("publishers/-"), parts);
    forged(Named<ListReleasePlansRequest>("publishers/-"), parts);
    forged(Named<ListCommitmentsRequest>("publishers/-/plans/-"), parts);
    forged(ListChangesRequest(), parts);
  }
  ExpectGoesOn();
}

TEST_F(BadInputTest, UnknownResourcesAreNotFoundByName) {
  const auto missing = [this](const auto& request, const std::string& name) {
    const grpc::Status status = Refused(request, grpc::StatusCode::NOT_FOUND);
    EXPECT_EQ(ReasonOf(status), "RESOURCE_NOT_FOUND");
    EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(status).resource_name(), name);
    EXPECT_THAT(status.error_message(), HasSubstr(name));
  };
  missing(Named<GetPublisherRequest>("publishers/x"), "publishers/x");
  missing(Named<GetDatasetRequest>("publishers/swd/datasets/x"), "publishers/swd/datasets/x");
  missing(Named<GetReleasePlanRequest>("publishers/swd/plans/x"), "publishers/swd/plans/x");
  const std::string line = "publishers/swd/plans/2022-2024/commitments/x";
  missing(Named<GetCommitmentRequest>(line), line);
  missing(Named<GetChangeRequest>("changes/999"), "changes/999");
  missing(Named<almanac::v1::GetProgressRequest>("publishers/swd/plans/x"), "publishers/swd/plans/x");
  missing(Named<almanac::v1::PublishPlanRequest>("publishers/swd/plans/x"), "publishers/swd/plans/x");
  almanac::v1::ConfirmCommitmentRequest confirm = Named<almanac::v1::ConfirmCommitmentRequest>(line);
  confirm.set_target_date("2022-06-15");
  missing(confirm, line);
}

TEST_F(BadInputTest, AListOfAParentThatNeverWasIsNotFound) {
  AddPublisher("ha");
  EXPECT_EQ(Do(Named<ListDatasetsRequest>("publishers/ha")).datasets_size(), 0);
  EXPECT_EQ(Do(Named<ListReleasePlansRequest>("publishers/ha")).release_plans_size(), 0);
  EXPECT_EQ(Do(Named<ListCommitmentsRequest>("publishers/ha/plans/-")).commitments_size(), 0);
  EXPECT_EQ(Do(Named<ListCommitmentsRequest>("publishers/-/plans/2042")).commitments_size(), 0);
  Refused(Named<ListDatasetsRequest>("publishers/x"), grpc::StatusCode::NOT_FOUND);
  Refused(Named<ListReleasePlansRequest>("publishers/x"), grpc::StatusCode::NOT_FOUND);
  Refused(Named<ListCommitmentsRequest>("publishers/x/plans/-"), grpc::StatusCode::NOT_FOUND);
  Refused(Named<ListCommitmentsRequest>("publishers/swd/plans/2022-2042"), grpc::StatusCode::NOT_FOUND);
}

TEST_F(BadInputTest, NamesOfAnotherFormAreRefused) {
  for (const char* name :
       {"", "swd", "publishers/", "publishers/-", "publishers/SWD", "/publishers/swd", "publishers/swd/",
        "datasets/swd", "publishers/swd/datasets/d1", "publishers/swd\n", "//almanac/publishers/swd"}) {
    EXPECT_EQ(BadField(Named<GetPublisherRequest>(name)), "name") << name;
  }
  for (const char* parent : {"", "publishers", "publishers/swd/plans/2022-2024", "publishers/*"}) {
    EXPECT_EQ(BadField(Named<ListDatasetsRequest>(parent)), "parent") << parent;
  }
  for (const char* name : {"changes/", "changes/x", "changes/-1", "changes/0", "changes/1.5", "changes/+1",
                           "changes/1/1", "changes/99999999999999999999"}) {
    EXPECT_EQ(BadField(Named<GetChangeRequest>(name)), "name") << name;
  }
}

TEST_F(BadInputTest, ABatchHasOneToAThousandNames) {
  BatchGetDatasetsRequest request;
  EXPECT_EQ(BadField(request), "names");
  for (int i = 0; i < 1000; ++i) request.add_names(kD1);
  EXPECT_EQ(Do(request).datasets_size(), 1000);
  request.add_names(kD1);
  EXPECT_EQ(BadField(request), "names");
  BatchGetCommitmentsRequest names;
  names.add_names(kA1);
  names.add_names("publishers/swd");
  EXPECT_EQ(BadField(names), "names[1]");
}

TEST_F(BadInputTest, ValuesThatAnEnumDoesNotHaveAreRefused) {
  EXPECT_EQ(BadField(UpdateD1([](Dataset& d) { d.set_frequency(static_cast<almanac::v1::Frequency>(99)); })),
            "dataset.frequency");
  CancelCommitmentRequest cancel = Named<CancelCommitmentRequest>(kA1);
  cancel.set_note("A note");
  EXPECT_EQ(BadField(cancel), "reason");
  cancel.set_reason(static_cast<Commitment::Reason>(99));
  EXPECT_EQ(BadField(cancel), "reason");
}

TEST_F(BadInputTest, AnActorIsShortAndUtf8) {
  const auto status_as = [this](const std::string& actor) {
    grpc::ClientContext context;
    context.AddMetadata("x-almanac-actor", actor);
    Dataset response;
    return client_->datasets->UpdateDataset(
        &context, UpdateD1([](Dataset& d) { d.set_landing_page("https://example.org"); }), &response);
  };
  EXPECT_EQ(FieldOf(status_as(std::string(257, 'x'))), "x-almanac-actor");
  EXPECT_TRUE(status_as(std::string(256, 'x')).ok());
}

// A request of this type whose fields hold nasty and plausible values at random.
void Fill(Message* message, std::mt19937& random, int depth) {
  static const std::vector<std::string> texts = {"",
                                                 "publishers/swd",
                                                 kD1,
                                                 kA1,
                                                 "publishers/swd/plans/2022-2024",
                                                 "publishers/-",
                                                 "publishers/-/plans/-",
                                                 "changes/1",
                                                 "2022-06",
                                                 "2022-06-15",
                                                 "2022-13",
                                                 "A",
                                                 "en",
                                                 "zh-Hans-HK",
                                                 "*",
                                                 "titles",
                                                 "CSV",
                                                 "d2",
                                                 "https://example.org",
                                                 "Asia/Hong_Kong",
                                                 "\"1\"",
                                                 "'; drop table datasets; --",
                                                 std::string("\0", 1),
                                                 "数据😀",
                                                 "{\"a\": [",
                                                 "%s%n",
                                                 std::string(70, 'a'),
                                                 "\\",
                                                 "NULL",
                                                 "9223372036854775808"};
  static const std::vector<int64_t> numbers = {0,       1,       -1,      2,         2022,     2024,
                                               100'000, INT_MAX, INT_MIN, INT64_MAX, INT64_MIN};
  const auto any = [&random](const auto& values) { return values[random() % values.size()]; };
  const google::protobuf::Reflection& reflection = *message->GetReflection();
  for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message->GetDescriptor()->field(i);
    const int count = field->is_repeated() ? static_cast<int>(random() % 3) : static_cast<int>(random() % 4 != 0);
    for (int k = 0; k < count; ++k) {
      const bool many = field->is_repeated();
      switch (field->cpp_type()) {
        case FieldDescriptor::CPPTYPE_STRING:
          many ? reflection.AddString(message, field, any(texts)) : reflection.SetString(message, field, any(texts));
          break;
        case FieldDescriptor::CPPTYPE_INT32: {
          const auto number = static_cast<int32_t>(any(numbers));
          many ? reflection.AddInt32(message, field, number) : reflection.SetInt32(message, field, number);
          break;
        }
        case FieldDescriptor::CPPTYPE_INT64:
          reflection.SetInt64(message, field, any(numbers));
          break;
        case FieldDescriptor::CPPTYPE_BOOL:
          reflection.SetBool(message, field, random() % 2 == 0);
          break;
        case FieldDescriptor::CPPTYPE_ENUM:
          many ? reflection.AddEnumValue(message, field, static_cast<int>(random() % 12))
               : reflection.SetEnumValue(message, field, static_cast<int>(random() % 12));
          break;
        case FieldDescriptor::CPPTYPE_MESSAGE:
          if (depth > 0) {
            Fill(many ? reflection.AddMessage(message, field) : reflection.MutableMessage(message, field), random,
                 depth - 1);
          }
          break;
        default:
          FAIL() << "a type that no message had so far: " << field->full_name();
      }
    }
  }
}

TEST_F(BadInputTest, WhateverARequestHoldsTheErrorIsTheClients) {
  std::mt19937 random(20220601);
  for (int round = 0; round < 60; ++round) {
    for (const MethodDescriptor* method : UnaryMethods()) {
      const std::unique_ptr<Message> request(
          google::protobuf::MessageFactory::generated_factory()->GetPrototype(method->input_type())->New());
      Fill(request.get(), random, 3);
      // A revision that is not there yet is no bad input: it is waited for.
      if (const FieldDescriptor* field = method->input_type()->FindFieldByName("consistency")) {
        auto* consistency =
            dynamic_cast<almanac::v1::Consistency*>(request->GetReflection()->MutableMessage(request.get(), field));
        if (consistency->at_least_revision() > 0) consistency->Clear();
      }
      const grpc::Status status = Send(method, request->SerializeAsString());
      EXPECT_THAT(status.error_code(), AnyOf(grpc::StatusCode::OK, kInvalid, grpc::StatusCode::NOT_FOUND,
                                             grpc::StatusCode::ALREADY_EXISTS, grpc::StatusCode::FAILED_PRECONDITION,
                                             grpc::StatusCode::ABORTED, grpc::StatusCode::OUT_OF_RANGE))
          << method->full_name() << ": " << status.error_message() << "\n"
          << request->ShortDebugString();
      EXPECT_TRUE(status.ok() || !ReasonOf(status).empty()) << method->full_name();
    }
  }
}

}  // namespace
}  // namespace almanac::testing
