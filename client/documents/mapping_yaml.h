#pragma once

#include <yaml-cpp/yaml.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace almanac::client {

// Parts of a YAML file, read with the place of whatever is wrong.
class MappingYaml {
 public:
  using Entries = std::vector<std::pair<std::string, YAML::Node>>;

  explicit MappingYaml(std::string_view file) : file_(file) {}

  // The document. Returns INVALID_ARGUMENT if the text is no YAML.
  absl::StatusOr<YAML::Node> Load(std::string_view text) const;

  // The entries of a map, each key once, with a value, and of `keys` unless those are empty. `what` names the map in
  // errors.
  absl::StatusOr<Entries> ReadMap(const YAML::Node& node, std::string_view what,
                                  const std::vector<std::string>& keys) const;

  // A text that is not empty.
  absl::StatusOr<std::string> ReadText(const YAML::Node& node, std::string_view what) const;

  // A text, or a list of one or more.
  absl::StatusOr<std::vector<std::string>> ReadTexts(const YAML::Node& node, std::string_view what) const;

  // INVALID_ARGUMENT: `FILE:LINE: what`.
  absl::Status Refuse(const YAML::Node& node, std::string_view what) const;

  // INVALID_ARGUMENT for a word that is none of `known`, with the nearest of them or all.
  absl::Status RefuseWord(const YAML::Node& node, std::string_view what, const std::string& word,
                          const std::vector<std::string>& known) const;

 private:
  std::string file_;
};

// The line on which a node begins, counted from 1.
int LineOf(const YAML::Node& node);

}  // namespace almanac::client
