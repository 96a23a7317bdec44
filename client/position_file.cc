#include "client/position_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/errors.h"
#include "client/file_output.h"

namespace almanac::client {
namespace {

constexpr size_t kMaxTokenBytes = 4096;

}  // namespace

absl::StatusOr<std::unique_ptr<PositionFile>> PositionFile::Open(const std::string& name) {
  std::error_code ignored;
  std::string file = std::filesystem::weakly_canonical(name, ignored);
  if (file.empty()) file = name;
  const std::string lock_file = file + ".lock";
  const int lock = open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock < 0) return UsageError(absl::StrCat("--position: ", lock_file, " cannot be opened: ", std::strerror(errno)));
  std::unique_ptr<PositionFile> position(new PositionFile(file, lock));
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("--position: ", file, " is in use by another almanac watch: end that one, or name another file"));
  }
  if (absl::Status read = position->Read(); !read.ok()) return read;
  return position;
}

PositionFile::~PositionFile() { close(lock_); }

absl::Status PositionFile::Read() {
  std::ifstream in(file_);
  if (!in.is_open()) {
    if (errno == ENOENT) return absl::OkStatus();
    return UsageError(absl::StrCat("--position: ", file_, " cannot be read: ", std::strerror(errno)));
  }
  std::string text(kMaxTokenBytes, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(in.gcount()));
  written_ = std::string(absl::StripAsciiWhitespace(text));
  if (written_.empty() || text.size() == kMaxTokenBytes || written_.find_first_of(" \n\t") != std::string::npos) {
    return UsageError(absl::StrCat("--position: ", file_,
                                   " holds no position of a watch: name another file, or delete it to begin anew"));
  }
  return absl::OkStatus();
}

absl::Status PositionFile::Keep(const std::string& token, absl::Duration pause) {
  if (token.empty()) return absl::OkStatus();
  kept_ = token;
  const bool is_early = written_at_.has_value() && absl::FromChrono(Clock::now() - *written_at_) < pause;
  return is_early ? absl::OkStatus() : Flush();
}

absl::Status PositionFile::Flush() {
  if (kept_.empty() || kept_ == written_) return absl::OkStatus();
  if (const int error = ReplaceFile(file_, file_ + ".new", kept_ + "\n"); error != 0) {
    return absl::DataLossError(
        absl::StrCat("the position could not be written to ", file_, ": ", std::strerror(error)));
  }
  written_ = kept_;
  written_at_ = Clock::now();
  return absl::OkStatus();
}

}  // namespace almanac::client
