#include "client/documents/text_lines.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace almanac::client {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

absl::Status BadByte(std::string_view text, std::size_t offset, const char* what) {
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n');
  return absl::InvalidArgumentError(absl::StrCat("line ", line, ", byte offset ", offset, " of the file: ", what));
}

absl::Status CheckBytes(std::string_view text) {
  if (text.size() > kMaxTextBytes) {
    return absl::InvalidArgumentError(absl::StrCat("the file has ", text.size(), " bytes, but a plan may have at most ",
                                                   kMaxTextBytes, " (8 MiB): is it the text of a plan?"));
  }
  const auto length = static_cast<int32_t>(text.size());
  for (int32_t offset = 0; offset < length;) {
    const int32_t start = offset;
    UChar32 character = 0;
    U8_NEXT(text.data(), offset, length, character);
    if (character < 0) return BadByte(text, start, "not UTF-8; convert the file to UTF-8 and try again");
    if (character == 0)
      return BadByte(text, start, "a NUL byte, which no text holds; extract the text of the plan anew");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<TextLine>> SplitTextLines(std::string_view text) {
  if (absl::Status status = CheckBytes(text); !status.ok()) return status;
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::vector<TextLine> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back({.number = static_cast<int>(lines.size()) + 1, .text = line});
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace almanac::client
