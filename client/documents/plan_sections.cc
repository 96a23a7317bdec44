#include "client/documents/plan_sections.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/documents/plan_warning.h"
#include "client/documents/unicode_text.h"

namespace almanac::client {
namespace {

struct SectionHeading {
  char code;
  std::string_view title;
};

// A heading is a capital letter, a point, and words, as in `A. 在 2022 年发放的数据集`; an abbreviation is none.
std::optional<SectionHeading> ReadSectionHeading(std::string_view text) {
  if (text.empty() || !absl::ascii_isupper(static_cast<unsigned char>(text.front()))) return std::nullopt;
  const std::string_view rest = TrimSpaces(text.substr(1));
  for (const std::string_view point : {".", "\uFF0E", "\u3001"}) {
    if (!rest.starts_with(point)) continue;
    const std::string_view title = rest.substr(point.size());
    if (title.empty() || absl::ascii_isalnum(static_cast<unsigned char>(title.front()))) return std::nullopt;
    return SectionHeading{.code = text.front(), .title = TrimSpaces(title)};
  }
  return std::nullopt;
}

class SectionReader {
 public:
  SectionReader(const PlanLanguage& language, v1::PlanDocument* document) : language_(language), document_(document) {}

  absl::Status ReadLine(const TextLine& line) {
    const std::string_view text = TrimSpaces(line.text);
    if (text.empty()) return absl::OkStatus();
    if (text.find('\t') != std::string_view::npos) {
      ReadTableLine(line);
      return absl::OkStatus();
    }
    if (const auto heading = ReadSectionHeading(text)) return StartSection(line, *heading);
    if (section_ == nullptr) {
      AddWarning(line, "a line above the first section", document_);
    } else if (!has_table_) {
      return AddNote(line, text);
    } else {
      AddWarning(line, "a line that is no row of the table; if it continues the row above, append it to that row",
                 document_);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<PlanRow>> Finish() {
    EndSection();
    if (document_->sections().empty()) {
      return absl::InvalidArgumentError(
          "this is no release plan: it has the heading of one, but no section below it; looked for a line such as "
          "\"A. ...\" with a table");
    }
    return std::move(rows_);
  }

 private:
  absl::Status StartSection(const TextLine& line, const SectionHeading& heading) {
    if (absl::Status status = CheckHeading(line, "the heading of the section", heading.title); !status.ok()) {
      return status;
    }
    const std::string code(1, heading.code);
    // A heading may be repeated on top of a page.
    if (section_ != nullptr && section_->code() == code && section_->title() == heading.title) return absl::OkStatus();
    EndSection();
    heading_line_ = line;
    columns_.clear();
    has_table_ = false;
    has_rows_ = false;
    for (v1::DocumentSection& section : *document_->mutable_sections()) {
      if (section.code() != code) continue;
      AddWarning(line, absl::StrCat("section ", code, " begins a second time; its rows are added to the first"),
                 document_);
      section_ = &section;
      return absl::OkStatus();
    }
    section_ = document_->add_sections();
    section_->set_code(code);
    section_->set_title(std::string(heading.title));
    return absl::OkStatus();
  }

  void EndSection() {
    if (section_ == nullptr || has_rows_ || section_->not_applicable()) return;
    AddWarning(heading_line_,
               absl::StrCat("the section has no rows and does not say ", std::string(language_.not_applicable.front())),
               document_);
  }

  absl::Status AddNote(const TextLine& line, std::string_view text) {
    std::string note = absl::StrCat(section_->note(), section_->note().empty() ? "" : "\n", std::string(text));
    if (absl::Status status = CheckHeading(line, "what stands below the heading of the section", note); !status.ok()) {
      return status;
    }
    section_->set_note(std::move(note));
    if (SaysOneOf(text, language_.not_applicable)) section_->set_not_applicable(true);
    return absl::OkStatus();
  }

  void ReadTableLine(const TextLine& line) {
    const std::vector<std::string_view> cells = SplitCells(line.text);
    if (section_ == nullptr) {
      AddWarning(line, "left out: a row above the first section", document_);
    } else if (IsTableHeading(cells, language_)) {
      has_table_ = true;
      absl::StatusOr<std::vector<PlanColumn>> columns = ReadTableHeading(cells, language_);
      if (!columns.ok()) AddWarning(line, std::string(columns.status().message()), document_);
      columns_ = columns.ok() ? *std::move(columns) : std::vector<PlanColumn>();
    } else {
      ReadRow(line, cells);
    }
  }

  void ReadRow(const TextLine& line, const std::vector<std::string_view>& cells) {
    has_rows_ = true;
    if (columns_.empty()) {
      AddWarning(line, "left out: a row without the heading of a table above it that was understood", document_);
      return;
    }
    PlanRow row = ReadTableRow(cells, columns_);
    row.line = line;
    row.section = section_->code().front();
    if (SaysOneOf(row.title, language_.not_applicable) && row.date.empty() && row.frequency.empty() &&
        row.remark.empty() && cells.size() <= columns_.size()) {
      const bool is_alone = rows_.empty() || rows_.back().section != row.section;
      if (!is_alone) AddWarning(line, "the section has rows and yet says that nothing applies", document_);
      section_->set_not_applicable(is_alone);
      return;
    }
    if (cells.size() != columns_.size()) {
      AddWarning(line,
                 absl::StrCat("left out: the row has ", cells.size(), " columns, but the table has ", columns_.size()),
                 document_);
      return;
    }
    if (section_->not_applicable()) {
      AddWarning(line, "the section says that nothing applies and yet has this row", document_);
      section_->set_not_applicable(false);
    }
    rows_.push_back(row);
  }

  const PlanLanguage& language_;
  v1::PlanDocument* const document_;
  v1::DocumentSection* section_ = nullptr;
  TextLine heading_line_;
  // Empty while no heading of a table was understood.
  std::vector<PlanColumn> columns_;
  bool has_table_ = false;
  bool has_rows_ = false;
  std::vector<PlanRow> rows_;
};

}  // namespace

absl::StatusOr<std::vector<PlanRow>> ReadPlanSections(std::span<const TextLine> lines, const PlanLanguage& language,
                                                      v1::PlanDocument* document) {
  SectionReader reader(language, document);
  for (const TextLine& line : lines) {
    if (absl::Status status = reader.ReadLine(line); !status.ok()) return status;
  }
  return reader.Finish();
}

}  // namespace almanac::client
