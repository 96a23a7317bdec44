#include "client/update_file.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/csv.h"
#include "client/errors.h"
#include "client/names.h"
#include "client/values.h"

namespace almanac::client {
namespace {

constexpr size_t kMaxRows = 1'000'000;
constexpr size_t kMaxLineBytes = 10'000;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// The lines of a stream, none longer than kMaxLineBytes.
class Lines {
 public:
  explicit Lines(std::istream& in) : in_(in) {}

  // Goes to the next line, without its line break; false at the end, or where the line is too long.
  bool Next() {
    in_.getline(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    const auto read = static_cast<size_t>(in_.gcount());
    if (in_.bad() || (in_.fail() && read == 0)) return false;
    ++number_;
    is_too_long_ = in_.fail();
    if (is_too_long_) return false;
    text_ = std::string_view(buffer_.data(), in_.eof() ? read : read - 1);
    if (absl::EndsWith(absl::string_view(text_.data(), text_.size()), "\r")) text_.remove_suffix(1);
    if (number_ == 1 && text_.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
      text_.remove_prefix(kByteOrderMark.size());
    }
    return true;
  }

  std::string_view text() const { return text_; }
  int number() const { return number_; }
  bool is_too_long() const { return is_too_long_; }

 private:
  std::istream& in_;
  std::array<char, kMaxLineBytes + 1> buffer_ = {};
  std::string_view text_;
  int number_ = 0;
  bool is_too_long_ = false;
};

absl::StatusOr<v1::ReportUpdateRequest> ParseRow(std::string_view line) {
  const absl::StatusOr<std::vector<std::string>> fields = ParseCsvRecord(line);
  if (!fields.ok()) return fields.status();
  if (fields->size() != 2) {
    return absl::InvalidArgumentError(absl::StrCat("has ", fields->size(), " fields and not two, name and time"));
  }
  const absl::StatusOr<std::string> name = DatasetNames().Complete(fields->front());
  if (!name.ok()) return absl::InvalidArgumentError(absl::StrCat("name: ", name.status().message()));
  const absl::StatusOr<google::protobuf::Timestamp> time = ParseTime(fields->back());
  if (!time.ok()) return absl::InvalidArgumentError(absl::StrCat("time: ", time.status().message()));
  v1::ReportUpdateRequest update;
  update.set_name(*name);
  *update.mutable_data_time() = *time;
  return update;
}

}  // namespace

absl::StatusOr<std::vector<UpdateRow>> ParseUpdates(std::istream& in, const std::string& file) {
  Lines lines(in);
  const auto wrong = [&](absl::string_view message) {
    return absl::InvalidArgumentError(absl::StrCat(file, ":", lines.number(), ": ", message));
  };
  std::vector<UpdateRow> rows;
  bool has_heading = false;
  while (lines.Next()) {
    if (lines.text().empty()) continue;
    if (!has_heading) {
      const absl::StatusOr<std::vector<std::string>> heading = ParseCsvRecord(lines.text());
      has_heading = heading.ok() && *heading == std::vector<std::string>{"name", "time"};
      if (!has_heading) return wrong("the first line is not the heading name,time");
      continue;
    }
    absl::StatusOr<v1::ReportUpdateRequest> update = ParseRow(lines.text());
    if (!update.ok()) return wrong(update.status().message());
    if (rows.size() == kMaxRows) return wrong("there are more than a million rows; split the file");
    rows.push_back({lines.number(), *std::move(update)});
  }
  if (lines.is_too_long()) return wrong("the line is longer than 10,000 bytes");
  if (in.bad()) return UsageError(absl::StrCat(file, " cannot be read: ", std::strerror(errno)));
  if (!has_heading) return absl::InvalidArgumentError(absl::StrCat(file, " is empty; it needs the heading name,time"));
  return rows;
}

absl::StatusOr<std::vector<UpdateRow>> ReadUpdateFile(const std::string& path) {
  if (path == "-") return ParseUpdates(std::cin, NameOfUpdateFile(path));
  std::ifstream in(path, std::ios::binary);
  if (!in) return UsageError(absl::StrCat(path, " cannot be read: ", std::strerror(errno)));
  return ParseUpdates(in, path);
}

std::string NameOfUpdateFile(const std::string& path) { return path == "-" ? "standard input" : path; }

}  // namespace almanac::client
