#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "db/transaction.h"

// What time has brought about and nobody has written down yet.
namespace almanac::db {

// The time zones of live publishers.
std::vector<std::string> ListTimeZones(Transaction& transaction);

// The names of at most `limit` open commitments whose target has passed, and that are not overdue yet: live lines of
// live publishers' published plans that no later edition continues. `today` says which day it is in each time zone.
std::vector<std::string> ListBrokenCommitments(Transaction& transaction,
                                               const std::map<std::string, std::string>& today, int limit);

// The names of at most `limit` live datasets whose freshness state has changed by `now`, or that have none yet.
std::vector<std::string> ListChangedFreshness(Transaction& transaction, absl::Time now, int limit);

}  // namespace almanac::db
