#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "db/fields.h"

// The tables of docs/filters.md are those of the program.
namespace almanac::service {
namespace {

using db::Field;

std::string TypeWords(const Field& field) {
  switch (field.type) {
    case Field::Type::kId:
      return "id, or a resource name";
    case Field::Type::kText:
      return "text";
    case Field::Type::kTexts:
      return field.weight != 0 ? "texts by language; `:` searches" : "texts by language";
    case Field::Type::kList:
      return "list of words";
    case Field::Type::kEnum:
      return absl::StrCat("`", field.values->full_name().substr(std::string("almanac.v1.").size()), "`");
    case Field::Type::kBool:
      return "true or false";
    case Field::Type::kNumber:
      return "whole number";
    case Field::Type::kTime:
      return "time";
    case Field::Type::kDate:
      return "date";
  }
  return "";
}

std::string OrderWords(const Field& field) {
  if (field.order_sql == nullptr) return "";
  switch (field.absent) {
    case Field::Absent::kNever:
      return "yes";
    case Field::Absent::kFirst:
      return "yes; without it first";
    case Field::Absent::kLast:
      return "yes; without it last";
  }
  return "";
}

std::string TableOf(const db::Fields& fields) {
  std::string table = "| field | is | ordered by |\n| --- | --- | --- |\n";
  for (const Field& field : fields) {
    absl::StrAppend(&table, "| `", std::string(field.name), "` | ", TypeWords(field), " | ", OrderWords(field), " |\n");
  }
  return table;
}

TEST(FilterDocs, HaveTheFieldsThatThereAre) {
  std::ifstream file(ALMANAC_DOCS "/filters.md");
  const std::string docs(std::istreambuf_iterator<char>(file), {});
  for (const db::Fields* fields :
       {&db::PublisherFields(), &db::DatasetFields(), &db::ReleasePlanFields(), &db::CommitmentFields()}) {
    EXPECT_THAT(docs, ::testing::HasSubstr(TableOf(*fields)));
  }
}

}  // namespace
}  // namespace almanac::service
