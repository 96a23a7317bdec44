#include "client/file_output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "client/errors.h"

namespace almanac::client {
namespace {

absl::Status CannotWrite(const std::string& file, int error) {
  return UsageError(absl::StrCat(file, " cannot be written: ", std::strerror(error)));
}

// Writes all of `text` and closes the file. Returns 0 or the error.
int WriteAndClose(int descriptor, const std::string& text, bool sync) {
  size_t written = 0;
  int error = 0;
  while (error == 0 && written < text.size()) {
    const ssize_t count = write(descriptor, text.data() + written, text.size() - written);
    if (count < 0 && errno != EINTR) error = errno;
    if (count > 0) written += static_cast<size_t>(count);
  }
  if (error == 0 && sync && fsync(descriptor) != 0) error = errno;
  if (close(descriptor) != 0 && error == 0) error = errno;
  return error;
}

// The permissions that `file` has or, if it is new, gets.
mode_t ModeOf(const std::string& file) {
  struct stat status {};
  if (stat(file.c_str(), &status) == 0) return status.st_mode & 07777;
  const mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

}  // namespace

absl::Status WriteOutput(const std::string& file, const std::string& text, std::ostream& out, Interrupt& interrupt) {
  if (file == "-") {
    out << text;
    return absl::OkStatus();
  }
  // A link is followed: what it names is replaced, not the link.
  std::error_code ignored;
  std::filesystem::path target = std::filesystem::weakly_canonical(file, ignored);
  if (target.empty()) target = file;
  if (std::filesystem::exists(target, ignored) && !std::filesystem::is_regular_file(target, ignored)) {
    // A device or a pipe cannot be replaced.
    const int descriptor = open(file.c_str(), O_WRONLY | O_CLOEXEC);
    const int error = descriptor < 0 ? errno : WriteAndClose(descriptor, text, false);
    return error == 0 ? absl::OkStatus() : CannotWrite(file, error);
  }
  std::string temporary = absl::StrCat(target.string(), ".XXXXXX");
  const int descriptor = mkostemp(temporary.data(), O_CLOEXEC);
  if (descriptor < 0) return CannotWrite(file, errno);
  const Interrupt::Scope interrupted(interrupt, [&temporary] {
    unlink(temporary.c_str());
    _exit(kInterruptedExitCode);
  });
  int error = fchmod(descriptor, ModeOf(target.string())) == 0 ? 0 : errno;
  const int written = WriteAndClose(descriptor, text, true);
  if (error == 0) error = written;
  if (error == 0 && rename(temporary.c_str(), target.c_str()) != 0) error = errno;
  if (error == 0) return absl::OkStatus();
  unlink(temporary.c_str());
  return CannotWrite(file, error);
}

int ReplaceFile(const std::string& file, const std::string& temporary, const std::string& text) {
  const int descriptor = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) return errno;
  if (const int error = WriteAndClose(descriptor, text, true); error != 0) return error;
  if (rename(temporary.c_str(), file.c_str()) != 0) return errno;
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  const int directory = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return errno;
  const int error = fsync(directory) == 0 ? 0 : errno;
  close(directory);
  return error;
}

}  // namespace almanac::client
