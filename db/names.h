#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "db/errors.h"

namespace almanac::db {

// The patterns of resource names (AIP-122).
inline constexpr std::string_view kPublisherPattern = "publishers/{publisher}";
inline constexpr std::string_view kDatasetPattern = "publishers/{publisher}/datasets/{dataset}";
inline constexpr std::string_view kPlanPattern = "publishers/{publisher}/plans/{plan}";
inline constexpr std::string_view kCommitmentPattern = "publishers/{publisher}/plans/{plan}/commitments/{commitment}";
inline constexpr std::string_view kChangePattern = "changes/{revision}";

// Whether `id` is 1 to 63 lower-case letters, digits and hyphens, beginning and ending with a letter or digit.
bool IsResourceId(std::string_view id);

// Whether ids in a name may be `-`, which stands for every one (AIP-159).
enum class Wildcard { kRefused, kAllowed };

// OK if `name` has the form of `pattern`; INVALID_ARGUMENT about the request's `field` otherwise.
absl::Status CheckName(std::string_view field, std::string_view pattern, std::string_view name,
                       Wildcard wildcard = Wildcard::kRefused);

// The ids in a name: `swd` and `2022-2024` of `publishers/swd/plans/2022-2024`.
std::vector<std::string> IdsOf(std::string_view name);

std::string PublisherName(std::string_view publisher);
std::string DatasetName(std::string_view publisher, std::string_view dataset);
std::string PlanName(std::string_view publisher, std::string_view plan);
std::string CommitmentName(std::string_view publisher, std::string_view plan, std::string_view commitment);

// `resources` in the order of `names`, once for each; NOT_FOUND naming the first that is not among them.
template <typename Resource>
absl::StatusOr<std::vector<Resource>> InOrderOf(const std::vector<std::string>& names,
                                                const std::vector<Resource>& resources) {
  std::unordered_map<std::string, const Resource*> by_name;
  for (const Resource& resource : resources) by_name[resource.name()] = &resource;
  std::vector<Resource> ordered;
  for (const std::string& name : names) {
    const auto found = by_name.find(name);
    if (found == by_name.end()) return NotFound(name);
    ordered.push_back(*found->second);
  }
  return ordered;
}

}  // namespace almanac::db
