// The verbs that every noun has, once for all nouns.
#ifndef ALMANAC_CLIENT_STANDARD_VERBS_H_
#define ALMANAC_CLIENT_STANDARD_VERBS_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/checks.h"
#include "client/errors.h"
#include "client/field_flags.h"
#include "client/history.h"
#include "client/list_flags.h"
#include "client/moment.h"
#include "client/mutation.h"
#include "client/names.h"
#include "client/paged_list.h"
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

// `list`: shows all resources, or those of one parent.
template <typename T, typename Stub, typename Request, typename Response>
void AddList(const Noun<T>& noun, const Verb& verb, Method<Stub, Request, Response> method,
             const google::protobuf::RepeatedPtrField<T>& (Response::*items)() const) {
  struct Flags {
    Request request;
    ParentFlag parent;
    AtFlag at;
    ExtentFlags extent;
  };
  auto flags = std::make_shared<Flags>();
  const auto action = [noun, method, items, flags](Session& session) -> absl::Status {
    Request& request = flags->request;
    if constexpr (requires { request.set_parent(""); }) {
      const absl::StatusOr<std::string> parent = flags->parent.Resolve(noun.names.Parent());
      if (!parent.ok()) return parent.status();
      request.set_parent(*parent);
    }
    flags->at.Fill(request);
    ListOutput<T> list(session.printer, noun.columns, request.show_deleted());
    return PrintPages(session, method, request, items, list,
                      flags->extent.Extent(ExtentFlags::Readable(IsTerminal(session.printer.out()))));
  };
  CLI::App& command = noun.program.AddVerb(noun.app, verb, action);
  if (noun.names.HasParent()) flags->parent.AddTo(command, noun.names.Parent());
  AddFilter(command, *flags->request.mutable_filter());
  command
      .add_option("--order-by", *flags->request.mutable_order_by(),
                  "The fields to order by, each with desc behind it or not (by name if not given)")
      ->type_name("FIELDS")
      ->check(NotEmpty());
  command.add_flag_callback(
      "--show-deleted", [flags] { flags->request.set_show_deleted(true); }, "Show deleted ones too");
  if constexpr (requires(Request request) { request.mutable_at(); }) flags->at.AddTo(command);
  flags->extent.AddTo(command, absl::StrCat("all if not given, on a terminal ", ExtentFlags::kOnTerminal));
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
