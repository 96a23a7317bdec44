#include "client/names.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/errors.h"

namespace almanac::client {
namespace {

std::vector<std::string> Segments(std::string_view text) {
  return absl::StrSplit(absl::string_view(text.data(), text.size()), '/');
}

std::string Singular(const std::string& collection) { return collection.substr(0, collection.size() - 1); }

}  // namespace

NamePattern::NamePattern(std::vector<std::string> collections) : collections_(std::move(collections)) {}

absl::StatusOr<std::string> NamePattern::Complete(std::string_view text) const {
  const std::vector<std::string> segments = Segments(text);
  const bool whole = segments.size() == 2 * collections_.size();
  const bool ids = segments.size() == collections_.size();
  const bool of_another_kind = ids && segments.front() == collections_.front();
  bool valid = (whole || ids) && !of_another_kind &&
               std::none_of(segments.begin(), segments.end(), [](auto& s) { return s.empty(); });
  for (size_t i = 0; valid && whole && i < collections_.size(); ++i) valid = segments[2 * i] == collections_[i];
  if (!valid) {
    return UsageError(absl::StrCat("\"", std::string(text), "\" does not name a ", Noun(), ": write ", Forms()));
  }
  if (whole) return std::string(text);
  std::vector<std::string> parts;
  for (size_t i = 0; i < collections_.size(); ++i) parts.push_back(absl::StrCat(collections_[i], "/", segments[i]));
  return absl::StrJoin(parts, "/");
}

std::string NamePattern::Short(std::string_view name) const {
  const std::vector<std::string> segments = Segments(name);
  if (segments.size() != 2 * collections_.size()) return std::string(name);
  std::vector<std::string> ids;
  for (size_t i = 1; i < segments.size(); i += 2) ids.push_back(segments[i]);
  return absl::StrJoin(ids, "/");
}

NamePattern NamePattern::Parent() const {
  return NamePattern(std::vector<std::string>(collections_.begin(), collections_.end() - 1));
}

std::string NamePattern::Wildcard() const { return absl::StrCat(absl::StrJoin(collections_, "/-/"), "/-"); }

std::string NamePattern::Noun() const { return Singular(collections_.back()); }

std::string NamePattern::Forms() const {
  std::vector<std::string> whole;
  std::vector<std::string> ids;
  for (const std::string& collection : collections_) {
    ids.push_back(absl::AsciiStrToUpper(Singular(collection)));
    whole.push_back(absl::StrCat(collection, "/", ids.back()));
  }
  return absl::StrCat(absl::StrJoin(whole, "/"), " or ", absl::StrJoin(ids, "/"));
}

NamePattern PublisherNames() { return NamePattern({"publishers"}); }

NamePattern DatasetNames() { return NamePattern({"publishers", "datasets"}); }

NamePattern PlanNames() { return NamePattern({"publishers", "plans"}); }

NamePattern CommitmentNames() { return NamePattern({"publishers", "plans", "commitments"}); }

NamePattern ChangeNames() { return NamePattern({"changes"}); }

std::pair<std::string, std::string> SplitName(std::string_view name) {
  const size_t id = name.rfind('/');
  if (id == std::string_view::npos) return {"", std::string(name)};
  const size_t collection = name.rfind('/', id - 1);
  return {collection == std::string_view::npos ? "" : std::string(name.substr(0, collection)),
          std::string(name.substr(id + 1))};
}

std::string CompletePrefix(std::string_view text) {
  while (!text.empty() && text.back() == '/') text.remove_suffix(1);
  if (text.empty() || text == "publishers" || text.find('/') != std::string_view::npos) return std::string(text);
  return absl::StrCat("publishers/", std::string(text));
}

}  // namespace almanac::client
