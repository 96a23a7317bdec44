#include "service/list_request.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "db/change_log.h"
#include "db/errors.h"
#include "service/filter.h"
#include "service/nearest_word.h"

namespace almanac::service {
namespace {

constexpr std::string_view kName = "name";
constexpr size_t kMaxOrderCharacters = 200;

// Before the keys of a position in a token: the revision and the time since which the list is walked.
constexpr size_t kWalkParts = 2;

absl::Status UnknownOrder(std::string_view word, const db::Fields& fields) {
  std::vector<std::string> names = {std::string(kName)};
  for (const db::Field& field : fields) {
    if (field.order_sql != nullptr) names.emplace_back(field.name);
  }
  return db::InvalidField("order_by", absl::StrCat("lists cannot be ordered by \"", db::Excerpt(word, 60),
                                                   "\"; the nearest that they can is ", NearestWord(word, names),
                                                   ", of ", absl::StrJoin(names, ", ")));
}

}  // namespace

absl::Status CheckOrder(std::string_view order_by, const db::Fields& fields, db::ListQuery* query) {
  if (order_by.size() > kMaxOrderCharacters) {
    return db::InvalidField("order_by",
                            absl::StrCat("has ", order_by.size(), " bytes; at most ", kMaxOrderCharacters, " fit"));
  }
  const absl::string_view text = absl::StripAsciiWhitespace(absl::string_view(order_by.data(), order_by.size()));
  if (text.empty()) return absl::OkStatus();
  const std::vector<absl::string_view> terms = absl::StrSplit(text, ',');
  if (terms.size() > kMaxOrderFields) {
    return db::InvalidField("order_by",
                            absl::StrCat("has ", terms.size(), " fields; at most ", kMaxOrderFields, " may be given"));
  }
  bool is_name_seen = false;
  for (const absl::string_view term : terms) {
    const std::vector<std::string> words = absl::StrSplit(term, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    const bool is_descending = words.size() == 2 && absl::AsciiStrToLower(words[1]) == "desc";
    const bool is_ascending = words.size() == 1 || (words.size() == 2 && absl::AsciiStrToLower(words[1]) == "asc");
    if (!is_descending && !is_ascending) {
      return db::InvalidField("order_by", absl::StrCat("\"", db::Excerpt(std::string(term), 60),
                                                       "\" is not a field, or a field and \"desc\""));
    }
    query->is_name_descending = is_descending;
    // Nothing is left to be ordered behind the name.
    if (is_name_seen) return db::InvalidField("order_by", "has a field behind name, which no two resources share");
    is_name_seen = words[0] == kName;
    if (is_name_seen) continue;
    const db::Field* field = db::FindField(fields, words[0]);
    if (field == nullptr || field->order_sql == nullptr) return UnknownOrder(words[0], fields);
    query->order.push_back({.field = field, .is_descending = is_descending});
  }
  return absl::OkStatus();
}

absl::Status ReadPosition(std::string_view page_token, std::string_view name_pattern, ListRequest* list) {
  list->now = absl::Now();
  const size_t keys = db::KeyCount(list->query);
  const absl::StatusOr<std::vector<std::string>> parts =
      ReadPageToken(page_token, list->binding, kWalkParts + keys + 1);
  if (!parts.ok()) return parts.status();
  if (parts->empty()) return absl::OkStatus();
  std::vector<int64_t> numbers;
  for (size_t i = 0; i < kWalkParts + keys; ++i) {
    if (!absl::SimpleAtoi((*parts)[i], &numbers.emplace_back())) {
      return db::InvalidField("page_token", "is malformed");
    }
  }
  list->revision = numbers[0];
  list->now = absl::FromUnixSeconds(numbers[1]);
  list->after = {.keys = {numbers.begin() + kWalkParts, numbers.end()}, .name = parts->back()};
  const bool is_time = list->now >= absl::FromCivil(absl::CivilYear(1900), absl::UTCTimeZone()) &&
                       list->now < absl::FromCivil(absl::CivilYear(9000), absl::UTCTimeZone());
  if (*list->revision < 0 || !is_time || !db::AreKeysOf(list->query, list->after->keys)) {
    return db::InvalidField("page_token", "is malformed");
  }
  return db::CheckName("page_token", name_pattern, list->after->name);
}

std::string MakePosition(const ListRequest& list, int64_t revision, const db::ListPosition& last) {
  std::vector<std::string> parts = {absl::StrCat(revision), absl::StrCat(absl::ToUnixSeconds(list.now))};
  for (const int64_t key : last.keys) parts.push_back(absl::StrCat(key));
  parts.push_back(last.name);
  return MakePageToken(list.binding, parts);
}

absl::Status SetFilter(std::string_view filter, const db::Fields& fields, ListRequest* list) {
  absl::StatusOr<db::Condition> condition = CheckFilter(filter, fields, list->now);
  if (!condition.ok()) return condition.status();
  list->query.condition = *std::move(condition);
  return absl::OkStatus();
}

bool IsOrderFixed(const db::ListQuery& query) {
  return !query.is_ranked && std::all_of(query.order.begin(), query.order.end(),
                                         [](const db::OrderTerm& term) { return term.field->is_fixed; });
}

absl::StatusOr<std::vector<std::string>> NamesChangedInWalk(db::Transaction& transaction,
                                                            almanac::v1::ResourceKind kind, const db::ListQuery& query,
                                                            int64_t revision) {
  const std::string publisher = query.parent.empty() ? "-" : db::IdsOf(query.parent)[0];
  std::vector<std::string> names = db::ListChangedAfter(transaction, kind, publisher, revision, kMaxChangedInWalk + 1);
  // Only now: what changed may have been dropped before it was read.
  const db::Head head = db::ReadHead(transaction);
  if (head.compacted_revision > revision) return db::RevisionCompacted(revision, head.compacted_revision + 1);
  if (names.size() <= kMaxChangedInWalk) return names;
  return db::Error(
      absl::StatusCode::kAborted, "LIST_CHANGED",
      absl::StrCat("more than ", kMaxChangedInWalk, " resources changed since the list was begun at revision ",
                   revision, "; begin again without a page token, or order by name"),
      {{"revision", absl::StrCat(revision)}});
}

}  // namespace almanac::service
