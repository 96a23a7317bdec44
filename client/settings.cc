#include "client/settings.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/errors.h"

namespace almanac::client {
namespace {

constexpr char kDefaultServer[] = "127.0.0.1:7461";
constexpr absl::Duration kDefaultTimeout = absl::Seconds(30);
constexpr size_t kMaxActorLength = 100;

std::string Environment(const char* variable) {
  const char* value = std::getenv(variable);
  return value == nullptr ? "" : value;
}

std::string UserName() {
  if (std::string user = Environment("USER"); !user.empty()) return user;
  const passwd* entry = getpwuid(geteuid());
  return entry == nullptr ? absl::StrCat("uid-", geteuid()) : std::string(entry->pw_name);
}

bool IsPort(std::string_view text) {
  int port = 0;
  return absl::SimpleAtoi({text.data(), text.size()}, &port) && port >= 1 && port <= 65535;
}

}  // namespace

absl::StatusOr<std::string> ResolveServer(std::string_view flag) {
  std::string server(flag);
  if (server.empty()) server = Environment("ALMANAC_SERVER");
  if (server.empty()) return kDefaultServer;
  const size_t colon = server.rfind(':');
  const bool has_scheme = server.find(":/") != std::string::npos || server.rfind("unix:", 0) == 0;
  const bool is_address = colon != std::string::npos && colon > 0 && IsPort(std::string_view(server).substr(colon + 1));
  const bool is_web = server.rfind("http:", 0) == 0 || server.rfind("https:", 0) == 0;
  if (is_web || (!has_scheme && !is_address)) {
    return UsageError(absl::StrCat("the server \"", server, "\" is no HOST:PORT, such as ", kDefaultServer,
                                   " (it is taken from --server or ALMANAC_SERVER)"));
  }
  return server;
}

absl::StatusOr<std::string> ResolveActor(std::string_view flag) {
  std::string actor(flag);
  if (actor.empty()) actor = Environment("ALMANAC_ACTOR");
  if (actor.empty()) actor = UserName();
  const bool printable = std::all_of(actor.begin(), actor.end(),
                                     [](char c) { return absl::ascii_isprint(static_cast<unsigned char>(c)); });
  if (!printable || actor.size() > kMaxActorLength || actor.front() == ' ' || actor.back() == ' ') {
    return UsageError(absl::StrCat("the actor \"", actor, "\" is not 1 to ", kMaxActorLength,
                                   " printable ASCII characters: give another with --actor or ALMANAC_ACTOR"));
  }
  return actor;
}

absl::StatusOr<absl::Duration> ResolveTimeout(std::string_view flag) {
  if (flag.empty()) return kDefaultTimeout;
  double seconds = 0;
  absl::Duration timeout;
  const absl::string_view text(flag.data(), flag.size());
  if (absl::SimpleAtod(text, &seconds)) {
    timeout = absl::Seconds(seconds);
  } else if (!absl::ParseDuration(text, &timeout)) {
    timeout = absl::ZeroDuration();
  }
  if (timeout < absl::Milliseconds(1) || timeout > absl::Hours(24)) {
    return UsageError(absl::StrCat("--timeout \"", text, "\" is no time up to a day, such as 30, 500ms or 2m"));
  }
  return timeout;
}

absl::StatusOr<v1::Consistency> ResolveConsistency(std::string_view flag) {
  v1::Consistency consistency;
  int64_t revision = 0;
  if (flag == "strong") {
    consistency.set_strong(true);
  } else if (flag == "any") {
    consistency.set_any(true);
  } else if (absl::SimpleAtoi(absl::string_view(flag.data(), flag.size()), &revision) && revision >= 0) {
    consistency.set_at_least_revision(revision);
  } else if (!flag.empty()) {
    return UsageError(absl::StrCat("--consistency \"", std::string(flag),
                                   "\" is none of strong, any and a revision, such as that of a write"));
  }
  return consistency;
}

absl::StatusOr<Language> ResolveLanguage(std::string_view flag) {
  constexpr size_t kMaxLetters = 8;
  std::string tag(flag);
  if (tag.empty()) tag = Environment("ALMANAC_LANGUAGE");
  if (tag.empty()) return Language();
  const std::vector<std::string> parts = absl::StrSplit(tag, '-');
  const bool is_tag =
      parts.front().size() >= 2 && std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
        return !part.empty() && part.size() <= kMaxLetters &&
               std::all_of(part.begin(), part.end(), [](unsigned char c) { return absl::ascii_isalnum(c); });
      });
  if (!is_tag) {
    return UsageError(absl::StrCat("the language \"", tag,
                                   "\" is no BCP-47 tag, such as zh-Hant-HK or en (it is taken ",
                                   "from --language or ALMANAC_LANGUAGE)"));
  }
  return Language(tag);
}

std::string FormatChoices(const std::vector<Format>& formats) {
  std::string text;
  for (size_t i = 0; i < formats.size(); ++i) {
    const char* separator = i == 0 ? "" : i + 1 == formats.size() ? " or " : ", ";
    absl::StrAppend(&text, separator, std::string(FormatWord(formats[i])));
  }
  return text;
}

absl::StatusOr<Format> ResolveFormat(std::string_view flag, const std::vector<Format>& allowed) {
  if (flag.empty()) return Format::kTable;
  for (const Format format : allowed) {
    if (FormatWord(format) == flag) return format;
  }
  const std::string remedy = allowed.empty() ? "leave it out" : absl::StrCat("use ", FormatChoices(allowed));
  return UsageError(absl::StrCat("-o ", std::string(flag), " is not possible here: ", remedy));
}

}  // namespace almanac::client
