// Comma-separated values, quoted as RFC 4180 says.
#ifndef ALMANAC_CLIENT_CSV_H_
#define ALMANAC_CLIENT_CSV_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace almanac::client {

// One record, without a line break at its end. A field with a comma, a quote or a line break is quoted; nothing is
// changed in any other way.
std::string CsvRecord(const std::vector<std::string>& fields);

// The fields of a record that lies on one line, given without its line break. INVALID_ARGUMENT for a quote where RFC
// 4180 has none, or that does not end on the line.
absl::StatusOr<std::vector<std::string>> ParseCsvRecord(std::string_view line);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_CSV_H_
