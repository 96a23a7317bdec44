#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "almanac/v1/change.pb.h"
#include "almanac/v1/dataset_service.pb.h"
#include "db/database.h"
#include "db/fields.h"
#include "db/listing.h"
#include "service/history.h"
#include "service/rpc.h"
#include "service/standard_methods.h"
#include "service/tokens.h"

// Lists by filters (AIP-160) and orders (AIP-132). They are walked as of the revision that the first page saw; see
// docs/decisions/0014-lists-are-walked-as-of-a-revision.md.
namespace almanac::service {

// `total_size` is exact up to here.
inline constexpr int64_t kMaxCounted = 20000;
// At most how many resources may change while a list is walked in an order that can change.
inline constexpr int kMaxChangedInWalk = 5000;
inline constexpr int kMaxOrderFields = 5;

// The order that `order_by` asks for, put into `query`. INVALID_ARGUMENT about `order_by`, naming the fields there are.
absl::Status CheckOrder(std::string_view order_by, const db::Fields& fields, db::ListQuery* query);

// A list request once checked.
struct ListRequest {
  int page_size = 0;
  std::string binding = {};
  db::ListQuery query = {};
  // Where the page before ended, and since when the list is walked: its revision and what its filter took for now.
  std::optional<db::ListPosition> after = {};
  std::optional<int64_t> revision = {};
  absl::Time now = {};
  bool include_total_size = false;
};

// Whether a list request asks for more than all by name.
template <typename Request>
bool IsQuery(const Request& request) {
  return !request.filter().empty() || !request.order_by().empty();
}

// The connections for a list request.
template <typename Request>
db::Lane LaneOf(const Request& request) {
  return IsQuery(request) || request.include_total_size() ? db::Lane::kSearches : db::Lane::kRequests;
}

// INVALID_ARGUMENT if a list of the past is to be ordered or counted, which it cannot be.
template <typename Request>
absl::Status CheckListAt(const Request& request) {
  if (!request.has_at()) return absl::OkStatus();
  if (!request.order_by().empty())
    return db::InvalidField("order_by", "must be empty with `at`: the past goes by name");
  if (request.include_total_size()) return db::InvalidField("include_total_size", "must be false with `at`");
  return absl::OkStatus();
}

// Takes the page and the position out of a request's token; `query` must have its order. INVALID_ARGUMENT for a foreign
// token.
absl::Status ReadPosition(std::string_view page_token, std::string_view name_pattern, ListRequest* list);

// The token of the page after `last`.
std::string MakePosition(const ListRequest& list, int64_t revision, const db::ListPosition& last);

// The filter of `list`, whose functions go by its `now`; see CheckFilter.
absl::Status SetFilter(std::string_view filter, const db::Fields& fields, ListRequest* list);

// The list that `request` asks for. `pattern` is that of its resources' names. A page token is read only if it is that
// of a list by a query.
template <typename Request>
absl::StatusOr<ListRequest> ToListRequest(const Request& request, const db::Fields& fields, std::string_view pattern,
                                          bool is_by_query) {
  const absl::StatusOr<int> size = PageSize(request.page_size());
  if (!size.ok()) return size.status();
  ListRequest list = {.page_size = *size, .binding = PageBinding(request)};
  list.include_total_size = request.include_total_size();
  list.query.show_deleted = request.show_deleted();
  if constexpr (requires { request.parent(); }) list.query.parent = request.parent();
  absl::Status valid = CheckOrder(request.order_by(), fields, &list.query);
  if (valid.ok()) valid = ReadPosition(is_by_query ? request.page_token() : "", pattern, &list);
  if (valid.ok()) valid = SetFilter(request.filter(), fields, &list);
  if (!valid.ok()) return valid;
  return list;
}

// Whether a resource keeps its place in the list whatever changes.
bool IsOrderFixed(const db::ListQuery& query);

// Names of resources of `kind` that changed since the walk began. ABORTED with reason LIST_CHANGED if they are too
// many.
absl::StatusOr<std::vector<std::string>> NamesChangedInWalk(db::Transaction& transaction,
                                                            almanac::v1::ResourceKind kind, const db::ListQuery& query,
                                                            int64_t revision);

// What resources of `kind` that changed since `revision` were then. Errors as in NamesChangedInWalk and ReadPast.
template <typename T>
absl::StatusOr<std::vector<T>> ReadChangedInWalk(db::Transaction& transaction, almanac::v1::ResourceKind kind,
                                                 const db::ListQuery& query, int64_t revision) {
  const auto names = NamesChangedInWalk(transaction, kind, query, revision);
  if (!names.ok()) return names.status();
  const auto past = ReadPast(transaction, *names, revision);
  if (!past.ok()) return past.status();
  std::vector<T> changed;
  for (const auto& [name, resource] : *past) changed.push_back(Inside(resource, static_cast<const T*>(nullptr)));
  return changed;
}

// Reads a part of a list, as a noun's function of db does. A null AsOfRevision means now. What is listed is T or made
// of it.
template <typename T, typename L>
using ByQuery = std::function<absl::StatusOr<db::ListPart<L>>(
    db::Transaction&, const db::ListQuery&, const std::optional<db::ListPosition>&, int, const db::AsOfRevision<T>*)>;

// The first page is read at once, and the walk is one as of what it saw. REVISION_NOT_REACHED if this server has not
// come so far.
template <typename T, typename L>
absl::StatusOr<ListPage<L>> ReadPage(db::Transaction& transaction, const ListRequest& list,
                                     almanac::v1::ResourceKind kind, const ByQuery<T, L>& by_query) {
  const int64_t begun = list.revision.value_or(0);
  const db::AsOfRevision<T> as_of = {
      .revision = begun, .read_changed = [&] { return ReadChangedInWalk<T>(transaction, kind, list.query, begun); }};
  const bool moves = list.revision && !IsOrderFixed(list.query);
  absl::StatusOr<db::ListPart<L>> part =
      by_query(transaction, list.query, list.after, list.page_size + 1, moves ? &as_of : nullptr);
  if (!part.ok()) return part.status();
  if (begun > part->revision) return db::RevisionNotReached(begun, part->revision);
  const size_t count = CountInPage(part->listed, list.page_size, [](const auto& listed) { return &listed.resource; });
  ListPage<L> page = {.resources = {}, .next_page_token = {}, .found = part->found};
  for (size_t i = 0; i < count; ++i) page.resources.push_back(std::move(part->listed[i].resource));
  if (count < part->listed.size()) {
    page.next_page_token = MakePosition(list, list.revision.value_or(part->revision),
                                        {part->listed[count - 1].keys, page.resources.back().name()});
  }
  return page;
}

// Sets the counts of an answer if they were asked for. `count` is the count up to kMaxCounted + 1, if it is known.
template <typename Response>
void SetTotalSize(db::Transaction& transaction, const ListRequest& list, const db::ListSource& source,
                  std::optional<int64_t> count, Response& answer) {
  if (!list.include_total_size) return;
  answer.set_total_size(count ? *count : db::CountList(transaction, source, list.query, kMaxCounted + 1));
  if (answer.total_size() <= kMaxCounted) return;
  answer.set_is_total_size_estimated(true);
  answer.set_total_size(std::max(kMaxCounted + 1, db::EstimateList(transaction, source, list.query)));
}

// Adds a resource to `list` of `answer`.
template <typename T, typename Response>
void AddListed(T resource, google::protobuf::RepeatedPtrField<T>* (Response::*list)(), Response* answer) {
  (answer->*list)()->Add(std::move(resource));
}
inline void AddListed(
    db::StoredDataset dataset,
    google::protobuf::RepeatedPtrField<almanac::v1::Dataset>* (almanac::v1::ListDatasetsResponse::* /*list*/)(),
    almanac::v1::ListDatasetsResponse* answer) {
  HandOn(std::move(dataset), almanac::v1::ListDatasetsResponse::kDatasetsFieldNumber, answer);
}

// What lists of the nouns differ in.
template <typename T, typename Response, typename L = T>
struct ListedNoun {
  almanac::v1::ResourceKind kind;
  const db::Fields& fields;
  std::string_view pattern;
  const db::ListSource& source;
  google::protobuf::RepeatedPtrField<T>* (Response::*resources)();
  // How many parts a position by name has.
  size_t position_size;
  // The noun's functions of db, for ReadPage and FillPageAt.
  ByQuery<T, L> by_query;
  std::vector<T> (*keep)(db::Transaction&, const db::Condition&, std::vector<T>);
  // Of the request besides its filter.
  db::Condition condition = {};
};

// Answers a list request. `valid` is what the method itself found in checking it. `by_name`, of a transaction and a
// PageRequest, gives a page of all by name; `scan`, of a transaction and a db::Page, rows by name.
template <typename Request, typename Response, typename T, typename L, typename ByName, typename Scan>
Reactor* List(db::Database& database, Context* context, const Request* request, Response* response, absl::Status valid,
              ListedNoun<T, Response, L> noun, ByName by_name, Scan scan) {
  const bool is_by_query = IsQuery(*request) && !request->has_at();
  if (valid.ok()) valid = CheckListAt(*request);
  absl::StatusOr<ListRequest> list = ToListRequest(*request, noun.fields, noun.pattern, is_by_query);
  if (valid.ok()) valid = list.status();
  absl::StatusOr<PageRequest> page = PageRequest();
  if (!is_by_query) page = ToPageRequest(*request, noun.pattern, request->has_at() ? 2 : noun.position_size);
  if (valid.ok()) valid = page.status();
  if (valid.ok()) list->query.condition = db::Both(std::move(list->query.condition), noun.condition);
  return Read(
      database, context, *request, response, valid,
      [request, is_by_query, list, page, noun, by_name,
       scan](db::Transaction& transaction) -> absl::StatusOr<Response> {
        if (request->has_at()) {
          return ListAt(
              transaction, *request, *page, [&](const db::Page& rows) { return scan(transaction, rows); },
              [&](auto resources) { return noun.keep(transaction, list->query.condition, std::move(resources)); },
              noun.resources);
        }
        absl::StatusOr<ListPage<L>> listed =
            is_by_query ? ReadPage(transaction, *list, noun.kind, noun.by_query) : by_name(transaction, *page);
        if (!listed.ok()) return listed.status();
        if constexpr (requires { request->parent(); }) {
          absl::Status parent =
              listed->resources.empty() ? CheckParentExists(transaction, request->parent()) : absl::OkStatus();
          if (!parent.ok()) return parent;
        }
        Response answer;
        for (L& resource : listed->resources) AddListed(std::move(resource), noun.resources, &answer);
        answer.set_next_page_token(std::move(listed->next_page_token));
        SetTotalSize(transaction, *list, noun.source, std::nullopt, answer);
        return answer;
      },
      LaneOf(*request));
}

}  // namespace almanac::service
