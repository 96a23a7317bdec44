#pragma once

#include <grpcpp/support/server_interceptor.h>

#include <memory>
#include <vector>

namespace almanac::service {

// Makes unary calls whose request cannot be parsed, for example because a text is not UTF-8, end with INVALID_ARGUMENT
// and a reason; gRPC itself answers them with a bare UNIMPLEMENTED. For ServerBuilder's interceptor creators.
std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> RefuseMalformedRequests();

}  // namespace almanac::service
