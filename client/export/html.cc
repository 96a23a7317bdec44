#include "client/export/html.h"

#include <utf8proc.h>

#include "absl/strings/str_cat.h"
#include "client/date_span.h"

namespace almanac::client {
namespace {

constexpr std::string_view kReplacement = "\uFFFD";

// Whether XML allows the character, and HTML in it.
bool Allowed(utf8proc_int32_t code) {
  if (code == '\n' || code == '\t') return true;
  const bool no_character = (code & 0xFFFE) == 0xFFFE || (code >= 0xFDD0 && code <= 0xFDEF);
  return code >= 0 && !no_character && utf8proc_category(code) != UTF8PROC_CATEGORY_CC;
}

std::string_view Entity(utf8proc_int32_t code) {
  switch (code) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    case '\r':
      return " ";
    default:
      return "";
  }
}

}  // namespace

std::string Escape(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  while (!text.empty()) {
    utf8proc_int32_t code = -1;
    const utf8proc_ssize_t length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                                     static_cast<utf8proc_ssize_t>(text.size()), &code);
    const std::string_view character = text.substr(0, length > 0 ? static_cast<size_t>(length) : 1);
    text.remove_prefix(character.size());
    const std::string_view entity = Entity(code);
    if (!entity.empty()) {
      escaped += entity;
    } else {
      escaped += length > 0 && Allowed(code) ? character : kReplacement;
    }
  }
  return escaped;
}

std::string InLanguage(const std::string& tag, std::string_view text) {
  const std::string lang = tag.empty() ? "" : absl::StrCat(" lang=\"", Escape(tag), "\"");
  return absl::StrCat("<span", lang, " dir=\"auto\">", Escape(text), "</span>");
}

std::string PickHtml(const google::protobuf::Map<std::string, std::string>& texts, const Language& language) {
  return InLanguage(language.PickTag(texts), language.Pick(texts));
}

std::string DateHtml(const std::string& date) {
  const std::string words = Escape(DateWords(date));
  const bool quarter = date.find('Q') != std::string::npos;
  if (quarter || !ParseDateSpan(date).has_value()) return words;
  return absl::StrCat("<time datetime=\"", date, "\">", words, "</time>");
}

std::string TableHtml(const std::string& caption, const std::vector<HtmlColumn>& columns,
                      const std::vector<std::vector<std::string>>& rows, const std::string& look) {
  const auto number = [&columns](size_t i) { return columns[i].number ? " class=\"number\"" : ""; };
  std::string html = absl::StrCat(look.empty() ? "<table>" : absl::StrCat("<table class=\"", look, "\">"),
                                  "\n<caption>", caption, "</caption>\n<thead><tr>");
  for (size_t i = 0; i < columns.size(); ++i) {
    absl::StrAppend(&html, "<th scope=\"col\"", number(i), ">", columns[i].label, "</th>");
  }
  absl::StrAppend(&html, "</tr></thead>\n<tbody>\n");
  for (const std::vector<std::string>& row : rows) {
    absl::StrAppend(&html, "<tr><th scope=\"row\"", number(0), ">", row[0], "</th>");
    for (size_t i = 1; i < columns.size(); ++i) {
      absl::StrAppend(&html, "<td", number(i), " data-label=\"", columns[i].label, "\">", row[i], "</td>");
    }
    absl::StrAppend(&html, "</tr>\n");
  }
  absl::StrAppend(&html, "</tbody>\n</table>\n");
  return html;
}

}  // namespace almanac::client
