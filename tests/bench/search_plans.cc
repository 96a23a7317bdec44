#include "tests/bench/search_plans.h"

#include <algorithm>
#include <fstream>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"

namespace almanac::bench {
namespace {

// How long PostgreSQL may take to log what it has answered.
constexpr absl::Duration kLogging = absl::Milliseconds(300);
constexpr absl::string_view kIndent = "      ";

// What is asked for once a minute, the statistics, is of no call.
bool IsOfDatasets(const Plan& plan) {
  if (absl::StrContains(plan.statement, "pg_stats")) return false;
  return absl::StrContains(plan.statement, "datasets") || absl::StrContains(plan.statement, "dataset_search") ||
         absl::StrContains(plan.statement, "search_words");
}

// Reads entries of the form "PID LOG:  duration: 1.234 ms  plan:", of which all further lines begin with a tab.
std::vector<Plan> ReadPlans(std::istream& log) {
  std::vector<Plan> plans;
  bool inside = false;
  for (std::string text; std::getline(log, text);) {
    absl::string_view line = text;
    if (!absl::ConsumePrefix(&line, "\t")) {
      inside = absl::StrContains(line, "LOG:  duration: ") && absl::EndsWith(line, " plan:");
      if (inside) plans.emplace_back();
      continue;
    }
    if (!inside) continue;
    if (absl::ConsumePrefix(&line, "Query Text: ")) {
      plans.back().statement = std::string(line);
    } else {
      plans.back().lines.emplace_back(line);
    }
  }
  return plans;
}

// With first_day() as it was written: PostgreSQL shows what it is made of.
std::string WithFirstDay(std::string line) {
  constexpr std::string_view kBegin = "CASE WHEN ((";
  constexpr std::string_view kColumnEnd = ")::text ~~ '____-Q_'::text)";
  constexpr std::string_view kEnd = " END";
  for (size_t begin = line.find(kBegin); begin != std::string::npos; begin = line.find(kBegin, begin + 1)) {
    const size_t column = begin + kBegin.size();
    const size_t column_end = line.find(kColumnEnd, column);
    const size_t end = line.find(kEnd, column);
    if (column_end == std::string::npos || end == std::string::npos || column_end > end) continue;
    const std::string call = absl::StrCat("first_day(", line.substr(column, column_end - column), ")");
    line.replace(begin, end + kEnd.size() - begin, call);
  }
  return line;
}

}  // namespace

absl::StatusOr<std::vector<Plan>> RecordPlans(const std::string& log_file,
                                              const std::function<absl::Status()>& action) {
  std::ifstream log(log_file, std::ios::ate);
  if (absl::Status done = action(); !done.ok()) return done;
  absl::SleepFor(kLogging);
  std::vector<Plan> plans = ReadPlans(log);
  std::erase_if(plans, [](const Plan& plan) { return !IsOfDatasets(plan); });
  if (!plans.empty()) return plans;
  return absl::NotFoundError(absl::StrCat("the log of PostgreSQL, ", log_file, ", shows no plan of auto_explain"));
}

bool HasSequentialScan(const Plan& plan) {
  return std::any_of(plan.lines.begin(), plan.lines.end(),
                     [](const std::string& line) { return absl::StrContains(line, "Seq Scan"); });
}

std::string ToText(const Plan& plan) {
  std::string text = absl::StrCat("    ", plan.statement, "\n");
  for (const std::string& line : plan.lines) absl::StrAppend(&text, kIndent, WithFirstDay(line), "\n");
  return text;
}

}  // namespace almanac::bench
