#include "client/documents/table_zip.h"

#include <zip.h>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace almanac::client {
namespace {

struct CloseFile {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};

absl::Status Refuse(zip_error_t* error) {
  absl::Status status = absl::InvalidArgumentError(zip_error_strerror(error));
  zip_error_fini(error);
  return status;
}

}  // namespace

void ZipReader::Discard::operator()(zip* archive) const { zip_discard(archive); }

absl::StatusOr<ZipReader> ZipReader::Open(std::string_view bytes) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), /*freep=*/0, &error);
  if (source == nullptr) return Refuse(&error);
  zip_t* archive = zip_open_from_source(source, ZIP_RDONLY, &error);
  if (archive == nullptr) {
    zip_source_free(source);
    return Refuse(&error);
  }
  zip_error_fini(&error);
  return ZipReader(archive);
}

absl::StatusOr<std::string> ZipReader::Read(const std::string& name) {
  const zip_int64_t index = zip_name_locate(archive_.get(), name.c_str(), 0);
  if (index < 0) return absl::NotFoundError(absl::StrCat("it has no part ", name));
  const auto refuse = [&](const char* why) { return absl::InvalidArgumentError(absl::StrCat(name, ": ", why)); };
  const std::unique_ptr<zip_file_t, CloseFile> file(zip_fopen_index(archive_.get(), index, 0));
  if (!file) return refuse(zip_strerror(archive_.get()));
  constexpr std::size_t kPiece = 64 * 1024;
  std::string part;
  for (std::size_t size = 0;;) {
    part.resize(size + kPiece);
    const zip_int64_t read = zip_fread(file.get(), part.data() + size, kPiece);
    if (read < 0) return refuse(zip_file_strerror(file.get()));
    size += static_cast<std::size_t>(read);
    unpacked_ += static_cast<std::size_t>(read);
    if (unpacked_ > kMaxUnpackedBytes) {
      return refuse("it unpacks to more than any plan can be");
    }
    part.resize(size);
    if (read == 0) return part;
  }
}

}  // namespace almanac::client
