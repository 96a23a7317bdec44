#include "db/condition.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "db/search_vector.h"

namespace almanac::db {
namespace {

using Comparator = Condition::Comparator;
using Type = Field::Type;

absl::string_view Sign(Comparator comparator) {
  switch (comparator) {
    case Comparator::kLess:
      return " < ";
    case Comparator::kLessOrEqual:
      return " <= ";
    case Comparator::kGreater:
      return " > ";
    case Comparator::kGreaterOrEqual:
      return " >= ";
    default:
      return " = ";
  }
}

bool IsEndOfYear(absl::CivilDay day) { return day.month() == 12 && day.day() == 31; }

class SqlWriter {
 public:
  SqlWriter(std::string_view search, std::vector<Param>* params)
      : search_(search.data(), search.size()), params_(*params) {}

  std::string Write(const Condition& condition) {
    switch (condition.type) {
      case Condition::Type::kAnd:
        return Join(condition, " and ");
      case Condition::Type::kOr:
        return Join(condition, " or ");
      case Condition::Type::kNot:
        // What is unknown does not hold, so its denial does.
        return absl::StrCat("(", Write(condition.operands.front()), " is not true)");
      case Condition::Type::kComparison:
        break;
    }
    return absl::StrCat("(", Comparison(condition), ")");
  }

 private:
  std::string Join(const Condition& condition, absl::string_view word) {
    if (condition.operands.empty()) return "(true)";
    return absl::StrCat(
        "(",
        absl::StrJoin(condition.operands, word,
                      [&](std::string* sql, const Condition& operand) { absl::StrAppend(sql, Write(operand)); }),
        ")");
  }

  std::string Search(const Condition& condition) {
    return absl::StrCat("exists (select from ", search_,
                        " s where s.publisher_id = t.publisher_id and s.dataset_id = t.dataset_id and s.vector @@ ",
                        Value(SearchOf(condition), "tsquery"), ")");
  }

  std::string Value(Param value, absl::string_view type) {
    params_.push_back(std::move(value));
    return absl::StrCat("$", params_.size(), "::", type);
  }

  // Whether the text that `sql` reads is the value, or has it inside.
  std::string Text(absl::string_view sql, const Condition& condition) {
    if (condition.comparator == Comparator::kHas) {
      return absl::StrCat("position(lower(", Value(condition.parts.front(), "text"), ") in lower(", sql, ")) > 0");
    }
    if (condition.parts.size() == 1) {
      return absl::StrCat(sql, Sign(condition.comparator), Value(condition.parts.front(), "text"));
    }
    std::vector<std::string> parts;
    for (const std::string& part : condition.parts) {
      parts.push_back(absl::StrReplaceAll(part, {{"\\", "\\\\"}, {"%", "\\%"}, {"_", "\\_"}}));
    }
    return absl::StrCat(sql, " like ", Value(absl::StrJoin(parts, "%"), "text"));
  }

  std::string Texts(const Condition& condition) {
    const char* sql = condition.field->sql;
    if (!condition.language.empty()) {
      const std::string text = absl::StrCat(sql, " ->> ", Value(condition.language, "text"));
      if (condition.comparator == Comparator::kPresent) return text + " is not null";
      return Text(absl::StrCat("(", text, ")"), condition);
    }
    if (condition.comparator == Comparator::kPresent) return absl::StrCat(sql, " <> '{}'");
    return absl::StrCat("exists (select from jsonb_each_text(", sql, ") as t(l, text) where ",
                        Text("t.text", condition), ")");
  }

  // What is compared with days or times: what there is an index of, if there is.
  static std::string Ordered(const Field& field, absl::string_view unordered) {
    return field.order_sql != nullptr ? field.order_sql : std::string(unordered);
  }
  // To be added to such a comparison.
  static std::string IsThere(const Field& field) {
    return field.absent == Field::Absent::kNever ? "" : absl::StrCat(" and ", field.sql, " is not null");
  }

  std::string Date(const Condition& condition) {
    const std::string first_day = Ordered(*condition.field, absl::StrCat("first_day(", condition.field->sql, ")"));
    const std::string is_there = IsThere(*condition.field);
    const auto day = [&](absl::CivilDay value) { return Value(absl::FormatCivilTime(value), "date"); };
    switch (condition.comparator) {
      case Comparator::kLess:
      case Comparator::kGreaterOrEqual:
        return absl::StrCat(first_day, Sign(condition.comparator), day(condition.first), is_there);
      case Comparator::kGreater:
      case Comparator::kLessOrEqual:
        return absl::StrCat(first_day, Sign(condition.comparator), day(condition.last), is_there);
      default: {
        const std::string begins =
            absl::StrCat(first_day, " >= ", day(condition.first), " and ", first_day, " <= ", day(condition.last));
        // No date is less precise than a year: what begins in it ends in it.
        if (IsEndOfYear(condition.last)) return begins;
        return absl::StrCat(begins, " and last_day(", condition.field->sql, ") <= ", day(condition.last));
      }
    }
  }

  std::string Time(const Condition& condition) {
    const std::string sql = Ordered(*condition.field, condition.field->sql);
    const std::string is_there = IsThere(*condition.field);
    const auto time = [&](absl::Time value) { return Value(value, "timestamptz"); };
    switch (condition.comparator) {
      case Comparator::kLess:
      case Comparator::kGreaterOrEqual:
        return absl::StrCat(sql, Sign(condition.comparator), time(condition.begin), is_there);
      case Comparator::kGreater:
        return absl::StrCat(sql, " >= ", time(condition.end), is_there);
      case Comparator::kLessOrEqual:
        return absl::StrCat(sql, " < ", time(condition.end), is_there);
      default:
        return absl::StrCat(sql, " >= ", time(condition.begin), " and ", sql, " < ", time(condition.end));
    }
  }

  std::string Comparison(const Condition& condition) {
    if (!condition.terms.empty()) return Search(condition);
    const char* sql = condition.field->sql;
    const bool asks_presence = condition.comparator == Comparator::kPresent;
    switch (condition.field->type) {
      case Type::kTexts:
        return Texts(condition);
      case Type::kId:
      case Type::kText:
        return asks_presence ? absl::StrCat(sql, " <> ''") : Text(sql, condition);
      case Type::kList:
        if (asks_presence) return absl::StrCat(sql, " <> '[]'");
        return absl::StrCat(sql, " @> ", Value(nlohmann::json::array({condition.parts.front()}).dump(), "jsonb"));
      case Type::kEnum:
        if (asks_presence) return absl::StrCat(sql, " <> '", condition.field->values->value(0)->name(), "'");
        return absl::StrCat(sql, " = ", Value(condition.parts.front(), "text"));
      case Type::kBool:
        return condition.truth ? sql : absl::StrCat("not ", sql);
      case Type::kNumber:
        if (asks_presence) return absl::StrCat(sql, " <> 0");
        return absl::StrCat(sql, Sign(condition.comparator), Value(condition.number, "bigint"));
      case Type::kTime:
        return asks_presence ? absl::StrCat(sql, " is not null") : Time(condition);
      case Type::kDate:
        return asks_presence ? absl::StrCat(sql, " is not null") : Date(condition);
    }
    return "false";
  }

  const absl::string_view search_;
  std::vector<Param>& params_;
};

}  // namespace

Condition Both(Condition a, Condition b) {
  Condition both;
  both.operands = {std::move(a), std::move(b)};
  return both;
}

bool HoldsForAll(const Condition& condition) {
  return condition.type == Condition::Type::kAnd &&
         std::all_of(condition.operands.begin(), condition.operands.end(), HoldsForAll);
}

bool Searches(const Condition& condition) {
  return !condition.terms.empty() || std::any_of(condition.operands.begin(), condition.operands.end(), Searches);
}

std::string SearchOf(const Condition& comparison) {
  return ToTsQuery(comparison.terms, std::string_view(&comparison.field->weight, 1));
}

std::vector<Condition> TakeSearches(Condition* condition) {
  if (!condition->terms.empty()) return {std::exchange(*condition, Condition())};
  std::vector<Condition> taken;
  if (condition->type != Condition::Type::kAnd) return taken;
  for (Condition& operand : condition->operands) {
    std::vector<Condition> of_operand = TakeSearches(&operand);
    std::move(of_operand.begin(), of_operand.end(), std::back_inserter(taken));
  }
  return taken;
}

std::string ToSql(const Condition& condition, std::string_view search, std::vector<Param>* params) {
  return SqlWriter(search, params).Write(condition);
}

}  // namespace almanac::db
