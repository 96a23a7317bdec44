#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "almanac/v1/change_service.pb.h"
#include "db/database.h"
#include "service/upkeep.h"

namespace almanac::service {

// Takes out of the log what its policy lets go, a partition at a time. Every replica may have a policy; where they
// differ, the one that keeps least counts.
class Retention {
 public:
  // Looks at once and then about every `interval`; never if `policy` keeps all. `database` must outlive this.
  Retention(db::Database& database, almanac::v1::RetentionPolicy policy, absl::Duration interval);

  // Ends the looking at once. What the database is doing just then it does as a whole, or not.
  void Stop() { upkeep_.Stop(); }

 private:
  // Takes out all that may go.
  absl::Status Tick();

  db::Database& database_;
  const almanac::v1::RetentionPolicy policy_;
  Upkeep upkeep_;
};

}  // namespace almanac::service
