#include "db/change_log.h"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "db/errors.h"

namespace almanac::db {
namespace {

using almanac::v1::Change;
using almanac::v1::Resource;
using almanac::v1::ResourceKind;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr Statement kHead{"select catalogue_id, epoch, revision, compacted_revision from head"};

constexpr Statement kChanges{
    "select revision, kind, resource, entry from changes where revision > $1 and revision <= $2"
    " order by revision limit $3"};

// '0' is the character after '/', so the range holds just what lies below the prefix.
constexpr Statement kChangesOf{
    "select revision, kind, resource, entry from changes where revision > $1 and revision <= $2"
    " and ($4 = '' or resource = $4 or (resource >= $4 || '/' and resource < $4 || '0'))"
    " and ($5::smallint[] = '{}' or kind = any ($5::smallint[]))"
    " order by revision limit $3"};

constexpr Statement kChange{"select entry from changes where revision = $1"};

constexpr Statement kFirstChangesAfter{
    "select c.entry from unnest($1::text[]) as r(resource)"
    " cross join lateral (select entry from changes where resource = r.resource and revision > $2"
    "                     order by revision limit 1) as c"};

constexpr Statement kCounts{
    "select (select count(*) from publishers where delete_time is null),"
    "       (select count(*) from datasets where delete_time is null),"
    "       (select count(*) from plans where delete_time is null),"
    "       (select count(*) from commitments where delete_time is null)"};

constexpr int64_t kNoBound = INT64_MAX;

bool IsBookkeeping(const std::string& field) {
  return field == "update_time" || field == "etag" || field == "revision";
}

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

// The field of Resource that holds messages of this type.
const FieldDescriptor& FieldFor(const Message& resource) {
  const auto& fields = *Resource::descriptor()->oneof_decl(0);
  for (int i = 0; i < fields.field_count(); ++i) {
    if (fields.field(i)->message_type() == resource.GetDescriptor()) return *fields.field(i);
  }
  std::abort();  // only resources are recorded
}

}  // namespace

bool ChangeFilter::Matches(ResourceKind kind, std::string_view resource) const {
  if (!kinds.empty() && std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) return false;
  return resource_prefix.empty() || resource == resource_prefix ||
         (resource.size() > resource_prefix.size() && resource.starts_with(resource_prefix) &&
          resource[resource_prefix.size()] == '/');
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

std::vector<LogEntry> ReadChanges(Transaction& transaction, const ChangeFilter& filter, int64_t after, int64_t up_to,
                                  int limit) {
  const int64_t last = up_to == 0 ? kNoBound : up_to;
  const bool all = filter.resource_prefix.empty() && filter.kinds.empty();
  const std::vector<int64_t> kinds(filter.kinds.begin(), filter.kinds.end());
  const Rows rows =
      all ? transaction.Exec(kChanges, {after, last, limit})
          : transaction.Exec(kChangesOf, {after, last, limit, filter.resource_prefix, Param::Array(kinds)});
  std::vector<LogEntry> entries(rows.size());
  for (int i = 0; i < rows.size(); ++i) {
    auto row = rows[i];
    entries[i].revision = row.Int();
    entries[i].kind = static_cast<ResourceKind>(row.Int());
    entries[i].resource = row.Text();
    entries[i].change = row.Bytes();
  }
  return entries;
}

absl::StatusOr<Change> ReadChange(Transaction& transaction, int64_t revision) {
  const Rows rows = transaction.Exec(kChange, {revision});
  if (rows.empty()) return NotFound(absl::StrCat("changes/", revision));
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
