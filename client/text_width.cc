#include "client/text_width.h"

#include <utf8proc.h>

#include <algorithm>

namespace almanac::client {
namespace {

constexpr std::string_view kEllipsis = "…";
constexpr std::string_view kReplacement = "\uFFFD";

struct Character {
  utf8proc_int32_t code;  // -1 for a byte that is not UTF-8.
  std::string_view bytes;
};

// Takes the first character off `text`, which is not empty.
Character TakeCharacter(std::string_view& text) {
  utf8proc_int32_t code = -1;
  const utf8proc_ssize_t length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                                   static_cast<utf8proc_ssize_t>(text.size()), &code);
  const size_t size = length > 0 ? static_cast<size_t>(length) : 1;
  const Character character{length > 0 ? code : -1, text.substr(0, size)};
  text.remove_prefix(size);
  return character;
}

int WidthOf(const Character& character) { return character.code < 0 ? 1 : utf8proc_charwidth(character.code); }

}  // namespace

int DisplayWidth(std::string_view text) {
  int width = 0;
  while (!text.empty()) width += WidthOf(TakeCharacter(text));
  return width;
}

std::string CutToWidth(std::string_view text, int width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  std::string cut;
  int used = 0;
  while (!text.empty()) {
    const Character character = TakeCharacter(text);
    used += WidthOf(character);
    if (used > width - 1) break;
    cut += character.bytes;
  }
  return cut.append(kEllipsis);
}

std::vector<std::string> WrapToWidth(std::string_view text, int width) {
  std::vector<std::string> lines = {""};
  while (!text.empty()) {
    const Character character = TakeCharacter(text);
    if (DisplayWidth(lines.back()) + WidthOf(character) > width) {
      std::string rest;
      const size_t space = lines.back().rfind(' ');
      if (character.bytes != " " && space != std::string::npos && space > 0) {
        rest = lines.back().substr(space + 1);
        lines.back().erase(space);
      }
      lines.push_back(rest);
      if (character.bytes == " ") continue;
    }
    lines.back() += character.bytes;
  }
  return lines;
}

std::string OneLine(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  while (!text.empty()) {
    const Character character = TakeCharacter(text);
    const utf8proc_category_t category = utf8proc_category(character.code);
    const bool space = character.code == '\n' || character.code == '\t' || character.code == '\r' ||
                       category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
    const bool control = character.code < 0 || category == UTF8PROC_CATEGORY_CC;
    line += space ? std::string_view(" ") : control ? kReplacement : character.bytes;
  }
  return line;
}

std::string PadToWidth(std::string_view text, int width, bool right) {
  const std::string spaces(static_cast<size_t>(std::max(0, width - DisplayWidth(text))), ' ');
  return right ? spaces + std::string(text) : std::string(text) + spaces;
}

}  // namespace almanac::client
