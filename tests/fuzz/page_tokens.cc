#include "tests/fuzz/page_tokens.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tests/fuzz/texts.h"

namespace almanac::fuzz {
namespace {

constexpr char kSeparator = '\x1f';
constexpr size_t kMostBytes = 1500;

// The mark and the binding, which are first, stay mostly: what is behind them is read only if they are right.
std::string ChangedInside(const std::string& token, Random& random) {
  std::string text;
  if (!absl::WebSafeBase64Unescape(token, &text)) return token;
  std::vector<std::string> parts = absl::StrSplit(text, kSeparator);
  const size_t kept = random.Chance(90) && parts.size() > 2 ? 2 : 0;
  const size_t at = kept + random.Below(parts.size() - kept);
  switch (random.Below(6)) {
    case 0:
      parts[at] = Mutated(parts[at], random);
      break;
    case 1:
      parts[at] = Oddity(random);
      break;
    case 2:
      parts[at] = WildText(random, 4);
      break;
    case 3:
      parts.erase(parts.begin() + static_cast<int64_t>(at));
      break;
    case 4:
      parts.insert(parts.begin() + static_cast<int64_t>(at), Oddity(random));
      break;
    default:
      parts[at].clear();
  }
  return absl::WebSafeBase64Escape(absl::StrJoin(parts, std::string(1, kSeparator)));
}

}  // namespace

std::string StrangeToken(const std::string& token, Random& random) {
  switch (random.Below(10)) {
    case 0:
      return token;
    case 1:
      return Mutated(token, random);
    case 2:
      return WildText(random, 10);
    case 3: {
      std::string bytes(random.Below(kMostBytes), '\0');
      for (char& byte : bytes) byte = static_cast<char>(random.Below(256));
      return absl::WebSafeBase64Escape(bytes);
    }
    default:
      return ChangedInside(token, random);
  }
}

}  // namespace almanac::fuzz
