#include "client/field_flags.h"

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "almanac/v1/dataset.pb.h"
#include "almanac/v1/release_plan.pb.h"
#include "client/errors.h"
#include "client/values.h"

namespace almanac::client {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

bool IsA(const FieldDescriptor& field, const Descriptor* type) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && field.message_type() == type;
}

// How a value of the field is written, for help and errors.
std::string FormOf(const FieldDescriptor& field) {
  if (IsA(field, v1::PlanSection::descriptor())) return "LETTER[/TAG=TEXT]";
  if (IsA(field, v1::Period::descriptor())) return "YEAR[-YEAR]";
  if (field.is_map() || IsA(field, v1::FormerTitle::descriptor())) return "TAG=TEXT";
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) return "WORD";
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL) return "true|false";
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT32) return "NUMBER";
  return "TEXT";
}

absl::StatusOr<std::pair<std::string, std::string>> SplitTagged(const std::string& value) {
  const size_t equals = value.find('=');
  if (equals == std::string::npos || equals == 0) {
    return UsageError("write TAG=TEXT with a language tag, such as en=Text or zh-Hans-HK=Text");
  }
  return std::make_pair(value.substr(0, equals), value.substr(equals + 1));
}

absl::Status SetText(Message& resource, const FieldDescriptor& field, const std::string& value) {
  const auto tagged = SplitTagged(value);
  if (!tagged.ok()) return tagged.status();
  const Reflection& reflection = *resource.GetReflection();
  const FieldDescriptor* key = field.message_type()->map_key();
  const FieldDescriptor* text = field.message_type()->map_value();
  for (int i = reflection.FieldSize(resource, &field) - 1; i >= 0; --i) {
    const Message& entry = reflection.GetRepeatedMessage(resource, &field, i);
    if (entry.GetReflection()->GetString(entry, key) != tagged->first) continue;
    reflection.SwapElements(&resource, &field, i, reflection.FieldSize(resource, &field) - 1);
    reflection.RemoveLast(&resource, &field);
  }
  if (tagged->second.empty()) return absl::OkStatus();
  Message* entry = reflection.AddMessage(&resource, &field);
  entry->GetReflection()->SetString(entry, key, tagged->first);
  entry->GetReflection()->SetString(entry, text, tagged->second);
  return absl::OkStatus();
}

absl::Status AddFormerTitle(v1::FormerTitle& title, const std::string& value) {
  const auto tagged = SplitTagged(value);
  if (!tagged.ok()) return tagged.status();
  title.set_language(tagged->first);
  title.set_text(tagged->second);
  return absl::OkStatus();
}

absl::Status SetSection(Message& resource, const FieldDescriptor& field, const std::string& value) {
  const std::vector<std::string> parts = absl::StrSplit(value, absl::MaxSplits('/', 1));
  const Reflection& reflection = *resource.GetReflection();
  const auto generated = [](Message* message) {
    return google::protobuf::DynamicCastToGenerated<v1::PlanSection>(message);
  };
  v1::PlanSection* section = nullptr;
  for (int i = 0; i < reflection.FieldSize(resource, &field); ++i) {
    v1::PlanSection* candidate = generated(reflection.MutableRepeatedMessage(&resource, &field, i));
    if (candidate->code() == parts[0]) section = candidate;
  }
  if (section == nullptr) section = generated(reflection.AddMessage(&resource, &field));
  section->set_code(parts[0]);
  if (parts.size() == 1) return absl::OkStatus();
  return SetText(*section, *v1::PlanSection::descriptor()->FindFieldByName("titles"), parts[1]);
}

absl::Status SetPeriod(v1::Period& period, const std::string& value) {
  const std::vector<std::string> years = absl::StrSplit(value, absl::MaxSplits('-', 1));
  int start = 0;
  int end = 0;
  if (!absl::SimpleAtoi(years.front(), &start) || !absl::SimpleAtoi(years.back(), &end)) {
    return UsageError("write the years, such as 2022-2024");
  }
  period.set_start_year(start);
  period.set_end_year(end);
  return absl::OkStatus();
}

absl::Status SetPlain(Message& resource, const FieldDescriptor& field, const std::string& value) {
  const Reflection& reflection = *resource.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_ENUM: {
      const absl::StatusOr<int> number = ParseEnum(*field.enum_type(), value);
      if (!number.ok()) return number.status();
      reflection.SetEnumValue(&resource, &field, *number);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      if (value != "true" && value != "false") return UsageError("write true or false");
      reflection.SetBool(&resource, &field, value == "true");
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_INT32: {
      int number = 0;
      if (!absl::SimpleAtoi(value, &number)) return UsageError(absl::StrCat("\"", value, "\" is no number"));
      reflection.SetInt32(&resource, &field, number);
      return absl::OkStatus();
    }
    default:
      reflection.SetString(&resource, &field, value);
      return absl::OkStatus();
  }
}

absl::Status SetValue(Message& resource, const FieldDescriptor& field, const std::string& value) {
  const Reflection& reflection = *resource.GetReflection();
  if (field.is_map()) return SetText(resource, field, value);
  if (IsA(field, v1::PlanSection::descriptor())) return SetSection(resource, field, value);
  if (IsA(field, v1::Period::descriptor())) {
    return SetPeriod(
        *google::protobuf::DynamicCastToGenerated<v1::Period>(reflection.MutableMessage(&resource, &field)), value);
  }
  if (IsA(field, v1::FormerTitle::descriptor())) {
    return AddFormerTitle(
        *google::protobuf::DynamicCastToGenerated<v1::FormerTitle>(reflection.AddMessage(&resource, &field)), value);
  }
  if (!field.is_repeated()) return SetPlain(resource, field, value);
  if (!value.empty()) reflection.AddString(&resource, &field, value);
  return absl::OkStatus();
}

// Whether the values of a flag take the place of what the field held, rather than adding to it.
bool Replaces(const FieldDescriptor& field) { return !field.is_map() && !IsA(field, v1::PlanSection::descriptor()); }

}  // namespace

FieldFlags::FieldFlags(CLI::App& command, const Descriptor& type, std::vector<FieldFlag> flags) {
  // The options keep pointers to their values: the vector must not move.
  bound_.reserve(flags.size());
  for (FieldFlag& flag : flags) {
    bound_.push_back({std::move(flag), nullptr, nullptr, {}});
    Bound& bound = bound_.back();
    bound.field = type.FindFieldByName(bound.flag.field);
    std::string help = bound.flag.help;
    if (bound.field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      absl::StrAppend(&help, ": ", EnumChoices(*bound.field->enum_type()));
    }
    bound.option = command.add_option(bound.flag.flag, bound.values, help)->type_name(FormOf(*bound.field));
    bound.option->allow_extra_args(false);
    if (!bound.field->is_repeated()) bound.option->expected(1);
  }
}

absl::Status FieldFlags::Apply(Message& resource, google::protobuf::FieldMask& mask) const {
  for (const Bound& bound : bound_) {
    if (bound.option->count() == 0) continue;
    mask.add_paths(bound.field->name());
    if (Replaces(*bound.field)) resource.GetReflection()->ClearField(&resource, bound.field);
    for (const std::string& value : bound.values) {
      const absl::Status status = SetValue(resource, *bound.field, value);
      if (!status.ok()) return UsageError(absl::StrCat(bound.flag.flag, ": ", status.message()));
    }
  }
  return absl::OkStatus();
}

std::string FieldFlags::List() const {
  return absl::StrJoin(bound_, ", ", [](std::string* out, const Bound& bound) { *out += bound.flag.flag; });
}

}  // namespace almanac::client
