#include "db/names.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "db/errors.h"

namespace almanac::db {
namespace {

absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

std::vector<std::string> Pieces(std::string_view text) { return absl::StrSplit(View(text), '/'); }

constexpr size_t kMaxIdLength = 63;

// More than any name has, so that nothing longer is taken apart.
constexpr size_t kMaxNameLength = 400;

}  // namespace

bool IsResourceId(std::string_view id) {
  const auto is_alphanumeric = [](char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c); };
  return !id.empty() && id.size() <= kMaxIdLength && is_alphanumeric(id.front()) && is_alphanumeric(id.back()) &&
         std::all_of(id.begin(), id.end(), [&](char c) { return is_alphanumeric(c) || c == '-'; });
}

absl::Status CheckName(std::string_view field, std::string_view pattern, std::string_view name, Wildcard wildcard) {
  const std::vector<std::string> wanted = Pieces(pattern);
  const std::vector<std::string> given = name.size() > kMaxNameLength ? std::vector<std::string>() : Pieces(name);
  bool matches = wanted.size() == given.size();
  for (size_t i = 0; matches && i < wanted.size(); ++i) {
    const bool is_id = wanted[i].starts_with('{');
    matches =
        is_id ? IsResourceId(given[i]) || (wildcard == Wildcard::kAllowed && given[i] == "-") : wanted[i] == given[i];
  }
  if (matches) return absl::OkStatus();
  return InvalidField(field, name.empty()
                                 ? absl::StrCat("is required: a name like ", View(pattern))
                                 : absl::StrCat("\"", Excerpt(name, 200), "\" is not a name like ", View(pattern),
                                                ", with ids of 1 to 63 lower-case letters, digits and hyphens"));
}

std::vector<std::string> IdsOf(std::string_view name) {
  const std::vector<std::string> pieces = Pieces(name);
  std::vector<std::string> ids;
  for (size_t i = 1; i < pieces.size(); i += 2) ids.push_back(pieces[i]);
  return ids;
}

std::string PublisherName(std::string_view publisher) { return absl::StrCat("publishers/", View(publisher)); }

std::string DatasetName(std::string_view publisher, std::string_view dataset) {
  return absl::StrCat(PublisherName(publisher), "/datasets/", View(dataset));
}

std::string PlanName(std::string_view publisher, std::string_view plan) {
  return absl::StrCat(PublisherName(publisher), "/plans/", View(plan));
}

std::string CommitmentName(std::string_view publisher, std::string_view plan, std::string_view commitment) {
  return absl::StrCat(PlanName(publisher, plan), "/commitments/", View(commitment));
}

}  // namespace almanac::db
