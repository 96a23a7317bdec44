#include "db/fields.h"

#include <algorithm>

#include "almanac/v1/commitment.pb.h"
#include "almanac/v1/frequency.pb.h"
#include "almanac/v1/freshness.pb.h"
#include "almanac/v1/release_plan.pb.h"

namespace almanac::db {
namespace {

using Absent = Field::Absent;
using Type = Field::Type;

// What stands for no value: outside of what a value can be, and of a type that can be counted with, unlike infinity.
#define NO_DATE_FIRST "date '0001-01-01'"
#define NO_DATE_LAST "date '10000-01-01'"
#define NO_TIME_FIRST "timestamptz '0001-01-01 00:00:00+00'"
#define NO_TIME_LAST "timestamptz '10000-01-01 00:00:00+00'"

constexpr Field kCreateTime{
    .name = "create_time", .type = Type::kTime, .sql = "create_time", .order_sql = "create_time", .is_fixed = true};
constexpr Field kUpdateTime{
    .name = "update_time", .type = Type::kTime, .sql = "update_time", .order_sql = "update_time"};
constexpr Field kDeleteTime{.name = "delete_time", .type = Type::kTime, .sql = "delete_time"};
constexpr Field kRevision{.name = "revision", .type = Type::kNumber, .sql = "revision"};
constexpr Field kPublisher{.name = "publisher", .type = Type::kId, .sql = "t.publisher_id"};
constexpr Field kFormats{.name = "formats", .type = Type::kList, .sql = "formats"};
constexpr Field kDiscontinued{.name = "discontinued", .type = Type::kBool, .sql = "discontinued"};
constexpr Field kLastUpdateDate{.name = "last_update_date", .type = Type::kDate, .sql = "last_update_date"};

Field Texts(std::string_view name, const char* sql, char weight = 0) {
  return {.name = name, .type = Type::kTexts, .sql = sql, .weight = weight};
}

Field Enum(std::string_view name, const char* sql, const google::protobuf::EnumDescriptor* values) {
  return {.name = name, .type = Type::kEnum, .sql = sql, .values = values};
}

Field Frequency(std::string_view name, const char* sql) { return Enum(name, sql, almanac::v1::Frequency_descriptor()); }

}  // namespace

const Fields& PublisherFields() {
  static const Fields& fields = *new Fields{
      kPublisher,
      Texts("titles", "titles"),
      {.name = "time_zone", .type = Type::kText, .sql = "time_zone"},
      {.name = "homepage", .type = Type::kText, .sql = "homepage"},
      kCreateTime,
      kUpdateTime,
      kDeleteTime,
      kRevision,
  };
  return fields;
}

const Fields& DatasetFields() {
  static const Fields& fields = *new Fields{
      kPublisher,
      {.name = "dataset", .type = Type::kId, .sql = "t.dataset_id"},
      Texts("titles", "titles", 'A'),
      Texts("categories", "categories", 'C'),
      Texts("remarks", "remarks", 'D'),
      Frequency("frequency", "frequency"),
      Texts("frequency_texts", "frequency_texts"),
      kFormats,
      {.name = "landing_page", .type = Type::kText, .sql = "landing_page"},
      {.name = "release_date",
       .type = Type::kDate,
       .sql = "release_date",
       .order_sql = "coalesce(first_day(release_date), " NO_DATE_FIRST ")",
       .absent = Absent::kFirst},
      kDiscontinued,
      kLastUpdateDate,
      {.name = "last_update_time",
       .type = Type::kTime,
       .sql = "last_update_time",
       .order_sql = "coalesce(last_update_time, " NO_TIME_FIRST ")",
       .absent = Absent::kFirst},
      {.name = "update_count", .type = Type::kNumber, .sql = "update_count"},
      kCreateTime,
      kUpdateTime,
      kDeleteTime,
      kRevision,
      Enum("freshness.state", "freshness_state", almanac::v1::Freshness_State_descriptor()),
      {.name = "freshness.due_time",
       .type = Type::kTime,
       .sql = "freshness_due_time",
       .order_sql = "coalesce(freshness_due_time, " NO_TIME_LAST ")",
       .absent = Absent::kLast},
      Frequency("freshness.observed_frequency", "observed_frequency"),
  };
  return fields;
}

const Fields& ReleasePlanFields() {
  static const Fields& fields = *new Fields{
      kPublisher,
      {.name = "plan", .type = Type::kId, .sql = "t.plan_id"},
      Texts("titles", "titles"),
      {.name = "period.start_year", .type = Type::kNumber, .sql = "start_year", .order_sql = "start_year::bigint"},
      {.name = "period.end_year", .type = Type::kNumber, .sql = "end_year", .order_sql = "end_year::bigint"},
      {.name = "published_on",
       .type = Type::kDate,
       .sql = "published_on",
       .order_sql = "coalesce(first_day(published_on), " NO_DATE_FIRST ")",
       .absent = Absent::kFirst},
      Enum("state", "state", almanac::v1::ReleasePlan_State_descriptor()),
      {.name = "language", .type = Type::kText, .sql = "language"},
      {.name = "publish_time", .type = Type::kTime, .sql = "publish_time"},
      kCreateTime,
      kUpdateTime,
      kDeleteTime,
      kRevision,
  };
  return fields;
}

const Fields& CommitmentFields() {
  static const Fields& fields = *new Fields{
      kPublisher,
      {.name = "plan", .type = Type::kId, .sql = "t.plan_id"},
      {.name = "commitment", .type = Type::kId, .sql = "t.commitment_id"},
      {.name = "dataset", .type = Type::kId, .sql = "t.dataset_id"},
      {.name = "section", .type = Type::kText, .sql = "section"},
      {.name = "number", .type = Type::kNumber, .sql = "number"},
      Texts("titles", "titles"),
      Texts("categories", "categories"),
      Texts("remarks", "remarks"),
      Frequency("frequency", "frequency"),
      Texts("frequency_texts", "frequency_texts"),
      kFormats,
      kDiscontinued,
      kLastUpdateDate,
      {.name = "first_target_date", .type = Type::kDate, .sql = "first_target_date"},
      {.name = "original_target_date", .type = Type::kDate, .sql = "original_target_date"},
      {.name = "target_date",
       .type = Type::kDate,
       .sql = "target_date",
       .order_sql = "coalesce(first_day(target_date), " NO_DATE_LAST ")",
       .absent = Absent::kLast},
      Enum("state", "state", almanac::v1::Commitment_State_descriptor()),
      {.name = "overdue_date", .type = Type::kDate, .sql = "overdue_date"},
      {.name = "confirm_date", .type = Type::kDate, .sql = "confirm_date"},
      {.name = "release_date",
       .type = Type::kDate,
       .sql = "release_date",
       .order_sql = "coalesce(first_day(release_date), " NO_DATE_FIRST ")",
       .absent = Absent::kFirst},
      {.name = "outcome.against_first_target.days", .type = Type::kNumber, .sql = "first_slip_days"},
      {.name = "outcome.against_last_target.days", .type = Type::kNumber, .sql = "last_slip_days"},
      Enum("cancellation.reason", "cancel_reason", almanac::v1::Commitment_Reason_descriptor()),
      {.name = "cancellation.cancel_date", .type = Type::kDate, .sql = "cancel_date"},
      kCreateTime,
      kUpdateTime,
      kDeleteTime,
      kRevision,
  };
  return fields;
}

const Field* FindField(const Fields& fields, std::string_view name) {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const Field& field) { return field.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

}  // namespace almanac::db
