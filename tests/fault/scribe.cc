#include "tests/fault/scribe.h"

#include <google/protobuf/util/time_util.h>

#include <pqxx/pqxx>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "tests/fault/traffic.h"

namespace almanac::fault {
namespace {

constexpr absl::Duration kInterval = absl::Milliseconds(50);
constexpr int kAtOnce = 1000;

LogEntry ToLogEntry(const v1::Change& change) {
  LogEntry entry;
  entry.set_revision(change.revision());
  entry.set_actor(change.actor());
  entry.set_request_id(change.request_id());
  entry.set_resource(change.resource());
  entry.set_kind(change.kind());
  entry.set_type(change.type());
  *entry.mutable_changed_fields() = change.changed_fields();
  entry.set_last_of_write(change.last_of_write());
  entry.set_deleted(IsDeleted(change.after()));
  entry.set_change_time_micros(google::protobuf::util::TimeUtil::TimestampToMicroseconds(change.change_time()));
  entry.set_fingerprint(Fingerprint(change));
  entry.set_before(FingerprintOf(change.before()));
  entry.set_after(FingerprintOf(change.after()));
  return entry;
}

}  // namespace

struct Scribe::Session {
  explicit Session(const std::string& url) : connection(url) {}
  pqxx::connection connection;
};

Scribe::Scribe(Recorder& recorder, std::string database_url)
    : recorder_(recorder), database_url_(std::move(database_url)), thread_([this] { Work(); }) {}

Scribe::~Scribe() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void Scribe::Work() {
  while (!stopping_) {
    Copy();
    absl::SleepFor(kInterval);
  }
}

bool Scribe::Copy() {
  try {
    if (session_ == nullptr) session_ = std::make_unique<Session>(database_url_);
    for (bool is_all = false; !is_all;) {
      pqxx::nontransaction work(session_->connection);
      const pqxx::result rows = work.exec(absl::StrCat("select revision, entry from changes where revision > ", copied_,
                                                       " order by revision limit ", kAtOnce));
      work.commit();
      is_all = static_cast<int>(rows.size()) < kAtOnce;
      for (const auto& row : rows) {
        const auto revision = row[0].as<int64_t>();
        if (revision > copied_ + 1) CopySummaries(revision - 1);
        v1::Change change;
        const pqxx::binarystring bytes(row[1]);
        change.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
        Event event;
        *event.mutable_log_entry() = ToLogEntry(change);
        recorder_.Add(event);
        copied_ = revision;
      }
    }
    return true;
  } catch (const std::exception&) {
    session_.reset();  // The database is down; it will come back.
    return false;
  }
}

void Scribe::CopySummaries(int64_t up_to) {
  pqxx::nontransaction work(session_->connection);
  const pqxx::result rows = work.exec(absl::StrCat(
      "select revision, actor, request_id, resource, kind, type, array_to_string(changed_fields, ','), last_of_write,"
      " (extract(epoch from change_time) * 1000000)::bigint from change_summaries where revision > ",
      copied_, " and revision <= ", up_to, " order by revision"));
  for (const auto& row : rows) {
    Event event;
    LogEntry& entry = *event.mutable_log_entry();
    entry.set_revision(row[0].as<int64_t>());
    entry.set_actor(row[1].c_str());
    entry.set_request_id(row[2].c_str());
    entry.set_resource(row[3].c_str());
    entry.set_kind(row[4].as<int>());
    entry.set_type(row[5].as<int>());
    for (const absl::string_view field : absl::StrSplit(row[6].c_str(), ',', absl::SkipEmpty())) {
      entry.add_changed_fields(std::string(field));
    }
    entry.set_last_of_write(row[7].as<bool>());
    entry.set_change_time_micros(row[8].as<int64_t>());
    entry.set_deleted(entry.type() == v1::Change::DELETED);
    recorder_.Add(event);
    copied_ = entry.revision();
  }
}

absl::StatusOr<Final> Scribe::ReadHead(const std::string& database_url) {
  try {
    pqxx::connection connection(database_url);
    pqxx::nontransaction work(connection);
    const pqxx::row row = work.exec1("select revision, compacted_revision + 1 from head");
    Final final_state;
    final_state.set_head_revision(row[0].as<int64_t>());
    final_state.set_oldest_revision(row[1].as<int64_t>());
    return final_state;
  } catch (const std::exception& error) {
    return absl::UnavailableError(absl::StrCat("reading the database: ", error.what()));
  }
}

absl::Status Scribe::Finish() {
  stopping_ = true;
  thread_.join();
  // Whatever the clock does meanwhile: what is recorded as the head is what was copied.
  constexpr int kAttempts = 10;
  for (int i = 0; i < kAttempts; ++i) {
    const absl::StatusOr<Final> head = ReadHead(database_url_);
    if (!head.ok()) return head.status();
    if (!Copy()) return absl::UnavailableError("the log could not be read at the end");
    if (copied_ != head->head_revision()) continue;
    try {
      pqxx::nontransaction work(session_->connection);
      for (const auto& row : work.exec("select request_id from requests")) {
        Event event;
        event.mutable_kept_request()->set_request_id(row[0].c_str());
        recorder_.Add(event);
      }
    } catch (const std::exception& error) {
      return absl::UnavailableError(absl::StrCat("reading the request ids: ", error.what()));
    }
    Event event;
    *event.mutable_final() = *head;
    recorder_.Add(event);
    return absl::OkStatus();
  }
  return absl::InternalError(absl::StrCat("the head does not come to rest, or the log ends before it, at ", copied_));
}

}  // namespace almanac::fault
