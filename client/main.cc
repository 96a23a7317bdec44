#include <csignal>
#include <cstdlib>
#include <iostream>

#include "client/app.h"

int main(int argc, char** argv) {
  // A reader that goes away, as `head` does, ends the output and is no crash.
  std::signal(SIGPIPE, SIG_IGN);
  // gRPC's own log says nothing to a user; set before any other thread is there.
  setenv("GRPC_VERBOSITY", "NONE", 0);
  std::ios::sync_with_stdio(false);
  return almanac::client::Run(argc, argv, std::cout, std::cerr);
}
