#include "tests/fuzz/texts.h"

#include <algorithm>
#include <string_view>

#include "db/text_fold.h"

namespace almanac::fuzz {
namespace {

using namespace std::string_view_literals;  // NOLINT(google-build-using-namespace)

constexpr std::string_view kWords[] = {
    "社会福利", "社會福利", "安老院",     "残疾人士", "殘疾人士院舍", "名单",     "名單",           "统计",
    "服务",     "綜援",     "轮候",       "維修",     "署",           "幼儿中心", "Social Welfare", "elderly",
    "homes",    "list",     "statistics", "services", "District",     "CSSA",     "fire-services",  "swd",
    "swd-2022", "CSV",      "XML",        "2022",     "café",         "ＣＳＶ"};

constexpr std::string_view kOddities[] = {
    "\0"sv,
    "\x1f"sv,
    "\\"sv,
    "\\\\"sv,
    "'"sv,
    "''"sv,
    "\""sv,
    "%"sv,
    "_"sv,
    "*"sv,
    "**"sv,
    "$1"sv,
    "$99"sv,
    "?"sv,
    ";--"sv,
    "'; select 1; --"sv,
    ":*"sv,
    "<->"sv,
    "&"sv,
    "|"sv,
    "!"sv,
    "{}"sv,
    "{\"a\":null}"sv,
    "[]"sv,
    "\\u0000"sv,
    "\t"sv,
    "\r\n"sv,
    "\x7f"sv,
    "-"sv,
    "--"sv,
    "~"sv,
    "/"sv,
    "publishers/-"sv,
    "publishers/swd"sv,
    "NaN"sv,
    "infinity"sv,
    "-infinity"sv,
    "epoch"sv,
    "0"sv,
    "-1"sv,
    "9223372036854775807"sv,
    "9223372036854775808"sv,
    "-9223372036854775808"sv,
    "1e400"sv,
    "0000-00-00"sv,
    "9999-12-31"sv,
    "10000-01-01"sv,
    "0001-01-01T00:00:00Z"sv,
    "294277-01-01T00:00:00Z"sv,
    "4714-11-24T00:00:00Z BC"sv,
    "2022-Q5"sv,
    "2023-02-29"sv,
    // What is not UTF-8: a lone byte, one that goes on, half a character, an overlong slash, a surrogate, too large.
    "\xff"sv,
    "\x80"sv,
    "\xe7\xbb"sv,
    "\xc0\xaf"sv,
    "\xed\xa0\x80"sv,
    "\xf5\x80\x80\x80"sv,
    // Marks, joiners, directions, a byte order mark, what grows when folded, and the ends of Unicode.
    "e\u0301\u0301\u0301\u0301"sv,
    "\u200b"sv,
    "\u200d"sv,
    "\u202e"sv,
    "\ufeff"sv,
    "\ufdfa"sv,
    "\u00df"sv,
    "\u0130"sv,
    "\uffff"sv,
    "\U0001F469\u200d\U0001F4BB"sv,
    "\U00020000"sv,
    "\U000E0001"sv,
    "\U0010FFFF"sv,
};

constexpr size_t kLongRun = 3000;
constexpr int kMostMutations = 4;

std::string RandomCharacter(Random& random) {
  std::string text;
  const char32_t code = random.Chance(50)   ? static_cast<char32_t>(0x20 + random.Below(0x5F))
                        : random.Chance(60) ? static_cast<char32_t>(0x4E00 + random.Below(0x5000))
                                            : static_cast<char32_t>(random.Below(0x110000));
  if (code < 0xD800 || code > 0xDFFF) db::AppendUtf8(code, text);
  return text;
}

}  // namespace

std::string Word(Random& random) {
  const std::string_view word = random.Pick(kWords);
  if (random.Chance(70)) return std::string(word);
  return ToUtf8(std::string(word.substr(0, 1 + random.Below(word.size()))));
}

std::string Oddity(Random& random) {
  // A long run of one thing, now and then.
  if (random.Below(200) != 0) return std::string(random.Pick(kOddities));
  const std::string unit = RandomCharacter(random);
  std::string run;
  for (size_t i = random.Below(kLongRun); i > 0; --i) run += unit;
  return run;
}

std::string WildText(Random& random, size_t max_pieces) {
  std::string text;
  for (size_t i = random.Below(max_pieces + 1); i > 0; --i) {
    const uint64_t choice = random.Below(10);
    text += choice < 4 ? Word(random) : choice < 6 ? Oddity(random) : RandomCharacter(random);
    if (random.Chance(40)) text += ' ';
  }
  return text;
}

std::string Mutated(std::string text, Random& random) {
  for (uint64_t i = 1 + random.Below(kMostMutations); i > 0; --i) {
    const size_t at = random.Below(text.size() + 1);
    const size_t length = random.Below(std::min<size_t>(text.size() - at, 12) + 1);
    switch (random.Below(6)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, Oddity(random));
        break;
      case 2:
        text.insert(at, text.substr(at, length));
        break;
      case 3:
        if (at < text.size()) text[at] = static_cast<char>(random.Below(256));
        break;
      case 4: {
        const std::string piece = text.substr(at, length);
        text.erase(at, length);
        text.insert(random.Below(text.size() + 1), piece);
        break;
      }
      default:
        text.replace(at, length, Word(random));
    }
  }
  return text;
}

std::string ToUtf8(const std::string& text) {
  std::string valid;
  for (size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const size_t size = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    bool whole = size > 0 && at + size <= text.size();
    for (size_t i = 1; whole && i < size; ++i) whole = (static_cast<unsigned char>(text[at + i]) & 0xC0) == 0x80;
    if (whole && size > 2) {
      const auto second = static_cast<unsigned char>(text[at + 1]);
      whole = !(lead == 0xE0 && second < 0xA0) && !(lead == 0xED && second >= 0xA0) &&
              !(lead == 0xF0 && second < 0x90) && !(lead == 0xF4 && second >= 0x90);
    }
    valid += whole ? text.substr(at, size) : "\ufffd";
    at += whole ? size : 1;
  }
  return valid;
}

}  // namespace almanac::fuzz
