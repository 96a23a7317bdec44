#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "almanac/v1/change.pb.h"
#include "almanac/v1/consistency.pb.h"
#include "db/publishers.h"
#include "db/transaction.h"
#include "service/standard_methods.h"
#include "service/tokens.h"
#include "service/validation.h"

// The catalogue as it was: a resource as of a revision is its row as it is now if that has not changed since, else what
// it was before its first change after the revision. Deleted resources keep their rows, so all that ever was is there.
namespace almanac::service {

// The revision that `moment`, the `at` of a request, means. What is read afterwards has all changes up to it.
// INVALID_ARGUMENT for a moment without a value or a time in the future; OUT_OF_RANGE with REVISION_COMPACTED or
// REVISION_IN_FUTURE for one that the log does not reach.
absl::StatusOr<int64_t> RevisionOf(db::Transaction& transaction, const almanac::v1::Moment& moment);

// The same for a page of a list. The first page decides; later ones have it in `position`, behind a name.
absl::StatusOr<int64_t> RevisionOf(db::Transaction& transaction, const almanac::v1::Moment& moment,
                                   const std::vector<std::string>& position);

// What each of `names`, resources that changed after `revision`, was at it; nothing for one that was not there yet.
// REVISION_COMPACTED if the log no longer reaches back to `revision`, also if that came about during the call.
absl::StatusOr<std::unordered_map<std::string, almanac::v1::Resource>> ReadPast(db::Transaction& transaction,
                                                                                const std::vector<std::string>& names,
                                                                                int64_t revision);

// NOT_FOUND if there was no publisher or plan of this name at `revision`; see CheckParentExists.
absl::Status CheckParentExisted(db::Transaction& transaction, const std::string& parent, int64_t revision);

inline const almanac::v1::Publisher& Inside(const almanac::v1::Resource& resource, const almanac::v1::Publisher*) {
  return resource.publisher();
}
inline const almanac::v1::Dataset& Inside(const almanac::v1::Resource& resource, const almanac::v1::Dataset*) {
  return resource.dataset();
}
inline const almanac::v1::ReleasePlan& Inside(const almanac::v1::Resource& resource, const almanac::v1::ReleasePlan*) {
  return resource.release_plan();
}
inline const almanac::v1::Commitment& Inside(const almanac::v1::Resource& resource, const almanac::v1::Commitment*) {
  return resource.commitment();
}

// `rows`, just read, as they were at `revision`, in their order and without those that were not there yet. Errors as in
// ReadPast.
template <typename T>
absl::StatusOr<std::vector<T>> AsOf(db::Transaction& transaction, std::vector<T> rows, int64_t revision) {
  std::vector<std::string> changed;
  for (const T& row : rows) {
    if (row.revision() > revision) changed.push_back(row.name());
  }
  if (changed.empty()) return rows;
  const auto past = ReadPast(transaction, changed, revision);
  if (!past.ok()) return past.status();
  std::vector<T> then;
  for (T& row : rows) {
    const auto found = past->find(row.name());
    if (row.revision() <= revision) {
      then.push_back(std::move(row));
    } else if (found != past->end()) {
      then.push_back(Inside(found->second, static_cast<const T*>(nullptr)));
    }
  }
  return then;
}

// The resource that `read` finds, at the moment that the request asks for.
template <typename Request, typename ReadOne>
auto GetAt(db::Transaction& transaction, const Request& request, ReadOne read) -> decltype(read()) {
  if (!request.has_at()) return read();
  const absl::StatusOr<int64_t> revision = RevisionOf(transaction, request.at());
  if (!revision.ok()) return revision.status();
  auto found = read();
  if (!found.ok()) return found;
  const std::string name = found->name();
  std::vector<std::decay_t<decltype(*found)>> rows = {*std::move(found)};
  auto then = AsOf(transaction, std::move(rows), *revision);
  if (!then.ok()) return then.status();
  if (then->empty()) return db::NotFound(name);
  return std::move(then->front());
}

// The resources of these names, which `read` finds, at the moment that the request asks for.
template <typename Request, typename ReadAll>
auto BatchGetAt(db::Transaction& transaction, const Request& request, ReadAll read)
    -> decltype(read(std::vector<std::string>())) {
  const std::vector<std::string> names(request.names().begin(), request.names().end());
  if (!request.has_at()) return read(names);
  const absl::StatusOr<int64_t> revision = RevisionOf(transaction, request.at());
  if (!revision.ok()) return revision.status();
  auto found = read(names);
  if (!found.ok()) return found;
  const auto then = AsOf(transaction, *std::move(found), *revision);
  if (!then.ok()) return then.status();
  return db::InOrderOf(names, *then);
}

// How many rows a page of the past reads at once, and at most.
inline constexpr int kPastRowsAtOnce = 100;
inline constexpr int kMaxPastRows = 2000;

// Fills `list` with a page of what was there at `revision` and is kept, and returns the token of the next page. `scan`
// reads rows of a db::Page by name; `keep` leaves out of many resources those that are not wanted.
template <typename T, typename Scan, typename Keep>
absl::StatusOr<std::string> FillPageAt(db::Transaction& transaction, const PageRequest& page, int64_t revision,
                                       Scan scan, Keep keep, google::protobuf::RepeatedPtrField<T>* list) {
  std::string after = page.position.empty() ? "" : page.position[0];
  const auto token = [&] { return MakePageToken(page.binding, {after, absl::StrCat(revision)}); };
  size_t bytes = 0;
  for (int rows_read = 0; rows_read < kMaxPastRows; rows_read += kPastRowsAtOnce) {
    std::vector<T> rows = scan(db::Page{.after = after, .limit = kPastRowsAtOnce, .show_deleted = true});
    const bool is_last = rows.size() < kPastRowsAtOnce;
    const std::string last = rows.empty() ? after : rows.back().name();
    absl::StatusOr<std::vector<T>> then = AsOf(transaction, std::move(rows), revision);
    if (!then.ok()) return then.status();
    for (T& resource : keep(*std::move(then))) {
      if (list->size() == page.size || bytes > kMaxPageBytes) return token();
      bytes += resource.ByteSizeLong();
      after = resource.name();
      list->Add(std::move(resource));
    }
    if (is_last) return "";
    after = last;
  }
  return token();
}

// The list that the request asks for at a moment. `scan` is as in FillPageAt, and so is `filter`, by what the request
// has besides deletion; `list` is the accessor of the answer's resources.
template <typename T, typename Request, typename Response, typename Scan, typename Filter>
absl::StatusOr<Response> ListAt(db::Transaction& transaction, const Request& request, const PageRequest& page,
                                Scan scan, Filter filter, google::protobuf::RepeatedPtrField<T>* (Response::*list)()) {
  const absl::StatusOr<int64_t> revision = RevisionOf(transaction, request.at(), page.position);
  if (!revision.ok()) return revision.status();
  const auto keep = [&](std::vector<T> resources) {
    if (!request.show_deleted()) std::erase_if(resources, [](const T& resource) { return resource.has_delete_time(); });
    return filter(std::move(resources));
  };
  Response answer;
  const absl::StatusOr<std::string> token = FillPageAt(transaction, page, *revision, scan, keep, (answer.*list)());
  if (!token.ok()) return token.status();
  answer.set_next_page_token(*token);
  if constexpr (requires { request.parent(); }) {
    if ((answer.*list)()->empty()) {
      absl::Status parent = CheckParentExisted(transaction, request.parent(), *revision);
      if (!parent.ok()) return parent;
    }
  }
  return answer;
}

}  // namespace almanac::service
