// How failures are told: one clear message with its remedy, and one exit code, the same in every command.
#ifndef ALMANAC_CLIENT_ERRORS_H_
#define ALMANAC_CLIENT_ERRORS_H_

#include <grpcpp/support/status.h>

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "client/interrupt.h"

namespace almanac::client {

// The exit codes of `almanac`. They are part of its interface: never renumber them.
enum ExitCode : int {
  kDone = 0,         // Done.
  kRefused = 1,      // Refused by the server, or an input that cannot be used.
  kUsage = 2,        // The command line is wrong.
  kNotFound = 3,     // There is no such resource.
  kConflict = 4,     // Someone changed it in the meantime: the etag is stale.
  kUnavailable = 5,  // No server, or no answer in time.
  kInterrupted = kInterruptedExitCode,
};

// An error in how the program was called; its exit code is kUsage.
absl::Status UsageError(std::string_view message);

// A command that the user ended with Ctrl-C; its exit code is kInterrupted.
absl::Status InterruptedError(std::string_view message);

// The last and telling part of what gRPC says of a connection that failed; any other message as it is.
std::string PlainCause(std::string_view message);

// A failed call to the server at `server` as an absl::Status of the same code, which keeps the error's details. The
// message of a server that cannot be reached names the address and the remedy. OK stays OK.
absl::Status FromGrpc(const grpc::Status& status, std::string_view server);

// The reason that the server gave for programs, such as `ETAG_MISMATCH`; empty if the error is not the server's.
std::string ReasonOf(const absl::Status& status);

// Whether the server complains about the field `field` of the request.
bool IsAbout(const absl::Status& status, std::string_view field);

// The same error with `rename` applied to the field of each field violation, in the message too, for example to name a
// line of a file.
absl::Status RenameFields(const absl::Status& status, const std::function<std::string(const std::string&)>& rename);

// The same error with `line` added at the end of its message.
absl::Status AddLine(const absl::Status& status, std::string_view line);

// The exit code for `status`.
ExitCode ExitCodeOf(const absl::Status& status);

// What to tell the user: the message, then a line for each violation and remedy, each as OneLine gives it. Ends without
// a line break.
std::string Explain(const absl::Status& status);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_ERRORS_H_
