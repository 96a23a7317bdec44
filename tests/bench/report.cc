#include "tests/bench/report.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace almanac::bench {
namespace {

std::string WithCommas(double number) {
  const auto whole = static_cast<int64_t>(std::llround(number));
  return whole < 1000 ? absl::StrCat(whole)
                      : absl::StrCat(WithCommas(std::floor(static_cast<double>(whole) / 1000)),
                                     absl::StrFormat(",%03d", whole % 1000));
}

std::string Milliseconds(const std::optional<double>& value) {
  if (!value) return "";
  return absl::StrFormat("%.*f", std::abs(*value) < 10 ? 2 : 1, *value);
}

std::string Micros(double value) { return value < 0.05 ? "-" : absl::StrFormat("%.*f", value < 10 ? 1 : 0, value); }

}  // namespace

Row ToRow(std::string group, std::string what, bool is_floor, const Sample& sample, const CpuTime& used) {
  Row row;
  row.group = std::move(group);
  row.what = std::move(what);
  row.is_floor = is_floor;
  row.rate = sample.Rate();
  if (!sample.latencies_ms.empty()) {
    row.p50_ms = Quantile(sample.latencies_ms, 0.5);
    row.p99_ms = Quantile(sample.latencies_ms, 0.99);
  }
  const double per_operation = 1e6 / static_cast<double>(sample.operations);
  row.cpu_us = {used.server * per_operation, used.postgres * per_operation, used.client * per_operation};
  return row;
}

std::optional<double> Ratio(const std::vector<Row>& rows, const Row& row) {
  if (!row.is_floor) return std::nullopt;
  const auto first = std::find_if(rows.begin(), rows.end(), [&](const Row& r) { return r.group == row.group; });
  return first->rate / row.rate;
}

std::string ToTable(const std::vector<Row>& rows, const Conditions& conditions) {
  std::string table = absl::StrFormat(
      "%d cores, shared by clients, servers and PostgreSQL; load average before: %s%s\n\n", conditions.cores,
      conditions.load_average, conditions.quick ? "; quick: a smoke test, not a measurement" : "");
  absl::StrAppendFormat(&table, "%-48s %10s %8s %9s %9s  %8s %9s %8s\n", "", "", "almanacd", "", "", "CPU us/op", "",
                        "");
  absl::StrAppendFormat(&table, "%-48s %10s %8s %9s %9s  %8s %9s %8s\n", "", "per second", "reaches", "p50 ms",
                        "p99 ms", "server", "postgres", "client");
  std::string group;
  for (const Row& row : rows) {
    if (row.group != group) absl::StrAppend(&table, row.group, "\n");
    group = row.group;
    const std::optional<double> ratio = Ratio(rows, row);
    absl::StrAppendFormat(&table, "  %-46s %10s %8s %9s %9s  %8s %9s %8s", row.what, WithCommas(row.rate),
                          ratio ? absl::StrFormat("%.3f", *ratio) : "", Milliseconds(row.p50_ms),
                          Milliseconds(row.p99_ms), Micros(row.cpu_us.server), Micros(row.cpu_us.postgres),
                          Micros(row.cpu_us.client));
    absl::StrAppend(&table, row.note.empty() ? "" : "  ", row.note, "\n");
  }
  return table;
}

std::string ToJson(const std::vector<Row>& rows, const Conditions& conditions) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Row& row : rows) {
    nlohmann::ordered_json item = {
        {"group", row.group}, {"what", row.what}, {"floor", row.is_floor}, {"rate", row.rate}};
    if (const auto ratio = Ratio(rows, row)) item["ratio"] = *ratio;
    if (row.p50_ms) item["p50Ms"] = *row.p50_ms;
    if (row.p99_ms) item["p99Ms"] = *row.p99_ms;
    item["cpuUs"] = {{"server", row.cpu_us.server}, {"postgres", row.cpu_us.postgres}, {"client", row.cpu_us.client}};
    if (!row.note.empty()) item["note"] = row.note;
    list.push_back(std::move(item));
  }
  const nlohmann::ordered_json report = {{"cores", conditions.cores},
                                         {"loadAverage", conditions.load_average},
                                         {"quick", conditions.quick},
                                         {"rows", std::move(list)}};
  return report.dump(2) + "\n";
}

}  // namespace almanac::bench
