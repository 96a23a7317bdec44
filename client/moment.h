// Moments of the catalogue's past, as flags take them.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "almanac/v1/change_service.pb.h"
#include "almanac/v1/consistency.pb.h"

namespace almanac::client {

// A revision, or a stretch of time: a moment, or a whole day in this computer's time zone.
struct PointInTime {
  std::string text;  // as the user wrote it
  std::optional<int64_t> revision;
  absl::Time begin;
  absl::Time end;  // just after it
};

// What `text` says: `120`, `2022-07-01T09:00:00+08:00` or `2022-07-01`. A usage error if it is none of these.
absl::StatusOr<PointInTime> ParsePointInTime(const std::string& text);

// `--at`, of commands that read.
class AtFlag {
 public:
  // This object must outlive `command`.
  void AddTo(CLI::App& command);

  // A request that has no `at` stays as it is.
  template <typename Request>
  void Fill(Request& request) const {
    if constexpr (requires { request.mutable_at(); }) {
      if (moment_) *request.mutable_at() = *moment_;
    }
  }

 private:
  std::optional<v1::Moment> moment_;  // none for now
};

// `--since` and `--until`, of lists of changes.
class SpanFlags {
 public:
  // This object must outlive `command`.
  void AddTo(CLI::App& command);

  // Limits `request` to the span. Returns whether anything can lie in it, and a usage error if it is upside down.
  absl::StatusOr<bool> Fill(v1::ListChangesRequest& request) const;

 private:
  std::optional<PointInTime> since_;
  std::optional<PointInTime> until_;
};

}  // namespace almanac::client
