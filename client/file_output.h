// Files that a command writes.
#ifndef ALMANAC_CLIENT_FILE_OUTPUT_H_
#define ALMANAC_CLIENT_FILE_OUTPUT_H_

#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "client/interrupt.h"

namespace almanac::client {

// Writes `text` to `file`, or to `out` for `-`. A file is written whole or not at all: readers see what it was or what
// it becomes, and its permissions stay. A signal that ends the program meanwhile leaves nothing else behind. Returns a
// usage error that names the file if it cannot be written.
absl::Status WriteOutput(const std::string& file, const std::string& text, std::ostream& out, Interrupt& interrupt);

// Replaces `file` by `text`, by way of the file `temporary` in the same folder. After it has returned 0 the text is
// there even if the machine dies; else it returns the error number, and `file` is as it was.
int ReplaceFile(const std::string& file, const std::string& temporary, const std::string& text);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_FILE_OUTPUT_H_
