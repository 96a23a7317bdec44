#include "service/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace almanac::service {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ConfigTest : public ::testing::Test {
 protected:
  ~ConfigTest() override {
    if (!file_.empty()) std::remove(file_.c_str());
  }

  absl::StatusOr<CommandLine> Parse(const std::vector<std::string>& arguments) {
    std::vector<const char*> argv{"almanacd"};
    for (const std::string& argument : arguments) argv.push_back(argument.c_str());
    const Environment environment = [this](const char* name) {
      const auto found = environment_.find(name);
      return found == environment_.end() ? nullptr : found->second.c_str();
    };
    return ParseCommandLine(static_cast<int>(argv.size()), argv.data(), environment, "almanacd 1.2.3");
  }

  // Parses what must be right: `serve --embedded d` and `more`.
  Config Serve(const std::vector<std::string>& more) {
    const absl::StatusOr<CommandLine> parsed = Parse(WithDatabase(more));
    EXPECT_TRUE(parsed.ok()) << parsed.status();
    return parsed.ok() && parsed->config.has_value() ? *parsed->config : Config();
  }

  // Parses what must be wrong and returns the message.
  std::string Error(const std::vector<std::string>& arguments) {
    const absl::StatusOr<CommandLine> parsed = Parse(arguments);
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(parsed.status().message());
  }
  std::string ServeError(const std::vector<std::string>& more) { return Error(WithDatabase(more)); }

  // Writes the YAML file; the path is in `file_`.
  const std::string& File(const std::string& text) {
    if (file_.empty()) {
      file_ = absl::StrCat(::testing::TempDir(), "config_test_XXXXXX");
      const int fd = mkstemp(file_.data());
      EXPECT_GE(fd, 0);
      if (fd >= 0) close(fd);
    }
    std::ofstream(file_) << text;
    return file_;
  }

  std::map<std::string, std::string> environment_;
  std::string file_;

 private:
  static std::vector<std::string> WithDatabase(const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"serve", "--embedded", "d"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
};

TEST_F(ConfigTest, DefaultsAreAsDocumented) {
  const Config config = Serve({});
  EXPECT_EQ(config.command, Config::Command::kServe);
  EXPECT_EQ(config.listen, "127.0.0.1:7461");
  EXPECT_EQ(config.embedded, "d");
  EXPECT_EQ(config.database_url, "");
  EXPECT_EQ(config.read_database_url, "");
  EXPECT_EQ(config.advertise_address, "");
  EXPECT_EQ(config.read_connections, 8);
  EXPECT_EQ(config.max_watchers, 20'000);
  EXPECT_EQ(config.max_watchers_per_client, 1'000);
  EXPECT_EQ(config.slow_watcher_timeout, absl::Seconds(60));
  EXPECT_EQ(config.max_stream_age, absl::Minutes(30));
  EXPECT_EQ(config.max_message_bytes, 16'777'216);
  EXPECT_EQ(config.ring_size, 16'384);
  EXPECT_EQ(config.drain_timeout, absl::Seconds(20));
  EXPECT_EQ(config.clock_interval, absl::Seconds(1));
  EXPECT_FALSE(config.retention.has_max_age());
  EXPECT_EQ(config.retention.max_changes(), 0);
  EXPECT_EQ(config.retention_interval, absl::Minutes(1));
  EXPECT_EQ(config.log_level, "info");
}

TEST_F(ConfigTest, FlagGoesOverEnvironmentOverFileOverDefault) {
  environment_["ALMANACD_CONFIG"] = File("");
  EXPECT_EQ(Serve({}).read_connections, 8);
  File("read_connections: 2\n");
  EXPECT_EQ(Serve({}).read_connections, 2);
  environment_["ALMANACD_READ_CONNECTIONS"] = "3";
  EXPECT_EQ(Serve({}).read_connections, 3);
  EXPECT_EQ(Serve({"--read-connections", "4"}).read_connections, 4);
  environment_.erase("ALMANACD_READ_CONNECTIONS");
  EXPECT_EQ(Serve({"--read-connections=5"}).read_connections, 5);
}

TEST_F(ConfigTest, ConfigFlagGoesOverItsVariable) {
  environment_["ALMANACD_CONFIG"] = "/nonexistent/almanac.yaml";
  EXPECT_EQ(Serve({"--config", File("ring_size: 99\n")}).ring_size, 99);
  EXPECT_THAT(ServeError({}), AllOf(HasSubstr("ALMANACD_CONFIG"), HasSubstr("/nonexistent/almanac.yaml")));
}

TEST_F(ConfigTest, EverySettingIsReadFromEveryPlace) {
  const std::map<std::string, std::string> values{{"listen", "[::1]:0"},
                                                  {"migrate", "true"},
                                                  {"read_connections", "64"},
                                                  {"max_watchers", "7"},
                                                  {"max_watchers_per_client", "8"},
                                                  {"slow_watcher_timeout", "90s"},
                                                  {"max_stream_age", "0"},
                                                  {"max_message_bytes", "4194304"},
                                                  {"ring_size", "16"},
                                                  {"drain_timeout", "300"},
                                                  {"clock_interval", "1h"},
                                                  {"retention_max_age", "90d"},
                                                  {"retention_max_changes", "1000000000"},
                                                  {"retention_interval", "100ms"},
                                                  {"log_level", "warn"},
                                                  {"advertise_address", "h:1"},
                                                  {"read_database_url", "host=standby"},
                                                  {"database_url", "postgresql://u@h/d"}};
  const auto check = [](const absl::StatusOr<CommandLine>& parsed) {
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    const Config& config = parsed->config.value();
    EXPECT_EQ(config.listen, "[::1]:0");
    EXPECT_TRUE(config.migrate);
    EXPECT_EQ(config.read_connections, 64);
    EXPECT_EQ(config.max_watchers, 7);
    EXPECT_EQ(config.max_watchers_per_client, 8);
    EXPECT_EQ(config.slow_watcher_timeout, absl::Seconds(90));
    EXPECT_EQ(config.max_stream_age, absl::InfiniteDuration());
    EXPECT_EQ(config.max_message_bytes, 4'194'304);
    EXPECT_EQ(config.ring_size, 16);
    EXPECT_EQ(config.drain_timeout, absl::Seconds(300));
    EXPECT_EQ(config.clock_interval, absl::Hours(1));
    EXPECT_EQ(config.retention.max_age().seconds(), 90 * 24 * 3600);
    EXPECT_EQ(config.retention.max_changes(), 1'000'000'000);
    EXPECT_EQ(config.retention_interval, absl::Milliseconds(100));
    EXPECT_EQ(config.log_level, "warn");
    EXPECT_EQ(config.advertise_address, "h:1");
    EXPECT_EQ(config.read_database_url, "host=standby");
    EXPECT_EQ(config.database_url, "postgresql://u@h/d");
    EXPECT_EQ(config.embedded, "");
  };
  std::string yaml;
  std::vector<std::string> flags{"serve"};
  for (const auto& [key, value] : values) {
    absl::StrAppend(&yaml, key, ": '", value, "'\n");
    std::string flag = "--" + key;
    std::replace(flag.begin(), flag.end(), '_', '-');
    flags.push_back(flag);
    if (key != "migrate") flags.push_back(value);
  }
  check(Parse({"serve", "--config", File(yaml)}));
  check(Parse(flags));
  for (const auto& [key, value] : values) {
    std::string variable = "ALMANACD_" + key;
    for (char& c : variable) c = static_cast<char>(toupper(c));
    environment_[variable] = value;
  }
  check(Parse({"serve"}));
}

TEST_F(ConfigTest, EmptyVariableCountsAsUnset) {
  environment_["ALMANACD_LISTEN"] = "";
  environment_["ALMANACD_DATABASE_URL"] = "";
  EXPECT_EQ(Serve({}).listen, "127.0.0.1:7461");
}

struct Bounds {
  const char* flag;
  int low;
  int high;
  int Config::*member;
};

class ConfigBoundsTest : public ConfigTest, public ::testing::WithParamInterface<Bounds> {};

TEST_P(ConfigBoundsTest, TakesTheEdgesAndNothingBeyond) {
  const Bounds& bounds = GetParam();
  for (const int value : {bounds.low, bounds.high}) {
    EXPECT_EQ(Serve({bounds.flag, absl::StrCat(value)}).*bounds.member, value);
  }
  const std::string range = absl::StrCat("from ", bounds.low, " to ", bounds.high);
  for (const std::string& value :
       {absl::StrCat(bounds.low - 1), absl::StrCat(bounds.high + 1), std::string("-1"), std::string("1e3"),
        std::string("99999999999999999999"), std::string("64 "), std::string("0x40")}) {
    EXPECT_THAT(ServeError({absl::StrCat(bounds.flag, "=", value)}), AllOf(HasSubstr(bounds.flag), HasSubstr(range)))
        << value;
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, ConfigBoundsTest,
    ::testing::Values(Bounds{"--read-connections", 1, 64, &Config::read_connections},
                      Bounds{"--search-connections", 1, 64, &Config::search_connections},
                      Bounds{"--max-watchers", 1, 100'000, &Config::max_watchers},
                      Bounds{"--max-watchers-per-client", 1, 100'000, &Config::max_watchers_per_client},
                      Bounds{"--max-message-bytes", 4'194'304, 67'108'864, &Config::max_message_bytes},
                      Bounds{"--ring-size", 16, 1'000'000, &Config::ring_size}));

TEST_F(ConfigTest, DrainTimeoutHasItsBounds) {
  EXPECT_EQ(Serve({"--drain-timeout", "1"}).drain_timeout, absl::Seconds(1));
  EXPECT_EQ(Serve({"--drain-timeout", "300"}).drain_timeout, absl::Seconds(300));
  EXPECT_THAT(ServeError({"--drain-timeout", "0"}), HasSubstr("--drain-timeout: '0'"));
  EXPECT_THAT(ServeError({"--drain-timeout", "301"}), HasSubstr("--drain-timeout: '301'"));
}

TEST_F(ConfigTest, IntervalsHaveTheirBounds) {
  const std::map<std::string, absl::Duration Config::*> intervals{
      {"--clock-interval", &Config::clock_interval}, {"--retention-interval", &Config::retention_interval}};
  for (const auto& [flag, member] : intervals) {
    EXPECT_EQ(Serve({flag, "100ms"}).*member, absl::Milliseconds(100));
    EXPECT_EQ(Serve({flag, "60m"}).*member, absl::Hours(1));
    for (const char* wrong : {"99ms", "3601s", "1", "-1s", "soon", "inf", ""}) {
      EXPECT_THAT(ServeError({flag, wrong}),
                  HasSubstr(absl::StrCat(flag, ": '", wrong, "' is not a duration from 100ms to 1h")));
    }
  }
}

TEST_F(ConfigTest, RetentionIsADurationAlsoInDaysAndANumber) {
  const std::vector<std::pair<const char*, int64_t>> ages{
      {"1h", 3600}, {"60m", 3600}, {"36h", 36 * 3600}, {"1d", 86'400}, {"365000d", int64_t{365'000} * 86'400}};
  for (const auto& [text, seconds] : ages) {
    EXPECT_EQ(Serve({"--retention-max-age", text}).retention.max_age().seconds(), seconds) << text;
  }
  environment_["ALMANACD_RETENTION_MAX_AGE"] = "90d";
  for (const char* none : {"0", "0s", "0d"}) {
    EXPECT_FALSE(Serve({"--retention-max-age", none}).retention.has_max_age()) << none;
  }
  for (const char* wrong : {"59m", "365001d", "8760001h", "-1h", "1.5d", "d", "1", "inf", "soon", ""}) {
    EXPECT_THAT(ServeError({"--retention-max-age", wrong}),
                HasSubstr(absl::StrCat("--retention-max-age: '", wrong, "' is neither 0 nor a duration from 1h to")));
  }
  EXPECT_EQ(Serve({"--retention-max-changes", "1"}).retention.max_changes(), 1);
  EXPECT_EQ(Serve({"--retention-max-changes", "1000000000"}).retention.max_changes(), 1'000'000'000);
  for (const char* wrong : {"1000000001", "-1", "1e6", ""}) {
    EXPECT_THAT(ServeError({"--retention-max-changes", wrong}),
                HasSubstr(absl::StrCat("--retention-max-changes: '", wrong, "' is not a whole number from 0 to")));
  }
}

TEST_F(ConfigTest, SlowWatcherTimeoutHasItsBounds) {
  EXPECT_EQ(Serve({"--slow-watcher-timeout", "1s"}).slow_watcher_timeout, absl::Seconds(1));
  EXPECT_EQ(Serve({"--slow-watcher-timeout", "10m"}).slow_watcher_timeout, absl::Minutes(10));
  for (const char* wrong : {"999ms", "601s", "60", "-1s", "0", "inf", ""}) {
    EXPECT_THAT(ServeError({"--slow-watcher-timeout", wrong}),
                HasSubstr(absl::StrCat("--slow-watcher-timeout: '", wrong, "' is not a duration from 1s to 10m")));
  }
}

TEST_F(ConfigTest, MaxStreamAgeHasItsBounds) {
  EXPECT_EQ(Serve({"--max-stream-age", "1m"}).max_stream_age, absl::Minutes(1));
  EXPECT_EQ(Serve({"--max-stream-age", "24h"}).max_stream_age, absl::Hours(24));
  EXPECT_EQ(Serve({"--max-stream-age", "0"}).max_stream_age, absl::InfiniteDuration());
  for (const char* wrong : {"59s", "86401s", "30", "-1m", "never", "inf", ""}) {
    EXPECT_THAT(ServeError({"--max-stream-age", wrong}),
                HasSubstr(absl::StrCat("--max-stream-age: '", wrong,
                                       "' is neither a duration from 1m to 24h, such as 30m, nor 0")));
  }
}

TEST_F(ConfigTest, ListenIsHostAndPort) {
  for (const char* good : {"0.0.0.0:0", "localhost:65535", "[::]:7461"})
    EXPECT_EQ(Serve({"--listen", good}).listen, good);
  for (const char* bad : {"7461", ":7461", "host:", "host:65536", "host:x", "::1:7461", "[]:1", "a b:1", "unix:/x"}) {
    EXPECT_THAT(ServeError({"--listen", bad}), AllOf(HasSubstr("--listen"), HasSubstr(bad))) << bad;
  }
}

TEST_F(ConfigTest, AdvertiseAddressHasAPort) {
  for (const char* good : {"10.1.2.3:1", "almanac-0:65535", "[2001:db8::1]:7461"}) {
    EXPECT_EQ(Serve({"--advertise-address", good}).advertise_address, good);
  }
  for (const char* bad : {"", "10.1.2.3", "10.1.2.3:0", ":7461", "2001:db8::1:7461", "host:65536"}) {
    EXPECT_THAT(ServeError({"--advertise-address", bad}), HasSubstr("--advertise-address")) << bad;
  }
}

TEST_F(ConfigTest, ErrorNamesTheVariable) {
  environment_["ALMANACD_LOG_LEVEL"] = "loud";
  EXPECT_THAT(ServeError({}), AllOf(HasSubstr("ALMANACD_LOG_LEVEL"), HasSubstr("loud"), HasSubstr("debug, info")));
}

TEST_F(ConfigTest, WrongValueIsRefusedAlsoWhereItIsOverridden) {
  environment_["ALMANACD_RING_SIZE"] = "many";
  EXPECT_THAT(ServeError({"--ring-size", "16"}), HasSubstr("ALMANACD_RING_SIZE"));
}

TEST_F(ConfigTest, ErrorNamesFileLineAndKey) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"listen: a:1\n\nlisten_on: b:2\n", ":3: unknown key 'listen_on'"},
      {"config: other.yaml\n", ":1: unknown key 'config'"},
      {"# comment\nread_connections: eight\n", ":2: read_connections: 'eight' is not a whole number from 1 to 64"},
      {"read_connections: 8.5\n", ":1: read_connections: '8.5'"},
      {"\nread_connections: [8]\n", ":2: read_connections needs a single value"},
      {"log_level: {a: b}\n", ":1: log_level needs a single value"},
      {"log_level:\n", ":1: log_level needs a single value"},
      {"migrate: yes\n", ":1: migrate: 'yes' is neither true nor false"},
      {"ring_size: 16\nring_size: 17\n", ":2: ring_size is given twice"},
      {"[a]: b\n", ":1: a key must be plain text"},
      {"listen: a:1\nlog_level: [info\n", ":3: is not YAML"},
      {"listen: a:1\n\tlog_level: info\n", ":2: is not YAML"},
      {"- listen\n", "is not a list of 'key: value' lines"},
      {"listen\n", "is not a list of 'key: value' lines"},
      {"listen: a:1\n---\nlisten: a:2\n", "more than one YAML document"},
  };
  for (const auto& [yaml, message] : cases) {
    EXPECT_THAT(ServeError({"--config", File(yaml)}), AllOf(HasSubstr(file_), HasSubstr(message))) << yaml;
  }
}

TEST_F(ConfigTest, UnreadableFileIsRefused) {
  EXPECT_THAT(ServeError({"--config", ::testing::TempDir()}), HasSubstr("--config: cannot read the file"));
  EXPECT_THAT(ServeError({"--config", ""}), HasSubstr("--config: cannot read the file"));
}

TEST_F(ConfigTest, ExactlyOneDatabaseIsNeeded) {
  EXPECT_THAT(Error({"serve"}), AllOf(HasSubstr("--embedded"), HasSubstr("--database-url")));
  EXPECT_THAT(Error({"migrate"}), HasSubstr("ALMANACD_DATABASE_URL"));
  environment_["ALMANACD_DATABASE_URL"] = "host=h password=hunter2";
  EXPECT_THAT(ServeError({}), AllOf(HasSubstr("--embedded"), HasSubstr("ALMANACD_DATABASE_URL"), HasSubstr("only one"),
                                    Not(HasSubstr("hunter2"))));
  EXPECT_EQ(Parse({"serve"})->config->database_url, "host=h password=hunter2");
}

TEST_F(ConfigTest, DatabaseUrlIsNeverRepeated) {
  EXPECT_THAT(Error({"serve", "--database-url", "mysql://u:hunter2@h/d"}),
              AllOf(HasSubstr("--database-url"), HasSubstr("postgresql://"), Not(HasSubstr("hunter2"))));
  EXPECT_THAT(ServeError({"--read-database-url", "mysql://u:hunter2@h/d"}),
              AllOf(HasSubstr("--read-database-url"), HasSubstr("postgresql://"), Not(HasSubstr("hunter2"))));
  EXPECT_THAT(Error({"serve", "--database-url", ""}), HasSubstr("--database-url"));
  EXPECT_THAT(Error({"serve", "--embedded", ""}), HasSubstr("--embedded"));
}

TEST_F(ConfigTest, EmbeddedAlwaysMigrates) {
  EXPECT_TRUE(Serve({}).migrate);
  EXPECT_FALSE(Parse({"serve", "--database-url", "dbname=d"})->config->migrate);
  EXPECT_TRUE(Parse({"serve", "--database-url", "dbname=d", "--migrate"})->config->migrate);
}

TEST_F(ConfigTest, MigrateReadsTheSameFile) {
  const absl::StatusOr<CommandLine> parsed =
      Parse({"migrate", "--config", File("database_url: dbname=d\nlisten: 0.0.0.0:1\n")});
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->config->command, Config::Command::kMigrate);
  EXPECT_EQ(parsed->config->database_url, "dbname=d");
}

TEST_F(ConfigTest, WrongCommandLinesAreRefused) {
  EXPECT_THAT(Error({}), HasSubstr("serve or migrate"));
  EXPECT_THAT(Error({"sevre"}), HasSubstr("sevre"));
  EXPECT_THAT(ServeError({"--lisen", "a:1"}), HasSubstr("--lisen"));
  EXPECT_THAT(ServeError({"extra"}), HasSubstr("extra"));
  EXPECT_THAT(ServeError({"--listen"}), HasSubstr("--listen"));
  EXPECT_THAT(ServeError({"--listen", "a:1", "--listen", "a:2"}), HasSubstr("--listen"));
}

TEST_F(ConfigTest, VersionAndHelpNeedNoDatabase) {
  EXPECT_EQ(Parse({"--version"})->text, "almanacd 1.2.3\n");
  EXPECT_FALSE(Parse({"--version"})->config.has_value());
  EXPECT_THAT(Parse({"--help"})->text, AllOf(HasSubstr("migrate"), HasSubstr("Example: almanacd serve")));
  const std::string help = Parse({"serve", "--help"})->text;
  for (const char* name : {"config",
                           "listen",
                           "advertise_address",
                           "database_url",
                           "read_database_url",
                           "embedded",
                           "migrate",
                           "read_connections",
                           "max_watchers",
                           "max_watchers_per_client",
                           "slow_watcher_timeout",
                           "max_stream_age",
                           "max_message_bytes",
                           "ring_size",
                           "drain_timeout",
                           "clock_interval",
                           "retention_max_age",
                           "retention_max_changes",
                           "retention_interval",
                           "log_level"}) {
    std::string flag = std::string("--") + name;
    std::replace(flag.begin(), flag.end(), '_', '-');
    std::string variable = std::string("ALMANACD_") + name;
    for (char& c : variable) c = static_cast<char>(toupper(c));
    EXPECT_THAT(help, AllOf(HasSubstr(flag), HasSubstr(variable), HasSubstr("Example")));
  }
}

}  // namespace
}  // namespace almanac::service
