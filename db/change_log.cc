#include "db/change_log.h"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "db/errors.h"
#include "db/names.h"

namespace almanac::db {
namespace {

using almanac::v1::Change;
using almanac::v1::Resource;
using almanac::v1::ResourceKind;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr Statement kListChangedAfter{
    "select distinct resource from changes where revision > $1 and kind = $2 and starts_with(resource, $3) limit $4"};

constexpr Statement kHead{"select catalogue_id::text, epoch, revision, compacted_revision from head"};

// Each reads on after $1, up to $2, at most $3 changes. What does not fit into $4 bytes comes without its entry; the
// lengths are known without reading the entries. By revision, so that each stops as soon as it has enough.
#define ALMANAC_CHANGES(condition)                                                                                 \
  "select revision, kind, type, resource, array_to_string(changed_fields, ','), actor, request_id, last_of_write," \
  "       case when bytes <= $4 or bytes = length(entry) then entry end"                                           \
  " from (select *, sum(length(entry)) over (order by revision) as bytes from changes"                             \
  "       where revision > $1 and revision <= $2" condition " order by revision limit $3) as page"

// '0' is the character after '/', so the range holds just what lies below the prefix.
#define ALMANAC_UNDER " and ($5 = '' or resource = $5 or (resource >= $5 || '/' and resource < $5 || '0'))"

#define ALMANAC_PASSING                                                      \
  " and ($6 = 0 or 1 << kind & $6 <> 0) and ($7 = 0 or 1 << type & $7 <> 0)" \
  " and ($8::text[] = '{}' or changed_fields && $8::text[]) and ($9 = '' or actor = $9)"

constexpr Statement kChanges{ALMANAC_CHANGES("")};

// Of one resource that has none below it.
constexpr Statement kChangesOf{ALMANAC_CHANGES(" and resource = $5" ALMANAC_PASSING)};

constexpr Statement kChangesUnder{ALMANAC_CHANGES(ALMANAC_UNDER ALMANAC_PASSING)};

// The same of summaries, but that $4 and $10 bound their times.
#define ALMANAC_SUMMARIES(condition)                                                                 \
  "select revision, kind, type, resource, array_to_string(changed_fields, ','), actor, request_id,"  \
  "       last_of_write, micros(change_time)"                                                        \
  " from change_summaries where revision > $1 and revision <= $2 and change_time >= $4::timestamptz" \
  " and change_time < $10::timestamptz" condition ALMANAC_PASSING " order by revision limit $3"
constexpr Statement kSummariesOf{ALMANAC_SUMMARIES(" and resource = $5")};
constexpr Statement kSummariesUnder{ALMANAC_SUMMARIES(ALMANAC_UNDER)};
#undef ALMANAC_SUMMARIES
#undef ALMANAC_CHANGES
#undef ALMANAC_UNDER
#undef ALMANAC_PASSING

constexpr Statement kWriteEndsWithin{
    "select exists (select from changes where revision > $1 and revision <= $2 and last_of_write)"};

constexpr Statement kChange{"select entry from changes where revision = $1"};

constexpr Statement kFirstChangesAfter{
    "select c.entry from unnest($1::text[]) as r(resource)"
    " cross join lateral (select entry from changes where resource = r.resource and revision > $2"
    "                     order by revision limit 1) as c"};

// Halves the log until the last change up to and with $1 is left: no change after `high` is, none up to `low` is later.
// One statement, so that it sees one log.
constexpr Statement kFindTime{
    "with recursive log as (select *, $1::timestamptz >= change_time as is_now from head limit 1),"
    " search(low, high) as ("
    "  select case when is_now then revision else compacted_revision end, revision from log"
    "  union all"
    "  select case when earlier then middle else low end, case when earlier then high else middle - 1 end"
    "  from (select low, high, middle,"
    "               (select change_time <= $1::timestamptz from changes where revision = middle) as earlier"
    "        from (select low, high, (low + high + 1) / 2 as middle from search where low < high) as s"
    "        offset 0) as t)"
    " select low, not is_now and low > 0 and low = compacted_revision,"
    "        $1::timestamptz > greatest(catalogue_now(), change_time)"
    " from search, log where low >= high"};

constexpr Statement kCounts{
    "select (select count(*) from publishers where delete_time is null),"
    "       (select count(*) from datasets where delete_time is null),"
    "       (select count(*) from plans where delete_time is null),"
    "       (select count(*) from commitments where delete_time is null)"};

// How many revisions are looked through at once for changes that no index finds.
constexpr int64_t kWindow = 20'000;

void AddChangedFields(const Message* before, const Message& after, Change* change) {
  const google::protobuf::Descriptor& type = *after.GetDescriptor();
  const std::unique_ptr<Message> nothing(before == nullptr ? after.New() : nullptr);
  const Message& old = before == nullptr ? *nothing : *before;
  google::protobuf::util::MessageDifferencer differencer;
  for (int i = 0; i < type.field_count(); ++i) {
    const std::vector<const FieldDescriptor*> field = {type.field(i)};
    if (!IsBookkeeping(field[0]->name()) && !differencer.CompareWithFields(old, after, field, field)) {
      change->add_changed_fields(field[0]->name());
    }
  }
  std::sort(change->mutable_changed_fields()->begin(), change->mutable_changed_fields()->end());
}

const Statement& StatementFor(const ChangeFilter& filter) {
  if (filter.empty()) return kChanges;
  return filter.IsOfOneResource() ? kChangesOf : kChangesUnder;
}

// The last revision of `range` that is looked at in one go, where no index leads to the changes that pass.
int64_t EndOfWindow(const LogRange& range, bool has_index) {
  const int64_t end = std::max(range.after, range.up_to);
  return has_index ? end : range.after + std::min(end - range.after, kWindow);
}

// The parameters of what statements with a filter have in common, from $5 on.
void AddFilterParams(const ChangeFilter& filter, std::vector<Param>& params) {
  params.emplace_back(filter.resource_prefix);
  params.emplace_back(static_cast<int32_t>(filter.kinds));
  params.emplace_back(static_cast<int32_t>(filter.types));
  params.push_back(Param::Array(filter.changed_fields));
  params.emplace_back(filter.actor);
}

// The cells of a change but for its entry.
ChangeKey ReadKey(Rows::Reader& row) {
  ChangeKey key;
  key.revision = row.Int();
  key.kind = static_cast<ResourceKind>(row.Int());
  key.type = static_cast<Change::Type>(row.Int());
  key.resource = row.Text();
  key.changed_fields = absl::StrSplit(row.Text(), ',', absl::SkipEmpty());
  key.actor = row.Text();
  key.request_id = row.Text();
  key.last_of_write = row.Bool();
  return key;
}

// A time as a statement takes it, which knows infinite ones too.
Param ToParam(absl::Time time) {
  if (time == absl::InfinitePast()) return {"-infinity"};
  if (time == absl::InfiniteFuture()) return {"infinity"};
  return {time};
}

// The field of Resource that holds messages of this type.
const FieldDescriptor& FieldFor(const Message& resource) {
  const auto& fields = *Resource::descriptor()->oneof_decl(0);
  for (int i = 0; i < fields.field_count(); ++i) {
    if (fields.field(i)->message_type() == resource.GetDescriptor()) return *fields.field(i);
  }
  std::abort();  // only resources are recorded
}

}  // namespace

bool ChangeFilter::empty() const {
  return resource_prefix.empty() && kinds == 0 && types == 0 && changed_fields.empty() && actor.empty();
}

bool ChangeFilter::IsOfOneResource() const {
  if (resource_prefix.empty()) return false;
  if (absl::StrContains(resource_prefix, "/datasets/") || absl::StrContains(resource_prefix, "/commitments/")) {
    return true;  // they have nothing below them
  }
  const bool is_plan = absl::StrContains(resource_prefix, "/plans/");
  return kinds == 1U << (is_plan ? almanac::v1::RELEASE_PLAN : almanac::v1::PUBLISHER);
}

bool ChangeFilter::Matches(const ChangeKey& change) const {
  if (types != 0 && (types >> change.type & 1) == 0) return false;
  if (!actor.empty() && actor != change.actor) return false;
  const auto is_wanted = [&](const std::string& field) { return absl::c_linear_search(changed_fields, field); };
  if (!changed_fields.empty() && absl::c_none_of(change.changed_fields, is_wanted)) return false;
  return MatchesResource(change.kind, change.resource);
}

bool ChangeFilter::MatchesResource(ResourceKind kind, std::string_view resource) const {
  if (kinds != 0 && (kinds >> kind & 1) == 0) return false;
  return resource_prefix.empty() || resource == resource_prefix ||
         (resource.size() > resource_prefix.size() && resource.starts_with(resource_prefix) &&
          resource[resource_prefix.size()] == '/');
}

bool IsBookkeeping(const std::string& field) {
  return field == "update_time" || field == "etag" || field == "revision";
}

Resource ToResource(const Message& resource) {
  Resource result;
  result.GetReflection()->MutableMessage(&result, &FieldFor(resource))->CopyFrom(resource);
  return result;
}

ResourceKind KindOf(const Message& resource) { return static_cast<ResourceKind>(FieldFor(resource).number()); }

Change MakeChange(Change::Type type, const Message* before, const Message& after) {
  Change change;
  change.set_type(type);
  change.set_kind(KindOf(after));
  const FieldDescriptor* name = after.GetDescriptor()->FindFieldByName("name");
  change.set_resource(after.GetReflection()->GetString(after, name));
  AddChangedFields(before, after, &change);
  if (before != nullptr) *change.mutable_before() = ToResource(*before);
  *change.mutable_after() = ToResource(after);
  return change;
}

Head ReadHead(Transaction& transaction) {
  const Rows rows = transaction.Exec(kHead);
  auto row = rows[0];
  Head head;
  head.catalogue_id = row.Text();
  head.epoch = row.Int();
  head.revision = row.Int();
  head.compacted_revision = row.Int();
  return head;
}

absl::Status RevisionCompacted(int64_t revision, int64_t oldest) {
  return Error(absl::StatusCode::kOutOfRange, "REVISION_COMPACTED",
               absl::StrCat("changes after revision ", revision, " are no longer in the log, which begins at ", oldest,
                            "; start again from a snapshot"),
               {{"oldest_revision", absl::StrCat(oldest)}});
}

absl::Status RevisionInFuture(int64_t revision, int64_t head) {
  return Error(absl::StatusCode::kOutOfRange, "REVISION_IN_FUTURE",
               absl::StrCat("revision ", revision, " is not in the log, whose head is ", head,
                            "; if this catalogue gave it to you, it was restored: start again from a snapshot"),
               {{"head_revision", absl::StrCat(head)}});
}

absl::Status RevisionNotReached(std::optional<int64_t> wanted, int64_t has) {
  const std::string what = wanted ? absl::StrCat("revision ", *wanted, ", which was asked for,")
                                  : std::string("what the catalogue has, which was asked for,");
  absl::Status status = Error(absl::StatusCode::kUnavailable, "REVISION_NOT_REACHED",
                              absl::StrCat("this server reads at revision ", has, ", and did not come to ", what,
                                           " in time; try again, here or at another server"),
                              {{"revision", absl::StrCat(has)}, {"next_step", "WAIT"}});
  SetRetryDelay(status, 1);
  return status;
}

absl::Status EpochChanged() {
  return FailedPrecondition("EPOCH_CHANGED", "head",
                            "the catalogue was restored and has another history now; start again from a snapshot");
}

absl::Status CheckEpoch(const Head& before, const Head& now) {
  const bool same =
      now.catalogue_id == before.catalogue_id && now.epoch == before.epoch && now.revision >= before.revision;
  return same ? absl::OkStatus() : EpochChanged();
}

absl::StatusOr<LogPage> ReadChanges(Transaction& transaction, const Head& head, const ChangeFilter& filter,
                                    const LogRange& range) {
  const Statement& statement = StatementFor(filter);
  LogPage page;
  page.through = EndOfWindow(range, /*has_index=*/&statement != &kChangesUnder);
  // One more than fits, to know whether there is one.
  std::vector<Param> params = {range.after, page.through, range.max_changes + 1, range.max_bytes};
  if (&statement != &kChanges) AddFilterParams(filter, params);
  const Rows rows = transaction.Exec(statement, params);
  for (int i = 0; i < rows.size(); ++i) {
    auto row = rows[i];
    LogEntry entry{.key = ReadKey(row), .change = {}};
    if (i == range.max_changes || row.Null()) {
      page.through = page.entries.back().key.revision;
      break;
    }
    entry.change = row.Bytes();
    page.entries.push_back(std::move(entry));
  }
  // Only now: a restore, or a partition that was dropped, may have been just before the changes were read.
  const Head now = ReadHead(transaction);
  if (absl::Status same = CheckEpoch(head, now); !same.ok()) return same;
  if (range.after < now.compacted_revision) return RevisionCompacted(range.after, now.compacted_revision + 1);
  return page;
}

LogPage ReadSummaries(Transaction& transaction, const ChangeFilter& filter, const TimeRange& times,
                      const LogRange& range) {
  const bool has_index = filter.IsOfOneResource();
  LogPage page;
  page.through = EndOfWindow(range, has_index);
  std::vector<Param> params = {range.after, page.through, range.max_changes + 1, ToParam(times.from)};
  AddFilterParams(filter, params);
  params.push_back(ToParam(times.before));
  const Rows rows = transaction.Exec(has_index ? kSummariesOf : kSummariesUnder, params);
  for (int i = 0; i < rows.size(); ++i) {
    if (i == range.max_changes) {
      page.through = page.entries.back().key.revision;
      break;
    }
    auto row = rows[i];
    LogEntry entry{.key = ReadKey(row), .change = {}};
    Change summary;
    summary.set_name(absl::StrCat("changes/", entry.key.revision));
    summary.set_revision(entry.key.revision);
    row.Time(&summary, &Change::mutable_change_time);
    summary.set_actor(entry.key.actor);
    summary.set_request_id(entry.key.request_id);
    summary.set_type(entry.key.type);
    summary.set_kind(entry.key.kind);
    summary.set_resource(entry.key.resource);
    for (const std::string& field : entry.key.changed_fields) summary.add_changed_fields(field);
    summary.set_last_of_write(entry.key.last_of_write);
    summary.set_summary_only(true);
    entry.change = summary.SerializeAsString();
    page.entries.push_back(std::move(entry));
  }
  return page;
}

TimeInLog FindTime(Transaction& transaction, absl::Time time) {
  // Nothing was changed before 1970, and PostgreSQL does not read the year 0.
  const Rows rows = transaction.Exec(kFindTime, {std::max(time, absl::UnixEpoch() - absl::Microseconds(1))});
  auto row = rows[0];
  TimeInLog found;
  found.revision = row.Int();
  found.compacted = row.Bool();
  found.in_future = row.Bool();
  return found;
}

bool WriteEndsWithin(Transaction& transaction, int64_t after, int64_t up_to) {
  return transaction.Exec(kWriteEndsWithin, {after, up_to})[0].Bool();
}

absl::StatusOr<Change> ReadChange(Transaction& transaction, int64_t revision) {
  const Rows rows = transaction.Exec(kChange, {revision});
  if (rows.empty()) {
    const int64_t oldest = ReadHead(transaction).compacted_revision + 1;
    const std::string name = absl::StrCat("changes/", revision);
    if (revision >= oldest) return NotFound(name);
    return Error(absl::StatusCode::kNotFound, "REVISION_COMPACTED",
                 absl::StrCat(name, " is no longer in the log, which begins at ", oldest),
                 {{"oldest_revision", absl::StrCat(oldest)}});
  }
  Change change;
  change.ParseFromString(rows[0].Bytes());
  return change;
}

std::vector<Change> ReadFirstChangesAfter(Transaction& transaction, const std::vector<std::string>& resources,
                                          int64_t revision) {
  const Rows rows = transaction.Exec(kFirstChangesAfter, {Param::Array(resources), revision});
  std::vector<Change> changes(rows.size());
  for (int i = 0; i < rows.size(); ++i) changes[i].ParseFromString(rows[i].Bytes());
  return changes;
}

std::vector<std::string> ListChangedAfter(Transaction& transaction, almanac::v1::ResourceKind kind,
                                          const std::string& publisher, int64_t revision, int limit) {
  const std::string prefix = publisher == "-" ? "" : PublisherName(publisher) + "/";
  return ReadAll(transaction.Exec(kListChangedAfter, {revision, static_cast<int>(kind), prefix, limit}),
                 [](Rows::Reader row) { return row.Text(); });
}

almanac::v1::ResourceCounts CountResources(Transaction& transaction) {
  const Rows rows = transaction.Exec(kCounts);
  auto row = rows[0];
  almanac::v1::ResourceCounts counts;
  counts.set_publishers(row.Int());
  counts.set_datasets(row.Int());
  counts.set_release_plans(row.Int());
  counts.set_commitments(row.Int());
  return counts;
}

}  // namespace almanac::db
