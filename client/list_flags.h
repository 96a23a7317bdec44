// Flags that the commands which list, search and count have in common.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "client/list_walk.h"
#include "client/names.h"

namespace almanac::client {

// Each object must outlive the command that its flags are added to.

// What lies in one parent only, as `--publisher`.
struct ParentFlag {
  std::string name;

  void AddTo(CLI::App& command, const NamePattern& parents);
  // The whole name, or the one that stands for every parent. Returns a usage error if it is none.
  absl::StatusOr<std::string> Resolve(const NamePattern& parents) const;
};

// The flag `--filter`.
void AddFilter(CLI::App& command, std::string& filter);

// The flag that ends a list early.
void AddLimit(CLI::App& command, int64_t& limit, const std::string& help);

// `--limit` and `--all`: how much of a list is printed.
struct ExtentFlags {
  // Of a list that is long without being asked for: as much as can be read on a terminal, else all.
  static constexpr int64_t kOnTerminal = 1000;

  int64_t limit = 0;
  bool all = false;

  // `without` says what is printed without either.
  void AddTo(CLI::App& command, const std::string& without);
  // What was asked for, or `fallback` if nothing was.
  ListExtent Extent(const ListExtent& fallback) const;
  // What is printed of a list unless something else was asked for.
  static ListExtent Readable(bool on_terminal);
};

}  // namespace almanac::client
