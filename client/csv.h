// Comma-separated values, quoted as RFC 4180 says.
#ifndef ALMANAC_CLIENT_CSV_H_
#define ALMANAC_CLIENT_CSV_H_

#include <string>
#include <vector>

namespace almanac::client {

// One record, without a line break at its end. A field with a comma, a quote or a line break is quoted; nothing is
// changed in any other way.
std::string CsvRecord(const std::vector<std::string>& fields);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_CSV_H_
