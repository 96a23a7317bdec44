#include "client/highlight.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "client/text_width.h"

namespace almanac::client {
namespace {

constexpr char kBegin[] = "\x1b[7m";
constexpr char kEnd[] = "\x1b[27m";

// `line` with marks around what `is_match` says of its bytes, which begin at `at` there.
std::string Marked(const std::string& line, const std::vector<bool>& is_match, size_t at) {
  std::string marked;
  bool inside = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (is_match[at + i] != inside) marked += inside ? kEnd : kBegin;
    inside = is_match[at + i];
    marked += line[i];
  }
  if (inside) marked += kEnd;
  return marked;
}

}  // namespace

std::string TextOf(const google::protobuf::RepeatedPtrField<v1::TextPiece>& pieces) {
  std::string text;
  for (const v1::TextPiece& piece : pieces) absl::StrAppend(&text, piece.text());
  return text;
}

std::vector<std::string> LinesOf(const google::protobuf::RepeatedPtrField<v1::TextPiece>& pieces, int width,
                                 bool highlight) {
  std::string text;
  std::vector<bool> is_match;  // Of each byte of the text.
  for (const v1::TextPiece& piece : pieces) {
    text += OneLine(piece.text());
    is_match.resize(text.size(), piece.is_match());
  }
  std::vector<std::string> lines = width > 0 ? WrapToWidth(text, width) : std::vector{text};
  if (!highlight) return lines;
  size_t at = 0;
  for (std::string& line : lines) {
    // The space at which a line was broken is in neither line.
    if (text.compare(at, line.size(), line) != 0) ++at;
    const size_t size = line.size();
    line = Marked(line, is_match, at);
    at += size;
  }
  return lines;
}

}  // namespace almanac::client
