// What every command that writes has in common.
#ifndef ALMANAC_CLIENT_MUTATION_H_
#define ALMANAC_CLIENT_MUTATION_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

#include "client/program.h"

namespace almanac::client {

// The flags of a write.
struct MutationFlags {
  std::string etag;
  std::string request_id;
  bool dry_run = false;

  // The etag as the server writes it: in quotes, which a shell easily loses.
  std::string QuotedEtag() const;

  // Adds the flags to `command`, which this object must outlive; `with_etag` for writes to something that exists.
  // `request_id_note` is added to the help of the request id.
  void AddTo(CLI::App& command, bool with_etag, const std::string& request_id_note = "");

  // Fills in what `request` has of etag, request id and validate_only. A request id is made up if none was given, so
  // that a repeated call happens once.
  template <typename Request>
  void Fill(Request& request) const {
    if constexpr (requires { request.set_etag(etag); }) request.set_etag(QuotedEtag());
    request.set_request_id(request_id.empty() ? NewRequestId() : request_id);
    request.set_validate_only(dry_run);
  }

  // A random UUID.
  static std::string NewRequestId();
};

// The flags with which the same write can be repeated.
std::string RepeatFlags(std::string_view request_id, std::string_view etag);

// Tells a user who interrupted a write how to make sure of it, with `flags` empty if it cannot have been carried out,
// and ends the process.
[[noreturn]] void TellInterrupted(std::ostream& notes, std::string_view flags);

// Adds to the error of a write what to do if it is not known whether it was carried out.
// `flags` are those with which the same write can be repeated.
absl::Status ExplainDoubt(const absl::Status& status, const Connection& connection, std::string_view flags);

// Tells people what was done to `name`, for example `created` at a revision; in a dry run, what would be done.
void TellDone(const Session& session, std::string_view name, std::string_view done, int64_t revision, bool dry_run);

// Makes the call of a write and returns its answer. `etag` is the one that the write was made against, if any.
template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> Mutate(Session& session, Method<Stub, Request, Response> method, const Request& request,
                                const std::string& etag = "") {
  const std::string flags = RepeatFlags(request.request_id(), etag);
  const Interrupt::Scope interrupted(
      session.interrupt, [&] { TellInterrupted(session.notes, session.connection.reached() ? flags : ""); });
  absl::StatusOr<Response> response = session.connection.Call(method, request);
  if (response.ok()) return response;
  return ExplainDoubt(response.status(), session.connection, flags);
}

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_MUTATION_H_
