// Lists, which the server answers in pages.
#ifndef ALMANAC_CLIENT_PAGES_H_
#define ALMANAC_CLIENT_PAGES_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "client/connection.h"

namespace almanac::client {

constexpr int kMaxPageSize = 1000;

// Reads a list whole. `request` needs all but the page fields set; `items` is the accessor of the answer's resources.
template <typename T, typename Stub, typename Request, typename Response>
absl::StatusOr<std::vector<T>> ReadAll(Connection& connection, Method<Stub, Request, Response> method, Request request,
                                       google::protobuf::RepeatedPtrField<T>* (Response::*items)()) {
  std::vector<T> all;
  request.set_page_size(kMaxPageSize);
  do {
    absl::StatusOr<Response> page = connection.Call(method, request);
    if (!page.ok()) return page.status();
    for (T& item : *((*page).*items)()) all.push_back(std::move(item));
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return all;
}

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_PAGES_H_
