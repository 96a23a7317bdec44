// What applies to every command, from flags and the environment.
#ifndef ALMANAC_CLIENT_SETTINGS_H_
#define ALMANAC_CLIENT_SETTINGS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "almanac/v1/consistency.pb.h"
#include "client/output.h"

namespace almanac::client {

// Each takes what a flag said, empty if it was not given, and returns what applies, or a usage error.

// The server: the flag, else ALMANAC_SERVER, else 127.0.0.1:7461. HOST:PORT or a gRPC target with a scheme.
absl::StatusOr<std::string> ResolveServer(std::string_view flag);

// Who the change log says did it: the flag, else ALMANAC_ACTOR, else the name of the operating system's user. 1 to 100
// printable ASCII characters.
absl::StatusOr<std::string> ResolveActor(std::string_view flag);

// How long a call may take: seconds (`30`) or a duration (`500ms`, `2m`); 30 seconds if not given; at most a day.
absl::StatusOr<absl::Duration> ResolveTimeout(std::string_view flag);

// How fresh what is read must be: `strong`, `any`, or a revision from 0 on that must be there; empty if not given.
absl::StatusOr<v1::Consistency> ResolveConsistency(std::string_view flag);

// The language of texts: the flag, else ALMANAC_LANGUAGE, else no wish. A BCP-47 tag, or its beginning.
absl::StatusOr<Language> ResolveLanguage(std::string_view flag);

// The format of the output, one of `allowed`; a table if not given.
absl::StatusOr<Format> ResolveFormat(std::string_view flag, const std::vector<Format>& allowed);

// The words of formats for people: `table, json or name`.
std::string FormatChoices(const std::vector<Format>& formats);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_SETTINGS_H_
