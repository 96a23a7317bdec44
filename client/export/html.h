// HTML that is well-formed XML too, whatever the texts in it are.
#ifndef ALMANAC_CLIENT_EXPORT_HTML_H_
#define ALMANAC_CLIENT_EXPORT_HTML_H_

#include <google/protobuf/map.h>

#include <string>
#include <string_view>
#include <vector>

#include "client/values.h"

namespace almanac::client {

// `text` as it can stand between tags and in quoted attributes. What no page may hold, such as control characters and
// bytes that are not UTF-8, becomes the replacement character.
std::string Escape(std::string_view text);

// `text` in an element that names its language, so that it gets its fonts, and keeps its direction to itself. An empty
// tag names none.
std::string InLanguage(const std::string& tag, std::string_view text);

// The one of `texts` that `language` picks, as InLanguage.
std::string PickHtml(const google::protobuf::Map<std::string, std::string>& texts, const Language& language);

// A date of the catalogue for people and, where HTML knows its precision, for machines.
std::string DateHtml(const std::string& date);

// A column of a table.
struct HtmlColumn {
  std::string label;
  // Whether its cells are numbers.
  bool number = false;
};

// A table of rows of cells, which are HTML already; the first cell of a row names it. On a narrow screen each row
// becomes a card, in which the cells have the labels of their columns. `look` is a class of the style sheet, or empty.
std::string TableHtml(const std::string& caption, const std::vector<HtmlColumn>& columns,
                      const std::vector<std::vector<std::string>>& rows, const std::string& look = "");

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_EXPORT_HTML_H_
