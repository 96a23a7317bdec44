#include "client/fields.h"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/map_field.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"

namespace almanac::client {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using Fields = std::vector<std::pair<std::string, std::string>>;

// The text of one plain value: of element `index` or, for -1, of a field that is not repeated.
std::string ValueText(const Message& message, const FieldDescriptor& field, int index) {
  const Reflection& reflection = *message.GetReflection();
  const bool one = index < 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return one ? reflection.GetString(message, &field) : reflection.GetRepeatedString(message, &field, index);
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumText(*field.enum_type(), one ? reflection.GetEnumValue(message, &field)
                                              : reflection.GetRepeatedEnumValue(message, &field, index));
    case FieldDescriptor::CPPTYPE_BOOL: {
      const bool value = one ? reflection.GetBool(message, &field) : reflection.GetRepeatedBool(message, &field, index);
      return value ? "true" : "false";
    }
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(one ? reflection.GetInt32(message, &field)
                              : reflection.GetRepeatedInt32(message, &field, index));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(one ? reflection.GetInt64(message, &field)
                              : reflection.GetRepeatedInt64(message, &field, index));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return absl::StrCat(one ? reflection.GetDouble(message, &field)
                              : reflection.GetRepeatedDouble(message, &field, index));
    default:
      return "";
  }
}

void AppendFields(const Message& message, const std::string& prefix, const Language& language, bool show_defaults,
                  Fields& fields);

void AppendMap(const Message& message, const FieldDescriptor& field, const std::string& path, const Language& language,
               Fields& fields) {
  const FieldDescriptor* key = field.message_type()->map_key();
  const FieldDescriptor* value = field.message_type()->map_value();
  google::protobuf::Map<std::string, std::string> texts;
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
    const Message& entry = message.GetReflection()->GetRepeatedMessage(message, &field, i);
    texts[ValueText(entry, *key, -1)] = ValueText(entry, *value, -1);
  }
  const std::string chosen = language.IsChosen() ? language.PickTag(texts) : "";
  for (const auto& [tag, text] : std::map<std::string, std::string>(texts.begin(), texts.end())) {
    if (chosen.empty() || tag == chosen) fields.emplace_back(absl::StrCat(path, ".", tag), text);
  }
}

void AppendMessage(const Message& part, const std::string& path, const Language& language, bool show_defaults,
                   Fields& fields) {
  google::protobuf::Timestamp time;
  google::protobuf::Duration duration;
  if (part.GetDescriptor() == time.GetDescriptor()) {
    time.CopyFrom(part);
    fields.emplace_back(path, LocalTime(time));
  } else if (part.GetDescriptor() == duration.GetDescriptor()) {
    duration.CopyFrom(part);
    fields.emplace_back(path,
                        absl::FormatDuration(absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos())));
  } else {
    AppendFields(part, absl::StrCat(path, "."), language, show_defaults, fields);
  }
}

void AppendFields(const Message& message, const std::string& prefix, const Language& language, bool show_defaults,
                  Fields& fields) {
  const Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    const std::string path = prefix + field.name();
    const bool is_message = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (field.is_map()) {
      AppendMap(message, field, path, language, fields);
    } else if (field.is_repeated() && is_message) {
      for (int k = 0; k < reflection.FieldSize(message, &field); ++k) {
        AppendMessage(reflection.GetRepeatedMessage(message, &field, k), absl::StrCat(path, "[", k, "]"), language,
                      show_defaults, fields);
      }
    } else if (field.is_repeated()) {
      std::vector<std::string> values;
      for (int k = 0; k < reflection.FieldSize(message, &field); ++k) values.push_back(ValueText(message, field, k));
      if (!values.empty()) fields.emplace_back(path, absl::StrJoin(values, ", "));
    } else if (is_message) {
      if (!reflection.HasField(message, &field)) continue;
      AppendMessage(reflection.GetMessage(message, &field), path, language, show_defaults, fields);
    } else if (reflection.HasField(message, &field) || (show_defaults && field.real_containing_oneof() == nullptr)) {
      fields.emplace_back(path, ValueText(message, field, -1));
    }
  }
}

}  // namespace

Fields FieldsOf(const Message& message, const Language& language, bool show_defaults) {
  Fields fields;
  AppendFields(message, "", language, show_defaults, fields);
  return fields;
}

std::string PlainFieldText(const Message& message, const FieldDescriptor& field) {
  const bool plain = !field.is_repeated() && field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE;
  return plain ? ValueText(message, field, -1) : "";
}

}  // namespace almanac::client
