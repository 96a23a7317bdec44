#include "client/change_text.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/columns.h"
#include "client/fields.h"
#include "client/text_width.h"

namespace almanac::client {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Longer texts are named, not shown.
constexpr int kShortText = 24;

// The message inside a Resource; null if it is of no known kind.
const Message* Inside(const v1::Resource& resource) {
  const FieldDescriptor* field =
      resource.GetReflection()->GetOneofFieldDescriptor(resource, resource.GetDescriptor()->oneof_decl(0));
  return field == nullptr ? nullptr : &resource.GetReflection()->GetMessage(resource, field);
}

std::string FieldSummary(const std::string& name, const Message* before, const Message* after) {
  if (before == nullptr || after == nullptr) return name;
  const FieldDescriptor* field = after->GetDescriptor()->FindFieldByName(name);
  if (field == nullptr || field->is_repeated() || field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) return name;
  std::string from = PlainFieldText(*before, *field);
  std::string to = PlainFieldText(*after, *field);
  if (DisplayWidth(from) > kShortText || DisplayWidth(to) > kShortText) return name;
  return absl::StrCat(name, " ", from.empty() ? "(none)" : from, " -> ", to.empty() ? "(none)" : to);
}

// `continues swd/2022-2024/b-2, original_target_date 2023-06 -> 2022-12`: links say what they lead to, and that alone.
std::string LinkSummary(const std::string& field, const v1::Commitment& before, const v1::Commitment& after) {
  const NamePattern lines = CommitmentNames();
  if (field == "dataset") {
    return absl::StrCat("dataset ", DatasetNames().Short(before.dataset()), " -> ",
                        DatasetNames().Short(after.dataset()));
  }
  if (field == "continues" && after.continues().empty()) return "continues nothing";
  if (field == "continues") return absl::StrCat("continues ", lines.Short(after.continues()));
  if (field == "continued_by" && after.continued_by().empty()) return "continued by nothing";
  if (field == "continued_by") return absl::StrCat("continued by ", lines.Short(after.continued_by()));
  return FieldSummary(field, &before, &after);
}

// `freshness fresh -> due`; without the states if they are the same.
std::string FreshnessSummary(const v1::Change& change) {
  const std::string from = EnumText(change.before().dataset().freshness().state());
  const std::string to = EnumText(change.after().dataset().freshness().state());
  if (from == to) return "freshness";
  return absl::StrCat("freshness ", from.empty() ? "(none)" : from, " -> ", to.empty() ? "(none)" : to);
}

bool CameOrWent(v1::Change::Type type) {
  return type == v1::Change::CREATED || type == v1::Change::DELETED || type == v1::Change::UNDELETED;
}

}  // namespace

std::string TitleOf(const v1::Resource& resource, const Language& language) {
  switch (resource.resource_case()) {
    case v1::Resource::kPublisher:
      return language.Pick(resource.publisher().titles());
    case v1::Resource::kDataset:
      return language.Pick(resource.dataset().titles());
    case v1::Resource::kReleasePlan:
      return language.Pick(resource.release_plan().titles());
    case v1::Resource::kCommitment:
      return language.Pick(resource.commitment().titles());
    case v1::Resource::RESOURCE_NOT_SET:
      return "";
  }
  return "";
}

std::string NameOf(const v1::Resource& resource) {
  const Message* inside = Inside(resource);
  return inside == nullptr ? "" : PlainFieldText(*inside, *inside->GetDescriptor()->FindFieldByName("name"));
}

std::string ChangeSummary(const v1::Change& change, const Language& language) {
  if (CameOrWent(change.type())) return TitleOf(change.after(), language);
  if (change.type() == v1::Change::BECAME_OVERDUE) {
    return absl::StrCat("since ", change.after().commitment().overdue_date());
  }
  const Message* before = Inside(change.before());
  const Message* after = Inside(change.after());
  std::vector<std::string> fields;
  for (const std::string& field : change.changed_fields()) {
    if (change.type() == v1::Change::LINKED) {
      fields.push_back(LinkSummary(field, change.before().commitment(), change.after().commitment()));
    } else {
      fields.push_back(field == "freshness" ? FreshnessSummary(change) : FieldSummary(field, before, after));
    }
  }
  return absl::StrJoin(fields, ", ");
}

Columns<v1::Change> ChangeColumns() {
  return {
      {{"REVISION", false, true}, [](const v1::Change& c, const Style&) { return absl::StrCat(c.revision()); }},
      {{"TIME"}, [](const v1::Change& c, const Style& style) { return TimeText(c.change_time(), style); }},
      {{"TYPE"}, [](const v1::Change& c, const Style&) { return EnumText(c.type()); }},
      {{"ACTOR"}, [](const v1::Change& c, const Style&) { return c.actor(); }},
      {{"KIND"}, [](const v1::Change& c, const Style&) { return EnumText(c.kind()); }, Show::kCsvOnly},
      {{"RESOURCE", true}, [](const v1::Change& c, const Style&) { return c.resource(); }},
      {{"WHAT", true}, [](const v1::Change& c, const Style& style) { return ChangeSummary(c, style.language); }},
      {{"CHANGED FIELDS"},
       [](const v1::Change& c, const Style&) { return absl::StrJoin(c.changed_fields(), " "); },
       Show::kCsvOnly},
      {{"REQUEST ID"}, [](const v1::Change& c, const Style&) { return c.request_id(); }, Show::kCsvOnly},
  };
}

std::string ChangeLine(const v1::Change& change, const Style& style) {
  constexpr int kRevisionWidth = 7;
  constexpr int kTypeWidth = 17;
  constexpr int kActorWidth = 10;
  return OneLine(absl::StrCat(
      PadToWidth(absl::StrCat(change.revision()), kRevisionWidth, true), "  ", TimeText(change.change_time(), style),
      "  ", PadToWidth(EnumText(change.type()), kTypeWidth), "  ", PadToWidth(change.actor(), kActorWidth), "  ",
      change.resource(), "  ", ChangeSummary(change, style.language)));
}

std::string SnapshotLine(const v1::Resource& resource, const Style& style) {
  return OneLine(absl::StrCat("snapshot  ", NameOf(resource), "  ", TitleOf(resource, style.language)));
}

}  // namespace almanac::client
