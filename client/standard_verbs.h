// The verbs that every noun has, once for all nouns.
#ifndef ALMANAC_CLIENT_STANDARD_VERBS_H_
#define ALMANAC_CLIENT_STANDARD_VERBS_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/checks.h"
#include "client/errors.h"
#include "client/field_flags.h"
#include "client/history.h"
#include "client/moment.h"
#include "client/mutation.h"
#include "client/names.h"
#include "client/pages.h"
#include "client/program.h"

namespace almanac::client {

// What the verbs need to know of a kind of resource. `app` and `program` must outlive the run.
template <typename T>
struct Noun {
  using Resource = T;

  Program& program;
  CLI::App& app;
  NamePattern names;
  Columns<T> columns;
};

inline void AddNameArgument(CLI::App& command, const NamePattern& names, std::string& value) {
  command.add_option("NAME", value, names.Forms())->required()->type_name("");
}

// `get`: shows one resource.
template <typename T, typename Stub, typename Request>
void AddGet(const Noun<T>& noun, const Verb& verb, Method<Stub, Request, T> method) {
  struct Flags {
    std::string name;
    AtFlag at;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App& command = noun.program.AddVerb(noun.app, verb, [noun, method, flags](Session& session) -> absl::Status {
    const absl::StatusOr<std::string> whole = noun.names.Complete(flags->name);
    if (!whole.ok()) return whole.status();
    Request request;
    request.set_name(*whole);
    flags->at.Fill(request);
    const absl::StatusOr<T> resource = session.connection.Call(method, request);
    if (!resource.ok()) return resource.status();
    session.printer.PrintOne(*resource, noun.columns);
    return absl::OkStatus();
  });
  AddNameArgument(command, noun.names, flags->name);
  if constexpr (requires(Request request) { request.mutable_at(); }) flags->at.AddTo(command);
}

// `history`: shows the changes of one resource. `get` tells whether there ever was one.
template <typename T, typename Stub, typename Request>
void AddHistory(const Noun<T>& noun, const std::string& example, v1::ResourceKind kind, Method<Stub, Request, T> get) {
  struct State {
    std::string name;
    HistoryFlags flags;
  };
  auto state = std::make_shared<State>();
  const Verb verb = {"history", absl::StrCat("Show who changed a ", noun.names.Noun(), ", when, and what"), example};
  CLI::App& command = noun.program.AddVerb(noun.app, verb, [noun, kind, get, state](Session& session) -> absl::Status {
    const absl::StatusOr<std::string> whole = noun.names.Complete(state->name);
    if (!whole.ok()) return whole.status();
    Request request;
    request.set_name(*whole);
    const absl::StatusOr<T> resource = session.connection.Call(get, request);
    if (!resource.ok()) return resource.status();
    return PrintHistory(session, *whole, kind, state->flags);
  });
  AddNameArgument(command, noun.names, state->name);
  state->flags.AddTo(command);
}

// Prints a list without resources, and tells people that there are none.
template <typename T>
absl::Status PrintNone(Session& session, ListOutput<T>& list) {
  list.Add(std::vector<T>());
  list.Finish();
  if (session.printer.format() == Format::kTable) session.notes << "there are none\n";
  return absl::OkStatus();
}

// Walks all pages of a list, up to `limit` resources, and prints each page as it comes. `request` needs all but the
// page fields set; `items` is the accessor of the answer's resources; `list` prints as a ListOutput does.
template <typename T, typename Stub, typename Request, typename Response, typename List>
absl::Status PrintPages(Session& session, Method<Stub, Request, Response> method, Request request,
                        const google::protobuf::RepeatedPtrField<T>& (Response::*items)() const, List& list,
                        int64_t limit) {
  int64_t count = 0;
  do {
    request.set_page_size(static_cast<int32_t>(std::min<int64_t>(kMaxPageSize, limit - count)));
    const absl::StatusOr<Response> page = session.connection.Call(method, request);
    if (!page.ok()) return page.status();
    count += ((*page).*items)().size();
    request.set_page_token(page->next_page_token());
    if (count > 0) list.Add(((*page).*items)());
    session.printer.out().flush();
  } while (!request.page_token().empty() && count < limit && session.printer.out().good());
  if (count == 0) return PrintNone(session, list);
  list.Finish();
  return absl::OkStatus();
}

// The flag that ends a list early.
inline void AddLimit(CLI::App& command, int64_t& limit, const std::string& help) {
  command.add_option("--limit", limit, help)->type_name("NUMBER")->check(AtLeast(1));
}

// `list`: shows all resources, or those of one parent.
template <typename T, typename Stub, typename Request, typename Response>
void AddList(const Noun<T>& noun, const Verb& verb, Method<Stub, Request, Response> method,
             const google::protobuf::RepeatedPtrField<T>& (Response::*items)() const) {
  struct Flags {
    std::string parent;
    bool show_deleted = false;
    AtFlag at;
    int64_t limit = std::numeric_limits<int64_t>::max();
  };
  auto flags = std::make_shared<Flags>();
  const auto action = [noun, method, items, flags](Session& session) -> absl::Status {
    Request request;
    if constexpr (requires { request.set_parent(""); }) {
      const NamePattern parents = noun.names.Parent();
      const absl::StatusOr<std::string> parent =
          flags->parent.empty() ? parents.Wildcard() : parents.Complete(flags->parent);
      if (!parent.ok()) return parent.status();
      request.set_parent(*parent);
    }
    request.set_show_deleted(flags->show_deleted);
    flags->at.Fill(request);
    ListOutput<T> list(session.printer, noun.columns, flags->show_deleted);
    return PrintPages(session, method, request, items, list, flags->limit);
  };
  CLI::App& command = noun.program.AddVerb(noun.app, verb, action);
  if (noun.names.HasParent()) {
    const NamePattern parents = noun.names.Parent();
    command
        .add_option(absl::StrCat("--", parents.Noun()), flags->parent,
                    absl::StrCat("Only those of this ", parents.Noun(), ", ", parents.Forms()))
        ->type_name("NAME")
        ->check(NotEmpty());
  }
  command.add_flag("--show-deleted", flags->show_deleted, "Show deleted ones too");
  if constexpr (requires(Request request) { request.mutable_at(); }) flags->at.AddTo(command);
  AddLimit(command, flags->limit, "At most so many (all if not given)");
}

// A verb that changes one existing resource, named in the request: `delete`, `publish`, `release`. `done` is its past
// participle; `more` adds flags, bound to the request that will be sent.
template <typename T, typename Stub, typename Request, typename More>
void AddMutation(const Noun<T>& noun, const Verb& verb, const std::string& done, Method<Stub, Request, T> method,
                 const More& more) {
  struct State {
    Request request;
    std::string name;
    MutationFlags flags;
  };
  auto state = std::make_shared<State>();
  const auto action = [noun, method, done, state](Session& session) -> absl::Status {
    const absl::StatusOr<std::string> whole = noun.names.Complete(state->name);
    if (!whole.ok()) return whole.status();
    state->request.set_name(*whole);
    state->flags.Fill(state->request);
    const absl::StatusOr<T> resource = Mutate(session, method, state->request, state->flags.QuotedEtag());
    if (!resource.ok()) return resource.status();
    TellDone(session, resource->name(), done, resource->revision(), state->flags.dry_run);
    session.printer.PrintOne(*resource, noun.columns);
    return absl::OkStatus();
  };
  CLI::App& command = noun.program.AddVerb(noun.app, verb, action);
  AddNameArgument(command, noun.names, state->name);
  more(command, state->request);
  state->flags.AddTo(
      command, requires { state->request.set_etag(""); });
}

template <typename T, typename Stub, typename Request>
void AddMutation(const Noun<T>& noun, const Verb& verb, const std::string& done, Method<Stub, Request, T> method) {
  AddMutation(noun, verb, done, method, [](CLI::App&, Request&) {});
}

// Parent and id of what is to be created, from NAME (whole, an id, or empty for an id of the server's making) and the
// flag of the parent. Returns a usage error if they do not say, or contradict each other.
absl::StatusOr<std::pair<std::string, std::string>> ResolveNewName(const NamePattern& names, const std::string& name,
                                                                   const std::string& parent);

// Adds NAME and, where resources of this kind lie in another, the flag of the parent.
void AddNewNameArguments(CLI::App& command, const NamePattern& names, std::string& name, std::string& parent);

// `create`. `resource` and `id` are the accessors of the request's fields.
template <typename T, typename Stub, typename Request>
void AddCreate(const Noun<T>& noun, const Verb& verb, Method<Stub, Request, T> method, T* (Request::*resource)(),
               std::string* (Request::*id)(), const std::vector<FieldFlag>& field_flags) {
  struct State {
    std::string name;
    std::string parent;
    MutationFlags flags;
    std::unique_ptr<FieldFlags> fields;
  };
  auto state = std::make_shared<State>();
  const auto action = [=](Session& session) -> absl::Status {
    auto where = ResolveNewName(noun.names, state->name, state->parent);
    if (!where.ok()) return where.status();
    Request request;
    google::protobuf::FieldMask mask;
    const absl::Status status = state->fields->Apply(*(request.*resource)(), mask);
    if (!status.ok()) return status;
    if constexpr (requires { request.set_parent(""); }) request.set_parent(where->first);
    *(request.*id)() = where->second;
    state->flags.Fill(request);
    const absl::StatusOr<T> created = Mutate(session, method, request);
    if (!created.ok()) return created.status();
    TellDone(session, created->name(), "created", created->revision(), state->flags.dry_run);
    session.printer.PrintOne(*created, noun.columns);
    return absl::OkStatus();
  };
  CLI::App& command = noun.program.AddVerb(noun.app, verb, action);
  AddNewNameArguments(command, noun.names, state->name, state->parent);
  state->fields = std::make_unique<FieldFlags>(command, *T::descriptor(), field_flags);
  state->flags.AddTo(command, false);
}

// Copies the fields of `mask` from `from` to `to`, which is empty.
void CopyFields(const google::protobuf::FieldMask& mask, const google::protobuf::Message& from,
                google::protobuf::Message& to);

// `update`: reads the resource, applies the flags, and writes the fields they name against the etag that was read, so
// that nobody's change is lost. With a request id of the user's, the etag that was read is left out: it would make the
// repeated command another request. `resource` is the accessor of the request's field.
template <typename T, typename Stub, typename GetRequest, typename Request>
void AddUpdate(const Noun<T>& noun, const Verb& verb, Method<Stub, GetRequest, T> get, Method<Stub, Request, T> update,
               T* (Request::*resource)(), const std::vector<FieldFlag>& field_flags) {
  struct State {
    std::string name;
    MutationFlags flags;
    std::unique_ptr<FieldFlags> fields;
  };
  auto state = std::make_shared<State>();
  const auto action = [=](Session& session) -> absl::Status {
    const absl::StatusOr<std::string> whole = noun.names.Complete(state->name);
    if (!whole.ok()) return whole.status();
    Request request;
    T unused;
    absl::Status status = state->fields->Apply(unused, *request.mutable_update_mask());
    if (!status.ok()) return status;
    if (request.update_mask().paths().empty()) {
      return UsageError(absl::StrCat("nothing to change: give at least one of ", state->fields->List()));
    }
    GetRequest get_request;
    get_request.set_name(*whole);
    absl::StatusOr<T> current = session.connection.Call(get, get_request);
    if (!current.ok()) return current.status();
    request.mutable_update_mask()->Clear();
    status = state->fields->Apply(*current, *request.mutable_update_mask());
    if (!status.ok()) return status;
    // Only what is to be written is sent: the same command repeated is the same request.
    T& changed = *(request.*resource)();
    CopyFields(request.update_mask(), *current, changed);
    changed.set_name(*whole);
    const bool may_be_repeated = !state->flags.request_id.empty();
    if (state->flags.etag.empty() && !may_be_repeated) changed.set_etag(current->etag());
    if (!state->flags.etag.empty()) changed.set_etag(state->flags.QuotedEtag());
    state->flags.Fill(request);
    const absl::StatusOr<T> updated = Mutate(session, update, request, changed.etag());
    if (!updated.ok()) return updated.status();
    TellDone(session, updated->name(), "updated", updated->revision(), state->flags.dry_run);
    session.printer.PrintOne(*updated, noun.columns);
    return absl::OkStatus();
  };
  CLI::App& command = noun.program.AddVerb(noun.app, verb, action);
  AddNameArgument(command, noun.names, state->name);
  state->fields = std::make_unique<FieldFlags>(command, *T::descriptor(), field_flags);
  state->flags.AddTo(command, true, "; what others changed since is then refused only with --etag");
}

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_STANDARD_VERBS_H_
