#pragma once

#include <google/protobuf/descriptor.h>

#include <string_view>
#include <vector>

// The fields by which lists can be filtered and ordered. One table for each noun, by which requests are checked, SQL is
// written and docs/filters.md is tested.
namespace almanac::db {

struct Field {
  enum class Type {
    kId,     // a resource id; filters may give the resource's name instead
    kText,   // a text
    kTexts,  // texts by language
    kList,   // words in upper case
    kEnum,   // a value of `values`, or none
    kBool,
    kNumber,  // a whole number
    kTime,    // a moment, or none
    kDate,    // a date of any precision, or none
  };

  // As in the resource's message, with dots for what is inside: `freshness.state`.
  std::string_view name;
  Type type;
  // What SQL reads it by, where `t` is the resource's row.
  const char* sql;
  // What SQL orders it by, never null and of an ordered type; null if lists cannot be ordered by it. There is an index
  // for each, but where a publisher has few rows.
  const char* order_sql = nullptr;
  // Whether it stays what it is for as long as there is the resource.
  bool is_fixed = false;
  // Where a resource without a value comes, in ascending order.
  enum class Absent { kNever, kFirst, kLast } absent = Absent::kNever;
  // Of kEnum.
  const google::protobuf::EnumDescriptor* values = nullptr;
  // Of kTexts that are searched: the weight of its words in the resource's tsvector.
  char weight = 0;
};

using Fields = std::vector<Field>;

const Fields& PublisherFields();
const Fields& DatasetFields();
const Fields& ReleasePlanFields();
const Fields& CommitmentFields();

// The field of this name, or null.
const Field* FindField(const Fields& fields, std::string_view name);

}  // namespace almanac::db
