#include "client/documents/plan_frame.h"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/documents/plan_date.h"
#include "client/documents/plan_warning.h"
#include "client/documents/unicode_text.h"

namespace almanac::client {
namespace {

// A shorter line cannot hold a date with its words, a longer one is too long for a heading in any script.
constexpr std::size_t kMinHeadingBytes = 8;
constexpr std::size_t kMaxHeadingBytes = 8 * kMaxTitleCharacters;

bool CanBeHeading(const TextLine& line) {
  return line.text.size() >= kMinHeadingBytes && line.text.size() <= kMaxHeadingBytes;
}

absl::Status NoPlan(std::span<const TextLine> lines) {
  std::string message = "this is no release plan: looked for a heading such as ";
  for (const PlanLanguage& language : PlanLanguages()) {
    absl::StrAppend(&message, &language == PlanLanguages().data() ? "\"" : " or \"",
                    std::string(language.title_example), "\"");
  }
  for (const TextLine& line : lines) {
    const std::string_view text = TrimSpaces(line.text);
    if (text.empty()) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(message, ", found none in ", lines.size(), " lines that begin with: ", Abbreviate(text, 60)));
  }
  return absl::InvalidArgumentError(absl::StrCat(message, ", but the file has no text"));
}

absl::Status SetPeriod(const TextLine& line, const TextPattern::Groups& years, v1::PlanDocument* document) {
  const auto refuse = [&](std::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat("line ", line.number, ": the years of the plan: ", std::string(why),
                                                   ": ", std::string(TrimSpaces(line.text))));
  };
  const absl::StatusOr<int> start = ReadYear(years[0]);
  const absl::StatusOr<int> end = ReadYear(years[1]);
  if (!start.ok()) return refuse(std::string(start.status().message()));
  if (!end.ok()) return refuse(std::string(end.status().message()));
  if (*start > *end) return refuse(absl::StrCat(*start, " is after ", *end));
  document->mutable_period()->set_start_year(*start);
  document->mutable_period()->set_end_year(*end);
  return absl::OkStatus();
}

// The first line above the heading of a plan names its publisher.
absl::Status ReadPublisher(std::span<const TextLine> above, const TextLine& title, v1::PlanDocument* document) {
  for (const TextLine& line : above) {
    const std::string_view text = TrimSpaces(line.text);
    if (text.empty()) continue;
    if (!document->publisher_title().empty()) {
      AddWarning(line, "a line between the publisher's name and the heading of the plan", document);
      continue;
    }
    if (absl::Status status = CheckHeading(line, "the publisher's name", text); !status.ok()) return status;
    document->set_publisher_title(std::string(text));
  }
  if (document->publisher_title().empty()) {
    AddWarning(title, "no line above the heading of the plan names the publisher", document);
  }
  return absl::OkStatus();
}

void SetPublished(const TextLine& line, const absl::StatusOr<std::string>& date, v1::PlanDocument* document) {
  if (date.ok()) {
    document->set_published_on(*date);
  } else {
    AddWarning(line, absl::StrCat("the date of publication: ", date.status().message()), document);
  }
}

// The last lines name the publisher again and the date of publication, in either order, one or both. Returns how many
// of `lines` stand above them.
std::size_t ReadFooter(std::span<const TextLine> lines, const PlanLanguage& language, v1::PlanDocument* document) {
  const DatePattern pattern(language.published_pattern);
  std::size_t body = lines.size();
  bool has_publisher = false;
  bool has_date = false;
  for (std::size_t end = lines.size(); end > 0; --end) {
    const TextLine& line = lines[end - 1];
    const std::string_view text = TrimSpaces(line.text);
    if (text.empty()) continue;
    if (!has_publisher && text == document->publisher_title()) {
      has_publisher = true;
    } else if (const auto date = CanBeHeading(line) ? pattern.MatchWhole(text) : std::nullopt; date && !has_date) {
      has_date = true;
      SetPublished(line, *date, document);
    } else {
      break;
    }
    body = end - 1;
  }
  return body;
}

}  // namespace

absl::StatusOr<PlanHeading> FindPlanHeading(std::span<const TextLine> lines) {
  std::vector<TextPattern> patterns;
  for (const PlanLanguage& language : PlanLanguages()) patterns.emplace_back(language.title_pattern);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!CanBeHeading(lines[i])) continue;
    for (std::size_t k = 0; k < patterns.size(); ++k) {
      auto years = patterns[k].MatchWhole(TrimSpaces(lines[i].text));
      if (years) return PlanHeading{.language = &PlanLanguages()[k], .index = i, .years = *std::move(years)};
    }
  }
  return NoPlan(lines);
}

absl::StatusOr<std::span<const TextLine>> ReadPlanFrame(std::span<const TextLine> lines, const PlanHeading& heading,
                                                        v1::PlanDocument* document) {
  const TextLine& line = lines[heading.index];
  const std::string_view title = TrimSpaces(line.text);
  absl::Status status = CheckHeading(line, "the heading of the plan", title);
  if (status.ok()) status = SetPeriod(line, heading.years, document);
  if (status.ok()) status = ReadPublisher(lines.first(heading.index), line, document);
  if (!status.ok()) return status;
  document->set_title(std::string(title));
  document->set_language(std::string(heading.language->tag));
  const std::span<const TextLine> below = lines.subspan(heading.index + 1);
  return below.first(ReadFooter(below, *heading.language, document));
}

}  // namespace almanac::client
