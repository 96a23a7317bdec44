#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "tests/fault/spawner.h"

namespace almanac::fuzz {

// An almanacd of its own, on a new database in a PostgreSQL cluster, with the sample plan and what else a catalogue may
// have. Both are gone with this object.
class FuzzServer {
 public:
  // `cluster_url` is a superuser's.
  static absl::StatusOr<std::unique_ptr<FuzzServer>> Start(const std::string& cluster_url);
  ~FuzzServer();

  const std::string& address() const { return address_; }
  // An error with the end of its log if it does not run any more.
  absl::Status CheckRunning();

 private:
  explicit FuzzServer(std::string cluster_url);

  absl::Status Prepare();
  absl::Status Serve();
  absl::Status Fill() const;

  const std::string cluster_url_;
  const std::string database_;
  const std::string log_;
  testing::Spawner spawner_;
  pid_t pid_ = 0;
  std::string address_;
};

}  // namespace almanac::fuzz
