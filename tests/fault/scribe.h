#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/fault/history.h"

namespace almanac::fault {

// Copies the log into the history, from the database itself, while it grows: before retention takes it away.
class Scribe {
 public:
  Scribe(Recorder& recorder, std::string database_url);
  // Stops.
  ~Scribe();

  // Copies on to the head, and stops. Then records the request ids that the database keeps, and how it stands. Returns
  // what went wrong, so that the history is of no use.
  absl::Status Finish();

  // How the database stands.
  static absl::StatusOr<Final> ReadHead(const std::string& database_url);

 private:
  struct Session;

  void Work();
  // Copies what is new; false if the database could not be read.
  bool Copy();
  // Copies what is left of changes that are gone already.
  void CopySummaries(int64_t up_to);

  Recorder& recorder_;
  const std::string database_url_;
  std::unique_ptr<Session> session_;
  int64_t copied_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace almanac::fault
