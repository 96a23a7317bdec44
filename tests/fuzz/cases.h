#pragma once

#include <string>
#include <vector>

#include "tests/fuzz/random.h"
#include "tests/fuzz/session.h"

namespace almanac::fuzz {

// Names of what the server has, by which requests get past the first check.
struct Names {
  std::vector<std::string> publishers;
  std::vector<std::string> datasets;
  std::vector<std::string> plans;
  std::vector<std::string> commitments;
};

// Reads some of each.
Names ReadNames(Session& session);

// Makes one case: a strange request, after one for what it needs. None changes the catalogue, so that a case follows
// from its random numbers alone.
void RunCase(const Names& names, Random& random, Session& session);

}  // namespace almanac::fuzz
