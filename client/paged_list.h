// Lists that are printed page by page, as the pages come.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include <ostream>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/list_walk.h"
#include "client/output.h"
#include "client/program.h"

namespace almanac::client {

// Prints a list without resources, and tells people that there are none.
template <typename T>
absl::Status PrintNone(Session& session, ListOutput<T>& list) {
  list.Add(std::vector<T>());
  list.Finish();
  if (session.printer.format() == Format::kTable) session.notes << "there are none\n";
  return absl::OkStatus();
}

// Walks the pages of a list and prints each as it comes. `request` needs all but the page fields set; `items` is the
// accessor of the answer's resources; `list` prints as a ListOutput does, and is shown each answer first if it has
// BeginPage. A list that Ctrl-C ended is whole in its format; one that an error ended is not, so that nobody takes it
// for all there is.
template <typename T, typename Stub, typename Request, typename Response, typename List>
absl::Status PrintPages(Session& session, Method<Stub, Request, Response> method, Request request,
                        const google::protobuf::RepeatedPtrField<T>& (Response::*items)() const, List& list,
                        const ListExtent& extent) {
  ListWalk walk(session, extent);
  while (walk.GoesOn()) {
    request.set_page_size(walk.NextPageSize());
    if constexpr (requires { request.set_include_total_size(true); }) {
      request.set_include_total_size(walk.WantsTotal());
    }
    const absl::StatusOr<Response> page = session.connection.Call(method, request);
    if (walk.was_interrupted()) break;
    if (!page.ok()) return walk.Explain(page.status());
    if constexpr (requires { page->total_size(); }) {
      if (walk.WantsTotal()) walk.SetTotal({page->total_size(), page->is_total_size_estimated()});
    }
    const google::protobuf::RepeatedPtrField<T>& resources = ((*page).*items)();
    request.set_page_token(page->next_page_token());
    walk.AddPage(resources.size(), request.page_token().empty());
    if constexpr (requires { list.BeginPage(*page); }) list.BeginPage(*page);
    if (!resources.empty()) list.Add(resources);
    session.printer.out().flush();
  }
  if (walk.count() == 0 && !walk.was_interrupted()) return PrintNone(session, list);
  list.Finish();
  return walk.Finish();
}

}  // namespace almanac::client
