// The command-line client `almanac`.
#ifndef ALMANAC_CLIENT_APP_H_
#define ALMANAC_CLIENT_APP_H_

#include <iosfwd>

namespace almanac::client {

// Runs `almanac` with these arguments, the first of which is the program's name. Results go to `out`, messages to
// `err`. Returns the exit code, one of ExitCode.
int Run(int argc, char** argv, std::ostream& out, std::ostream& err);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_APP_H_
