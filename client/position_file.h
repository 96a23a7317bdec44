#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace almanac::client {

// The file in which a watch keeps the token of where it goes on: one line, replaced as a whole. While it is open no
// other process can open it; that is what FILE.lock beside it is for, which stays. A link is followed.
class PositionFile {
 public:
  // Returns a usage error that names the file if it cannot be used, and FAILED_PRECONDITION if another process has it.
  static absl::StatusOr<std::unique_ptr<PositionFile>> Open(const std::string& file);
  ~PositionFile();

  PositionFile(const PositionFile&) = delete;
  PositionFile& operator=(const PositionFile&) = delete;

  // The token in the file; empty as long as there is no file.
  const std::string& token() const { return written_; }
  const std::string& file() const { return file_; }

  // Keeps `token`: writes it if the last one was written at least `pause` ago, else by a later Keep or Flush. The token
  // of a snapshot, which is empty, is not kept. Returns DATA_LOSS if it cannot be written.
  absl::Status Keep(const std::string& token, absl::Duration pause);
  // Writes what Keep has left.
  absl::Status Flush();

 private:
  // Which goes on whatever is done to that on the wall.
  using Clock = std::chrono::steady_clock;

  PositionFile(std::string file, int lock) : file_(std::move(file)), lock_(lock) {}
  absl::Status Read();

  const std::string file_;
  const int lock_;
  std::string written_;
  std::string kept_;
  std::optional<Clock::time_point> written_at_;
};

}  // namespace almanac::client
