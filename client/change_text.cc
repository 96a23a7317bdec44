#include "client/change_text.h"

#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
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

// Of a text in a line of its own, what is shown.
constexpr int kShownText = 60;

constexpr int kRevisionWidth = 7;

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

std::string Shown(const std::string& text) { return text.empty() ? "(none)" : CutToWidth(OneLine(text), kShownText); }

// One element of a list: `2022-06 -> 2022-09, resources: Two posts are vacant` or `en: Shelters`, else field by field.
std::string ElementText(const Message& element) {
  if (element.GetDescriptor() == v1::Reschedule::descriptor()) {
    v1::Reschedule move;
    move.CopyFrom(element);
    return absl::StrCat(move.from_target_date(), " -> ", move.to_target_date(), ", ", EnumText(move.reason()), ": ",
                        move.note());
  }
  if (element.GetDescriptor() == v1::FormerTitle::descriptor()) {
    v1::FormerTitle title;
    title.CopyFrom(element);
    return absl::StrCat(title.language(), ": ", title.text());
  }
  return absl::StrJoin(FieldsOf(element, Language(), false), ", ", absl::PairFormatter(" "));
}

// The elements of a repeated field of texts or messages.
std::vector<std::string> ElementsOf(const Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  std::vector<std::string> elements;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    elements.push_back(field.cpp_type() == FieldDescriptor::CPPTYPE_STRING
                           ? reflection.GetRepeatedString(message, &field, i)
                           : ElementText(reflection.GetRepeatedMessage(message, &field, i)));
  }
  return elements;
}

// What `a` has more than `b`, in the order of `a`.
std::vector<std::string> Missing(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::multiset<std::string> known(b.begin(), b.end());
  std::vector<std::string> missing;
  for (const std::string& element : a) {
    const auto found = known.find(element);
    if (found == known.end()) {
      missing.push_back(element);
    } else {
      known.erase(found);
    }
  }
  return missing;
}

// A line for each element that a list got or lost; one for all if only their order changed.
void AddListLines(const Message& before, const Message& after, const FieldDescriptor& field,
                  std::vector<std::string>& lines) {
  const std::vector<std::string> from = ElementsOf(before, field);
  const std::vector<std::string> to = ElementsOf(after, field);
  const std::vector<std::string> removed = Missing(from, to);
  const std::vector<std::string> added = Missing(to, from);
  for (const std::string& element : removed) lines.push_back(absl::StrCat(field.name(), ": removed ", Shown(element)));
  for (const std::string& element : added) lines.push_back(absl::StrCat(field.name(), ": added ", Shown(element)));
  if (removed.empty() && added.empty()) {
    lines.push_back(
        absl::StrCat(field.name(), ": ", Shown(absl::StrJoin(from, ", ")), " -> ", Shown(absl::StrJoin(to, ", "))));
  }
}

// The texts of a field that is no list, by their paths: of a map one for each language, of a message one for each of
// its fields.
std::map<std::string, std::string> TextsOf(const Message& message, const FieldDescriptor& field) {
  if (!field.is_repeated() && field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
    return {{field.name(), PlainFieldText(message, field)}};
  }
  std::map<std::string, std::string> texts;
  for (const auto& [path, text] : FieldsOf(message, Language(), false)) {
    if (path == field.name() || absl::StartsWith(path, absl::StrCat(field.name(), "."))) texts[path] = text;
  }
  return texts;
}

void AddTextLines(const Message& before, const Message& after, const FieldDescriptor& field,
                  std::vector<std::string>& lines) {
  std::map<std::string, std::pair<std::string, std::string>> texts;
  for (const auto& [path, text] : TextsOf(before, field)) texts[path].first = text;
  for (const auto& [path, text] : TextsOf(after, field)) texts[path].second = text;
  for (const auto& [path, from_to] : texts) {
    const auto& [from, to] = from_to;
    if (from != to) lines.push_back(absl::StrCat(path, ": ", Shown(from), " -> ", Shown(to)));
  }
}

// What the heading of a change says already.
bool IsInHeading(const std::string& field) {
  return field == "name" || field == "create_time" || field == "delete_time";
}

// What a change changed, a line for each field or part of one. Of a resource that is new, what it has.
std::vector<std::string> FieldLines(const v1::Change& change) {
  if (change.summary_only()) {
    std::vector<std::string> names(change.changed_fields().begin(), change.changed_fields().end());
    std::erase_if(names, IsInHeading);
    if (names.empty()) return {};
    return {absl::StrCat("changed ", absl::StrJoin(names, ", "), "; the values are no longer kept")};
  }
  const Message* after = Inside(change.after());
  if (after == nullptr) return {};
  const std::unique_ptr<Message> nothing(after->New());
  const Message* before = change.has_before() ? Inside(change.before()) : nothing.get();
  if (before == nullptr) return {};
  std::vector<std::string> lines;
  for (const std::string& name : change.changed_fields()) {
    const FieldDescriptor* field = after->GetDescriptor()->FindFieldByName(name);
    if (IsInHeading(name)) continue;
    if (field == nullptr) {
      lines.push_back(name);  // of a newer server
    } else if (!change.has_before()) {
      const std::vector<std::string> elements =
          field->is_repeated() && !field->is_map() ? ElementsOf(*after, *field) : std::vector<std::string>();
      for (const std::string& element : elements) lines.push_back(absl::StrCat(name, ": ", Shown(element)));
      if (!elements.empty()) continue;
      for (const auto& [path, text] : TextsOf(*after, *field)) lines.push_back(absl::StrCat(path, ": ", Shown(text)));
    } else if (field->is_repeated() && !field->is_map()) {
      AddListLines(*before, *after, *field, lines);
    } else {
      AddTextLines(*before, *after, *field, lines);
    }
  }
  return lines;
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
  if (change.summary_only()) return absl::StrJoin(change.changed_fields(), ", ");
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
  constexpr int kTypeWidth = 17;
  constexpr int kActorWidth = 10;
  return OneLine(absl::StrCat(
      PadToWidth(absl::StrCat(change.revision()), kRevisionWidth, true), "  ", TimeText(change.change_time(), style),
      "  ", PadToWidth(EnumText(change.type()), kTypeWidth), "  ", PadToWidth(change.actor(), kActorWidth), "  ",
      change.resource(), "  ", ChangeSummary(change, style.language)));
}

std::string ChangeBlock(const v1::Change& change, const Style& style) {
  std::string block = absl::StrCat(PadToWidth(absl::StrCat(change.revision()), kRevisionWidth, true), "  ",
                                   TimeText(change.change_time(), style), "  ", EnumText(change.type()), " by ",
                                   OneLine(change.actor()), "\n");
  const std::string margin(kRevisionWidth + 2, ' ');
  for (const std::string& line : FieldLines(change)) absl::StrAppend(&block, margin, OneLine(line), "\n");
  return block;
}

std::string SnapshotLine(const v1::Resource& resource, const Style& style) {
  return OneLine(absl::StrCat("snapshot  ", NameOf(resource), "  ", TitleOf(resource, style.language)));
}

}  // namespace almanac::client
