#include "client/hit_output.h"

#include <algorithm>
#include <map>
#include <ostream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/highlight.h"
#include "client/names.h"
#include "client/text_width.h"
#include "client/values.h"

namespace almanac::client {
namespace {

using v1::DatasetHit;
using v1::TextMatch;

constexpr char kTitles[] = "titles";
constexpr std::pair<const char*, const char*> kSingulars[] = {
    {kTitles, "title"}, {"former_titles", "former title"}, {"categories", "category"}, {"remarks", "remark"}};
constexpr int kIndent = 4;
constexpr int kLeastWidth = 20;

// The field without the language or the place, and the language: `titles` and `en`.
std::pair<std::string, std::string> PartsOf(const std::string& field) {
  const size_t end = std::min(field.find_first_of(".["), field.size());
  const bool has_language = end < field.size() && field[end] == '.';
  return {field.substr(0, end), has_language ? field.substr(end + 1) : ""};
}

// Of the texts in which the words are, one of each field, in the order of the fields.
std::vector<const TextMatch*> ShownMatches(const DatasetHit& hit, const Language& language) {
  std::vector<std::string> fields;
  std::map<std::string, google::protobuf::Map<std::string, std::string>> languages;
  for (const TextMatch& match : hit.matches()) {
    const auto [field, tag] = PartsOf(match.field());
    if (languages.count(field) == 0) fields.push_back(field);
    languages[field][tag] = match.field();
  }
  std::vector<const TextMatch*> shown;
  for (const std::string& field : fields) {
    const std::string wanted = language.Pick(languages[field]);
    shown.push_back(&*std::find_if(hit.matches().begin(), hit.matches().end(),
                                   [&wanted](const TextMatch& match) { return match.field() == wanted; }));
  }
  return shown;
}

// The row of a list of any format but the table.
Row RowOf(const DatasetHit& hit, const Printer& printer) {
  if (printer.format() == Format::kName) return {&hit.dataset(), {}};
  if (printer.format() != Format::kCsv) return {&hit, {}};
  const std::vector<const TextMatch*> matches = ShownMatches(hit, printer.style().language);
  const bool has_match = !matches.empty();
  return {&hit,
          {hit.dataset().name(), printer.style().language.Pick(hit.dataset().titles()),
           has_match ? matches.front()->field() : "", has_match ? TextOf(matches.front()->pieces()) : ""}};
}

}  // namespace

std::string FieldWords(const std::string& field) {
  auto [words, language] = PartsOf(field);
  for (const auto& [name, singular] : kSingulars) {
    if (words == name) words = singular;
  }
  return absl::StrCat(words, language.empty() ? "" : " ", language);
}

HitOutput::HitOutput(Session& session, bool highlight) : session_(session), highlight_(highlight) {
  if (session.printer.format() == Format::kTable) return;
  writer_ = session.printer.MakeWriter({{"NAME"}, {"TITLE"}, {"FOUND IN"}, {"TEXT"}});
}

void HitOutput::BeginPage(const v1::SearchDatasetsResponse& page) {
  if (std::exchange(told_corrections_, true)) return;
  for (const v1::Correction& correction : page.corrections()) {
    session_.notes << OneLine(correction.word()) << ": searched for "
                   << OneLine(absl::StrJoin(correction.replacements(), " or ")) << "\n";
  }
}

void HitOutput::Add(const google::protobuf::RepeatedPtrField<DatasetHit>& hits) {
  std::vector<Row> rows;
  for (const DatasetHit& hit : hits) {
    if (writer_ == nullptr) {
      PrintBlock(hit);
    } else {
      rows.push_back(RowOf(hit, session_.printer));
    }
  }
  if (writer_ != nullptr) writer_->Write(rows);
}

void HitOutput::Finish() {
  if (writer_ != nullptr) writer_->Finish();
}

void HitOutput::PrintText(const std::string& label,
                          const google::protobuf::RepeatedPtrField<v1::TextPiece>& text) const {
  const int width = session_.printer.width();
  const int indent = kIndent + DisplayWidth(label);
  std::string before = std::string(kIndent, ' ') + label;
  for (const std::string& line : LinesOf(text, width > 0 ? std::max(kLeastWidth, width - indent) : 0, highlight_)) {
    session_.printer.out() << before << line << '\n';
    before.assign(static_cast<size_t>(indent), ' ');
  }
}

void HitOutput::PrintBlock(const DatasetHit& hit) const {
  const Language& language = session_.printer.style().language;
  session_.printer.out() << DatasetNames().Short(hit.dataset().name()) << '\n';
  const std::vector<const TextMatch*> matches = ShownMatches(hit, language);
  const bool is_title = !matches.empty() && PartsOf(matches.front()->field()).first == kTitles;
  if (!is_title) {
    google::protobuf::RepeatedPtrField<v1::TextPiece> title;
    title.Add()->set_text(language.Pick(hit.dataset().titles()));
    PrintText("", title);
  }
  for (const TextMatch* match : matches) PrintText(absl::StrCat(FieldWords(match->field()), ": "), match->pieces());
}

absl::Status PrintNone(Session& session, HitOutput& output) {
  output.Finish();
  if (session.printer.format() != Format::kTable) return absl::OkStatus();
  session.notes
      << "there are none: every word must be in one text or another of the same dataset. Try fewer words, the "
         "beginning of one,\nanother language, or leave out --publisher and --filter\n";
  return absl::OkStatus();
}

}  // namespace almanac::client
