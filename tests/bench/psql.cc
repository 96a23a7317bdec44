#include "tests/bench/psql.h"

#include <fstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "tests/bench/pgbench.h"

namespace almanac::bench {
namespace {

constexpr int kWarmUp = 5;

}  // namespace

absl::StatusOr<std::vector<double>> TimePsql(const std::string& bin_directory, const std::string& database_url,
                                             const std::string& sql, int count, const std::string& work_directory) {
  const std::string script = work_directory + "/psql.sql";
  {
    std::ofstream file(script);
    file << "\\set ON_ERROR_STOP 1\n\\timing on\n\\o /dev/null\n";
    for (int i = 0; i < kWarmUp + count; ++i) file << sql << ";\n";
  }
  const auto output =
      RunCommand(absl::StrCat("PGOPTIONS='-c enable_seqscan=off -c jit=off' ", Quoted(bin_directory + "/psql"),
                              " -X -q -f ", Quoted(script), " ", Quoted(database_url)));
  if (!output.ok()) return output.status();
  std::vector<double> times;
  for (absl::string_view line : absl::StrSplit(*output, '\n')) {
    double milliseconds = 0;
    if (!absl::ConsumePrefix(&line, "Time: ")) continue;
    // Above a second psql says it in minutes too, in parentheses.
    if (absl::SimpleAtod(line.substr(0, line.find(' ')), &milliseconds)) times.push_back(milliseconds);
  }
  if (static_cast<int>(times.size()) != kWarmUp + count) {
    return absl::InternalError(absl::StrCat("psql printed ", times.size(), " times:\n", *output));
  }
  times.erase(times.begin(), times.begin() + kWarmUp);
  return times;
}

}  // namespace almanac::bench
