#include "service/validation.h"

#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/util/time_util.h>
#include <unicode/timezone.h>
#include <unicode/uchar.h>
#include <unicode/uloc.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "db/errors.h"
#include "db/names.h"
#include "google/rpc/error_details.pb.h"
#include "service/rules/dates.h"

namespace almanac::service {
namespace {

using almanac::v1::Commitment;
using db::FieldFault;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr size_t kMaxRequestId = 100;
constexpr size_t kMaxFormat = 32;
constexpr size_t kMaxTimeZone = 64;
constexpr int kMaxSections = 26;
constexpr int kMaxNumber = 99999;
constexpr size_t kMaxResourceBytes = 256 << 10;

absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

// The number of characters, or -1 if `text` is not UTF-8.
int64_t CountCharacters(std::string_view text) {
  int64_t count = 0;
  const auto size = static_cast<int32_t>(text.size());
  for (int32_t i = 0; i < size; ++count) {
    UChar32 character = 0;
    U8_NEXT(reinterpret_cast<const uint8_t*>(text.data()), i, size, character);
    if (character < 0) return -1;
  }
  return count;
}

// What is wrong with a text, or "".
std::string TextFault(std::string_view text, int max_characters) {
  if (text.find('\0') != std::string_view::npos) return "holds a NUL character; take it out";
  const int64_t characters = CountCharacters(text);
  if (characters < 0) return "is not UTF-8";
  if (characters > max_characters) {
    return absl::StrCat("has ", characters, " characters; at most ", max_characters, " are allowed");
  }
  return "";
}

// Whether a reader would see nothing of `text`, which is UTF-8.
bool IsBlank(std::string_view text) {
  const auto size = static_cast<int32_t>(text.size());
  for (int32_t i = 0; i < size;) {
    UChar32 character = 0;
    U8_NEXT(reinterpret_cast<const uint8_t*>(text.data()), i, size, character);
    if (character < 0 || u_isgraph(character)) return false;
  }
  return true;
}

// What is wrong with a BCP-47 tag, or "". Only the canonical form is a tag here: else one language would be two.
std::string LanguageFault(const std::string& tag) {
  char locale[ULOC_FULLNAME_CAPACITY];
  char canonical[ULOC_FULLNAME_CAPACITY];
  int32_t parsed = 0;
  UErrorCode error = U_ZERO_ERROR;
  uloc_forLanguageTag(tag.c_str(), locale, sizeof(locale), &parsed, &error);
  const bool is_tag = U_SUCCESS(error) && !tag.empty() && parsed == static_cast<int32_t>(tag.size());
  if (is_tag) uloc_toLanguageTag(locale, canonical, sizeof(canonical), /*strict=*/true, &error);
  if (!is_tag || U_FAILURE(error)) return "is not a BCP-47 language tag such as en or zh-Hans-HK";
  return tag == canonical ? "" : absl::StrCat("is not a BCP-47 language tag in its canonical form: write ", canonical);
}

// Whether `name` is a zone of the IANA database. Only what ICU knows is given to Abseil, which would open any file by
// that name and remember each name for ever.
bool IsTimeZone(const std::string& name) {
  if (name.empty() || name.size() > kMaxTimeZone || name.find('\0') != std::string::npos) return false;
  icu::UnicodeString canonical;
  UBool is_known = false;
  UErrorCode error = U_ZERO_ERROR;
  icu::TimeZone::getCanonicalID(icu::UnicodeString::fromUTF8(name), canonical, is_known, error);
  absl::TimeZone zone;
  return U_SUCCESS(error) && is_known && absl::LoadTimeZone(name, &zone);
}

// Finds faults in what stands under one path of a request.
class Checker {
 public:
  Checker(std::string path, std::vector<FieldFault>& faults) : path_(std::move(path)), faults_(faults) {}

  void Fault(std::string_view field, std::string_view description) {
    faults_.push_back(
        {path_.empty() ? std::string(field) : absl::StrCat(path_, ".", View(field)), std::string(description)});
  }

  // A resource is not larger than a page of them can bear.
  void Size(size_t bytes) {
    if (bytes > kMaxResourceBytes) {
      faults_.push_back({path_, absl::StrCat("has ", bytes, " bytes in all; at most ", kMaxResourceBytes,
                                             " are allowed: shorten its texts")});
    }
  }

  void Text(std::string_view field, std::string_view text, int max_characters) {
    if (const std::string fault = TextFault(text, max_characters); !fault.empty()) Fault(field, fault);
  }

  void RequiredText(std::string_view field, std::string_view text, int max_characters) {
    if (IsBlank(text)) Fault(field, "is required");
    Text(field, text, max_characters);
  }

  void Texts(std::string_view field, const google::protobuf::Map<std::string, std::string>& texts, int max_characters) {
    if (texts.size() > kMaxLanguages) {
      return Fault(field, absl::StrCat("has ", texts.size(), " languages; at most ", kMaxLanguages, " are allowed"));
    }
    for (const auto& [language, text] : texts) {
      const std::string entry = absl::StrCat(View(field), "[\"", db::Excerpt(language, 50), "\"]");
      if (const std::string fault = LanguageFault(language); !fault.empty()) Fault(entry, fault);
      if (IsBlank(text)) Fault(entry, "is empty; leave the language out instead");
      Text(entry, text, max_characters);
    }
  }

  void RequiredTexts(std::string_view field, const google::protobuf::Map<std::string, std::string>& texts,
                     int max_characters) {
    if (texts.empty()) Fault(field, "is required: a text for at least one language");
    Texts(field, texts, max_characters);
  }

  void Date(std::string_view field, std::string_view date) {
    if (!date.empty() && !rules::ParseDate(date)) {
      Fault(field, absl::StrCat("\"", db::Excerpt(date, 40),
                                "\" is not a date: give a day 2022-06-30, a month 2022-06, a quarter 2022-Q2 or a year "
                                "2022, from 1900 on"));
    }
  }

  void Url(std::string_view field, std::string_view url) {
    if (url.empty()) return;
    Text(field, url, kMaxUrl);
    const size_t scheme = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : url.size();
    const bool has_gap =
        std::any_of(url.begin(), url.end(), [](char c) { return absl::ascii_isspace(c) || absl::ascii_iscntrl(c); });
    if (scheme >= url.size() || has_gap) Fault(field, "is not an http or https URL");
  }

  void Formats(const google::protobuf::RepeatedPtrField<std::string>& formats) {
    if (formats.size() > kMaxFormats) return Fault("formats", absl::StrCat("has more than ", kMaxFormats, " entries"));
    for (const std::string& format : formats) {
      const bool is_code =
          !format.empty() && format.size() <= kMaxFormat && std::all_of(format.begin(), format.end(), [](char c) {
            return absl::ascii_isupper(c) || absl::ascii_isdigit(c) || absl::StrContains("+.-_", c);
          });
      if (!is_code) Fault("formats", absl::StrCat("\"", db::Excerpt(format, 40), "\" is not a format such as CSV"));
    }
  }

  void FormerTitles(const google::protobuf::RepeatedPtrField<almanac::v1::FormerTitle>& titles) {
    if (titles.size() > kMaxFormerTitles) {
      return Fault("former_titles", absl::StrCat("has more than ", kMaxFormerTitles));
    }
    for (int i = 0; i < titles.size(); ++i) {
      const std::string entry = absl::StrCat("former_titles[", i, "]");
      if (const std::string fault = LanguageFault(titles[i].language()); !fault.empty()) {
        Fault(absl::StrCat(entry, ".language"), fault);
      }
      RequiredText(absl::StrCat(entry, ".text"), titles[i].text(), kMaxTitle);
    }
  }

  void Frequency(almanac::v1::Frequency frequency) {
    if (!almanac::v1::Frequency_IsValid(frequency)) Fault("frequency", "is not a value of the enum Frequency");
  }

  void Section(std::string_view field, std::string_view code) {
    if (code.size() != 1 || !absl::ascii_isupper(code[0])) Fault(field, "is not a letter A to Z");
  }

  void Number(int32_t number) {
    if (number < 1 || number > kMaxNumber) Fault("number", absl::StrCat("is not between 1 and ", kMaxNumber));
  }

  void Period(const almanac::v1::Period& period) {
    if (period.start_year() < 1900 || period.end_year() > 9999 || period.end_year() < period.start_year()) {
      Fault("period", absl::StrCat(period.start_year(), " to ", period.end_year(),
                                   " is not a span of years from 1900 to 9999, the first not after the last"));
    }
  }

 private:
  const std::string path_;
  std::vector<FieldFault>& faults_;
};

void CheckCancellation(const almanac::v1::DocumentCommitment& line, Checker& checker) {
  if (!line.release_date().empty()) {
    checker.Fault("cancellation", "stands beside a release_date; a promise is either kept or withdrawn");
  }
  if (!Commitment::Reason_IsValid(line.cancellation().reason())) {
    checker.Fault("cancellation.reason", "is not a value of the enum Commitment.Reason");
  }
  checker.RequiredText("cancellation.note", line.cancellation().note(), kMaxNote);
}

void CheckLine(const almanac::v1::DocumentCommitment& line, Checker& checker) {
  checker.Section("section", line.section());
  checker.Number(line.number());
  checker.RequiredText("title", line.title(), kMaxTitle);
  checker.Text("category", line.category(), kMaxTitle);
  checker.Text("frequency_text", line.frequency_text(), kMaxTitle);
  checker.Text("remark", line.remark(), kMaxRemark);
  checker.Frequency(line.frequency());
  checker.Formats(line.formats());
  checker.Date("target_date", line.target_date());
  checker.Date("release_date", line.release_date());
  checker.Date("last_update_date", line.last_update_date());
  if (line.target_date().empty() && line.release_date().empty()) {
    checker.Fault("target_date", "one of target_date and release_date is required");
  }
  checker.Url("landing_page", line.landing_page());
  if (line.has_cancellation()) CheckCancellation(line, checker);
  if (line.former_titles_size() > kMaxFormerTitles) {
    return checker.Fault("former_titles", absl::StrCat("has more than ", kMaxFormerTitles));
  }
  for (const std::string& title : line.former_titles()) checker.RequiredText("former_titles", title, kMaxTitle);
}

// CheckTexts for a message at `path`, which is empty for a request.
absl::Status CheckTextsUnder(const std::string& path, const Message& message) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  const bool is_map_entry = message.GetDescriptor()->options().map_entry();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const std::string name = is_map_entry   ? path
                             : path.empty() ? field->name()
                                            : absl::StrCat(path, ".", field->name());
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        const std::string text = field->is_repeated() ? reflection.GetRepeatedString(message, field, i)
                                                      : reflection.GetString(message, field);
        if (text.find('\0') != std::string::npos) {
          return db::InvalidField(name, "holds a NUL character; take it out");
        }
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        const bool is_list = field->is_repeated() && !field->is_map();
        const Message& inner = field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                                    : reflection.GetMessage(message, field);
        absl::Status status = CheckTextsUnder(is_list ? absl::StrCat(name, "[", i, "]") : name, inner);
        if (!status.ok()) return status;
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckText(std::string_view field, std::string_view text, int max_characters) {
  const std::string fault = TextFault(text, max_characters);
  return fault.empty() ? absl::OkStatus() : db::InvalidField(field, fault);
}

absl::Status CheckTexts(const Message& message) { return CheckTextsUnder("", message); }

absl::Status CheckRequestId(std::string_view request_id) {
  const bool printable =
      std::all_of(request_id.begin(), request_id.end(), [](char c) { return absl::ascii_isprint(c); });
  if (printable && request_id.size() <= kMaxRequestId) return absl::OkStatus();
  return db::InvalidField("request_id", "is not at most 100 printable ASCII characters, such as a UUID");
}

absl::Status CheckBatch(const google::protobuf::RepeatedPtrField<std::string>& names, std::string_view pattern) {
  if (names.empty() || names.size() > kMaxBatch) {
    return db::InvalidField("names", absl::StrCat("has ", names.size(), " names; give 1 to ", kMaxBatch));
  }
  for (int i = 0; i < names.size(); ++i) {
    if (absl::Status status = db::CheckName(absl::StrCat("names[", i, "]"), pattern, names[i]); !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<int> CheckSize(std::string_view field, int32_t asked, int by_default, int at_most) {
  if (asked < 0) return db::InvalidField(field, absl::StrCat(asked, " is negative; 0 means ", by_default));
  return asked == 0 ? by_default : std::min(asked, at_most);
}

absl::StatusOr<int> PageSize(int32_t page_size) {
  return CheckSize("page_size", page_size, kDefaultPageSize, kMaxPageSize);
}

absl::Status CheckDate(std::string_view field, std::string_view date) {
  std::vector<FieldFault> faults;
  Checker checker("", faults);
  if (date.empty()) checker.Fault(field, "is required: a day, month, quarter or year");
  checker.Date(field, date);
  return db::InvalidFields(faults);
}

absl::Status CheckDay(std::string_view field, std::string_view date) {
  const auto span = rules::ParseDate(date);
  if (span && span->is_day()) return absl::OkStatus();
  return db::InvalidField(field,
                          absl::StrCat("\"", db::Excerpt(date, 40), "\" is not an exact day such as 2022-06-30"));
}

absl::Status CheckOptionalDay(std::string_view field, std::string_view date) {
  return date.empty() ? absl::OkStatus() : CheckDay(field, date);
}

absl::Status CheckTime(std::string_view field, const google::protobuf::Timestamp& time) {
  using google::protobuf::util::TimeUtil;
  const bool is_valid = time.seconds() >= TimeUtil::kTimestampMinSeconds &&
                        time.seconds() <= TimeUtil::kTimestampMaxSeconds && time.nanos() >= 0 &&
                        time.nanos() < 1'000'000'000;
  return is_valid ? absl::OkStatus() : db::InvalidField(field, "is not a time between the years 1 and 9999");
}

absl::Status CheckReason(Commitment::Reason reason, std::string_view note) {
  std::vector<FieldFault> faults;
  Checker checker("", faults);
  if (reason == Commitment::REASON_UNSPECIFIED || !Commitment::Reason_IsValid(reason)) {
    checker.Fault("reason",
                  "is required: FUNDING, RESOURCES, PRIORITIES, APPROVALS, DEPENDENCY, DATA_QUALITY, PRIVACY or OTHER");
  }
  checker.RequiredText("note", note, kMaxNote);
  return db::InvalidFields(faults);
}

absl::Status CheckPublisher(const almanac::v1::Publisher& publisher) {
  std::vector<FieldFault> faults;
  Checker checker("publisher", faults);
  checker.RequiredTexts("titles", publisher.titles(), kMaxTitle);
  checker.Url("homepage", publisher.homepage());
  if (!IsTimeZone(publisher.time_zone())) {
    checker.Fault("time_zone", "is not an IANA time zone such as Asia/Hong_Kong");
  }
  return db::InvalidFields(faults);
}

absl::Status CheckDataset(const almanac::v1::Dataset& dataset) {
  std::vector<FieldFault> faults;
  Checker checker("dataset", faults);
  checker.RequiredTexts("titles", dataset.titles(), kMaxTitle);
  checker.Texts("categories", dataset.categories(), kMaxTitle);
  checker.Texts("remarks", dataset.remarks(), kMaxRemark);
  checker.FormerTitles(dataset.former_titles());
  checker.Frequency(dataset.frequency());
  checker.Texts("frequency_texts", dataset.frequency_texts(), kMaxTitle);
  checker.Formats(dataset.formats());
  checker.Url("landing_page", dataset.landing_page());
  checker.Date("release_date", dataset.release_date());
  checker.Date("last_update_date", dataset.last_update_date());
  checker.Size(dataset.ByteSizeLong());
  return db::InvalidFields(faults);
}

absl::Status CheckPlan(const almanac::v1::ReleasePlan& plan) {
  std::vector<FieldFault> faults;
  Checker checker("release_plan", faults);
  checker.Texts("titles", plan.titles(), kMaxTitle);
  checker.Period(plan.period());
  checker.Date("published_on", plan.published_on());
  if (plan.sections_size() > kMaxSections) {
    checker.Fault("sections", "has more than 26 entries");
    return db::InvalidFields(faults);
  }
  std::set<std::string> seen;
  for (int i = 0; i < plan.sections_size(); ++i) {
    const auto& section = plan.sections(i);
    const std::string entry = absl::StrCat("sections[", i, "]");
    checker.Section(absl::StrCat(entry, ".code"), section.code());
    if (!seen.insert(section.code()).second) checker.Fault(absl::StrCat(entry, ".code"), "is there twice");
    checker.Texts(absl::StrCat(entry, ".titles"), section.titles(), kMaxTitle);
    checker.Texts(absl::StrCat(entry, ".notes"), section.notes(), kMaxTitle);
  }
  checker.Size(plan.ByteSizeLong());
  return db::InvalidFields(faults);
}

absl::Status CheckCommitment(const Commitment& commitment) {
  std::vector<FieldFault> faults;
  Checker checker("commitment", faults);
  checker.Section("section", commitment.section());
  checker.Number(commitment.number());
  checker.Texts("titles", commitment.titles(), kMaxTitle);
  checker.Texts("categories", commitment.categories(), kMaxTitle);
  checker.Texts("remarks", commitment.remarks(), kMaxRemark);
  checker.Frequency(commitment.frequency());
  checker.Texts("frequency_texts", commitment.frequency_texts(), kMaxTitle);
  checker.Formats(commitment.formats());
  checker.FormerTitles(commitment.former_titles());
  checker.Date("last_update_date", commitment.last_update_date());
  checker.Date("target_date", commitment.target_date());
  checker.Date("release_date", commitment.release_date());
  if (commitment.target_date().empty() && commitment.release_date().empty()) {
    checker.Fault("target_date", "is required: a day, month, quarter or year");
  }
  if (absl::Status name = db::CheckName("dataset", db::kDatasetPattern, commitment.dataset()); !name.ok()) {
    checker.Fault("dataset", "is required: a name like publishers/{publisher}/datasets/{dataset}");
  }
  size_t history = 0;
  for (const auto& move : commitment.reschedules()) history += move.ByteSizeLong();
  checker.Size(commitment.ByteSizeLong() - history);
  return db::InvalidFields(faults);
}

absl::Status CheckDocument(const almanac::v1::PlanDocument& document) {
  std::vector<FieldFault> faults;
  Checker checker("document", faults);
  checker.RequiredText("publisher_title", document.publisher_title(), kMaxTitle);
  checker.Text("title", document.title(), kMaxTitle);
  checker.Period(document.period());
  checker.Date("published_on", document.published_on());
  if (const std::string fault = LanguageFault(document.language()); !fault.empty()) checker.Fault("language", fault);
  if (document.sections_size() > kMaxSections) {
    checker.Fault("sections", "has more than 26 entries");
    return db::InvalidFields(faults);
  }
  std::set<std::string> sections;
  for (int i = 0; i < document.sections_size(); ++i) {
    const std::string entry = absl::StrCat("sections[", i, "]");
    const std::string& code = document.sections(i).code();
    checker.Section(absl::StrCat(entry, ".code"), code);
    if (!sections.insert(code).second) checker.Fault(absl::StrCat(entry, ".code"), "is there twice");
    checker.Text(absl::StrCat(entry, ".title"), document.sections(i).title(), kMaxTitle);
    checker.Text(absl::StrCat(entry, ".note"), document.sections(i).note(), kMaxTitle);
  }
  if (document.commitments_size() == 0) checker.Fault("commitments", "is empty: a plan has at least one line");
  if (document.commitments_size() > kMaxDocumentLines) {
    checker.Fault("commitments", absl::StrCat("has ", document.commitments_size(), " lines; at most ",
                                              kMaxDocumentLines, " are allowed"));
    return db::InvalidFields(faults);
  }
  for (int i = 0; i < document.commitments_size(); ++i) {
    const auto& line = document.commitments(i);
    Checker line_checker(
        absl::StrCat("document.commitments[", i, "]", line.line() > 0 ? absl::StrCat(" (line ", line.line(), ")") : ""),
        faults);
    CheckLine(line, line_checker);
  }
  return db::InvalidFields(faults);
}

absl::Status ApplyMask(const google::protobuf::FieldMask& mask, const Message& patch, std::string_view settable,
                       Message* current) {
  const google::protobuf::Descriptor& type = *patch.GetDescriptor();
  const google::protobuf::Reflection& reflection = *patch.GetReflection();
  const std::vector<std::string> allowed = absl::StrSplit(View(settable), ' ');
  std::set<std::string> paths(mask.paths().begin(), mask.paths().end());
  if (paths == std::set<std::string>{"*"}) paths = {allowed.begin(), allowed.end()};
  if (mask.paths().empty()) {
    std::vector<const FieldDescriptor*> set;
    reflection.ListFields(patch, &set);
    for (const FieldDescriptor* field : set) {
      if (std::find(allowed.begin(), allowed.end(), field->name()) != allowed.end()) paths.insert(field->name());
    }
  }
  const std::unique_ptr<Message> source(patch.New());
  source->CopyFrom(patch);
  for (const std::string& path : paths) {
    if (std::find(allowed.begin(), allowed.end(), path) == allowed.end()) {
      return db::InvalidField("update_mask", absl::StrCat("\"", db::Excerpt(path, 100), "\" is not a field of ",
                                                          type.name(), " that can be set; those are ", View(settable)));
    }
    const FieldDescriptor* field = type.FindFieldByName(path);
    reflection.ClearField(current, field);
    reflection.SwapFields(current, source.get(), {field});
  }
  return absl::OkStatus();
}

}  // namespace almanac::service
