#pragma once

#include <map>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "db/transaction.h"

namespace almanac::service {

// Finds the publishers that documents are of by their titles, within one write. It knows what the catalogue knew when
// it was first asked, and what it was told since.
class PublisherFinder {
 public:
  // The transaction must outlive this.
  explicit PublisherFinder(db::Transaction& transaction) : transaction_(transaction) {}

  // `parent`, unless it is `publishers/-`: then the publisher that has `title` in some language, without regard to
  // spaces, a live one before deleted ones; or, if there is none, the name for a new one: its id is made of the title.
  // FAILED_PRECONDITION naming them if several live ones have the title.
  absl::StatusOr<std::string> Find(const std::string& parent, const std::string& title);

  // From now on the publisher `name` has `title` too.
  void Learn(const std::string& name, const std::string& title);

 private:
  void Load();
  absl::StatusOr<std::string> NewName(const std::string& title) const;

  db::Transaction& transaction_;
  bool is_loaded_ = false;
  std::set<std::string> names_;  // taken ones, also by deleted publishers
  // Names by the key of a title.
  std::map<std::string, std::set<std::string>> live_;
  std::map<std::string, std::set<std::string>> deleted_;
};

}  // namespace almanac::service
