#include "service/rules/document_lines.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "db/errors.h"
#include "service/rules/dates.h"
#include "service/titles.h"
#include "service/validation.h"

namespace almanac::service::rules {
namespace {

using almanac::v1::Commitment;
using almanac::v1::Dataset;
using almanac::v1::DocumentCommitment;
using almanac::v1::FieldChange;
using google::protobuf::FieldDescriptor;

std::string TextIn(const Texts& texts, const std::string& language) {
  const auto found = texts.find(language);
  return found == texts.end() ? "" : found->second;
}

// Whether the plan itself lists the line as released, or nothing has happened to the promise yet: then the document
// alone says what its dates are.
bool DatesAreTheDocuments(const Commitment& commitment) {
  return (commitment.state() == Commitment::RELEASED && !commitment.has_outcome()) ||
         (commitment.state() == Commitment::PLANNED && commitment.reschedules_size() == 0) ||
         commitment.state() == Commitment::STATE_UNSPECIFIED;
}

absl::Status Contradiction(const Commitment& commitment, const DocumentCommitment& line, std::string_view what) {
  return db::FailedPrecondition(
      "LINE_CONTRADICTS_HISTORY", commitment.name(),
      absl::StrCat(Describe(line), " gives a ", absl::string_view(what.data(), what.size()), ", but ",
                   commitment.name(), " is ", Commitment::State_Name(commitment.state()),
                   "; correct the document or, in a draft, delete the line and import it again"));
}

// OK if the commitment is released when the line says that it was.
absl::Status CheckReleaseAgrees(const DocumentCommitment& line, const Commitment& commitment) {
  const bool agrees = commitment.state() == Commitment::RELEASED &&
                      ParseDate(line.release_date())->contains(ParseDate(commitment.release_date())->first);
  return agrees ? absl::OkStatus() : Contradiction(commitment, line, "release date");
}

absl::Status ApplyTarget(const DocumentCommitment& line, Commitment* commitment) {
  if (commitment->first_target_date() == line.target_date()) return absl::OkStatus();
  if (DatesAreTheDocuments(*commitment)) {
    commitment->set_state(Commitment::PLANNED);
    commitment->clear_release_date();
    commitment->set_target_date(line.target_date());
  } else if (!IsOpen(*commitment)) {
    return Contradiction(*commitment, line, "new target date");
  }
  commitment->set_first_target_date(line.target_date());
  return absl::OkStatus();
}

// A line that was never promised here: the plan lists it as released.
absl::Status ApplyListedRelease(const DocumentCommitment& line, Commitment* commitment) {
  if (!DatesAreTheDocuments(*commitment)) return CheckReleaseAgrees(line, *commitment);
  commitment->set_state(Commitment::RELEASED);
  commitment->set_release_date(line.release_date());
  commitment->clear_first_target_date();
  commitment->clear_target_date();
  return absl::OkStatus();
}

absl::Status ApplyDates(const DocumentCommitment& line, Commitment* commitment) {
  if (line.target_date().empty()) return ApplyListedRelease(line, commitment);
  if (absl::Status target = ApplyTarget(line, commitment); !target.ok()) return target;
  if (line.has_cancellation() && commitment->state() == Commitment::RELEASED) {
    return Contradiction(*commitment, line, "cancellation");
  }
  if (line.release_date().empty()) return absl::OkStatus();
  if (!IsOpen(*commitment)) return CheckReleaseAgrees(line, *commitment);
  absl::StatusOr<Commitment> released = Release(*commitment, line.release_date());
  if (!released.ok()) return released.status();
  *commitment = *std::move(released);
  return absl::OkStatus();
}

// Takes back how the promise ended; its moves stay.
void ForgetTheEnd(Commitment* commitment) {
  commitment->set_state(Commitment::PLANNED);
  commitment->clear_release_date();
  commitment->clear_outcome();
  commitment->clear_cancellation();
  commitment->clear_confirm_date();
}

std::string FieldText(const DocumentCommitment& line, const FieldDescriptor* field) {
  const google::protobuf::Reflection& reflection = *line.GetReflection();
  if (field->is_repeated()) {
    std::vector<std::string> texts;
    for (int i = 0; i < reflection.FieldSize(line, field); ++i) {
      texts.push_back(reflection.GetRepeatedString(line, field, i));
    }
    return absl::StrJoin(texts, ", ");
  }
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection.GetString(line, field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection.GetEnum(line, field)->name();
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return line.cancellation().note();
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(line, field) ? "true" : "false";
    default:
      return absl::StrCat(reflection.GetInt32(line, field));
  }
}

void AddTextIfAbsent(const std::string& language, const std::string& text, Texts* texts) {
  if (!text.empty()) texts->insert({language, text});
}

}  // namespace

void SetText(Texts* texts, const std::string& language, const std::string& text) {
  if (text.empty())
    texts->erase(language);
  else
    (*texts)[language] = text;
}

void SetFormerTitles(const DocumentCommitment& line, const std::string& language,
                     google::protobuf::RepeatedPtrField<almanac::v1::FormerTitle>* titles) {
  std::vector<std::string> known;
  for (const auto& title : *titles) {
    if (title.language() == language) known.push_back(title.text());
  }
  if (std::equal(known.begin(), known.end(), line.former_titles().begin(), line.former_titles().end())) return;
  titles->erase(
      std::remove_if(titles->begin(), titles->end(), [&](const auto& title) { return title.language() == language; }),
      titles->end());
  for (const std::string& text : line.former_titles()) {
    auto* title = titles->Add();
    title->set_language(language);
    title->set_text(text);
  }
}

void AddFormerTitle(const std::string& language, const std::string& text, Dataset* dataset) {
  const std::string key = TitleKey(text);
  for (const auto& title : dataset->former_titles()) {
    if (title.language() == language && TitleKey(title.text()) == key) return;
  }
  auto* title = dataset->add_former_titles();
  title->set_language(language);
  title->set_text(text);
  auto& titles = *dataset->mutable_former_titles();
  if (titles.size() > kMaxFormerTitles) titles.erase(titles.begin());
}

std::string Describe(const DocumentCommitment& line) {
  return absl::StrCat("line ", line.line(), " (", line.section(), line.number(), " ",
                      db::Excerpt(line.title(), kShownTitle), ")");
}

absl::StatusOr<Commitment> ApplyLine(Commitment commitment, const DocumentCommitment& line,
                                     const std::string& language) {
  commitment.set_section(line.section());
  commitment.set_number(line.number());
  SetText(commitment.mutable_titles(), language, line.title());
  SetText(commitment.mutable_categories(), language, line.category());
  SetText(commitment.mutable_remarks(), language, line.remark());
  commitment.set_frequency(line.frequency());
  SetText(commitment.mutable_frequency_texts(), language, line.frequency_text());
  *commitment.mutable_formats() = line.formats();
  SetFormerTitles(line, language, commitment.mutable_former_titles());
  commitment.set_discontinued(line.discontinued());
  commitment.set_last_update_date(line.last_update_date());
  const bool was_deleted = commitment.has_delete_time();
  commitment.clear_delete_time();
  absl::Status dates = ApplyDates(line, &commitment);
  if (!dates.ok() && was_deleted) {
    ForgetTheEnd(&commitment);
    dates = ApplyDates(line, &commitment);
  }
  if (!dates.ok()) return dates;
  return commitment;
}

absl::StatusOr<Commitment> ApplyCancellation(Commitment commitment, const DocumentCommitment& line,
                                             Justification import) {
  if (!line.has_cancellation() || commitment.state() == Commitment::CANCELLED) return commitment;
  const Commitment::Reason reason = line.cancellation().reason();
  import.reason = reason == Commitment::REASON_UNSPECIFIED ? Commitment::OTHER : reason;
  import.note = line.cancellation().note();
  return Cancel(std::move(commitment), import);
}

DocumentCommitment LineOf(const Commitment& commitment, const std::string& language) {
  DocumentCommitment line;
  line.set_section(commitment.section());
  line.set_number(commitment.number());
  line.set_category(TextIn(commitment.categories(), language));
  line.set_title(TextIn(commitment.titles(), language));
  line.set_target_date(commitment.first_target_date());
  if (commitment.first_target_date().empty()) line.set_release_date(commitment.release_date());
  line.set_frequency(commitment.frequency());
  line.set_frequency_text(TextIn(commitment.frequency_texts(), language));
  *line.mutable_formats() = commitment.formats();
  line.set_remark(TextIn(commitment.remarks(), language));
  for (const auto& title : commitment.former_titles()) {
    if (title.language() == language) line.add_former_titles(title.text());
  }
  line.set_discontinued(commitment.discontinued());
  line.set_last_update_date(commitment.last_update_date());
  return line;
}

std::vector<FieldChange> DiffLines(const DocumentCommitment& before, const DocumentCommitment& after) {
  std::vector<FieldChange> changes;
  const google::protobuf::Descriptor& type = *DocumentCommitment::descriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    if (field->number() == DocumentCommitment::kLineFieldNumber) continue;
    if (field->number() == DocumentCommitment::kColumnFieldNumber) continue;
    const std::string old_text = FieldText(before, field);
    const std::string new_text = FieldText(after, field);
    if (old_text == new_text) continue;
    FieldChange change;
    change.set_field(field->name());
    change.set_before(old_text);
    change.set_after(new_text);
    changes.push_back(change);
  }
  return changes;
}

std::vector<FieldChange> DiffCommitments(const Commitment& before, const Commitment& after,
                                         const std::string& language) {
  const auto line_with_its_end = [&](const Commitment& commitment) {
    DocumentCommitment line = LineOf(commitment, language);
    line.set_release_date(commitment.release_date());
    line.mutable_cancellation()->set_note(commitment.cancellation().note());
    return line;
  };
  return DiffLines(line_with_its_end(before), line_with_its_end(after));
}

Dataset ApplyToDataset(Dataset dataset, const DocumentCommitment& line, const std::string& language) {
  const std::string old_title = TextIn(dataset.titles(), language);
  if (!old_title.empty() && TitleKey(old_title) != TitleKey(line.title()))
    AddFormerTitle(language, old_title, &dataset);
  for (const std::string& title : line.former_titles()) AddFormerTitle(language, title, &dataset);
  SetText(dataset.mutable_titles(), language, line.title());
  SetText(dataset.mutable_categories(), language, line.category());
  SetText(dataset.mutable_remarks(), language, line.remark());
  dataset.set_frequency(line.frequency());
  SetText(dataset.mutable_frequency_texts(), language, line.frequency_text());
  *dataset.mutable_formats() = line.formats();
  if (dataset.release_date().empty()) dataset.set_release_date(line.release_date());
  dataset.set_discontinued(line.discontinued());
  if (!line.last_update_date().empty()) dataset.set_last_update_date(line.last_update_date());
  if (!line.landing_page().empty()) dataset.set_landing_page(line.landing_page());
  return dataset;
}

Dataset ApplyEarlierLine(Dataset dataset, const DocumentCommitment& line, const std::string& language) {
  AddTextIfAbsent(language, line.title(), dataset.mutable_titles());
  AddTextIfAbsent(language, line.category(), dataset.mutable_categories());
  AddTextIfAbsent(language, line.remark(), dataset.mutable_remarks());
  AddTextIfAbsent(language, line.frequency_text(), dataset.mutable_frequency_texts());
  if (TitleKey(dataset.titles().at(language)) != TitleKey(line.title()))
    AddFormerTitle(language, line.title(), &dataset);
  if (dataset.release_date().empty()) dataset.set_release_date(line.release_date());
  if (dataset.landing_page().empty()) dataset.set_landing_page(line.landing_page());
  return dataset;
}

}  // namespace almanac::service::rules
