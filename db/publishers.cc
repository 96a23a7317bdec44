#include "db/publishers.h"

#include "db/columns.h"
#include "db/errors.h"
#include "db/names.h"

namespace almanac::db {
namespace {

using almanac::v1::Change;
using almanac::v1::Publisher;

#define COLUMNS                                                                          \
  "publisher_id, titles, time_zone, homepage, micros(create_time), micros(update_time)," \
  " micros(delete_time), revision"

constexpr Statement kInsert{
    "insert into publishers (publisher_id, titles, time_zone, homepage, create_time, update_time, delete_time, "
    "revision)"
    " values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing"};

constexpr Statement kRead{"select " COLUMNS " from publishers where publisher_id = $1"};

constexpr Statement kList{"select " COLUMNS
                          " from publishers where publisher_id > $1::text and ($2 or delete_time is null)"
                          " order by publisher_id limit $3"};

constexpr Statement kUpdate{
    "update publishers set titles = $2, time_zone = $3, homepage = $4, create_time = $5, update_time = $6,"
    " delete_time = $7, revision = $8 where publisher_id = $1"};

constexpr Statement kIsLive{"select exists (select from publishers where publisher_id = $1 and delete_time is null)"};

constexpr Statement kHasLiveChildren{
    "select exists (select from datasets where publisher_id = $1 and delete_time is null)"
    " or exists (select from plans where publisher_id = $1 and delete_time is null)"};

Publisher FromRow(Rows::Reader row) {
  Publisher publisher;
  publisher.set_name(PublisherName(row.Text()));
  TextsFromJson(row.Cell(), publisher.mutable_titles());
  publisher.set_time_zone(row.Text());
  publisher.set_homepage(row.Text());
  row.Time(&publisher, &Publisher::mutable_create_time);
  row.Time(&publisher, &Publisher::mutable_update_time);
  row.Time(&publisher, &Publisher::mutable_delete_time);
  publisher.set_revision(row.Int());
  publisher.set_etag(EtagOf(publisher.revision()));
  return publisher;
}

std::vector<Param> ToParams(const Publisher& publisher) {
  return {IdsOf(publisher.name())[0],
          TextsToJson(publisher.titles()),
          publisher.time_zone(),
          publisher.homepage(),
          publisher.create_time(),
          publisher.update_time(),
          Param::Time(publisher, &Publisher::has_delete_time, &Publisher::delete_time),
          publisher.revision()};
}

}  // namespace

absl::StatusOr<Publisher> InsertPublisher(WriteTransaction& transaction, Publisher publisher) {
  Stamp(transaction, publisher);
  if (transaction.Exec(kInsert, ToParams(publisher)).affected() == 0) return NameTaken(publisher.name());
  transaction.Record(Change::CREATED, nullptr, publisher);
  return publisher;
}

absl::StatusOr<Publisher> ReadPublisher(Transaction& transaction, const std::string& name) {
  const Rows rows = transaction.Exec(kRead, {IdsOf(name)[0]});
  if (rows.empty()) return NotFound(name);
  return FromRow(rows[0]);
}

std::vector<Publisher> ListPublishers(Transaction& transaction, const Page& page) {
  const std::string after = page.after.empty() ? "" : IdsOf(page.after)[0];
  return ReadAll(transaction.Exec(kList, {after, page.show_deleted, page.limit}), FromRow);
}

Publisher UpdatePublisher(WriteTransaction& transaction, Change::Type type, const Publisher& before, Publisher after) {
  if (SameContent(before, after)) return before;
  Stamp(transaction, after);
  transaction.Exec(kUpdate, ToParams(after));
  transaction.Record(type, &before, after);
  return after;
}

bool IsLive(Transaction& transaction, const std::string& publisher_name) {
  return transaction.Exec(kIsLive, {IdsOf(publisher_name)[0]})[0].Bool();
}

bool HasLiveChildren(Transaction& transaction, const std::string& publisher_name) {
  return transaction.Exec(kHasLiveChildren, {IdsOf(publisher_name)[0]})[0].Bool();
}

const ListSource& PublisherSource() {
  static const ListSource& source = *new ListSource{.table = "publishers", .columns = COLUMNS, .ids = {"publisher_id"}};
  return source;
}

absl::StatusOr<ListPart<Publisher>> ListPublishersByQuery(Transaction& transaction, const ListQuery& query,
                                                          const std::optional<ListPosition>& after, int limit,
                                                          const AsOfRevision<Publisher>* as_of) {
  return ReadList(transaction, PublisherSource(), query, after, limit, as_of, FromRow, ToParams, NoSearchRow());
}

std::vector<Publisher> KeepPublishers(Transaction& transaction, const Condition& condition,
                                      std::vector<Publisher> resources) {
  return KeepListed(transaction, PublisherSource(), condition, std::move(resources), ToParams, NoSearchRow());
}

#undef COLUMNS

}  // namespace almanac::db
