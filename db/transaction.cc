#include "db/transaction.h"

#include <google/protobuf/util/message_differencer.h>
#include <google/protobuf/util/time_util.h>
#include <libpq-fe.h>

#include <algorithm>
#include <pqxx/pqxx>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "db/change_log.h"
#include "db/connection.h"

namespace almanac::db {
namespace {

using google::protobuf::util::TimeUtil;

// What waits to be written together: rows, and bytes of all their cells.
constexpr size_t kMaxStoredRows = 1000;
constexpr size_t kMaxStoredBytes = 8 << 20;

constexpr Statement kClock{"select micros(catalogue_now())"};

// A fraction of idle_in_transaction_session_timeout: a busy machine may keep us from running for a while.
constexpr Statement kSignOfLife{"select"};
constexpr absl::Duration kSignOfLifeInterval = absl::Seconds(1);

// Types of PostgreSQL, by the numbers that its catalogue (pg_type.dat) gives them.
constexpr Oid kBool = 16, kBytea = 17, kName = 19, kInt8 = 20, kInt2 = 21, kInt4 = 23, kText = 25, kJson = 114,
              kVarchar = 1043, kJsonb = 3802;

pqxx::conversion_error NotOfType(const char* wanted, Oid type) {
  return pqxx::conversion_error(absl::StrCat("not ", wanted, " but of type ", type));
}

// An array element in quotes (PostgreSQL, "Array Input and Output Syntax").
void AppendQuoted(std::string* out, const std::string& value) {
  absl::StrAppend(out, "\"");
  for (const char c : value) {
    if (c == '"' || c == '\\') out->push_back('\\');
    out->push_back(c);
  }
  absl::StrAppend(out, "\"");
}

std::string Hex(std::string_view bytes) {
  return absl::StrCat("\\x", absl::BytesToHexString(absl::string_view(bytes.data(), bytes.size())));
}

}  // namespace

bool Statement::writes() const { return *sql == 'i' || *sql == 'u' || *sql == 'd'; }

Param::Param(absl::Time time) : text_(absl::FormatTime("%E4Y-%m-%d %H:%M:%E6S+00", time, absl::UTCTimeZone())) {}

Param::Param(const google::protobuf::Timestamp& time)
    : Param(absl::FromUnixMicros(TimeUtil::TimestampToMicroseconds(time))) {}

Param Param::Bytes(std::string_view bytes) { return {Hex(bytes)}; }

Param Param::NonEmpty(std::string_view text) { return text.empty() ? Param(std::nullopt) : Param(text); }

Param Param::Array(const std::vector<std::string>& values, bool bytes) {
  return {absl::StrCat("{",
                       absl::StrJoin(values, ",",
                                     [bytes](std::string* out, const std::string& value) {
                                       AppendQuoted(out, bytes ? Hex(value) : value);
                                     }),
                       "}")};
}

Param Param::Array(const std::vector<int64_t>& values) { return {absl::StrCat("{", absl::StrJoin(values, ","), "}")}; }

Param Param::Column(const std::vector<std::vector<Param>>& rows, size_t column) {
  std::string array = "{";
  for (const std::vector<Param>& row : rows) {
    if (array.size() > 1) array.push_back(',');
    const std::optional<std::string>& text = row[column].text_;
    text ? AppendQuoted(&array, *text) : absl::StrAppend(&array, "NULL");
  }
  array.push_back('}');
  return {std::move(array)};
}

Param Param::Rows(const std::vector<std::vector<Param>>& rows) {
  std::string array = "{";
  for (const std::vector<Param>& row : rows) {
    // A row in text has its cells in quotes too (PostgreSQL, "Composite Type Input and Output Syntax").
    std::string text = "(";
    for (const Param& cell : row) {
      if (text.size() > 1) text.push_back(',');
      if (cell.text_) AppendQuoted(&text, *cell.text_);
    }
    text.push_back(')');
    if (array.size() > 1) array.push_back(',');
    AppendQuoted(&array, text);
  }
  array.push_back('}');
  return {std::move(array)};
}

Rows::Rows(std::shared_ptr<const pg_result> result) : result_(std::move(result)) {}

int Rows::size() const { return PQntuples(result_.get()); }

int64_t Rows::affected() const {
  int64_t affected = 0;
  // libpq does not change the result.
  return absl::SimpleAtoi(PQcmdTuples(const_cast<PGresult*>(result_.get())), &affected) ? affected : 0;
}

bool Rows::Reader::Null() const { return PQgetisnull(result_, row_, column_) != 0; }

std::string_view Rows::Reader::Next() {
  const int column = column_++;
  return {PQgetvalue(result_, row_, column), static_cast<size_t>(PQgetlength(result_, row_, column))};
}

std::string_view Rows::Reader::Cell() {
  const Oid type = PQftype(result_, column_);
  std::string_view cell = Next();
  // A number of the version goes before what jsonb is as text.
  if (type == kJsonb) return cell.substr(std::min<size_t>(cell.size(), 1));
  if (type == kText || type == kVarchar || type == kJson || type == kName) return cell;
  throw NotOfType("text", type);
}

std::string_view Rows::Reader::BytesCell() {
  if (const Oid type = PQftype(result_, column_); type != kBytea) throw NotOfType("bytea", type);
  return Next();
}

int64_t Rows::Reader::Int() {
  const Oid type = PQftype(result_, column_);
  const std::string_view cell = Next();
  if (type != kInt2 && type != kInt4 && type != kInt8) throw NotOfType("an integer", type);
  if (cell.empty()) return 0;
  // Of two, four or eight bytes, the highest first.
  uint64_t value = static_cast<signed char>(cell[0]) < 0 ? ~uint64_t{0} : 0;
  for (const char byte : cell) value = value << 8 | static_cast<unsigned char>(byte);
  return static_cast<int64_t>(value);
}

bool Rows::Reader::Bool() {
  if (const Oid type = PQftype(result_, column_); type != kBool) throw NotOfType("boolean", type);
  const std::string_view cell = Next();
  return !cell.empty() && cell[0] != 0;
}

void Rows::Reader::SetTime(google::protobuf::Timestamp* time) { *time = TimeUtil::MicrosecondsToTimestamp(Int()); }

Rows Transaction::Exec(const Statement& statement, const std::vector<Param>& params) {
  if (!stored_.empty()) WriteStoredRows();
  return Run(statement, params);
}

Rows Transaction::Run(const Statement& statement, const std::vector<Param>& params) {
  if (absl::Now() > deadline_) throw WriteTooLong();
  Rows rows = connection_.Run(statement, params);
  if (statement.writes()) rows_written_ += rows.affected();
  last_statement_ = absl::Now();
  return rows;
}

Rows Transaction::Query(const std::string& select, const std::vector<Param>& params) {
  return connection_.Query(select, params);
}

void Transaction::WriteStoredRows() {
  std::vector<StoredRows> tables = std::exchange(stored_, {});
  stored_bytes_ = 0;
  std::stable_sort(tables.begin(), tables.end(),
                   [](const StoredRows& a, const StoredRows& b) { return a.statements->rank < b.statements->rank; });
  for (const auto& [statements, rows, places] : tables) {
    if (rows.size() == 1 && statements->one.sql != nullptr) {
      Exec(statements->one, rows.front());
      continue;
    }
    std::vector<Param> columns;
    for (size_t i = 0; i < rows.front().size(); ++i) columns.push_back(Param::Column(rows, i));
    Exec(statements->many, columns);
  }
}

void WriteTransaction::StayAlive() {
  if (absl::Now() > last_statement_ + kSignOfLifeInterval) Run(kSignOfLife);
}

void WriteTransaction::Store(const RowStatements& statements, const std::string& key, std::vector<Param> row) {
  StayAlive();
  auto table = std::find_if(stored_.begin(), stored_.end(),
                            [&](const StoredRows& stored) { return stored.statements == &statements; });
  if (table == stored_.end()) table = stored_.insert(stored_.end(), {&statements, {}, {}});
  for (const Param& cell : row) stored_bytes_ += cell.bytes();
  const auto [place, is_new] = table->places.try_emplace(key, table->rows.size());
  if (is_new) {
    table->rows.push_back(std::move(row));
  } else {
    table->rows[place->second] = std::move(row);
  }
  if (table->rows.size() >= kMaxStoredRows || stored_bytes_ >= kMaxStoredBytes) WriteStoredRows();
}

void WriteTransaction::Record(almanac::v1::Change::Type type, const google::protobuf::Message* before,
                              const google::protobuf::Message& after) {
  StayAlive();
  almanac::v1::Change change = MakeChange(type, before, after);
  change.set_revision(++revision_);
  change.set_name(absl::StrCat("changes/", revision_));
  *change.mutable_change_time() = ToTimestamp(now_);
  change.set_actor(actor_);
  change.set_request_id(request_id_);
  changes_.push_back(std::move(change));
}

absl::Time ReadClock(Transaction& transaction) { return absl::FromUnixMicros(transaction.Exec(kClock)[0].Int()); }

std::string EtagOf(int64_t revision) { return absl::StrCat("\"", revision, "\""); }

bool SameContent(const google::protobuf::Message& a, const google::protobuf::Message& b) {
  google::protobuf::util::MessageDifferencer differencer;
  for (const char* field : {"update_time", "etag", "revision"}) {
    differencer.IgnoreField(a.GetDescriptor()->FindFieldByName(field));
  }
  return differencer.Compare(a, b);
}

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  return TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(time));
}

}  // namespace almanac::db
