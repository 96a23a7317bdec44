#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "db/fields.h"
#include "db/search_text.h"
#include "db/transaction.h"

// What a list is limited to: a tree of comparisons, each checked against its field's type before.
namespace almanac::db {

struct Condition {
  enum class Type { kAnd, kOr, kNot, kComparison };
  enum class Comparator { kEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual, kHas, kPresent };

  // Without operands kAnd holds for everything.
  Type type = Type::kAnd;
  // One of kNot.
  std::vector<Condition> operands = {};

  // Of a comparison. kPresent asks whether the field has any value.
  const Field* field = nullptr;
  Comparator comparator = Comparator::kPresent;
  // Of kTexts: the language of the text that is compared; empty for any.
  std::string language = {};
  // The value, by the type of the field: of a text its parts between wildcards, of kEnum the value's name.
  std::vector<std::string> parts = {};
  // Of texts that are searched, for kHas: what they must have.
  std::vector<QueryTerm> terms = {};
  bool truth = false;
  int64_t number = 0;
  // The span that the value stands for: from the first up to, without, the last. A kDate field is compared with days.
  absl::Time begin = {}, end = {};
  absl::CivilDay first = {}, last = {};
};

// What holds if both do.
Condition Both(Condition a, Condition b);

// Whether it is no condition.
bool HoldsForAll(const Condition& condition);

// Whether `condition` asks for something that is found by its words.
bool Searches(const Condition& condition);

// The comparison of searched texts as a tsquery (search_vector.h).
std::string SearchOf(const Condition& comparison);

// Takes those comparisons of searched texts out of `condition` that whatever meets it must meet. With them it is what
// it was.
std::vector<Condition> TakeSearches(Condition* condition);

// `condition` for a WHERE clause where `t` is the row, in parentheses, its values appended to `params`. `search` is
// where the rows of dataset_search are. Rows of which a comparison's field has no value do not meet it, but do meet its
// denial.
std::string ToSql(const Condition& condition, std::string_view search, std::vector<Param>* params);

}  // namespace almanac::db
