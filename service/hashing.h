#pragma once

#include <google/protobuf/message.h>

#include <string>

namespace almanac::service {

// SHA-256 over the type and the content of `message`; the same for the same content, whatever the order of its maps.
std::string PayloadHash(const google::protobuf::Message& message);

// A short form of the same, in 16 hexadecimal digits.
std::string Fingerprint(const google::protobuf::Message& message);

}  // namespace almanac::service
