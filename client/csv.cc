#include "client/csv.h"

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

}  // namespace almanac::client
