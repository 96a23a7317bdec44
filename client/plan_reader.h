// Reads what the catalogue has of whole publishers.
#ifndef ALMANAC_CLIENT_PLAN_READER_H_
#define ALMANAC_CLIENT_PLAN_READER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/connection.h"
#include "client/promises.h"

namespace almanac::client {

// The plans of `publisher`, a whole name. Returns the server's error, NOT_FOUND if there is no such publisher.
absl::StatusOr<PublisherPlans> ReadPlans(Connection& connection, const std::string& publisher);

// The plans of every live publisher, by name.
absl::StatusOr<std::vector<PublisherPlans>> ReadAllPlans(Connection& connection);

// The day by which `name`, a plan, a publisher or `publishers/-`, is judged: `as_of` or, if that is empty, today where
// the publisher is. Returns the server's error if it is no day or there is no such resource.
absl::StatusOr<absl::CivilDay> ResolveDay(Connection& connection, const std::string& name, const std::string& as_of);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_PLAN_READER_H_
