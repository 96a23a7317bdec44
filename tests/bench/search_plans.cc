#include "tests/bench/search_plans.h"

#include <algorithm>
#include <fstream>
#include <pqxx/pqxx>

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

bool IsOfDatasets(const Plan& plan) {
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

// "select … from", so that what differs is seen.
std::string Shortened(const std::string& statement) {
  std::string text = statement;
  for (size_t at = text.find("publisher_id, "); at != std::string::npos; at = text.find("publisher_id, ", at + 1)) {
    const size_t begin = text.rfind("select ", at);
    const size_t end = text.find(" from ", at);
    const bool is_list =
        begin != std::string::npos && end != std::string::npos && end - at > 300 && text.find(" from ", begin) == end;
    if (is_list) text.replace(begin + 7, end - begin - 7, "…");
  }
  return text;
}

}  // namespace

absl::StatusOr<Plan> Explain(const std::string& database_url, const std::string& sql) {
  try {
    pqxx::connection connection(database_url);
    pqxx::nontransaction work(connection);
    work.exec("set enable_seqscan = off");
    work.exec("set jit = off");
    Plan plan{sql, {}};
    for (const pqxx::row& row : work.exec("explain (analyze, buffers off) " + sql)) {
      plan.lines.emplace_back(row[0].c_str());
    }
    return plan;
  } catch (const pqxx::failure& error) {
    return absl::InternalError(absl::StrCat(error.what(), " in ", sql));
  }
}

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
  std::string text = absl::StrCat("    ", Shortened(plan.statement), "\n");
  for (const std::string& line : plan.lines) absl::StrAppend(&text, kIndent, line, "\n");
  return text;
}

}  // namespace almanac::bench
