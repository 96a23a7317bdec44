#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/bench/load.h"
#include "tests/bench/usage.h"

namespace almanac::bench {

// One line of the table.
struct Row {
  // Rows of one group are about the same work. Its first row is what Almanac does.
  std::string group;
  std::string what;
  // Whether this is a bound to compare the group's first row with.
  bool is_floor = false;
  double rate = 0;  // operations per second
  std::optional<double> p50_ms;
  std::optional<double> p99_ms;
  // Microseconds per operation.
  CpuTime cpu_us;
  std::string note;
};

// A row of a sample, with its latencies.
Row ToRow(std::string group, std::string what, bool is_floor, const Sample& sample, const CpuTime& used);

// The share of the floor's rate that the first row of its group reaches; nothing for rows that are no floor.
std::optional<double> Ratio(const std::vector<Row>& rows, const Row& row);

// Under what conditions the rows were measured.
struct Conditions {
  unsigned cores = 0;
  // Before anything was measured: other work takes from every row.
  std::string load_average;
  bool quick = false;
};

std::string ToTable(const std::vector<Row>& rows, const Conditions& conditions);
std::string ToJson(const std::vector<Row>& rows, const Conditions& conditions);

}  // namespace almanac::bench
