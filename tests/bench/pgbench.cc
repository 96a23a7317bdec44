#include "tests/bench/pgbench.h"

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace almanac::bench {
namespace {

// The number behind `label` at the start of a line.
absl::StatusOr<double> Find(const std::string& output, const std::string& label) {
  for (absl::string_view line : absl::StrSplit(output, '\n')) {
    if (!absl::ConsumePrefix(&line, label)) continue;
    double value = 0;
    const std::string number(line.substr(0, line.find_first_not_of("0123456789.")));
    if (absl::SimpleAtod(number, &value)) return value;
  }
  return absl::InternalError(absl::StrCat("pgbench did not print \"", label, "\":\n", output));
}

}  // namespace

std::string Quoted(const std::string& text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
}

absl::StatusOr<std::string> RunCommand(const std::string& command) {
  FILE* pipe = popen(absl::StrCat("{ ", command, "; } 2>&1").c_str(), "r");
  if (pipe == nullptr) return absl::InternalError("cannot start a shell");
  std::string output;
  std::array<char, 4096> buffer;
  for (size_t n; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) output.append(buffer.data(), n);
  if (pclose(pipe) != 0) return absl::InternalError(absl::StrCat(command, " failed:\n", output));
  return output;
}

absl::StatusOr<Sample> RunPgbench(const std::string& bin_directory, const std::string& database_url,
                                  const std::string& script, int clients, absl::Duration duration,
                                  const std::string& work_directory) {
  const std::string logs = work_directory + "/latencies";
  std::filesystem::create_directories(logs);
  // At most some tens of thousands of latencies are kept.
  const auto output = RunCommand(
      absl::StrCat("PGOPTIONS='-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off' ",
                   Quoted(bin_directory + "/pgbench"), " -n -M prepared -j 2 -c ", clients, " -T ",
                   absl::ToInt64Seconds(duration), " -f ", Quoted(script),
                   " -l --sampling-rate=0.2 --log-prefix=", Quoted(logs + "/log"), " ", Quoted(database_url)));
  if (!output.ok()) return output.status();
  const auto transactions = Find(*output, "number of transactions actually processed: ");
  if (!transactions.ok()) return transactions.status();
  const auto failed = Find(*output, "number of failed transactions: ");
  if (!failed.ok()) return failed.status();
  const auto rate = Find(*output, "tps = ");
  if (!rate.ok()) return rate.status();
  if (*failed > 0 || *transactions == 0) return absl::InternalError("transactions failed:\n" + *output);
  Sample sample;
  sample.operations = static_cast<int64_t>(*transactions);
  sample.seconds = *transactions / *rate;
  for (const auto& entry : std::filesystem::directory_iterator(logs)) {
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      // client, transaction, microseconds, …
      const std::vector<std::string> fields = absl::StrSplit(line, ' ');
      double micros = 0;
      if (fields.size() > 2 && absl::SimpleAtod(fields[2], &micros)) sample.latencies_ms.push_back(micros / 1000);
    }
  }
  std::filesystem::remove_all(logs);
  return sample;
}

}  // namespace almanac::bench
