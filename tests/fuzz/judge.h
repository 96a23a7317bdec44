#pragma once

#include <grpcpp/grpcpp.h>

#include <string>

namespace almanac::fuzz {

// What is wrong with a status that a server answered a strange request with, or empty: a code that is no answer to what
// a client sent, text that is no UTF-8, or words that come from the database. If it `may_wait` for a revision that it
// has not, it may also say that this did not come in time.
std::string ComplaintAbout(const grpc::Status& status, bool may_wait = false);

// INVALID_ARGUMENT and the like.
std::string CodeName(grpc::StatusCode code);

}  // namespace almanac::fuzz
