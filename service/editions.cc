#include "service/editions.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "db/commitments.h"
#include "db/datasets.h"
#include "db/editions.h"
#include "db/plans.h"
#include "service/dataset_writes.h"
#include "service/rules/continuation.h"
#include "service/rules/dataset_lines.h"
#include "service/rules/lifecycle.h"
#include "service/rules/plan_diff.h"
#include "service/standard_methods.h"

namespace almanac::service {
namespace {

using almanac::v1::Change;
using almanac::v1::Commitment;
using almanac::v1::Dataset;
using almanac::v1::ReleasePlan;
using rules::IsEarlier;

// How many lines an error names.
constexpr size_t kShownLines = 10;

std::string PublisherOf(const std::string& name) { return db::PublisherName(db::IdsOf(name)[0]); }

std::map<std::string, ReleasePlan> ReadEditions(db::Transaction& transaction, const std::string& publisher) {
  std::map<std::string, ReleasePlan> editions;
  for (ReleasePlan& plan :
       db::ListPlans(transaction, publisher, {.after = "", .limit = INT32_MAX, .show_deleted = false})) {
    editions.emplace(plan.name(), std::move(plan));
  }
  return editions;
}

// FAILED_PRECONDITION if it has no lines, or some of them could be about several datasets.
absl::Status CheckLinesAreSettled(const ReleasePlan& plan, const std::vector<Commitment>& lines) {
  if (lines.empty()) {
    return db::FailedPrecondition("PLAN_EMPTY", plan.name(), plan.name() + " has no lines; a plan promises something");
  }
  std::vector<std::string> unsettled;
  for (const Commitment& line : lines) {
    if (line.candidate_datasets_size() > 0) unsettled.push_back(db::IdsOf(line.name())[2]);
  }
  if (unsettled.empty()) return absl::OkStatus();
  const size_t count = unsettled.size();
  unsettled.resize(std::min(count, kShownLines));
  return db::FailedPrecondition(
      "UNRESOLVED_MATCH", plan.name(),
      absl::StrCat(plan.name(), " has ", count, count == 1 ? " line that fits" : " lines that fit",
                   " several datasets: ", absl::StrJoin(unsettled, ", "),
                   count > kShownLines ? absl::StrCat(" and ", count - kShownLines, " more") : "",
                   "; say which one each is about with LinkCommitment"));
}

// Records what became of one line: its links and, if by them it was released, its release.
void SaveLine(db::WriteTransaction& transaction, const Commitment& before, const Commitment& after) {
  if (before.state() == after.state()) {
    db::UpdateCommitment(transaction, Change::LINKED, before, after);
    return;
  }
  Commitment linked = before;
  linked.set_dataset(after.dataset());
  *linked.mutable_candidate_datasets() = after.candidate_datasets();
  linked.set_continues(after.continues());
  linked.set_continued_by(after.continued_by());
  linked.set_original_target_date(after.original_target_date());
  linked = db::UpdateCommitment(transaction, Change::LINKED, before, linked);
  db::UpdateCommitment(transaction, Change::RELEASED, linked, after);
}

// Gives datasets that have no release date theirs.
absl::Status DateDatasets(db::WriteTransaction& transaction, const std::map<std::string, std::string>& release_dates) {
  if (release_dates.empty()) return absl::OkStatus();
  std::vector<std::string> names;
  for (const auto& [dataset, date] : release_dates) names.push_back(dataset);
  const absl::StatusOr<std::vector<Dataset>> datasets = db::ReadDatasets(transaction, names);
  if (!datasets.ok()) return datasets.status();
  for (const Dataset& dataset : *datasets) {
    if (!dataset.release_date().empty()) continue;
    Dataset dated = dataset;
    dated.set_release_date(release_dates.at(dataset.name()));
    SaveDataset(transaction, Change::RELEASED, dataset, dated);
  }
  return absl::OkStatus();
}

// Makes the links anew of all lines of `editions` that are about one of `datasets`, but for drafts. If `moved` is
// given, it is one of these lines as it is to be.
absl::Status Relink(db::WriteTransaction& transaction, const std::map<std::string, ReleasePlan>& editions,
                    const std::vector<std::string>& datasets, const Commitment* moved = nullptr) {
  std::map<std::string, Commitment> before;
  std::map<std::string, std::vector<rules::EditionLine>> by_dataset;
  for (Commitment& line : db::ListLinesAbout(transaction, PublisherOf(datasets.front()), datasets)) {
    const auto plan = editions.find(PlanOf(line.name()));
    if (plan == editions.end() || plan->second.state() == ReleasePlan::DRAFT) continue;
    const Commitment& now = moved != nullptr && moved->name() == line.name() ? *moved : line;
    by_dataset[now.dataset()].push_back({now, plan->second.period()});
    const std::string name = line.name();
    before.emplace(name, std::move(line));
  }
  std::map<std::string, std::string> release_dates;
  for (auto& [dataset, lines] : by_dataset) {
    for (const Commitment& after : rules::LinkLines(std::move(lines))) {
      const Commitment& line = before.at(after.name());
      if (line.state() != after.state()) release_dates.emplace(dataset, after.release_date());
      SaveLine(transaction, line, after);
    }
  }
  return DateDatasets(transaction, release_dates);
}

// Gives open ones of `lines`, of one plan, the end of their promises, where later editions carry them on. Those that
// the plan `to` carries on stay as they are; returns their names.
absl::StatusOr<std::set<std::string>> FollowPromises(db::Transaction& transaction, const std::string& to,
                                                     std::vector<Commitment>& lines) {
  std::set<std::string> carried;
  // The lines whose promises go on in one that was not read yet, and that one.
  std::vector<std::pair<Commitment*, std::string>> open;
  const auto follow = [&](Commitment& line, const std::string& continued_by, auto& next) {
    if (PlanOf(continued_by) == to) {
      carried.insert(line.name());
    } else {
      next.emplace_back(&line, continued_by);
    }
  };
  for (Commitment& line : lines) {
    if (!line.continued_by().empty()) follow(line, line.continued_by(), open);
  }
  while (!open.empty()) {
    std::vector<std::string> names;
    for (const auto& [line, continued_by] : open) names.push_back(continued_by);
    const absl::StatusOr<std::vector<Commitment>> read = db::ReadCommitments(transaction, names);
    if (!read.ok()) return read.status();
    std::vector<std::pair<Commitment*, std::string>> next;
    for (size_t i = 0; i < open.size(); ++i) {
      Commitment& line = *open[i].first;
      const Commitment& later = (*read)[i];
      if (!later.continued_by().empty()) {
        follow(line, later.continued_by(), next);
      } else if (rules::IsOpen(line)) {
        line = rules::WithEndOf(std::move(line), later);
      }
    }
    open = std::move(next);
  }
  return carried;
}

// ALREADY_EXISTS if another of `lines` promises `dataset` in the plan of `line`.
absl::Status CheckPromisedOnce(const std::vector<Commitment>& lines, const Commitment& line,
                               const std::string& dataset) {
  for (const Commitment& other : lines) {
    if (other.dataset() != dataset || PlanOf(other.name()) != PlanOf(line.name())) continue;
    return db::AlreadyExists(other.name(),
                             absl::StrCat(other.name(), " is about ", dataset,
                                          " already; a plan promises a dataset once: link that line elsewhere first"));
  }
  return absl::OkStatus();
}

}  // namespace

std::string PlanOf(const std::string& commitment_name) {
  const std::vector<std::string> ids = db::IdsOf(commitment_name);
  return db::PlanName(ids[0], ids[1]);
}

absl::StatusOr<ReleasePlan> PublishEdition(db::WriteTransaction& transaction, const ReleasePlan& draft) {
  const std::vector<Commitment> lines = db::ListCommitments(transaction, draft.name());
  if (absl::Status settled = CheckLinesAreSettled(draft, lines); !settled.ok()) return settled;
  std::map<std::string, ReleasePlan> editions = ReadEditions(transaction, PublisherOf(draft.name()));

  const auto supersede = [&](ReleasePlan& plan) {
    ReleasePlan superseded = plan;
    superseded.set_state(ReleasePlan::SUPERSEDED);
    plan = db::UpdatePlan(transaction, Change::SUPERSEDED, plan, superseded);
  };
  ReleasePlan& published = editions.at(draft.name());
  published.set_state(ReleasePlan::PUBLISHED);
  *published.mutable_publish_time() = db::ToTimestamp(transaction.now());
  published = db::UpdatePlan(transaction, Change::PUBLISHED, draft, published);
  bool is_latest = true;
  for (auto& [name, edition] : editions) {
    if (edition.state() == ReleasePlan::DRAFT) continue;
    if (IsEarlier(published.period(), edition.period())) is_latest = false;
    if (edition.state() == ReleasePlan::PUBLISHED && IsEarlier(edition.period(), published.period())) {
      supersede(edition);
    }
  }
  if (!is_latest) supersede(published);

  std::set<std::string> datasets;
  for (const Commitment& line : lines) datasets.insert(line.dataset());
  absl::Status linked = Relink(transaction, editions, {datasets.begin(), datasets.end()});
  if (!linked.ok()) return linked;
  return published;
}

absl::StatusOr<Commitment> LinkLine(db::WriteTransaction& transaction,
                                    const almanac::v1::LinkCommitmentRequest& request) {
  const auto before = Live(db::ReadCommitment(transaction, request.name()), request.etag());
  if (!before.ok()) return before;
  const auto dataset = Live(db::ReadDataset(transaction, request.dataset()));
  if (!dataset.ok()) return dataset.status();
  Commitment after = *before;
  after.set_dataset(dataset->name());
  after.clear_candidate_datasets();
  if (before->dataset() == dataset->name()) {
    return db::UpdateCommitment(transaction, Change::LINKED, *before, after);
  }
  const std::string publisher = PublisherOf(request.name());
  const absl::Status free =
      CheckPromisedOnce(db::ListLinesAbout(transaction, publisher, {dataset->name()}), *before, dataset->name());
  if (!free.ok()) return free;
  const std::map<std::string, ReleasePlan> editions = ReadEditions(transaction, publisher);
  const ReleasePlan& plan = editions.at(PlanOf(request.name()));
  const bool is_promised_later = db::ListDatasetsPromisedAfter(transaction, plan).contains(dataset->name());
  const Dataset taken = rules::TakeLine(*dataset, *before, is_promised_later);
  if (absl::Status valid = CheckDataset(taken); !valid.ok()) {
    return db::InvalidField("dataset", absl::StrCat("cannot take what the line says: ", valid.message()));
  }

  SaveDataset(transaction, Change::UPDATED, *dataset, taken);
  if (plan.state() == ReleasePlan::DRAFT) {
    after = db::UpdateCommitment(transaction, Change::LINKED, *before, after);
  } else {
    absl::Status linked = Relink(transaction, editions, {before->dataset(), after.dataset()}, &after);
    if (!linked.ok()) return linked;
  }
  LeaveDataset(transaction, *before);
  return db::ReadCommitment(transaction, request.name());
}

void LeaveDataset(db::WriteTransaction& transaction, const Commitment& line) {
  const auto dataset = Live(db::ReadDataset(transaction, line.dataset()));
  if (!dataset.ok()) return;
  const std::string publisher = PublisherOf(line.name());
  std::vector<Commitment> others = db::ListLinesAbout(transaction, publisher, {line.dataset()});
  const std::map<std::string, ReleasePlan> editions = ReadEditions(transaction, publisher);
  std::stable_sort(others.begin(), others.end(), [&](const Commitment& a, const Commitment& b) {
    return IsEarlier(editions.at(PlanOf(a.name())).period(), editions.at(PlanOf(b.name())).period());
  });
  const Dataset after = rules::TakeBackLine(*dataset, line, others);
  const bool is_known =
      !others.empty() || after.update_count() > 0 || !after.landing_page().empty() || !after.release_date().empty();
  if (is_known) {
    SaveDataset(transaction, Change::UPDATED, *dataset, after);
  } else {
    SaveDataset(transaction, Change::DELETED, *dataset, WithDeleteTime(*dataset, transaction));
  }
}

absl::StatusOr<almanac::v1::PlanDiff> CompareEditions(db::Transaction& transaction,
                                                      const almanac::v1::DiffPlansRequest& request) {
  std::vector<Commitment> from = db::ListCommitments(transaction, request.name());
  const std::vector<Commitment> to = db::ListCommitments(transaction, request.other_plan());
  // The plans after their lines: one that is deleted meanwhile is not found, rather than empty.
  for (const std::string& name : {request.name(), request.other_plan()}) {
    if (auto plan = Live(db::ReadPlan(transaction, name)); !plan.ok()) return plan.status();
  }
  const auto carried = FollowPromises(transaction, request.other_plan(), from);
  if (!carried.ok()) return carried.status();
  almanac::v1::PlanDiff diff = rules::DiffEditions(from, to, *carried);
  diff.set_from_plan(request.name());
  diff.set_to_plan(request.other_plan());
  return diff;
}

}  // namespace almanac::service
