#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "service/child_process.h"

namespace almanac::service {

// Where a private PostgreSQL cluster lives, and the user that its programs run as.
struct EmbeddedDirectory {
  // Absolute, without symbolic links, and safe in libpq's keywords and a shell's double quotes.
  std::string path;
  Account account;
};

// Makes `dir` ready for a cluster in `dir`/data: it exists, belongs to the account and is closed to others. Returns
// INVALID_ARGUMENT, saying which directory is in the way and what to do, if its path cannot be used, if it holds
// something else, or if the account may not pass through its parents.
absl::StatusOr<EmbeddedDirectory> PrepareEmbeddedDirectory(const std::string& dir);

}  // namespace almanac::service
