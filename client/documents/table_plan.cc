#include "client/documents/table_plan.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/documents/table_columns.h"
#include "client/documents/table_row.h"
#include "client/documents/table_words.h"
#include "client/documents/unicode_text.h"

namespace almanac::client {
namespace {

constexpr std::size_t kMaxWarnings = 10'000;
constexpr std::size_t kMaxErrors = 20;

class PlansReader {
 public:
  PlansReader(const SourceTable& table, const Mapping& mapping) : table_(table), mapping_(mapping) {}

  absl::StatusOr<TablePlans> Read() {
    absl::StatusOr<TableColumns> columns = FindColumns(table_, mapping_);
    if (!columns.ok()) return columns.status();
    const TableRowReader reader(mapping_, *columns);
    for (const TableRow& row : table_.rows) {
      std::optional<RowLine> line = reader.Read(row, static_cast<int>(table_.headings.cells.size()));
      if (line) Add(*std::move(line));
    }
    if (error_count_ > 0) return Errors();
    plans_.unread = std::move(columns->unread);
    for (const auto& [key, name] : mapping_.publisher_names) {
      if (!named_.contains(key)) plans_.unnamed.push_back(name);
    }
    return Finish();
  }

 private:
  // What is known of one publisher's lines.
  struct Known {
    TablePlan plan;
    // How many rows each section has, left out or not.
    std::map<std::string, int> rows;
    // The lines on which titles, and numbers of sections, stand.
    std::map<std::string, int> titles;
    std::map<std::pair<std::string, int>, int> numbers;
  };

  void Add(RowLine line) {
    Known* known = line.publisher.empty() ? nullptr : Find(line.publisher);
    v1::DocumentCommitment& commitment = line.commitment;
    if (known != nullptr && commitment.number() == 0) commitment.set_number(++known->rows[commitment.section()]);
    for (const RowProblem& problem : line.problems) {
      if (problem.weight == RowProblem::Weight::kError) {
        AddError(commitment.line(), problem.column, problem.message);
      } else {
        Warn(commitment.line(), problem, known);
      }
    }
    if (known == nullptr || line.Has(RowProblem::Weight::kGrave)) return;
    CheckTwice(known, commitment);
    *known->plan.document.add_commitments() = std::move(commitment);
  }

  // Names with one id are names of one publisher.
  Known* Find(const std::string& publisher) {
    const std::string key = FoldWords(publisher);
    const auto mapped = mapping_.publisher_ids.find(key);
    if (mapped != mapping_.publisher_ids.end()) named_.insert(key);
    const std::string& id = mapped == mapping_.publisher_ids.end() ? mapping_.publisher_id : mapped->second;
    const std::string parent = absl::StrCat("publishers/", id.empty() ? "-" : id);
    const auto [place, is_new] = places_.emplace(id.empty() ? key : parent, publishers_.size());
    if (is_new) {
      Known& known = publishers_.emplace_back();
      known.plan.parent = parent;
      known.plan.document.set_publisher_title(publisher);
    }
    return &publishers_[place->second];
  }

  void CheckTwice(Known* known, const v1::DocumentCommitment& commitment) {
    const auto [title, is_new_title] = known->titles.emplace(FoldWords(commitment.title()), commitment.line());
    if (!is_new_title) {
      AddError(commitment.line(), commitment.column(),
               absl::StrCat("the title \"", Abbreviate(commitment.title(), 60), "\" stands on line ", title->second,
                            " already, for the same publisher"));
    }
    const auto [number, is_new_number] =
        known->numbers.emplace(std::pair(commitment.section(), commitment.number()), commitment.line());
    if (!is_new_number) {
      AddError(commitment.line(), 0,
               absl::StrCat("the number ", commitment.number(), " of section ", commitment.section(),
                            " stands on line ", number->second, " already, for the same publisher"));
    }
  }

  void Warn(int line, const RowProblem& problem, Known* known) {
    if (plans_.warnings.size() >= kMaxWarnings) return;
    v1::DocumentWarning warning;
    warning.set_line(line);
    warning.set_column(problem.column);
    warning.set_message(
        plans_.warnings.size() + 1 == kMaxWarnings
            ? "there are more warnings than these; the last one is here"
            : absl::StrCat(problem.weight == RowProblem::Weight::kGrave ? "left out: " : "", problem.message));
    if (known != nullptr) *known->plan.document.add_warnings() = warning;
    plans_.warnings.push_back(std::move(warning));
  }

  void AddError(int line, int column, const std::string& what) {
    if (++error_count_ > kMaxErrors) return;
    errors_.push_back(absl::StrCat(TablePlace(table_.file, line, column), ": ", what));
  }

  absl::Status Errors() const {
    std::string message = absl::StrJoin(errors_, "\n");
    if (error_count_ > kMaxErrors) absl::StrAppend(&message, "\nand ", error_count_ - kMaxErrors, " more");
    return absl::InvalidArgumentError(message);
  }

  absl::StatusOr<TablePlans> Finish() {
    for (Known& known : publishers_) {
      v1::PlanDocument& document = known.plan.document;
      if (document.commitments().empty()) continue;
      if (document.commitments_size() > kMaxPlanLines) {
        return TableError(
            table_.file, document.commitments(kMaxPlanLines).line(), 0,
            absl::StrCat("a publisher may have at most ", kMaxPlanLines, " lines, and this is one more; \"",
                         Abbreviate(document.publisher_title(), 60), "\" has ", document.commitments_size()));
      }
      document.set_title(mapping_.title);
      document.set_language(mapping_.language);
      AddSections(&document);
      plans_.plans.push_back(std::move(known.plan));
    }
    if (plans_.plans.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          table_.file, ": no row is a line of a plan",
          plans_.warnings.empty()
              ? ""
              : absl::StrCat("; the first one: line ", plans_.warnings[0].line(), ", ", plans_.warnings[0].message())));
    }
    SetPeriods();
    return std::move(plans_);
  }

  static void AddSections(v1::PlanDocument* document) {
    std::set<std::string> sections;
    for (const v1::DocumentCommitment& commitment : document->commitments()) sections.insert(commitment.section());
    for (const std::string& section : sections) document->add_sections()->set_code(section);
  }

  // Without a period in the mapping the plans are for the years of their targets, all for the same; only if there are
  // none, for those of their releases.
  void SetPeriods() {
    std::set<int> years;
    for (const bool by_target : {true, false}) {
      for (const TablePlan& plan : plans_.plans) {
        for (const v1::DocumentCommitment& commitment : plan.document.commitments()) {
          int year = 0;
          const std::string& date = by_target ? commitment.target_date() : commitment.release_date();
          if (absl::SimpleAtoi(date.substr(0, 4), &year)) years.insert(year);
        }
      }
      if (!years.empty()) break;
    }
    v1::Period period;
    period.set_start_year(*years.begin());
    period.set_end_year(*years.rbegin());
    if (mapping_.period) period = *mapping_.period;
    for (TablePlan& plan : plans_.plans) *plan.document.mutable_period() = period;
  }

  const SourceTable& table_;
  const Mapping& mapping_;
  TablePlans plans_;
  std::vector<Known> publishers_;
  // The place in `publishers_` of each, by its parent or, if the mapping has none, FoldWords of its name.
  std::map<std::string, std::size_t> places_;
  // The names in the table, by FoldWords, to which the mapping gives ids.
  std::set<std::string> named_;
  std::vector<std::string> errors_;
  std::size_t error_count_ = 0;
};

}  // namespace

absl::StatusOr<TablePlans> ReadTablePlans(const SourceTable& table, const Mapping& mapping) {
  return PlansReader(table, mapping).Read();
}

}  // namespace almanac::client
