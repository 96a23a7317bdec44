// Resource names as a user may write them.
#ifndef ALMANAC_CLIENT_NAMES_H_
#define ALMANAC_CLIENT_NAMES_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace almanac::client {

// The form of the names of one kind of resource, such as `publishers/{publisher}/datasets/{dataset}`.
class NamePattern {
 public:
  // `collections` from the top, for example {"publishers", "datasets"}; at least one.
  explicit NamePattern(std::vector<std::string> collections);

  // The whole name for `text`, which is a whole name or its ids alone (`swd/x` for `publishers/swd/datasets/x`).
  // Returns a usage error if it is neither; `publishers/swd` is the name of a publisher and not the ids of a dataset.
  absl::StatusOr<std::string> Complete(std::string_view text) const;

  // The ids of a whole name, joined by slashes; `name` itself if it is not of this pattern.
  std::string Short(std::string_view name) const;

  // The pattern of the parents. Only for patterns of more than one collection.
  NamePattern Parent() const;

  // Whether resources of this kind lie in another.
  bool HasParent() const { return collections_.size() > 1; }

  // The name that stands for every resource of this kind, `publishers/-`.
  std::string Wildcard() const;

  // What one such resource is called: `dataset`.
  std::string Noun() const;

  // How such names are written, for help texts: `publishers/PUBLISHER/datasets/DATASET or PUBLISHER/DATASET`.
  std::string Forms() const;

 private:
  std::vector<std::string> collections_;
};

NamePattern PublisherNames();
NamePattern DatasetNames();
NamePattern PlanNames();
NamePattern CommitmentNames();
NamePattern ChangeNames();

// Parent and id of a whole name: `publishers/swd` and `x` for `publishers/swd/datasets/x`. The parent of a name of one
// collection is empty.
std::pair<std::string, std::string> SplitName(std::string_view name);

// The prefix that selects a resource and all below it: a whole name, or the id of a publisher alone. Empty stays empty.
std::string CompletePrefix(std::string_view text);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_NAMES_H_
