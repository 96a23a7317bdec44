#include "tests/fuzz/filters.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/fuzz/texts.h"

namespace almanac::fuzz {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using Type = FuzzField::Type;

constexpr const char* kLanguages[] = {"en", "zh-Hans-HK", "zh-Hant-HK", "zh", "x", "EN"};
constexpr const char* kDates[] = {"2022", "2022-06", "2022-Q2", "2022-06-30", "2024-12", "1900", "9999-12-31"};
constexpr const char* kTimes[] = {"\"2022-06-30T12:00:00Z\"", "\"2026-07-01T08:00:00+08:00\"",
                                  "\"0001-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59.999999Z\"",
                                  "\"2022-06-30T24:00:00Z\""};
constexpr const char* kCalls[] = {"today()",          "days_ago(30)", "days_ago(-5)", "days_ago(100000)",
                                  "days_ago(100001)", "days_ago()",   "now()",        "days_ago(days_ago(1))",
                                  "days_ago(1,2)"};
constexpr const char* kOrdered[] = {" = ", "!=", "<", " <= ", ">", ">=", ":"};
constexpr const char* kEqual[] = {" = ", "!=", ":"};
constexpr const char* kNumbers[] = {"0", "1", "88", "-1", "9223372036854775807", "-9223372036854775808"};
// Beyond the limits of comparisons and parentheses now and then.
constexpr int kDeepest = 23;

void AddFields(const Descriptor& message, const std::string& prefix, std::vector<FuzzField>* fields) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    FuzzField added{.path = prefix + field.name()};
    if (field.is_map()) {
      added.type = Type::kTexts;
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      const std::string& type = field.message_type()->full_name();
      if (type != "google.protobuf.Timestamp") {
        if (prefix.empty() && !field.is_repeated()) AddFields(*field.message_type(), added.path + ".", fields);
        continue;
      }
      added.type = Type::kTime;
    } else if (field.is_repeated()) {
      added.type = Type::kList;
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      added.type = Type::kEnum;
      added.values = field.enum_type();
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
      added.type = Type::kBool;
    } else if (field.cpp_type() != FieldDescriptor::CPPTYPE_STRING) {
      added.type = Type::kNumber;
    } else if (absl::EndsWith(field.name(), "_date") || absl::EndsWith(field.name(), "_on")) {
      added.type = Type::kDate;
    }
    fields->push_back(std::move(added));
  }
}

// A text as a filter writes it.
std::string Quoted(const std::string& text, Random& random) {
  const char quote = random.Chance(80) ? '"' : '\'';
  std::string quoted(1, quote);
  for (const char c : text) {
    if (c == quote || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + quote;
}

std::string TextValue(Random& random) {
  std::string text = random.Chance(90) ? Word(random) : ToUtf8(WildText(random, 4));
  if (random.Chance(20)) text = absl::StrCat(random.Chance(50) ? "*" : "", text, random.Chance(70) ? "*" : "");
  if (random.Chance(5)) return "*";
  return Quoted(text, random);
}

std::string SpanValue(Type type, Random& random) {
  if (random.Chance(25)) return random.Pick(kCalls);
  if (type == Type::kTime && random.Chance(60)) return random.Pick(kTimes);
  return random.Chance(50) ? random.Pick(kDates) : absl::StrCat("\"", random.Pick(kDates), "\"");
}

std::string Comparison(const std::vector<FuzzField>& fields, Random& random) {
  const FuzzField& field = random.Pick(fields);
  if (random.Chance(2)) return absl::StrCat(field.path, random.Pick(kOrdered), ToUtf8(Oddity(random)));
  if (random.Chance(6) && field.type != Type::kBool) return field.path + (random.Chance(50) ? ":*" : " = *");
  switch (field.type) {
    case Type::kText:
      return absl::StrCat(field.path, random.Pick(kEqual), TextValue(random));
    case Type::kTexts:
      return absl::StrCat(field.path, random.Chance(40) ? absl::StrCat(".", random.Pick(kLanguages)) : "",
                          random.Pick(kEqual), TextValue(random));
    case Type::kList:
      return absl::StrCat(field.path, ":", random.Chance(80) ? "csv" : TextValue(random));
    case Type::kEnum:
      return absl::StrCat(field.path, random.Pick(kEqual),
                          field.values->value(static_cast<int>(random.Below(field.values->value_count())))->name());
    case Type::kBool:
      return random.Chance(50) ? field.path : absl::StrCat(field.path, " = ", random.Chance(50) ? "true" : "false");
    case Type::kNumber:
      return absl::StrCat(field.path, random.Pick(kOrdered), random.Pick(kNumbers));
    case Type::kTime:
    case Type::kDate:
      return absl::StrCat(field.path, random.Pick(kOrdered), SpanValue(field.type, random));
  }
  return field.path;
}

std::string Expression(const std::vector<FuzzField>& fields, Random& random, int depth) {
  std::string text;
  for (uint64_t i = 0, count = 1 + random.Below(depth == 0 ? 3 : 2); i < count; ++i) {
    if (i > 0) text += random.Chance(60) ? " AND " : random.Chance(60) ? " OR " : " ";
    if (random.Chance(15)) text += random.Chance(60) ? "NOT " : "-";
    const bool is_nested = random.Chance(25) && depth < 6;
    text += is_nested ? absl::StrCat("(", Expression(fields, random, depth + 1), ")") : Comparison(fields, random);
  }
  return text;
}

}  // namespace

std::vector<FuzzField> FuzzFieldsOf(const Descriptor& resource) {
  std::vector<FuzzField> fields;
  AddFields(resource, "", &fields);
  for (const char* id : {"publisher", "dataset", "release_plan", "commitment"}) {
    fields.push_back({.path = id, .type = Type::kText});
  }
  return fields;
}

std::string RandomFilter(const std::vector<FuzzField>& fields, Random& random) {
  std::string filter = Expression(fields, random, 0);
  if (random.Chance(3)) {
    const std::string operation = random.Chance(50) ? " AND " : " OR ";
    const std::string comparison = Comparison(fields, random);
    for (uint64_t i = random.Below(60); i > 0; --i) filter += operation + comparison;
  }
  if (random.Chance(3)) {
    const auto depth = static_cast<size_t>(random.Below(kDeepest));
    filter = absl::StrCat(std::string(depth, '('), filter, std::string(depth, ')'));
  }
  return random.Chance(60) ? filter : Mutated(std::move(filter), random);
}

std::string RandomOrder(const std::vector<FuzzField>& fields, Random& random) {
  std::string order;
  for (uint64_t i = 0, count = 1 + random.Below(random.Chance(90) ? 2 : 12); i < count; ++i) {
    if (i > 0) order += random.Chance(50) ? "," : " , ";
    // What can be ordered by is mostly a time or a date.
    const FuzzField* field = &random.Pick(fields);
    for (int tries = 0; tries < 3 && field->type != Type::kTime && field->type != Type::kDate; ++tries) {
      field = &random.Pick(fields);
    }
    absl::StrAppend(&order, field->path, random.Chance(40) ? " desc" : random.Chance(10) ? " asc" : "");
  }
  return random.Chance(75) ? order : Mutated(std::move(order), random);
}

}  // namespace almanac::fuzz
