// Files of updates: which dataset was refreshed when.
#ifndef ALMANAC_CLIENT_UPDATE_FILE_H_
#define ALMANAC_CLIENT_UPDATE_FILE_H_

#include <istream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "almanac/v1/dataset_service.pb.h"

namespace almanac::client {

// An update and the line of the file that tells of it.
struct UpdateRow {
  int line;
  v1::ReportUpdateRequest update;
};

// Reads CSV with the heading `name,time`: on each line a dataset's name, whole or short, and when its data were
// refreshed. Blank lines count as none. INVALID_ARGUMENT, naming `file` and line, for the first line that says
// something else; a line has at most 10,000 bytes and the file a million rows.
absl::StatusOr<std::vector<UpdateRow>> ParseUpdates(std::istream& in, const std::string& file);

// The same of the file at `path`, or of standard input for `-`; a usage error if it cannot be read.
absl::StatusOr<std::vector<UpdateRow>> ReadUpdateFile(const std::string& path);

// How a file is called in messages.
std::string NameOfUpdateFile(const std::string& path);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_UPDATE_FILE_H_
