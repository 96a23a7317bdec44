#include "client/plan_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/documents/pdf_boxes.h"
#include "client/documents/pdf_text.h"
#include "client/documents/plan_json.h"
#include "client/documents/plan_text.h"
#include "client/errors.h"
#include "client/json.h"
#include "client/names.h"
#include "client/text_width.h"

namespace almanac::client {
namespace {

using v1::DocumentCommitment;

constexpr size_t kMaxFileBytes = 16 << 20;

absl::StatusOr<std::string> ReadStream(std::istream& in, const std::string& file) {
  std::string text(kMaxFileBytes + 1, '\0');
  errno = 0;
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || (in.gcount() == 0 && errno != 0)) {
    return UsageError(absl::StrCat(NameOfFile(file), " cannot be read: ", std::strerror(errno)));
  }
  text.resize(static_cast<size_t>(in.gcount()));
  if (text.size() > kMaxFileBytes) {
    return absl::InvalidArgumentError(absl::StrCat(NameOfFile(file), " is larger than 16 MiB: that is no plan"));
  }
  return text;
}

absl::Status InFile(const std::string& file, const absl::Status& status) {
  return {status.code(), absl::StrCat(NameOfFile(file), ": ", status.message())};
}

std::string PeriodText(const v1::Period& period) { return absl::StrCat(period.start_year(), "-", period.end_year()); }

// `+ a-1  title  (line 12)`, and a line for each field of a changed one.
void PrintLine(const v1::ImportedLine& line, std::ostream& out) {
  const char* sign = line.action() == v1::ImportedLine::ADDED     ? "+"
                     : line.action() == v1::ImportedLine::REMOVED ? "-"
                                                                  : "~";
  out << sign << " " << CommitmentNames().Short(line.commitment()) << "  " << OneLine(line.title());
  if (line.line() > 0) out << "  (line " << line.line() << ")";
  out << "\n";
  const auto value = [](const std::string& text) { return text.empty() ? "(none)" : OneLine(text); };
  for (const v1::FieldChange& field : line.fields()) {
    out << "    " << field.field() << ": " << value(field.before()) << " -> " << value(field.after()) << "\n";
  }
}

// `? a-1  title  (line 12)`, and the commands of which one settles it.
void PrintAmbiguous(const v1::AmbiguousLine& line, std::ostream& out) {
  const std::string name = CommitmentNames().Short(line.commitment());
  out << "? " << name << "  " << OneLine(line.title()) << "  (line " << line.line()
      << "): fits several datasets; one of\n";
  for (const std::string& dataset : line.candidate_datasets()) {
    out << "    almanac plan link " << name << " --dataset " << DatasetNames().Short(dataset) << "\n";
  }
  out << "    almanac plan link " << name << " --none\n";
}

}  // namespace

std::string NameOfFile(const std::string& file) { return file == "-" ? "standard input" : file; }

Columns<DocumentCommitment> DocumentColumns() {
  return {
      {{"SECTION"}, [](const DocumentCommitment& c, const Style&) { return c.section(); }},
      {{"NUMBER", false, true}, [](const DocumentCommitment& c, const Style&) { return absl::StrCat(c.number()); }},
      {{"CATEGORY"}, [](const DocumentCommitment& c, const Style&) { return c.category(); }, Show::kCsvOnly},
      {{"TITLE", true}, [](const DocumentCommitment& c, const Style&) { return c.title(); }},
      {{"TARGET"}, [](const DocumentCommitment& c, const Style&) { return c.target_date(); }},
      {{"RELEASED"}, [](const DocumentCommitment& c, const Style&) { return c.release_date(); }},
      {{"FREQUENCY"}, [](const DocumentCommitment& c, const Style&) { return EnumText(c.frequency()); }},
      {{"FREQUENCY TEXT"},
       [](const DocumentCommitment& c, const Style&) { return c.frequency_text(); },
       Show::kCsvOnly},
      {{"FORMATS"}, [](const DocumentCommitment& c, const Style&) { return absl::StrJoin(c.formats(), " "); }},
      {{"REMARK"}, [](const DocumentCommitment& c, const Style&) { return c.remark(); }, Show::kCsvOnly},
      {{"FORMER TITLES"},
       [](const DocumentCommitment& c, const Style&) { return absl::StrJoin(c.former_titles(), "; "); },
       Show::kCsvOnly},
      {{"DISCONTINUED"},
       [](const DocumentCommitment& c, const Style&) { return c.discontinued() ? "true" : "false"; },
       Show::kCsvOnly},
      {{"LAST UPDATE"}, [](const DocumentCommitment& c, const Style&) { return c.last_update_date(); }, Show::kCsvOnly},
      {{"LANDING PAGE"}, [](const DocumentCommitment& c, const Style&) { return c.landing_page(); }, Show::kCsvOnly},
      {{"CANCELLED"},
       [](const DocumentCommitment& c, const Style&) { return EnumText(c.cancellation().reason()); },
       Show::kWithDeleted},
      {{"CANCELLATION NOTE"},
       [](const DocumentCommitment& c, const Style&) { return c.cancellation().note(); },
       Show::kCsvOnly},
      {{"LINE", false, true}, [](const DocumentCommitment& c, const Style&) { return absl::StrCat(c.line()); }},
  };
}

absl::StatusOr<std::string> ReadPlanFile(const std::string& file) {
  if (file == "-") return ReadStream(std::cin, file);
  std::ifstream in(file, std::ios::binary);
  if (!in) return UsageError(absl::StrCat(file, " cannot be read: ", std::strerror(errno)));
  return ReadStream(in, file);
}

absl::StatusOr<std::string> PlanText(const std::string& file, const std::string& bytes) {
  if (!IsPdf(bytes)) return bytes;
  absl::StatusOr<std::string> text = PdfToText(bytes);
  return text.ok() ? text : InFile(file, text.status());
}

absl::StatusOr<v1::PlanDocument> ReadPlan(const std::string& file, std::ostream& notes) {
  const absl::StatusOr<std::string> bytes = ReadPlanFile(file);
  if (!bytes.ok()) return bytes.status();
  const absl::StatusOr<std::string> text = PlanText(file, *bytes);
  if (!text.ok()) return text.status();
  absl::StatusOr<v1::PlanDocument> document = ParsePlan(*text);
  if (!document.ok()) return InFile(file, document.status());
  PrintWarnings(file, document->warnings(), notes);
  if (document->warnings_size() > 0 && IsPdf(*bytes)) {
    notes << "In a PDF, line 3012 is row 12 of page 3. To correct its text: almanac plan extract " << file
          << " > plan.txt\n";
  }
  return document;
}

void PrintWarnings(const std::string& file, const google::protobuf::RepeatedPtrField<v1::DocumentWarning>& warnings,
                   std::ostream& notes) {
  for (const v1::DocumentWarning& warning : warnings) {
    notes << NameOfFile(file) << ":";
    if (warning.line() > 0) notes << warning.line() << ":";
    notes << " " << OneLine(warning.message()) << "\n";
  }
}

void PrintDocument(const v1::PlanDocument& document, const Printer& printer) {
  if (printer.format() == Format::kJson || printer.format() == Format::kYaml) {
    const std::string json = PlanDocumentToJson(document);
    printer.out() << (printer.format() == Format::kJson ? Reindent(json, 2) : JsonToYaml(json)) << "\n";
    return;
  }
  if (printer.format() == Format::kTable) {
    printer.out() << OneLine(document.publisher_title()) << ", " << PeriodText(document.period()) << ", published "
                  << (document.published_on().empty() ? "(not said)" : document.published_on()) << "\n\n";
  }
  const bool has_withdrawn = std::any_of(document.commitments().begin(), document.commitments().end(),
                                         [](const DocumentCommitment& line) { return line.has_cancellation(); });
  ListOutput<DocumentCommitment> list(printer, DocumentColumns(), has_withdrawn);
  list.Add(document.commitments());
  list.Finish();
  if (printer.format() == Format::kTable) {
    printer.out() << "\n" << document.commitments_size() << " lines, " << document.warnings_size() << " warnings\n";
  }
}

void PrintImport(const v1::ImportPlanResponse& response, bool dry_run, const Printer& printer) {
  std::ostream& out = printer.out();
  switch (printer.format()) {
    case Format::kJson:
    case Format::kYaml:
      return printer.PrintMessage(response);
    case Format::kCsv: {
      const auto writer = printer.MakeWriter(ImportColumns());
      writer->Write(ImportRows(response));
      writer->Finish();
      return;
    }
    case Format::kName:
      for (const v1::ImportedLine& line : response.lines()) out << line.commitment() << "\n";
      return;
    case Format::kTable:
      break;
  }
  const std::string& plan = response.release_plan().name();
  if (response.publisher_created()) out << "+ " << SplitName(plan).first << "\n";
  if (response.plan_created()) out << "+ " << plan << "\n";
  for (const v1::ImportedLine& line : response.lines()) PrintLine(line, out);
  for (const v1::AmbiguousLine& line : response.ambiguous_lines()) PrintAmbiguous(line, out);
  out << (dry_run ? "dry run, nothing was changed: " : "") << plan << ": " << ImportCounts(response, dry_run) << "\n";
}

std::vector<TableColumn> ImportColumns() {
  return {{"ACTION"}, {"COMMITMENT"}, {"DATASET"}, {"TITLE"}, {"LINE"}, {"FIELD"}, {"BEFORE"}, {"AFTER"}};
}

std::vector<Row> ImportRows(const v1::ImportPlanResponse& response) {
  std::vector<Row> rows;
  for (const v1::ImportedLine& line : response.lines()) {
    const std::vector<std::string> cells = {EnumText(line.action()), line.commitment(), line.dataset(), line.title(),
                                            absl::StrCat(line.line())};
    const auto add = [&](const v1::FieldChange& field) {
      rows.push_back({&line, cells});
      for (const std::string& cell : {field.field(), field.before(), field.after()}) rows.back().cells.push_back(cell);
    };
    for (const v1::FieldChange& field : line.fields()) add(field);
    if (line.fields().empty()) add({});
  }
  return rows;
}

std::string ImportCounts(const v1::ImportPlanResponse& response, bool dry_run) {
  std::string counts = absl::StrCat(response.added_count(), " added, ", response.changed_count(), " changed, ",
                                    response.removed_count(), " removed, ", response.unchanged_count(), " unchanged");
  if (!dry_run && response.revision() > 0) absl::StrAppend(&counts, "; revision ", response.revision());
  return counts;
}

std::string NameLine(const std::string& field, const std::string& file, const v1::PlanDocument& document) {
  constexpr std::string_view kPrefix = "document.commitments[";
  const size_t end = field.find(']');
  int index = -1;
  const bool is_line = field.rfind(kPrefix, 0) == 0 && end != std::string::npos &&
                       absl::SimpleAtoi(field.substr(kPrefix.size(), end - kPrefix.size()), &index) && index >= 0 &&
                       index < document.commitments_size();
  if (!is_line) return field;
  std::string rest = field.substr(end + 1);
  if (const size_t line_end = rest.find(')'); rest.rfind(" (line ", 0) == 0 && line_end != std::string::npos) {
    rest.erase(0, line_end + 1);
  }
  const DocumentCommitment& line = document.commitments(index);
  return absl::StrCat(NameOfFile(file), ":", line.line(), line.column() > 0 ? absl::StrCat(":", line.column()) : "",
                      rest.empty() ? "" : ": ", rest.empty() ? "" : rest.substr(1));
}

void NoteAmbiguous(const v1::ImportPlanResponse& response, std::ostream& notes) {
  const int count = response.ambiguous_lines_size();
  if (count == 0) return;
  notes << count << (count == 1 ? " line fits" : " lines fit")
        << " several datasets; the plan cannot be published until `almanac plan link` has said which one "
        << (count == 1 ? "it is" : "each is") << " about\n";
}

absl::Status NameLines(const absl::Status& status, const std::string& file, const v1::PlanDocument& document) {
  return RenameFields(status, [&](const std::string& field) { return NameLine(field, file, document); });
}

}  // namespace almanac::client
