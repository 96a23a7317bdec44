#pragma once

#include <string>
#include <vector>

#include "almanac/v1/change_service.pb.h"
#include "db/transaction.h"

// The servers of the catalogue. Each statement is a transaction of its own, on the primary; none is in the change log.
namespace almanac::db {

// Puts a server into the list, or says how it is now: heard of at this moment, by the catalogue's clock, and as far
// behind the head as its lags say. Forgets those that were not heard of for a day.
void SaveReplica(Transaction& transaction, const almanac::v1::Replica& replica);

// Takes a server out of the list.
void DeleteReplica(Transaction& transaction, const std::string& id);

// Those that were heard of within the last minute, by their ids.
std::vector<almanac::v1::Replica> ListReplicas(Transaction& transaction);

}  // namespace almanac::db
