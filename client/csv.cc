#include "client/csv.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace almanac::client {

std::string CsvRecord(const std::vector<std::string>& fields) {
  return absl::StrJoin(fields, ",", [](std::string* out, const std::string& field) {
    if (field.find_first_of(",\"\r\n") == std::string::npos) {
      absl::StrAppend(out, field);
    } else {
      absl::StrAppend(out, "\"", absl::StrReplaceAll(field, {{"\"", "\"\""}}), "\"");
    }
  });
}

absl::StatusOr<std::vector<std::string>> ParseCsvRecord(std::string_view line) {
  std::vector<std::string> fields;
  for (size_t at = 0;; ++at) {
    std::string& field = fields.emplace_back();
    if (at < line.size() && line[at] == '"') {
      for (++at; at < line.size(); ++at) {
        if (line[at] == '"' && line.substr(at + 1, 1) != "\"") break;
        if (line[at] == '"') ++at;
        field.push_back(line[at]);
      }
      if (at == line.size()) return absl::InvalidArgumentError("a quote does not end on this line");
      ++at;
      if (at < line.size() && line[at] != ',') {
        return absl::InvalidArgumentError(
            "there is text behind the closing quote of a field; a quote inside a field is "
            "written twice");
      }
    } else {
      const size_t end = std::min(line.find(',', at), line.size());
      field = line.substr(at, end - at);
      if (field.find('"') != std::string::npos) {
        return absl::InvalidArgumentError("there is a quote inside a field that does not begin with one");
      }
      at = end;
    }
    if (at == line.size()) return fields;
  }
}

}  // namespace almanac::client
