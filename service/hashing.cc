#include "service/hashing.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <openssl/sha.h>

#include "absl/strings/escaping.h"

namespace almanac::service {

std::string PayloadHash(const google::protobuf::Message& message) {
  std::string content = message.GetDescriptor()->full_name() + "\n";
  {
    google::protobuf::io::StringOutputStream stream(&content);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(content.data()), content.size(), digest);
  return {reinterpret_cast<const char*>(digest), sizeof(digest)};
}

std::string Fingerprint(const google::protobuf::Message& message) {
  return absl::BytesToHexString(PayloadHash(message).substr(0, 8));
}

}  // namespace almanac::service
