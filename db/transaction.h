#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "almanac/v1/change.pb.h"

// libpq's PGresult.
struct pg_result;

namespace almanac::db {

class Connection;

// An SQL text with $1, $2, … for its parameters: a constant, prepared once per connection under its address.
struct Statement {
  const char* sql;

  // Whether it changes rows: insert, update or delete, as its first word says.
  bool writes() const;
};

// How the rows of a table are written: `many` takes an array for each cell of a row. `one`, if there is one, takes the
// cells of a single row.
struct RowStatements {
  Statement one{nullptr};
  Statement many;
  // Rows of a lower rank are written first: those of a higher one may refer to them.
  int rank;
};

// A value bound to a parameter of a statement.
class Param {
 public:
  Param(std::nullopt_t) {}                                  // NOLINT(google-explicit-constructor)
  Param(std::string text) : text_(std::move(text)) {}       // NOLINT(google-explicit-constructor)
  Param(std::string_view text) : text_(text) {}             // NOLINT(google-explicit-constructor)
  Param(const char* text) : text_(text) {}                  // NOLINT(google-explicit-constructor)
  Param(int64_t number) : text_(std::to_string(number)) {}  // NOLINT(google-explicit-constructor)
  Param(int32_t number) : text_(std::to_string(number)) {}  // NOLINT(google-explicit-constructor)
  Param(bool value) : text_(value ? "t" : "f") {}           // NOLINT(google-explicit-constructor)
  Param(absl::Time time);                                   // NOLINT(google-explicit-constructor)
  Param(const google::protobuf::Timestamp& time);           // NOLINT(google-explicit-constructor)
  // NULL for an absent time.
  template <typename Message>
  static Param Time(const Message& message, bool (Message::*has)() const,
                    const google::protobuf::Timestamp& (Message::*get)() const) {
    return (message.*has)() ? Param((message.*get)()) : Param(std::nullopt);
  }
  static Param Bytes(std::string_view bytes);
  // NULL for an empty text.
  static Param NonEmpty(std::string_view text);
  // A text[], or with `bytes` a bytea[].
  static Param Array(const std::vector<std::string>& values, bool bytes = false);
  static Param Array(const std::vector<int64_t>& values);
  // An array of rows of a table, each with the cells of the table's columns in their order.
  static Param Rows(const std::vector<std::vector<Param>>& rows);
  // An array of the `column`th cells of `rows`, of whatever type the statement says; NULL for those that are.
  static Param Column(const std::vector<std::vector<Param>>& rows, size_t column);

  const char* c_str() const { return text_ ? text_->c_str() : nullptr; }
  size_t bytes() const { return text_ ? text_->size() : 0; }

 private:
  std::optional<std::string> text_;
};

// The rows of an answer, in PostgreSQL's binary format. Cells are read one after the other in the order of the select
// list, each as the type that it has there; throws if it has another.
class Rows {
 public:
  explicit Rows(std::shared_ptr<const pg_result> result);

  int size() const;
  bool empty() const { return size() == 0; }
  int64_t affected() const;

  class Reader {
   public:
    Reader(const pg_result* result, int row) : result_(result), row_(row) {}
    bool Null() const;             // whether the next cell is; does not read it
    std::string_view Cell();       // a text or JSON, valid as long as the rows; "" for NULL
    std::string_view BytesCell();  // the same for a bytea
    std::string Text() { return std::string(Cell()); }
    std::string Bytes() { return std::string(BytesCell()); }
    int64_t Int();  // 0 for NULL
    bool Bool();    // false for NULL
    // A cell made by micros(); leaves an absent time absent.
    template <typename Message>
    void Time(Message* message, google::protobuf::Timestamp* (Message::*mutable_time)()) {
      if (!Null())
        SetTime((message->*mutable_time)());
      else
        Skip();
    }
    void Skip(int cells = 1) { column_ += cells; }

   private:
    // The next cell, of whatever type.
    std::string_view Next();
    void SetTime(google::protobuf::Timestamp* time);

    const pg_result* result_;
    int row_;
    int column_ = 0;
  };

  // Valid as long as these rows.
  Reader operator[](int row) const { return {result_.get(), row}; }

 private:
  std::shared_ptr<const pg_result> result_;
};

// Every row as `from_row` reads it.
template <typename FromRow>
auto ReadAll(const Rows& rows, FromRow from_row) {
  std::vector<decltype(from_row(rows[0]))> all;
  all.reserve(rows.size());
  for (int i = 0; i < rows.size(); ++i) all.push_back(from_row(rows[i]));
  return all;
}

// Thrown where a write has gone on for so long that others must not wait for it any more.
struct WriteTooLong {};

// Runs statements on one connection, in one transaction if it is a WriteTransaction, else each for itself. For one
// thread. Errors of the database are exceptions of its driver, which Database alone catches.
class Transaction {
 public:
  explicit Transaction(Connection& connection) : connection_(connection) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // A SELECT that was written for this request. To be run on a connection that plans each by its values.
  Rows Query(const std::string& select, const std::vector<Param>& params);

  // What was stored before is written first.
  Rows Exec(const Statement& statement, const std::vector<Param>& params = {});

 protected:
  // Rows that wait to be written together.
  struct StoredRows {
    const RowStatements* statements;
    std::vector<std::vector<Param>> rows;
    std::map<std::string, size_t> places;  // by key
  };

  void WriteStoredRows();
  // Runs a statement, whatever is stored.
  Rows Run(const Statement& statement, const std::vector<Param>& params = {});

  // No statement begins later.
  absl::Time deadline_ = absl::InfiniteFuture();
  int64_t rows_written_ = 0;
  std::vector<StoredRows> stored_;
  size_t stored_bytes_ = 0;
  absl::Time last_statement_ = absl::Now();

 private:
  Connection& connection_;
};

// The transaction of a batch of writes, holding the head's lock, as one write sees it: everything committed before,
// and what earlier writes of the batch did.
class WriteTransaction : public Transaction {
 public:
  WriteTransaction(Connection& connection, int64_t head_revision, absl::Time now)
      : Transaction(connection), revision_(head_revision), now_(now) {}

  // The time of the changes of this write, by the catalogue's clock; after the time of every earlier write.
  absl::Time now() const { return now_; }
  const std::string& actor() const { return actor_; }

  // The revision of the change that Record will append next. The resource must carry it.
  int64_t next_revision() const { return revision_ + 1; }

  // Lets PostgreSQL know that this writer is not frozen, if it has not heard from it for some time: to be called now
  // and then by work that goes on for long without a statement. What was stored stays so. Store and Record do it too.
  void StayAlive();

  // Writes a row, together with others and before the next statement is run. `key` is that of the row in its table; of
  // a row that is stored twice the latter counts.
  void Store(const RowStatements& statements, const std::string& key, std::vector<Param> row);

  // Appends a change of `after`, which was `before`, or null if it is new. Both are resources of the same kind.
  void Record(almanac::v1::Change::Type type, const google::protobuf::Message* before,
              const google::protobuf::Message& after);

 private:
  friend class Committer;

  int64_t revision_;
  absl::Time now_;
  std::string actor_;
  std::string request_id_;
  std::vector<almanac::v1::Change> changes_;
};

// What the catalogue's clock says, which is the database's: one for all replicas.
absl::Time ReadClock(Transaction& transaction);

// The moment as the protobuf message has it, in whole microseconds.
google::protobuf::Timestamp ToTimestamp(absl::Time time);

// The etag of a resource whose last change has this revision (AIP-154: in quotes).
std::string EtagOf(int64_t revision);

// Whether two resources are the same but for the bookkeeping of changes: update_time, etag, revision.
bool SameContent(const google::protobuf::Message& a, const google::protobuf::Message& b);

// Makes `resource` carry the change that is about to be recorded.
template <typename Resource>
void Stamp(const WriteTransaction& transaction, Resource& resource) {
  *resource.mutable_update_time() = ToTimestamp(transaction.now());
  if (!resource.has_create_time()) *resource.mutable_create_time() = resource.update_time();
  resource.set_revision(transaction.next_revision());
  resource.set_etag(EtagOf(resource.revision()));
}

}  // namespace almanac::db
