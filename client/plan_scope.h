// What the commands that look at promises look at: one edition, or all promises of a publisher.
#ifndef ALMANAC_CLIENT_PLAN_SCOPE_H_
#define ALMANAC_CLIENT_PLAN_SCOPE_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/program.h"
#include "client/promises.h"

namespace almanac::client {

// As the user gave it, and, after Complete, with whole names: a publisher, and a plan of it unless all are meant.
struct PlanScope {
  std::string plan;
  std::string publisher;

  // Adds NAME and `--publisher` to `command`, which this object must outlive.
  void AddTo(CLI::App& command);

  // The same with whole names. Returns a usage error unless exactly one of the two was given.
  absl::StatusOr<PlanScope> Complete() const;

  // The plan or, if all are meant, the publisher.
  const std::string& name() const { return plan.empty() ? publisher : plan; }

  // The lines of the plan, or every promise of the publisher, at the end of `day`. They point into `all`.
  std::vector<Promise> Read(const PublisherPlans& all, absl::CivilDay day) const;
};

// Adds `--as-of`.
void AddAsOf(CLI::App& command, std::string& as_of);

// Tells that `count` lines without a target were left out, and how to have them.
void TellLeftOut(const Session& session, int count);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_PLAN_SCOPE_H_
