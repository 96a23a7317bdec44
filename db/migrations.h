#pragma once

#include <string>
#include <vector>

namespace almanac::db {

// One numbered file of db/migrations, as it was when the program was built.
struct Migration {
  int version;
  std::string name;
  std::string sql;
};

// Every migration, by version from 1 without a gap. Landed files are never edited; a new one is added.
const std::vector<Migration>& Migrations();

}  // namespace almanac::db
