#pragma once

#include <google/protobuf/message.h>
#include <google/protobuf/unknown_field_set.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "db/datasets.h"
#include "db/errors.h"
#include "db/names.h"
#include "db/plans.h"
#include "db/publishers.h"
#include "db/transaction.h"
#include "service/tokens.h"
#include "service/validation.h"

// The steps that the standard methods (AIP-131 to 135, 164) of all nouns share.
namespace almanac::service {

// ABORTED if `etag` is given and is not that of `resource`.
template <typename Resource>
absl::Status CheckEtag(const Resource& resource, const std::string& etag) {
  if (etag.empty() || etag == resource.etag()) return absl::OkStatus();
  return db::StaleEtag(resource.name(), resource.etag());
}

// `found` if it is live and has the etag; NOT_FOUND if it is deleted.
template <typename Resource>
absl::StatusOr<Resource> Live(absl::StatusOr<Resource> found, const std::string& etag = "") {
  if (!found.ok()) return found;
  if (found->has_delete_time()) return db::NotFound(found->name());
  if (absl::Status fresh = CheckEtag(*found, etag); !fresh.ok()) return fresh;
  return found;
}

// `found` if it is deleted and has the etag; ALREADY_EXISTS if it is live.
template <typename Resource>
absl::StatusOr<Resource> Deleted(absl::StatusOr<Resource> found, const std::string& etag) {
  if (!found.ok()) return found;
  if (absl::Status fresh = CheckEtag(*found, etag); !fresh.ok()) return fresh;
  if (!found->has_delete_time()) return db::AlreadyExists(found->name(), found->name() + " is not deleted");
  return found;
}

// FAILED_PRECONDITION unless the publisher of the resource `name` is live.
inline absl::Status CheckPublisherIsLive(db::Transaction& transaction, const std::string& name) {
  const std::string publisher = db::PublisherName(db::IdsOf(name)[0]);
  if (db::IsLive(transaction, publisher)) return absl::OkStatus();
  return db::FailedPrecondition("PARENT_DELETED", publisher, publisher + " is deleted; undelete it first");
}

// RESOURCE_EXHAUSTED if the answer has more than `max_bytes`, which is what the server sends at most. `outcome` and
// `remedy` are the words before and after it.
inline absl::Status CheckAnswerSize(const google::protobuf::Message& answer, int64_t max_bytes,
                                    absl::string_view outcome, absl::string_view remedy) {
  const auto bytes = static_cast<int64_t>(answer.ByteSizeLong());
  if (bytes <= max_bytes) return absl::OkStatus();
  return db::Error(absl::StatusCode::kResourceExhausted, "ANSWER_TOO_LARGE",
                   absl::StrCat(outcome, "the answer would have ", bytes, " bytes, and this server sends at most ",
                                max_bytes, "; ", remedy, "raise the server's max_message_bytes"));
}

// NOT_FOUND if there never was a publisher or plan of this name; a `-` in place of an id stands for none in particular.
// For lists, where only an empty one leaves it in doubt.
inline absl::Status CheckParentExists(db::Transaction& transaction, const std::string& parent) {
  const std::vector<std::string> ids = db::IdsOf(parent);
  if (ids[0] == "-") return absl::OkStatus();
  if (ids.size() == 1 || ids[1] == "-") return db::ReadPublisher(transaction, db::PublisherName(ids[0])).status();
  return db::ReadPlan(transaction, parent).status();
}

template <typename Resource>
Resource WithDeleteTime(Resource resource, const db::WriteTransaction& transaction) {
  *resource.mutable_delete_time() = db::ToTimestamp(transaction.now());
  return resource;
}

template <typename Resource>
Resource WithoutDeleteTime(Resource resource) {
  resource.clear_delete_time();
  return resource;
}

// A list request once checked: which part is wanted, and what its tokens are bound to.
struct PageRequest {
  int size = 0;
  std::vector<std::string> position;  // where the page before ended; empty for the first page
  std::string binding;
};

// A position has `position_size` parts, of which the first is a name of the form of `pattern`. INVALID_ARGUMENT for a
// negative size or a foreign token.
template <typename Request>
absl::StatusOr<PageRequest> ToPageRequest(const Request& request, std::string_view pattern, size_t position_size = 1) {
  const absl::StatusOr<int> size = PageSize(request.page_size());
  if (!size.ok()) return size.status();
  PageRequest page{.size = *size, .position = {}, .binding = PageBinding(request)};
  absl::StatusOr<std::vector<std::string>> position = ReadPageToken(request.page_token(), page.binding, position_size);
  if (!position.ok()) return position.status();
  if (!position->empty()) {
    if (absl::Status name = db::CheckName("page_token", pattern, position->front()); !name.ok()) return name;
  }
  page.position = *std::move(position);
  return page;
}

// How many of `found` a page holds: `size`, or what has some kMaxPageBytes. `resource_of` points to the resource of
// one.
template <typename Item, typename ResourceOf>
size_t CountInPage(const std::vector<Item>& found, int size, ResourceOf resource_of) {
  size_t bytes = 0;
  size_t count = 0;
  for (; count < found.size() && count < static_cast<size_t>(size) && bytes <= kMaxPageBytes; ++count) {
    bytes += resource_of(found[count])->ByteSizeLong();
  }
  return count;
}

// A page of a list.
template <typename T>
struct ListPage {
  std::vector<T> resources;
  // Empty for the last one.
  std::string next_page_token = {};
  // See db::ListPart.
  std::optional<int64_t> found = {};
};

// As much of `found` as a page holds. One resource more was asked for: if any is left out, there is another page.
template <typename T, typename PositionOf>
ListPage<T> ToPage(const PageRequest& page, std::vector<T> found, PositionOf position_of) {
  ListPage<T> list;
  const size_t count = CountInPage(found, page.size, [](const T& resource) { return &resource; });
  if (count < found.size()) list.next_page_token = MakePageToken(page.binding, position_of(found[count - 1]));
  found.erase(found.begin() + static_cast<std::ptrdiff_t>(count), found.end());
  list.resources = std::move(found);
  return list;
}

// The part of a list that is ordered by name.
template <typename Request>
db::Page ToDbPage(const Request& request, const PageRequest& page) {
  return {.after = page.position.empty() ? "" : page.position[0],
          .limit = page.size + 1,
          .show_deleted = request.show_deleted()};
}

template <typename T>
ListPage<T> ToPageByName(const PageRequest& page, std::vector<T> found) {
  return ToPage(page, std::move(found), [](const T& last) { return std::vector<std::string>{last.name()}; });
}

// Puts a dataset into field `number` of `answer` as it is stored. It is one of those that protobuf does not know, which
// are sent as they are: clients get what they would if it were parsed and added, but `answer` does not tell of it.
inline void HandOn(db::StoredDataset dataset, int number, google::protobuf::Message* answer) {
  *answer->GetReflection()->MutableUnknownFields(answer)->AddLengthDelimited(number) = std::move(dataset).TakeMessage();
}

}  // namespace almanac::service
