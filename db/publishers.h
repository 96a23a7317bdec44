#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "almanac/v1/change.pb.h"
#include "almanac/v1/publisher.pb.h"
#include "db/listing.h"
#include "db/transaction.h"

// Publishers in the store. Every noun has these same four functions. Names have been checked by the caller.
namespace almanac::db {

// Which part of a list is wanted. Names of resources order it, and `after` is the last one of the page before.
struct Page {
  std::string after;
  int limit = 0;
  bool show_deleted = false;
};

// Adds a publisher and records the change. Returns it with its times, etag and revision; ALREADY_EXISTS if the name is
// taken, also by a deleted one.
absl::StatusOr<almanac::v1::Publisher> InsertPublisher(WriteTransaction& transaction, almanac::v1::Publisher publisher);

// Returns a publisher, deleted or not; NOT_FOUND if there never was one.
absl::StatusOr<almanac::v1::Publisher> ReadPublisher(Transaction& transaction, const std::string& name);

// Publishers by name.
std::vector<almanac::v1::Publisher> ListPublishers(Transaction& transaction, const Page& page);

// Makes `before`, just read in this transaction, what `after` says and records the change as `type`. Returns it with
// its new time, etag and revision; changes nothing if the two say the same.
almanac::v1::Publisher UpdatePublisher(WriteTransaction& transaction, almanac::v1::Change::Type type,
                                       const almanac::v1::Publisher& before, almanac::v1::Publisher after);

// Whether there is a publisher that is not deleted.
bool IsLive(Transaction& transaction, const std::string& publisher_name);

// Whether a publisher has live datasets or plans.
bool HasLiveChildren(Transaction& transaction, const std::string& publisher_name);

// Publishers by a condition and in an order, at most `limit` that come behind `after`; with `as_of`, as they were
// then. Errors are those of `as_of`.
absl::StatusOr<ListPart<almanac::v1::Publisher>> ListPublishersByQuery(
    Transaction& transaction, const ListQuery& query, const std::optional<ListPosition>& after, int limit,
    const AsOfRevision<almanac::v1::Publisher>* as_of = nullptr);

// Those of `resources` that meet `condition`, in their order.
std::vector<almanac::v1::Publisher> KeepPublishers(Transaction& transaction, const Condition& condition,
                                                   std::vector<almanac::v1::Publisher> resources);

// Where they lie, for what is done with lists of every noun.
const ListSource& PublisherSource();

}  // namespace almanac::db
