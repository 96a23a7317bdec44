#include "service/publisher_finder.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "db/errors.h"
#include "db/names.h"
#include "db/publishers.h"
#include "service/dataset_ids.h"
#include "service/titles.h"

namespace almanac::service {

absl::StatusOr<std::string> PublisherFinder::Find(const std::string& parent, const std::string& title) {
  if (db::IdsOf(parent)[0] != "-") return parent;
  Load();
  const std::string key = TitleKey(title);
  const std::set<std::string>& live = live_[key];
  if (live.size() > 1) {
    return db::FailedPrecondition(
        "AMBIGUOUS_TITLE", *live.begin(),
        absl::StrCat("\"", db::Excerpt(title, kShownTitle), "\" is the title of ", absl::StrJoin(live, " and "),
                     "; import the document for one of them by its name"));
  }
  if (!live.empty()) return *live.begin();
  if (const std::set<std::string>& deleted = deleted_[key]; !deleted.empty()) return *deleted.begin();
  return NewName(title);
}

void PublisherFinder::Learn(const std::string& name, const std::string& title) {
  if (!is_loaded_) return;
  names_.insert(name);
  live_[TitleKey(title)].insert(name);
}

void PublisherFinder::Load() {
  if (is_loaded_) return;
  is_loaded_ = true;
  for (const auto& publisher :
       db::ListPublishers(transaction_, {.after = "", .limit = INT32_MAX, .show_deleted = true})) {
    names_.insert(publisher.name());
    auto& by_title = publisher.has_delete_time() ? deleted_ : live_;
    for (const auto& [language, title] : publisher.titles()) by_title[TitleKey(title)].insert(publisher.name());
  }
}

absl::StatusOr<std::string> PublisherFinder::NewName(const std::string& title) const {
  for (const auto make_id : {MakePublisherId, MakeDistinctPublisherId}) {
    std::string name = db::PublisherName(make_id(title));
    if (!names_.contains(name)) return name;
  }
  const std::string name = db::PublisherName(MakeDistinctPublisherId(title));
  return db::AlreadyExists(
      name, absl::StrCat("\"", db::Excerpt(title, kShownTitle), "\" needs a publisher whose id is taken by ", name,
                         ", which has another title; import the document for a publisher by its name"));
}

}  // namespace almanac::service
