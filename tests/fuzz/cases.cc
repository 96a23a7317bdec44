#include "tests/fuzz/cases.h"

#include <google/protobuf/descriptor.h>

#include "absl/strings/str_cat.h"
#include "almanac/v1/dataset_service.pb.h"
#include "almanac/v1/publisher_service.pb.h"
#include "almanac/v1/release_plan_service.pb.h"
#include "tests/fuzz/filters.h"
#include "tests/fuzz/masks.h"
#include "tests/fuzz/page_tokens.h"
#include "tests/fuzz/texts.h"

namespace almanac::fuzz {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr size_t kNames = 200;

constexpr int32_t kPageSizes[] = {0, 1, 2, 3, 7, 20, 100, 101, 1000, 1001, INT32_MAX, -1, INT32_MIN};
constexpr int64_t kRevisions[] = {0, 1, 2, 50, 100, -1, INT64_MAX, INT64_MIN};
constexpr int64_t kSeconds[] = {0, -1, 1, 1'700'000'000, 253'402'300'799, 253'402'300'800, -62'135'596'800, INT64_MAX};

// Lists, with the fields of what they list.
struct List {
  const Message* request;
  std::vector<FuzzField> fields;
};

const std::vector<List>& Lists() {
  static const std::vector<List>& lists = *new std::vector<List>{
      {&v1::ListDatasetsRequest::default_instance(), FuzzFieldsOf(*v1::Dataset::descriptor())},
      {&v1::ListPublishersRequest::default_instance(), FuzzFieldsOf(*v1::Publisher::descriptor())},
      {&v1::ListReleasePlansRequest::default_instance(), FuzzFieldsOf(*v1::ReleasePlan::descriptor())},
      {&v1::ListCommitmentsRequest::default_instance(), FuzzFieldsOf(*v1::Commitment::descriptor())},
  };
  return lists;
}

const std::vector<FuzzField>& DatasetFields() { return Lists().front().fields; }

const FieldDescriptor* Find(const Message& message, const char* name) {
  return message.GetDescriptor()->FindFieldByName(name);
}

void SetText(Message* message, const char* name, const std::string& text) {
  if (const FieldDescriptor* field = Find(*message, name)) message->GetReflection()->SetString(message, field, text);
}

void SetBool(Message* message, const char* name, bool value) {
  if (const FieldDescriptor* field = Find(*message, name)) message->GetReflection()->SetBool(message, field, value);
}

void SetPageSize(Message* message, int32_t size) {
  message->GetReflection()->SetInt32(message, Find(*message, "page_size"), size);
}

std::string Parent(const Message& request, const Names& names, Random& random) {
  if (random.Chance(3)) return ToUtf8(WildText(random, 4));
  const bool is_of_plan = request.GetDescriptor() == v1::ListCommitmentsRequest::descriptor();
  if (random.Chance(50)) return is_of_plan ? "publishers/-/plans/-" : "publishers/-";
  if (random.Chance(10)) return is_of_plan ? "publishers/nobody/plans/-" : "publishers/nobody";
  if (is_of_plan) return names.plans.empty() ? "publishers/-/plans/-" : random.Pick(names.plans);
  return names.publishers.empty() ? "publishers/-" : random.Pick(names.publishers);
}

// A list that is right, but for its filter and order.
std::unique_ptr<Message> NewList(const List& list, const Names& names, Random& random) {
  std::unique_ptr<Message> request(list.request->New());
  SetText(request.get(), "parent", Parent(*request, names, random));
  SetPageSize(request.get(), random.Chance(85) ? static_cast<int32_t>(1 + random.Below(20)) : random.Pick(kPageSizes));
  SetBool(request.get(), "show_deleted", random.Chance(20));
  SetBool(request.get(), "include_total_size", random.Chance(30));
  const FieldDescriptor* states = Find(*request, "freshness_states");
  if (states != nullptr && random.Chance(10)) {
    request->GetReflection()->AddEnumValue(request.get(), states, static_cast<int>(random.Below(12)));
  }
  const FieldDescriptor* moment = Find(*request, "at");
  if (moment == nullptr || !random.Chance(10)) return request;
  auto* at = static_cast<v1::Moment*>(request->GetReflection()->MutableMessage(request.get(), moment));
  if (random.Chance(50)) {
    at->set_revision(random.Pick(kRevisions));
  } else {
    at->mutable_time()->set_seconds(random.Pick(kSeconds));
    at->mutable_time()->set_nanos(random.Chance(80) ? 0 : static_cast<int32_t>(random.Next()));
  }
  return request;
}

const List& PickList(Random& random) { return random.Chance(55) ? Lists().front() : random.Pick(Lists()); }

// The kind of a list's case: `filter ListDatasets`.
std::string KindOf(const char* what, const Message& request) {
  const std::string& name = request.GetDescriptor()->name();
  return absl::StrCat(what, " ", name.substr(0, name.size() - 7));
}

// Not UTF-8 now and then.
std::string Sendable(const std::string& text, Random& random) { return random.Chance(2) ? text : ToUtf8(text); }

void FilterCase(const Names& names, Random& random, Session& session) {
  const List& list = PickList(random);
  const auto request = NewList(list, names, random);
  SetText(request.get(), "filter", Sendable(RandomFilter(list.fields, random), random));
  if (random.Chance(25)) SetText(request.get(), "order_by", Sendable(RandomOrder(list.fields, random), random));
  session.Call(KindOf("filter", *request), *request);
}

void OrderCase(const Names& names, Random& random, Session& session) {
  const List& list = PickList(random);
  const auto request = NewList(list, names, random);
  SetText(request.get(), "order_by", Sendable(RandomOrder(list.fields, random), random));
  session.Call(KindOf("order", *request), *request);
}

std::string Query(Random& random) {
  if (random.Chance(50)) {
    std::string query = Word(random);
    for (uint64_t i = random.Below(3); i > 0; --i) query += " " + Word(random);
    return random.Chance(80) ? query : Mutated(std::move(query), random);
  }
  return WildText(random, random.Chance(90) ? 8 : 120);
}

std::unique_ptr<Message> NewSearch(const Names& names, Random& random) {
  auto request = std::make_unique<v1::SearchDatasetsRequest>();
  request->set_parent(Parent(*request, names, random));
  request->set_query(Sendable(Query(random), random));
  if (random.Chance(30)) request->set_filter(Sendable(RandomFilter(DatasetFields(), random), random));
  request->set_page_size(random.Chance(80) ? static_cast<int32_t>(random.Below(100)) : random.Pick(kPageSizes));
  request->set_include_total_size(random.Chance(30));
  return request;
}

void SearchCase(const Names& names, Random& random, Session& session) {
  session.Call("search", *NewSearch(names, random));
}

void FacetsCase(const Names& names, Random& random, Session& session) {
  v1::CountFacetsRequest request;
  request.set_parent(Parent(request, names, random));
  if (random.Chance(60)) request.set_query(Sendable(Query(random), random));
  if (random.Chance(50)) request.set_filter(Sendable(RandomFilter(DatasetFields(), random), random));
  request.set_language(random.Chance(70) ? "en" : Sendable(WildText(random, 3), random));
  request.set_max_values(random.Chance(80) ? static_cast<int32_t>(random.Below(30)) : random.Pick(kPageSizes));
  session.Call("facets", request);
}

// The page after the first, of a list or a search, by a token that is not quite that page's.
void TokenCase(const Names& names, Random& random, Session& session) {
  const List& list = PickList(random);
  std::unique_ptr<Message> request = random.Chance(20) ? NewSearch(names, random) : NewList(list, names, random);
  SetPageSize(request.get(), static_cast<int32_t>(1 + random.Below(3)));
  // A token of the past has a revision, and one that is yet to come is waited for: only now and then.
  const FieldDescriptor* moment = Find(*request, "at");
  if (moment != nullptr && !random.Chance(20)) request->GetReflection()->ClearField(request.get(), moment);
  if (Find(*request, "query") == nullptr) {
    if (random.Chance(30)) SetText(request.get(), "filter", "create_time > 2000");
    if (random.Chance(60)) SetText(request.get(), "order_by", RandomOrder(list.fields, random));
    for (const char* text : {"filter", "order_by"}) {
      if (const FieldDescriptor* field = Find(*request, text)) {
        SetText(request.get(), text, ToUtf8(request->GetReflection()->GetString(*request, field)));
      }
    }
  }
  const auto first = session.Call(KindOf("first page of", *request), *request);
  if (first == nullptr) return;
  const std::string token = first->GetReflection()->GetString(*first, Find(*first, "next_page_token"));
  SetText(request.get(), "page_token", Sendable(StrangeToken(token, random), random));
  if (random.Chance(10)) SetText(request.get(), "filter", "create_time > 2001");
  // A token may speak of a revision that is yet to come.
  session.Call(KindOf("token of", *request), *request, /*may_wait=*/true);
}

std::vector<std::string> NamesOf(const Message& response, const char* list) {
  std::vector<std::string> names;
  const FieldDescriptor* field = Find(response, list);
  for (int i = 0; i < response.GetReflection()->FieldSize(response, field); ++i) {
    const Message& resource = response.GetReflection()->GetRepeatedMessage(response, field, i);
    names.push_back(resource.GetReflection()->GetString(resource, Find(resource, "name")));
  }
  return names;
}

void MaskCase(const Names& names, Random& random, Session& session) {
  const std::pair<const Message*, const std::vector<std::string>*> updates[] = {
      {&v1::UpdateDatasetRequest::default_instance(), &names.datasets},
      {&v1::UpdatePublisherRequest::default_instance(), &names.publishers},
      {&v1::UpdateReleasePlanRequest::default_instance(), &names.plans},
      {&v1::UpdateCommitmentRequest::default_instance(), &names.commitments}};
  const auto& [update, known] = random.Pick(updates);
  const std::unique_ptr<Message> request(update->New());
  const auto mutable_field = [&](const FieldDescriptor* field) {
    return request->GetReflection()->MutableMessage(request.get(), field);
  };
  FillUpdate(known->empty() || random.Chance(3) ? ToUtf8(WildText(random, 4)) : random.Pick(*known), random,
             mutable_field(request->GetDescriptor()->field(0)),
             static_cast<google::protobuf::FieldMask*>(mutable_field(Find(*request, "update_mask"))));
  SetBool(request.get(), "validate_only", true);
  session.Call(KindOf("mask", *request), *request);
}

}  // namespace

Names ReadNames(Session& session) {
  Names names;
  const auto read = [&](auto request, const char* list, std::vector<std::string>* into) {
    SetPageSize(&request, kNames);
    if (const auto page = session.Call(KindOf("names of", request), request)) *into = NamesOf(*page, list);
  };
  v1::ListDatasetsRequest datasets;
  datasets.set_parent("publishers/-");
  v1::ListReleasePlansRequest plans;
  plans.set_parent("publishers/-");
  v1::ListCommitmentsRequest commitments;
  commitments.set_parent("publishers/-/plans/-");
  read(v1::ListPublishersRequest(), "publishers", &names.publishers);
  read(datasets, "datasets", &names.datasets);
  read(plans, "release_plans", &names.plans);
  read(commitments, "commitments", &names.commitments);
  return names;
}

void RunCase(const Names& names, Random& random, Session& session) {
  using Maker = void (*)(const Names&, Random&, Session&);
  constexpr Maker kMakers[] = {FilterCase, FilterCase, FilterCase, SearchCase, SearchCase,
                               FacetsCase, OrderCase,  TokenCase,  TokenCase,  MaskCase};
  random.Pick(kMakers)(names, random, session);
}

}  // namespace almanac::fuzz
