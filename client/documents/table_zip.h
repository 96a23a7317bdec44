#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

struct zip;

namespace almanac::client {

// The most bytes that the parts of one archive may be together, unpacked.
inline constexpr std::size_t kMaxUnpackedBytes = 64 * 1024 * 1024;

// The parts of a ZIP archive in memory.
class ZipReader {
 public:
  // `bytes` must outlive the reader. Returns INVALID_ARGUMENT if they are no archive.
  static absl::StatusOr<ZipReader> Open(std::string_view bytes);

  // The part called `name`. Returns NOT_FOUND if there is none, INVALID_ARGUMENT if it is damaged, in a password, or if
  // with it more than kMaxUnpackedBytes were read: whatever the archive says of its size, no more is unpacked.
  absl::StatusOr<std::string> Read(const std::string& name);

 private:
  struct Discard {
    void operator()(zip* archive) const;
  };

  explicit ZipReader(zip* archive) : archive_(archive) {}

  std::unique_ptr<zip, Discard> archive_;
  std::size_t unpacked_ = 0;
};

}  // namespace almanac::client
