#include "tests/fuzz/masks.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/fuzz/texts.h"

namespace almanac::fuzz {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FieldMask;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr const char* kDates[] = {"2022", "2022-06", "2022-Q2", "2022-06-30", "2022-13", "2023-02-29", "22-06"};
constexpr int64_t kNumbers[] = {0, 1, -1, 2022, 2024, INT32_MAX, INT64_MAX, INT64_MIN};
constexpr const char* kSensible[] = {"CSV", "en", "https://www.example.hk/", "Asia/Hong_Kong", "2022-06"};
constexpr int kDeepest = 2;

std::string Text(const FieldDescriptor& field, Random& random) {
  if (random.Chance(20)) return ToUtf8(WildText(random, random.Chance(95) ? 6 : 400));
  if (absl::EndsWith(field.name(), "_date") || absl::EndsWith(field.name(), "_on")) return random.Pick(kDates);
  if (field.name() == "key") return random.Chance(80) ? "en" : "zh-Hant-HK";
  if (field.name() == "value") return Word(random);
  if (absl::EndsWith(field.name(), "page")) return "https://www.example.hk/";
  return random.Pick(kSensible);
}

void FillMessage(Random& random, int depth, Message* message);

void FillField(const FieldDescriptor& field, Random& random, int depth, Message* message) {
  const Reflection& reflection = *message->GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (depth == kDeepest) return;
      return FillMessage(
          random, depth + 1,
          field.is_repeated() ? reflection.AddMessage(message, &field) : reflection.MutableMessage(message, &field));
    case FieldDescriptor::CPPTYPE_STRING:
      if (field.is_repeated()) return reflection.AddString(message, &field, Text(field, random));
      return reflection.SetString(message, &field, Text(field, random));
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int value = static_cast<int>(random.Below(random.Chance(90) ? 10 : 1000));
      if (field.is_repeated()) return reflection.AddEnumValue(message, &field, value);
      return reflection.SetEnumValue(message, &field, value);
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      if (!field.is_repeated()) reflection.SetBool(message, &field, random.Chance(50));
      return;
    case FieldDescriptor::CPPTYPE_INT32:
      if (!field.is_repeated()) reflection.SetInt32(message, &field, static_cast<int32_t>(random.Pick(kNumbers)));
      return;
    case FieldDescriptor::CPPTYPE_INT64:
      if (!field.is_repeated()) reflection.SetInt64(message, &field, random.Pick(kNumbers));
      return;
    default:
      return;
  }
}

void FillMessage(Random& random, int depth, Message* message) {
  const Descriptor& type = *message->GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    // A map's entry is whole.
    if (type.options().map_entry() || random.Chance(30)) FillField(*type.field(i), random, depth, message);
  }
}

std::string Path(const Descriptor& resource, Random& random) {
  const std::string& name = resource.field(static_cast<int>(random.Below(resource.field_count())))->name();
  if (random.Chance(85)) return name;
  if (random.Chance(30)) return "*";
  if (random.Chance(30)) return absl::StrCat(name, ".", random.Chance(50) ? "en" : ToUtf8(Oddity(random)));
  return ToUtf8(random.Chance(50) ? Mutated(name, random) : WildText(random, 4));
}

}  // namespace

void FillUpdate(const std::string& name, Random& random, Message* resource, FieldMask* mask) {
  const Descriptor& type = *resource->GetDescriptor();
  if (random.Chance(50)) {
    // One field that is set and named.
    const FieldDescriptor& field = *type.field(static_cast<int>(random.Below(type.field_count())));
    FillField(field, random, 0, resource);
    mask->add_paths(field.name());
  } else {
    FillMessage(random, 0, resource);
    for (uint64_t i = random.Below(random.Chance(95) ? 4 : 2000); i > 0; --i) mask->add_paths(Path(type, random));
  }
  resource->GetReflection()->SetString(resource, type.FindFieldByName("name"), name);
  const FieldDescriptor* etag = type.FindFieldByName("etag");
  if (etag != nullptr && !random.Chance(5)) resource->GetReflection()->ClearField(resource, etag);
}

}  // namespace almanac::fuzz
