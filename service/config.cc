#include "service/config.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <set>
#include <span>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "yaml-cpp/yaml.h"

namespace almanac::service {
namespace {

// Puts the text of a value into the configuration. Returns what is wrong with it, or nothing.
using Setter = std::string (*)(const std::string& text, Config& config);

// A setting, the same for flags, environment and file.
struct Setting {
  // The key of the YAML file; the flag and the variable are made from it.
  const char* key;
  const char* value;
  const char* description;
  Setter set;
  bool for_migrate = false;

  std::string Flag() const {
    std::string name = absl::StrCat("--", key);
    std::replace(name.begin(), name.end(), '_', '-');
    return name;
  }
  std::string Variable() const {
    std::string name = absl::StrCat("ALMANACD_", key);
    for (char& c : name) c = static_cast<char>(toupper(c));
    return name;
  }
  bool IsSwitch() const { return *value == '\0'; }
};

std::string SetWhole(const std::string& text, int low, int high, int& to) {
  int value = 0;
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  const bool fits = digits && absl::SimpleAtoi(text, &value);
  if (fits && value >= low && value <= high) {
    to = value;
    return "";
  }
  return absl::StrCat("'", text, "' is not a whole number from ", low, " to ", high);
}

// `example` is what is right with a port from `lowest_port` on.
std::string SetAddress(const std::string& text, int lowest_port, const char* example, std::string& to) {
  const size_t colon = text.rfind(':');
  const std::string host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  const bool plain = !host.empty() && host.find_first_of(":[]/ \t") == std::string::npos;
  int port = 0;
  const bool has_port =
      colon != std::string::npos && SetWhole(text.substr(colon + 1), lowest_port, 65535, port).empty();
  if (!has_port || !(bracketed || plain)) return absl::StrCat("'", text, "' is not HOST:PORT, such as ", example);
  to = text;
  return "";
}

std::string SetListen(const std::string& text, Config& config) {
  return SetAddress(text, 0, "127.0.0.1:7461 or [::1]:7461 (port 0 picks a free one)", config.listen);
}

std::string SetAdvertiseAddress(const std::string& text, Config& config) {
  return SetAddress(text, 1, "almanac-1.example.org:7461 or [2001:db8::1]:7461", config.advertise_address);
}

// Never repeats the text, which may hold a password.
std::string SetUrl(const std::string& text, std::string& to) {
  const bool url = text.rfind("postgresql://", 0) == 0 || text.rfind("postgres://", 0) == 0;
  if (!url && text.find('=') == std::string::npos) {
    return "is neither a URL (postgresql://user@host:5432/almanac) nor keywords (host=db dbname=almanac)";
  }
  to = text;
  return "";
}

std::string SetLogLevel(const std::string& text, Config& config) {
  for (const char* level : {"debug", "info", "warn", "error"}) {
    if (text == level) {
      config.log_level = text;
      return "";
    }
  }
  return absl::StrCat("'", text, "' is none of debug, info, warn, error");
}

std::string SetBool(const std::string& text, bool& to) {
  if (text != "true" && text != "false") return absl::StrCat("'", text, "' is neither true nor false");
  to = text == "true";
  return "";
}

std::string SetDrainTimeout(const std::string& text, Config& config) {
  int seconds = 0;
  std::string wrong = SetWhole(text, 1, 300, seconds);
  if (wrong.empty()) config.drain_timeout = absl::Seconds(seconds);
  return wrong;
}

std::string SetInterval(const std::string& text, absl::Duration& to) {
  absl::Duration interval;
  if (!absl::ParseDuration(text, &interval) || interval < absl::Milliseconds(100) || interval > absl::Hours(1)) {
    return absl::StrCat("'", text, "' is not a duration from 100ms to 1h, such as 1s");
  }
  to = interval;
  return "";
}

std::string SetMaxAge(const std::string& text, Config& config) {
  constexpr int kMaxDays = 365'000;
  absl::Duration age;
  // Days, which Abseil has not, are what such ages are given in.
  int days = 0;
  const bool in_days = text.ends_with('d') && SetWhole(text.substr(0, text.size() - 1), 0, kMaxDays, days).empty();
  if (in_days) age = days * absl::Hours(24);
  const bool is_duration = in_days || absl::ParseDuration(text, &age);
  const bool in_range = age == absl::ZeroDuration() || (age >= absl::Hours(1) && age <= kMaxDays * absl::Hours(24));
  if (!is_duration || !in_range) {
    return absl::StrCat("'", text, "' is neither 0 nor a duration from 1h to ", kMaxDays, "d, such as 36h or 90d");
  }
  config.retention.clear_max_age();
  if (age > absl::ZeroDuration()) config.retention.mutable_max_age()->set_seconds(absl::ToInt64Seconds(age));
  return "";
}

std::string SetMaxChanges(const std::string& text, Config& config) {
  int changes = 0;
  std::string wrong = SetWhole(text, 0, 1'000'000'000, changes);
  if (wrong.empty()) config.retention.set_max_changes(changes);
  return wrong;
}

std::string SetSlowWatcherTimeout(const std::string& text, Config& config) {
  absl::Duration timeout;
  if (!absl::ParseDuration(text, &timeout) || timeout < absl::Seconds(1) || timeout > absl::Minutes(10)) {
    return absl::StrCat("'", text, "' is not a duration from 1s to 10m, such as 60s");
  }
  config.slow_watcher_timeout = timeout;
  return "";
}

std::string SetMaxStreamAge(const std::string& text, Config& config) {
  absl::Duration age;
  const bool is_duration = absl::ParseDuration(text, &age);
  const bool is_none = is_duration && age == absl::ZeroDuration();
  if (!is_none && (!is_duration || age < absl::Minutes(1) || age > absl::Hours(24))) {
    return absl::StrCat("'", text, "' is neither a duration from 1m to 24h, such as 30m, nor 0 for none");
  }
  config.max_stream_age = is_none ? absl::InfiniteDuration() : age;
  return "";
}

constexpr std::array kSettings = {
    Setting{"listen", "HOST:PORT", "Where to serve; port 0 picks a free one. Default 127.0.0.1:7461", SetListen},
    Setting{
        "advertise_address", "HOST:PORT",
        "Where others find this server, as `almanac status` lists it. Default: where it listens, or the host's name",
        SetAdvertiseAddress},
    Setting{"database_url", "URL",
            "The PostgreSQL database: a URL or libpq keywords. Prefer the variable to the flag if it holds a password",
            [](const std::string& text, Config& config) { return SetUrl(text, config.database_url); }, true},
    Setting{
        "read_database_url", "URL",
        "A copy of the database that reads go to: a hot standby, as a URL or libpq keywords; a secret as the other is",
        [](const std::string& text, Config& config) { return SetUrl(text, config.read_database_url); }},
    Setting{"embedded", "DIR", "Instead: run a private PostgreSQL whose data are in DIR",
            [](const std::string& text, Config& config) {
              config.embedded = text;
              return std::string(text.empty() ? "is empty; give a directory" : "");
            },
            true},
    Setting{"migrate", "", "Bring the schema up to date before serving; --embedded always does",
            [](const std::string& text, Config& config) { return SetBool(text, config.migrate); }},
    Setting{"read_connections", "N", "Connections to the database for reads, 1 to 64. Default 8",
            [](const std::string& text, Config& config) { return SetWhole(text, 1, 64, config.read_connections); }},
    Setting{"search_connections", "N",
            "Connections to the database for searches, and lists with a filter or an order, 1 to 64. Default 4",
            [](const std::string& text, Config& config) { return SetWhole(text, 1, 64, config.search_connections); }},
    Setting{"max_watchers", "N", "Watch streams at a time, 1 to 100000. Default 20000",
            [](const std::string& text, Config& config) { return SetWhole(text, 1, 100'000, config.max_watchers); }},
    Setting{"max_watchers_per_client", "N",
            "Watch streams at a time of one client, that is host and actor, 1 to 100000. Default 1000",
            [](const std::string& text, Config& config) {
              return SetWhole(text, 1, 100'000, config.max_watchers_per_client);
            }},
    Setting{"slow_watcher_timeout", "DURATION",
            "How long a watcher may leave an answer unread before its stream is ended, 1s to 10m. Default 60s",
            SetSlowWatcherTimeout},
    Setting{"max_stream_age", "DURATION",
            "After how long watch streams end, to be resumed on any server, 1m to 24h, or 0 for never. Default 30m",
            SetMaxStreamAge},
    Setting{"max_message_bytes", "N", "Largest request or answer, 4194304 to 67108864. Default 16777216",
            [](const std::string& text, Config& config) {
              return SetWhole(text, 4 * 1024 * 1024, 64 * 1024 * 1024, config.max_message_bytes);
            }},
    Setting{"ring_size", "N", "Events kept in memory for watchers, 16 to 1000000. Default 16384",
            [](const std::string& text, Config& config) { return SetWhole(text, 16, 1'000'000, config.ring_size); }},
    Setting{"drain_timeout", "SECONDS", "How long calls may take to finish after SIGTERM, 1 to 300. Default 20",
            SetDrainTimeout},
    Setting{"clock_interval", "DURATION", "How often to look for what became overdue or stale, 100ms to 1h. Default 1s",
            [](const std::string& text, Config& config) { return SetInterval(text, config.clock_interval); }},
    Setting{"retention_max_age", "DURATION",
            "Changes that are older may leave the log: 1h to 365000d, or 0 for none. Default 0", SetMaxAge},
    Setting{"retention_max_changes", "N",
            "Changes beyond the newest N may leave the log: 1 to 1000000000, or 0 for none. Default 0", SetMaxChanges},
    Setting{"retention_interval", "DURATION", "How often to look for what may leave the log, 100ms to 1h. Default 1m",
            [](const std::string& text, Config& config) { return SetInterval(text, config.retention_interval); }},
    Setting{"log_level", "LEVEL", "debug, info, warn or error. Default info", SetLogLevel, true},
};

constexpr char kConfigVariable[] = "ALMANACD_CONFIG";

// A value as its source gives it, and the words for that place in messages.
struct Given {
  const Setting* setting;
  std::string text;
  std::string where;
};

const Setting* Find(std::string_view key) {
  const auto* found = std::find_if(kSettings.begin(), kSettings.end(), [&](const Setting& s) { return key == s.key; });
  return found == kSettings.end() ? nullptr : found;
}

absl::Status Invalid(const std::string& where, const std::string& wrong) {
  return absl::InvalidArgumentError(absl::StrCat(where, ": ", wrong));
}

std::string KnownKeys() {
  std::string keys;
  for (const Setting& setting : kSettings) absl::StrAppend(&keys, keys.empty() ? "" : ", ", setting.key);
  return keys;
}

absl::StatusOr<std::vector<Given>> ReadMap(const YAML::Node& root, const std::string& file) {
  std::vector<Given> all;
  std::set<std::string> seen;
  for (const auto& entry : root) {
    const std::string line = absl::StrCat(file, ":", entry.first.Mark().line + 1);
    if (!entry.first.IsScalar()) return Invalid(line, "a key must be plain text");
    const std::string& key = entry.first.Scalar();
    const Setting* setting = Find(key);
    if (setting == nullptr) {
      return Invalid(line, absl::StrCat("unknown key '", key, "'; known are ", KnownKeys()));
    }
    if (!seen.insert(key).second) return Invalid(line, absl::StrCat(key, " is given twice"));
    if (!entry.second.IsScalar()) return Invalid(line, absl::StrCat(key, " needs a single value"));
    all.push_back({setting, entry.second.Scalar(), absl::StrCat(line, ": ", key)});
  }
  return all;
}

absl::StatusOr<std::vector<Given>> ReadFile(const std::string& file, const std::string& asked_by) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  // A directory opens and then cannot be read; an empty file is none and sets nothing.
  if (!stream.is_open() || text.bad() || std::filesystem::is_directory(file)) {
    return Invalid(asked_by, absl::StrCat("cannot read the file '", file, "'"));
  }
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text.str());
    if (documents.empty() || (documents.size() == 1 && documents[0].IsNull())) return std::vector<Given>();
    if (documents.size() > 1) return Invalid(file, "holds more than one YAML document");
    if (!documents[0].IsMap()) return Invalid(absl::StrCat(file, ":1"), "is not a list of 'key: value' lines");
    return ReadMap(documents[0], file);
  } catch (const YAML::Exception& error) {
    return Invalid(absl::StrCat(file, ":", error.mark.line + 1), absl::StrCat("is not YAML: ", error.msg));
  }
}

std::vector<Given> ReadEnvironment(const Environment& environment) {
  std::vector<Given> all;
  for (const Setting& setting : kSettings) {
    const std::string variable = setting.Variable();
    const char* value = environment(variable.c_str());
    if (value != nullptr && *value != '\0') all.push_back({&setting, value, variable});
  }
  return all;
}

// A subcommand and the text of each flag that was given to it.
struct Flags {
  explicit Flags(std::span<const Setting> settings) : texts(settings.size()), given(settings.size()) {}

  CLI::App* app = nullptr;
  std::string config;
  std::vector<std::string> texts;
  std::vector<CLI::Option*> given;
};

void AddFlags(CLI::App& app, Flags& flags, bool migrate) {
  app.add_option("--config", flags.config, "YAML file of settings [ALMANACD_CONFIG]")->type_name("FILE");
  for (size_t i = 0; i < kSettings.size(); ++i) {
    const Setting& setting = kSettings[i];
    if (migrate && !setting.for_migrate) continue;
    const std::string help = absl::StrCat(setting.description, " [", setting.Variable(), ", ", setting.key, "]");
    flags.given[i] =
        setting.IsSwitch() ? app.add_flag(setting.Flag(), help) : app.add_option(setting.Flag(), flags.texts[i], help);
    if (!setting.IsSwitch()) flags.given[i]->type_name(setting.value);
  }
  flags.app = &app;
}

std::vector<Given> ReadFlags(const Flags& flags) {
  std::vector<Given> all;
  for (size_t i = 0; i < kSettings.size(); ++i) {
    if (flags.given[i] == nullptr || flags.given[i]->count() == 0) continue;
    all.push_back({&kSettings[i], kSettings[i].IsSwitch() ? "true" : flags.texts[i], kSettings[i].Flag()});
  }
  return all;
}

// Applies one source over what came before, and remembers which source a database came from.
absl::Status Apply(const std::vector<Given>& all, Config& config, std::string& url_from, std::string& embedded_from) {
  for (const Given& given : all) {
    const std::string wrong = given.setting->set(given.text, config);
    if (!wrong.empty()) return Invalid(given.where, wrong);
    if (std::string_view(given.setting->key) == "database_url") url_from = given.where;
    if (std::string_view(given.setting->key) == "embedded") embedded_from = given.where;
  }
  return absl::OkStatus();
}

absl::StatusOr<Config> Resolve(const Flags& flags, const Environment& environment) {
  const char* variable = environment(kConfigVariable);
  std::vector<std::vector<Given>> sources;
  const bool by_flag = flags.app->get_option("--config")->count() > 0;
  const std::string file = by_flag ? flags.config : std::string(variable == nullptr ? "" : variable);
  if (by_flag || !file.empty()) {
    absl::StatusOr<std::vector<Given>> values = ReadFile(file, by_flag ? "--config" : kConfigVariable);
    if (!values.ok()) return values.status();
    sources.push_back(*std::move(values));
  }
  sources.push_back(ReadEnvironment(environment));
  sources.push_back(ReadFlags(flags));

  Config config;
  std::string url_from;
  std::string embedded_from;
  for (const std::vector<Given>& source : sources) {
    if (absl::Status status = Apply(source, config, url_from, embedded_from); !status.ok()) return status;
  }
  if (!url_from.empty() && !embedded_from.empty()) {
    return Invalid(absl::StrCat(embedded_from, " and ", url_from), "name two databases; give only one of them");
  }
  if (url_from.empty() && embedded_from.empty()) {
    return absl::InvalidArgumentError(
        "no database is named: give --embedded DIR or --database-url URL (or ALMANACD_EMBEDDED or "
        "ALMANACD_DATABASE_URL, or embedded or database_url in the file of --config)");
  }
  config.migrate = config.migrate || !config.embedded.empty();
  return config;
}

}  // namespace

absl::StatusOr<CommandLine> ParseCommandLine(int argc, const char* const* argv, const Environment& environment,
                                             const std::string& version) {
  CLI::App app("Serves the Almanac catalogue over gRPC.", "almanacd");
  app.set_version_flag("--version", version);
  app.require_subcommand(0, 1);
  app.footer(
      "Each setting is taken from its flag, else its environment variable, else its key in the YAML file, else its\n"
      "default; the brackets name variable and key.\n\nExample: almanacd serve --embedded /var/lib/almanac");
  CLI::App* serve = app.add_subcommand("serve", "Serve the catalogue until SIGTERM or SIGINT");
  serve->footer(
      "Examples:\n  almanacd serve --embedded /var/lib/almanac\n"
      "  ALMANACD_DATABASE_URL=postgresql://almanac@db/almanac almanacd serve --listen 0.0.0.0:7461");
  CLI::App* migrate = app.add_subcommand("migrate", "Bring the database's schema up to date, then exit");
  migrate->footer("Example: almanacd migrate --database-url postgresql://almanac@db/almanac");
  Flags serve_flags(kSettings);
  Flags migrate_flags(kSettings);
  AddFlags(*serve, serve_flags, false);
  AddFlags(*migrate, migrate_flags, true);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return CommandLine{.config = std::nullopt, .text = app.help()};
  } catch (const CLI::CallForVersion& text) {
    return CommandLine{.config = std::nullopt, .text = absl::StrCat(text.what(), "\n")};
  } catch (const CLI::ParseError& error) {
    return absl::InvalidArgumentError(absl::StrCat(error.what(), " (see almanacd --help)"));
  }
  if (!serve->parsed() && !migrate->parsed()) {
    return absl::InvalidArgumentError("give a command: serve or migrate (see almanacd --help)");
  }
  absl::StatusOr<Config> config = Resolve(serve->parsed() ? serve_flags : migrate_flags, environment);
  if (!config.ok()) return config.status();
  config->command = serve->parsed() ? Config::Command::kServe : Config::Command::kMigrate;
  return CommandLine{.config = *std::move(config), .text = ""};
}

}  // namespace almanac::service
