#include "service/plan_import.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "db/commitments.h"
#include "db/datasets.h"
#include "db/editions.h"
#include "db/errors.h"
#include "db/names.h"
#include "db/plans.h"
#include "db/publishers.h"
#include "service/dataset_ids.h"
#include "service/dataset_writes.h"
#include "service/editions.h"
#include "service/line_matcher.h"
#include "service/publisher_service.h"
#include "service/rules/dates.h"
#include "service/rules/document_lines.h"
#include "service/rules/translation.h"
#include "service/titles.h"
#include "service/validation.h"

namespace almanac::service {
namespace {

using almanac::v1::Change;
using almanac::v1::Commitment;
using almanac::v1::Dataset;
using almanac::v1::DocumentCommitment;
using almanac::v1::ImportedLine;
using almanac::v1::ImportPlanResponse;
using almanac::v1::PlanDocument;
using almanac::v1::Publisher;
using almanac::v1::ReleasePlan;
using rules::Describe;

// A resource as it is, if it is there, and as it is to be.
template <typename Resource>
struct Edit {
  std::optional<Resource> before;
  Resource after;

  bool changes() const { return !before || !db::SameContent(*before, after); }
};

// What one line does.
struct LineEdit {
  Edit<Dataset> dataset;
  Edit<Commitment> commitment;
  ImportedLine report;  // without an action if nothing changes

  bool changes() const { return commitment.changes() || dataset.changes(); }
};

// Whether a publisher is called so in some language.
bool HasTitle(const Publisher& publisher, const std::string& title) {
  const std::string key = TitleKey(title);
  return std::any_of(publisher.titles().begin(), publisher.titles().end(),
                     [&](const auto& entry) { return TitleKey(entry.second) == key; });
}

// Decides what an import does, reading only.
class Importer {
 public:
  Importer(db::WriteTransaction& transaction, const std::string& publisher_name, const PlanDocument& document)
      : transaction_(transaction), publisher_name_(publisher_name), document_(document) {}

  absl::Status Decide() {
    if (absl::Status status = CheckLinesAreDistinct(); !status.ok()) return status;
    transaction_.StayAlive();
    if (absl::Status status = DecidePublisher(); !status.ok()) return status;
    if (absl::Status status = DecidePlan(); !status.ok()) return status;
    LoadLines();
    if (is_translation_) return DecideTranslation();
    matcher_.emplace(datasets_, unsettled_, LiveLines(), document_);
    for (const DocumentCommitment& line : document_.commitments()) {
      transaction_.StayAlive();
      if (absl::Status status = DecideLine(line); !status.ok()) return status;
    }
    for (Commitment& commitment : LiveLines()) {
      if (!kept_.contains(commitment.name())) removed_.push_back(std::move(commitment));
    }
    return CheckPlanIsDraft();
  }

  absl::StatusOr<ImportPlanResponse> Apply();

 private:
  absl::Status CheckLinesAreDistinct() const;
  absl::Status DecidePublisher();
  absl::Status DecidePlan();
  absl::Status DecideLine(const DocumentCommitment& line);
  void DecideDataset(const DocumentCommitment& line, LineEdit& edit) const;
  void AddFields(LineEdit& edit) const;
  rules::Justification Importing() const;
  absl::Status DecideTranslation();
  absl::Status AddTranslation(const DocumentCommitment& line, const Commitment& commitment, const Dataset& dataset,
                              const std::vector<Commitment>& earlier);
  std::map<std::string, std::vector<Commitment>> ListEarlierLines(const std::vector<const Commitment*>& lines) const;
  absl::Status CheckPlanIsDraft() const;
  void LoadLines();
  std::vector<Commitment> LiveLines() const;
  std::string NewDatasetName(const DocumentCommitment& line);
  std::string NewCommitmentName(const DocumentCommitment& line);

  db::WriteTransaction& transaction_;
  const std::string publisher_name_;
  const PlanDocument& document_;

  Edit<Publisher> publisher_;
  Edit<ReleasePlan> plan_;
  bool is_translation_ = false;  // whether the document only adds texts to the plan
  std::vector<LineEdit> lines_;
  std::vector<Commitment> removed_;

  std::vector<Dataset> datasets_;
  std::optional<LineMatcher> matcher_;
  std::map<std::string, Commitment> commitments_;  // by dataset, a live one before a deleted one
  std::set<std::string> names_;                    // taken ones, of datasets and commitments
  std::set<std::string> kept_;                     // commitments that the document still has
  std::map<std::string, int32_t> line_of_dataset_;
  std::set<std::string> promised_later_;  // datasets of which a later plan says what they are
  std::set<std::string> unsettled_;       // datasets of lines that fit several others
  rules::DocumentWarnings warnings_;
};

absl::Status Importer::CheckLinesAreDistinct() const {
  std::vector<db::FieldFault> faults;
  std::map<std::string, const DocumentCommitment*> numbers, titles;
  for (int i = 0; i < document_.commitments_size(); ++i) {
    const DocumentCommitment& line = document_.commitments(i);
    const std::string field = absl::StrCat("document.commitments[", i, "]");
    const auto [number, is_new_number] = numbers.try_emplace(absl::StrCat(line.section(), line.number()), &line);
    if (!is_new_number) {
      faults.push_back({field, absl::StrCat(Describe(line), " has the number of ", Describe(*number->second))});
    }
    const auto [title, is_new_title] = titles.try_emplace(TitleKey(line.title()), &line);
    if (!is_new_title) {
      faults.push_back({field, absl::StrCat(Describe(line), " has the title of ", Describe(*title->second),
                                            "; a plan promises a dataset once")});
    }
  }
  return db::InvalidFields(faults);
}

absl::Status Importer::DecidePublisher() {
  const std::string& language = document_.language();
  absl::StatusOr<Publisher> found = db::ReadPublisher(transaction_, publisher_name_);
  if (!found.ok()) {
    publisher_.after = NewPublisher(publisher_name_);
    (*publisher_.after.mutable_titles())[language] = document_.publisher_title();
    return absl::OkStatus();
  }
  if (found->has_delete_time()) {
    return db::FailedPrecondition("PARENT_DELETED", publisher_name_,
                                  publisher_name_ + " is deleted; undelete it first");
  }
  const auto title = found->titles().find(language);
  if (title != found->titles().end() && !HasTitle(*found, document_.publisher_title())) {
    return db::FailedPrecondition(
        "PUBLISHER_MISMATCH", publisher_name_,
        absl::StrCat("the document is a plan of ", db::Excerpt(document_.publisher_title(), kShownTitle), ", but ",
                     publisher_name_, " is ", db::Excerpt(title->second, kShownTitle),
                     "; import it for the right publisher, or correct the publisher's title"));
  }
  publisher_ = {*found, *found};
  publisher_.after.mutable_titles()->insert({language, document_.publisher_title()});
  return CheckPublisher(publisher_.after);
}

absl::Status Importer::DecidePlan() {
  const std::string& language = document_.language();
  const std::string name = db::PlanName(db::IdsOf(publisher_name_)[0], PlanId(document_.period()));
  if (absl::StatusOr<ReleasePlan> found = db::ReadPlan(transaction_, name); found.ok()) {
    if (found->has_delete_time()) {
      return db::FailedPrecondition("PLAN_DELETED", name, name + " is deleted; undelete it first");
    }
    plan_.before = *found;
    plan_.after = *found;
  }
  ReleasePlan& plan = plan_.after;
  if (plan_.before && rules::IsTranslation(plan, language)) {
    is_translation_ = true;
    plan = rules::TranslatePlan(plan, document_, &warnings_);
    return CheckPlan(plan);
  }
  plan.set_name(name);
  if (!plan_.before) plan.set_state(ReleasePlan::DRAFT);
  if (plan.state() == ReleasePlan::DRAFT) plan.set_language(language);
  if (!document_.title().empty()) (*plan.mutable_titles())[language] = document_.title();
  *plan.mutable_period() = document_.period();
  plan.set_published_on(document_.published_on());
  std::map<std::string, almanac::v1::PlanSection> sections;
  for (const auto& section : plan.sections()) sections[section.code()] = section;
  plan.clear_sections();
  for (const auto& said : document_.sections()) {
    auto* section = plan.add_sections();
    *section = sections[said.code()];
    section->set_code(said.code());
    if (!said.title().empty()) (*section->mutable_titles())[language] = said.title();
    if (!said.note().empty()) (*section->mutable_notes())[language] = said.note();
    section->set_not_applicable(said.not_applicable());
  }
  return CheckPlan(plan);
}

void Importer::LoadLines() {
  if (!publisher_.before) return;
  datasets_ =
      Parse(db::ListDatasets(transaction_, publisher_name_, {.after = "", .limit = INT32_MAX, .show_deleted = true}));
  for (const Dataset& dataset : datasets_) {
    names_.insert(dataset.name());
  }
  promised_later_ = db::ListDatasetsPromisedAfter(transaction_, plan_.after);
  unsettled_ = db::ListUnsettledDatasets(transaction_, publisher_name_);
  if (!plan_.before) return;
  for (Commitment& commitment :
       db::ListCommitments(transaction_, plan_.after.name(), {}, INT32_MAX, /*show_deleted=*/true)) {
    names_.insert(commitment.name());
    const bool is_live = !commitment.has_delete_time();
    Commitment& known = commitments_[commitment.dataset()];
    if (known.name().empty() || known.has_delete_time()) {
      known = std::move(commitment);
    } else if (is_live) {
      removed_.push_back(std::move(commitment));  // a document promises a dataset once
    }
  }
}

std::vector<Commitment> Importer::LiveLines() const {
  std::vector<Commitment> live;
  for (const auto& [dataset, commitment] : commitments_) {
    if (!commitment.has_delete_time()) live.push_back(commitment);
  }
  return live;
}

std::string Importer::NewDatasetName(const DocumentCommitment& line) {
  const std::string publisher = db::IdsOf(publisher_name_)[0];
  std::string name = db::DatasetName(publisher, MakeDatasetId(line.title()));
  if (names_.insert(name).second) return name;
  const std::string distinct = db::DatasetName(publisher, MakeDistinctDatasetId(line.title()));
  name = distinct;
  for (int i = 2; !names_.insert(name).second; ++i) name = absl::StrCat(distinct, "-", i);
  return name;
}

std::string Importer::NewCommitmentName(const DocumentCommitment& line) {
  const std::vector<std::string> ids = db::IdsOf(plan_.after.name());
  const std::string id = absl::StrCat(absl::AsciiStrToLower(line.section()), "-", line.number());
  std::string name = db::CommitmentName(ids[0], ids[1], id);
  for (int i = 2; !names_.insert(name).second; ++i) name = db::CommitmentName(ids[0], ids[1], absl::StrCat(id, "-", i));
  return name;
}

absl::Status Importer::DecideLine(const DocumentCommitment& line) {
  const std::string& language = document_.language();
  const LineMatcher::Match match = matcher_->Find(line);
  LineEdit edit;
  if (match.dataset != nullptr) {
    edit.dataset = {*match.dataset, *match.dataset};
  } else {
    edit.dataset.after.set_name(NewDatasetName(line));
  }
  const std::string dataset = edit.dataset.after.name();
  if (const auto [other, is_first] = line_of_dataset_.try_emplace(dataset, line.line()); !is_first) {
    return db::InvalidField("document.commitments",
                            absl::StrCat(Describe(line), " and line ", other->second, " are both about ", dataset));
  }
  if (const auto known = commitments_.find(dataset); known != commitments_.end()) {
    edit.commitment.before = known->second;
    edit.commitment.after = known->second;
  } else {
    edit.commitment.after.set_dataset(dataset);
    edit.commitment.after.mutable_candidate_datasets()->Add(match.candidates.begin(), match.candidates.end());
  }
  absl::StatusOr<Commitment> after = rules::ApplyLine(edit.commitment.after, line, language);
  if (after.ok()) after = rules::ApplyCancellation(*std::move(after), line, Importing());
  if (!after.ok()) return after.status();
  edit.commitment.after = *std::move(after);

  const bool is_added = !edit.commitment.before || edit.commitment.before->has_delete_time();
  if (!edit.commitment.before) edit.commitment.after.set_name(NewCommitmentName(line));
  kept_.insert(edit.commitment.after.name());
  DecideDataset(line, edit);
  if (edit.changes()) {
    edit.report.set_action(is_added ? ImportedLine::ADDED : ImportedLine::CHANGED);
    if (!is_added) AddFields(edit);
    // Each side was valid by itself; together they may have a language too many.
    for (const absl::Status& valid : {CheckDataset(edit.dataset.after), CheckCommitment(edit.commitment.after)}) {
      if (!valid.ok()) {
        return db::InvalidField("document.commitments", absl::StrCat(Describe(line), ": ", valid.message()));
      }
    }
  }
  edit.report.set_commitment(edit.commitment.after.name());
  edit.report.set_dataset(dataset);
  edit.report.set_title(line.title());
  edit.report.set_line(line.line());
  lines_.push_back(std::move(edit));
  return absl::OkStatus();
}

// What an import does, it does by this actor today.
rules::Justification Importer::Importing() const {
  return {.reason = Commitment::OTHER,
          .note = "",
          .actor = transaction_.actor(),
          .time = transaction_.now(),
          .day = rules::DayIn(publisher_.after.time_zone(), transaction_.now())};
}

void Importer::AddFields(LineEdit& edit) const {
  for (auto& change : rules::DiffCommitments(*edit.commitment.before, edit.commitment.after, document_.language())) {
    *edit.report.add_fields() = std::move(change);
  }
  const std::string& old_page = edit.dataset.before->landing_page();
  if (old_page == edit.dataset.after.landing_page()) return;
  auto* change = edit.report.add_fields();
  change->set_field("landing_page");
  change->set_before(old_page);
  change->set_after(edit.dataset.after.landing_page());
}

void Importer::DecideDataset(const DocumentCommitment& line, LineEdit& edit) const {
  Dataset& dataset = edit.dataset.after;
  if (!edit.commitment.changes()) {
    // Nothing of the dataset follows from a line that says what it said, but for the page, which no commitment has.
    const bool is_draft = plan_.after.state() == ReleasePlan::DRAFT && !promised_later_.contains(dataset.name());
    const bool takes_page = is_draft || dataset.landing_page().empty();
    if (takes_page && !line.landing_page().empty()) dataset.set_landing_page(line.landing_page());
    return;
  }
  dataset.clear_delete_time();
  const std::optional<Commitment>& before = edit.commitment.before;
  // A date that the line gave the dataset goes when the line takes it back.
  const bool dated_by_line = before && !before->has_outcome() && dataset.release_date() == before->release_date();
  if (dated_by_line) dataset.clear_release_date();
  dataset = promised_later_.contains(dataset.name()) ? rules::ApplyEarlierLine(dataset, line, document_.language())
                                                     : rules::ApplyToDataset(dataset, line, document_.language());
}

absl::Status Importer::DecideTranslation() {
  std::map<std::string, const Dataset*> datasets;
  for (const Dataset& dataset : datasets_) datasets[dataset.name()] = &dataset;
  std::vector<Commitment> live = LiveLines();
  live.insert(live.end(), removed_.begin(), removed_.end());
  removed_.clear();
  const std::vector<const Commitment*> matches = rules::MatchTranslation(live, document_, &warnings_);
  std::map<std::string, std::vector<Commitment>> earlier = ListEarlierLines(matches);
  for (size_t i = 0; i < matches.size(); ++i) {
    if (matches[i] == nullptr) continue;
    transaction_.StayAlive();
    const DocumentCommitment& line = document_.commitments(static_cast<int>(i));
    const std::string& dataset = matches[i]->dataset();
    absl::Status added = AddTranslation(line, *matches[i], *datasets.at(dataset), earlier[dataset]);
    if (!added.ok()) return added;
  }
  return CheckPlanIsDraft();
}

// The lines of earlier editions about the datasets of `lines`, some of which may be null, by dataset: none where a
// later edition says what the dataset is.
std::map<std::string, std::vector<Commitment>> Importer::ListEarlierLines(
    const std::vector<const Commitment*>& lines) const {
  std::set<std::string> datasets;
  for (const Commitment* line : lines) {
    if (line != nullptr && !promised_later_.contains(line->dataset())) datasets.insert(line->dataset());
  }
  std::map<std::string, std::vector<Commitment>> earlier;
  for (Commitment& line : db::ListLinesAbout(transaction_, publisher_name_, {datasets.begin(), datasets.end()})) {
    if (PlanOf(line.name()) == plan_.after.name()) continue;
    std::vector<Commitment>& about = earlier[line.dataset()];
    about.push_back(std::move(line));
  }
  return earlier;
}

absl::Status Importer::AddTranslation(const DocumentCommitment& line, const Commitment& commitment,
                                      const Dataset& dataset, const std::vector<Commitment>& earlier) {
  const std::string& language = document_.language();
  LineEdit edit = {.dataset = {dataset, dataset},
                   .commitment = {commitment, rules::TranslateCommitment(commitment, line, language)},
                   .report = {}};
  if (edit.commitment.changes()) {
    edit.dataset.after = rules::TranslateDataset(dataset, commitment, line, language, earlier);
    edit.report.set_action(ImportedLine::CHANGED);
    for (auto& change :
         rules::DiffLines(rules::LineOf(commitment, language), rules::LineOf(edit.commitment.after, language))) {
      *edit.report.add_fields() = std::move(change);
    }
    for (const absl::Status& valid : {CheckDataset(edit.dataset.after), CheckCommitment(edit.commitment.after)}) {
      if (!valid.ok()) {
        return db::InvalidField("document.commitments", absl::StrCat(Describe(line), ": ", valid.message()));
      }
    }
  }
  edit.report.set_commitment(commitment.name());
  edit.report.set_dataset(dataset.name());
  edit.report.set_title(line.title());
  edit.report.set_line(line.line());
  lines_.push_back(std::move(edit));
  return absl::OkStatus();
}

absl::Status Importer::CheckPlanIsDraft() const {
  if (!plan_.before || plan_.before->state() == ReleasePlan::DRAFT) return absl::OkStatus();
  // Texts in one more language change nothing that was promised.
  const auto differs = [this](const auto& edit) {
    return edit.changes() && !(is_translation_ && rules::OnlyAddsTexts(*edit.before, edit.after));
  };
  std::vector<std::string> differences;
  if (differs(plan_)) differences.push_back("its heading, date or sections");
  for (const LineEdit& edit : lines_) {
    if (differs(edit.commitment))
      differences.push_back(
          absl::StrCat("line ", edit.report.line(), " ", db::Excerpt(edit.report.title(), kShownTitle)));
  }
  for (const Commitment& commitment : removed_) differences.push_back(commitment.name() + ", which is missing");
  if (differences.empty()) return absl::OkStatus();
  return db::FailedPrecondition(
      "PLAN_PUBLISHED", plan_.after.name(),
      absl::StrCat(plan_.after.name(), " is published and stays as it is, but the document says something else in ",
                   differences.size(), " place", differences.size() == 1 ? "" : "s", ", first ", differences.front(),
                   is_translation_ ? ". Texts that it has in a language stay too; correct the document"
                                   : ". Record what happened since with reschedule, release or cancel; import the next "
                                     "edition as a plan of its own"));
}

absl::StatusOr<ImportPlanResponse> Importer::Apply() {
  ImportPlanResponse response;
  const int64_t revision_before = transaction_.next_revision() - 1;
  if (!publisher_.before) {
    response.set_publisher_created(true);
    if (auto added = db::InsertPublisher(transaction_, publisher_.after); !added.ok()) return added.status();
  } else {
    db::UpdatePublisher(transaction_, Change::UPDATED, *publisher_.before, publisher_.after);
  }
  if (!plan_.before) {
    response.set_plan_created(true);
    absl::StatusOr<ReleasePlan> added = db::InsertPlan(transaction_, plan_.after);
    if (!added.ok()) return added.status();
    *response.mutable_release_plan() = *std::move(added);
  } else {
    *response.mutable_release_plan() = db::UpdatePlan(transaction_, Change::UPDATED, *plan_.before, plan_.after);
  }
  db::DeferNumberCheck(transaction_, true);
  for (const Commitment& commitment : removed_) {
    Commitment deleted = commitment;
    *deleted.mutable_delete_time() = db::ToTimestamp(transaction_.now());
    db::UpdateCommitment(transaction_, Change::DELETED, commitment, deleted);
  }
  for (const Commitment& commitment : removed_) {
    if (commitment.candidate_datasets_size() > 0) LeaveDataset(transaction_, commitment);
  }
  for (LineEdit& edit : lines_) {
    const auto& [dataset, commitment, report] = edit;
    if (commitment.after.candidate_datasets_size() > 0) {
      auto* ambiguous = response.add_ambiguous_lines();
      ambiguous->set_commitment(report.commitment());
      ambiguous->set_title(report.title());
      ambiguous->set_line(report.line());
      *ambiguous->mutable_candidate_datasets() = commitment.after.candidate_datasets();
    }
    if (!edit.changes()) {
      response.set_unchanged_count(response.unchanged_count() + 1);
      continue;
    }
    if (!dataset.before) {
      AddNewDataset(transaction_, dataset.after);
    } else {
      const bool revived = dataset.before->has_delete_time();
      SaveDataset(transaction_, revived ? Change::UNDELETED : Change::UPDATED, *dataset.before, dataset.after);
    }
    if (!commitment.before) {
      db::AddCommitment(transaction_, commitment.after);
    } else {
      const bool revived = commitment.before->has_delete_time();
      db::UpdateCommitment(transaction_, revived ? Change::UNDELETED : Change::UPDATED, *commitment.before,
                           commitment.after);
    }
    report.action() == ImportedLine::ADDED ? response.set_added_count(response.added_count() + 1)
                                           : response.set_changed_count(response.changed_count() + 1);
    *response.add_lines() = report;
  }
  db::DeferNumberCheck(transaction_, false);
  for (const Commitment& commitment : removed_) {
    auto* report = response.add_lines();
    report->set_action(ImportedLine::REMOVED);
    report->set_commitment(commitment.name());
    report->set_dataset(commitment.dataset());
    report->set_title(rules::LineOf(commitment, document_.language()).title());
  }
  response.set_removed_count(static_cast<int32_t>(removed_.size()));
  *response.mutable_warnings() = std::move(warnings_);
  const int64_t revision = transaction_.next_revision() - 1;
  if (revision > revision_before) response.set_revision(revision);
  return response;
}

}  // namespace

std::string PlanId(const almanac::v1::Period& period) {
  if (period.start_year() == period.end_year()) return absl::StrCat(period.start_year());
  return absl::StrCat(period.start_year(), "-", period.end_year());
}

absl::StatusOr<ImportPlanResponse> ImportDocument(db::WriteTransaction& transaction, const std::string& publisher_name,
                                                  const PlanDocument& document) {
  Importer importer(transaction, publisher_name, document);
  if (absl::Status decided = importer.Decide(); !decided.ok()) return decided;
  return importer.Apply();
}

}  // namespace almanac::service
