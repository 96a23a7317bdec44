#include "service/filter.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "db/errors.h"
#include "db/search_text.h"
#include "service/filter_syntax.h"
#include "service/nearest_word.h"
#include "service/rules/dates.h"

namespace almanac::service {
namespace {

using Comparator = FilterNode::Comparator;
using Type = db::Field::Type;
using db::Condition;

constexpr int64_t kMaxDays = 100000;

std::string Quoted(std::string_view text) { return absl::StrCat("\"", db::Excerpt(text, 60), "\""); }

// The comparator of a condition; that of kNotEqual is the one that is denied.
Condition::Comparator ToComparator(Comparator comparator) {
  switch (comparator) {
    case Comparator::kLess:
      return Condition::Comparator::kLess;
    case Comparator::kLessOrEqual:
      return Condition::Comparator::kLessOrEqual;
    case Comparator::kGreater:
      return Condition::Comparator::kGreater;
    case Comparator::kGreaterOrEqual:
      return Condition::Comparator::kGreaterOrEqual;
    case Comparator::kHas:
      return Condition::Comparator::kHas;
    default:
      return Condition::Comparator::kEqual;
  }
}

bool IsOrder(Comparator comparator) {
  return comparator != Comparator::kEqual && comparator != Comparator::kNotEqual && comparator != Comparator::kHas;
}

class Checker {
 public:
  Checker(const db::Fields& fields, absl::Time now) : fields_(fields), now_(now) {}

  absl::StatusOr<Condition> Check(const FilterNode& node) const {
    if (node.type == FilterNode::Type::kComparison) return Comparison(node);
    Condition condition;
    condition.type = node.type == FilterNode::Type::kAnd  ? Condition::Type::kAnd
                     : node.type == FilterNode::Type::kOr ? Condition::Type::kOr
                                                          : Condition::Type::kNot;
    for (const FilterNode& operand : node.operands) {
      absl::StatusOr<Condition> checked = Check(operand);
      if (!checked.ok()) return checked;
      condition.operands.push_back(*std::move(checked));
    }
    return condition;
  }

 private:
  absl::StatusOr<Condition> Comparison(const FilterNode& node) const {
    Condition condition;
    condition.type = Condition::Type::kComparison;
    if (absl::Status found = Find(node, &condition); !found.ok()) return found;
    const db::Field& field = *condition.field;
    if (node.comparator == Comparator::kNone) {
      if (field.type != Type::kBool) {
        return FilterError(
            node.position,
            absl::StrCat(absl::string_view(field.name.data(), field.name.size()),
                         " must be compared with something; \":*\" behind it asks whether it has a value"));
      }
      condition.comparator = Condition::Comparator::kEqual;
      condition.truth = true;
      return condition;
    }
    condition.comparator = ToComparator(node.comparator);
    const bool is_star = !node.value.is_quoted && node.value.text() == "*" && node.value.parts.size() == 2;
    if (is_star && !IsOrder(node.comparator) && field.type != Type::kBool) {
      condition.comparator = Condition::Comparator::kPresent;
    } else if (absl::Status valid = Value(node, &condition); !valid.ok()) {
      return valid;
    }
    if (node.comparator != Comparator::kNotEqual) return condition;
    Condition denial;
    denial.type = Condition::Type::kNot;
    denial.operands.push_back(std::move(condition));
    return denial;
  }

  // The field that stands before the comparator, with the language of a text.
  absl::Status Find(const FilterNode& node, Condition* condition) const {
    if (node.is_quoted) return FilterError(node.position, "a field was expected, and here stands a text in quotes");
    const std::string path = absl::StrJoin(node.path, ".");
    condition->field = db::FindField(fields_, path);
    if (condition->field != nullptr) return absl::OkStatus();
    const db::Field* texts = node.path.size() == 2 ? db::FindField(fields_, node.path.front()) : nullptr;
    if (texts != nullptr && texts->type == Type::kTexts) {
      condition->field = texts;
      condition->language = node.path.back();
      return absl::OkStatus();
    }
    std::vector<std::string> names;
    for (const db::Field& field : fields_) names.emplace_back(field.name);
    return FilterError(
        node.position,
        absl::StrCat(Quoted(path), " is no field that can be filtered by; the nearest is ", NearestWord(path, names)));
  }

  absl::Status Value(const FilterNode& node, Condition* condition) const {
    const db::Field& field = *condition->field;
    const FilterValue& value = node.value;
    const bool is_text = field.type == Type::kId || field.type == Type::kText || field.type == Type::kTexts;
    if (value.is_call && field.type != Type::kTime && field.type != Type::kDate) {
      return FilterError(value.position, absl::StrCat("functions give times and days, which ", std::string(field.name),
                                                      " is not compared with"));
    }
    if (IsOrder(node.comparator) &&
        (is_text || field.type == Type::kList || field.type == Type::kEnum || field.type == Type::kBool)) {
      return FilterError(node.position, absl::StrCat(std::string(field.name), " has no order: compare it by = or != ",
                                                     field.type == Type::kBool ? "" : "or :"));
    }
    if (!is_text && value.parts.size() > 1) {
      return FilterError(value.position, absl::StrCat("only texts can be compared with a pattern, and ",
                                                      std::string(field.name), " is none"));
    }
    switch (field.type) {
      case Type::kId:
        return Id(value, condition);
      case Type::kText:
      case Type::kTexts:
        return Text(node, condition);
      case Type::kList:
        return Word(node, condition);
      case Type::kEnum:
        return Enum(value, condition);
      case Type::kBool:
        return Bool(value, condition);
      case Type::kNumber:
        return Number(value, condition);
      case Type::kTime:
      case Type::kDate:
        return Span(value, condition);
    }
    return absl::OkStatus();
  }

  // `swd` or `publishers/swd`, of which the last part is compared.
  static absl::Status Id(const FilterValue& value, Condition* condition) {
    condition->comparator = Condition::Comparator::kEqual;
    condition->parts = value.parts;
    const size_t slash = condition->parts.front().rfind('/');
    if (slash != std::string::npos) condition->parts.front().erase(0, slash + 1);
    return absl::OkStatus();
  }

  static absl::Status Text(const FilterNode& node, Condition* condition) {
    if (condition->field->weight != 0 && node.comparator == Comparator::kHas) return Words(node, condition);
    condition->parts = node.value.parts;
    if (node.comparator == Comparator::kHas && condition->parts.size() > 1) {
      return FilterError(node.value.position, "\":\" asks for a part of the text already; patterns go with = and !=");
    }
    return absl::OkStatus();
  }

  // Of texts that are searched: words as a query has them. `maint*` asks for words that begin so.
  static absl::Status Words(const FilterNode& node, Condition* condition) {
    const std::string field(condition->field->name);
    const std::vector<std::string>& parts = node.value.parts;
    if (!condition->language.empty()) {
      return FilterError(node.position,
                         absl::StrCat("\":\" searches texts in all languages: write ", field, ":", node.value.text()));
    }
    const bool is_beginning = parts.size() == 2 && parts.back().empty();
    if (parts.size() > 1 && !is_beginning) {
      return FilterError(node.value.position, "\":\" asks for words, which may have a * at their end only");
    }
    absl::StatusOr<std::vector<db::QueryTerm>> terms = db::QueryTerms(parts.front());
    if (!terms.ok()) {
      return FilterError(node.value.position,
                         absl::StrCat("1 to ", db::kMaxQueryTerms, " words of ", db::kMaxQueryCharacters,
                                      " characters together were expected, and here stands ", Quoted(parts.front())));
    }
    terms->back().prefix = is_beginning;
    condition->terms = *std::move(terms);
    return absl::OkStatus();
  }

  static absl::Status Word(const FilterNode& node, Condition* condition) {
    if (node.comparator != Comparator::kHas) {
      return FilterError(node.position, absl::StrCat("what is among several is asked for by \":\", as in ",
                                                     std::string(condition->field->name), ":", node.value.text()));
    }
    condition->parts = {absl::AsciiStrToUpper(node.value.text())};
    return absl::OkStatus();
  }

  static absl::Status Enum(const FilterValue& value, Condition* condition) {
    condition->comparator = Condition::Comparator::kEqual;
    const std::string name = absl::AsciiStrToUpper(value.text());
    const google::protobuf::EnumDescriptor& values = *condition->field->values;
    condition->parts = {name};
    if (const auto* known = values.FindValueByName(name); known != nullptr) return absl::OkStatus();
    std::vector<std::string> names;
    for (int i = 1; i < values.value_count(); ++i) names.push_back(values.value(i)->name());
    return FilterError(value.position, absl::StrCat(Quoted(value.text()), " is no ",
                                                    std::string(condition->field->name), "; the nearest is ",
                                                    NearestWord(name, names), ", of ", absl::StrJoin(names, ", ")));
  }

  static absl::Status Bool(const FilterValue& value, Condition* condition) {
    condition->comparator = Condition::Comparator::kEqual;
    condition->truth = value.text() == "true";
    if (condition->truth || value.text() == "false") return absl::OkStatus();
    return FilterError(value.position,
                       absl::StrCat("true or false was expected, and here stands ", Quoted(value.text())));
  }

  static absl::Status Number(const FilterValue& value, Condition* condition) {
    if (absl::SimpleAtoi(value.text(), &condition->number)) return absl::OkStatus();
    return FilterError(value.position,
                       absl::StrCat("a whole number was expected, and here stands ", Quoted(value.text())));
  }

  absl::Status Span(const FilterValue& value, Condition* condition) const {
    const absl::TimeZone utc = absl::UTCTimeZone();
    const auto set_days = [&](absl::CivilDay first, absl::CivilDay last) {
      condition->first = first;
      condition->last = last;
      condition->begin = absl::FromCivil(first, utc);
      condition->end = absl::FromCivil(last + 1, utc);
      return absl::OkStatus();
    };
    if (value.is_call) {
      const absl::StatusOr<absl::CivilDay> day = Call(value);
      return day.ok() ? set_days(*day, *day) : day.status();
    }
    if (const std::optional<rules::Span> span = rules::ParseDate(value.text()))
      return set_days(span->first, span->last);
    const char* const dates = "a day 2022-06-30, month 2022-06, quarter 2022-Q2 or year 2022, today() or days_ago(30)";
    if (condition->field->type == Type::kDate) {
      return FilterError(value.position, absl::StrCat(dates, " was expected, and here stands ", Quoted(value.text())));
    }
    std::string problem;
    if (!absl::ParseTime(absl::RFC3339_full, value.text(), &condition->begin, &problem) ||
        condition->begin < absl::FromCivil(absl::CivilYear(1), utc) ||
        condition->begin >= absl::FromCivil(absl::CivilYear(10000), utc)) {
      return FilterError(value.position, absl::StrCat("a time \"2022-06-30T12:00:00Z\", ", dates,
                                                      " was expected, and here stands ", Quoted(value.text())));
    }
    condition->end = condition->begin + absl::Microseconds(1);
    return absl::OkStatus();
  }

  absl::StatusOr<absl::CivilDay> Call(const FilterValue& value) const {
    const absl::CivilDay today = absl::ToCivilDay(now_, absl::UTCTimeZone());
    const std::string name = value.text();
    if (name == "today" && value.arguments.empty()) return today;
    int64_t days = 0;
    if (name == "days_ago" && value.arguments.size() == 1 && absl::SimpleAtoi(value.arguments.front().text(), &days) &&
        days >= -kMaxDays && days <= kMaxDays) {
      return today - days;
    }
    return FilterError(value.position,
                       absl::StrCat("the functions are today() and days_ago(N), N days up to ", kMaxDays));
  }

  const db::Fields& fields_;
  const absl::Time now_;
};

}  // namespace

absl::StatusOr<Condition> CheckFilter(std::string_view filter, const db::Fields& fields, absl::Time now) {
  const absl::StatusOr<std::optional<FilterNode>> tree = ParseFilter(filter);
  if (!tree.ok()) return tree.status();
  if (!tree->has_value()) return Condition();
  return Checker(fields, now).Check(**tree);
}

}  // namespace almanac::service
