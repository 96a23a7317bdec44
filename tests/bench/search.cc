#include "tests/bench/search.h"

#include <algorithm>
#include <cstdio>
#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "db/han_variants.h"
#include "db/names.h"
#include "tests/bench/bare_answers.h"
#include "tests/bench/large_catalogue.h"
#include "tests/bench/psql.h"
#include "tests/bench/search_pages.h"
#include "tests/bench/search_plans.h"
#include "tests/bench/search_queries.h"
#include "tests/bench/search_writes.h"
#include "tests/bench/workloads.h"

namespace almanac::bench {
namespace {

constexpr int64_t kMostRanked = 20'000;
// The API, psql and bare gRPC take turns, since how fast a processor is changes from minute to minute.
constexpr int kTurns = 5;
// Calls of a turn.
constexpr int kWarmUp = 3;
constexpr int kFewest = 5;
constexpr int kMost = 200;
constexpr absl::Duration kLongestSettling = absl::Minutes(3);

class SearchMeasuring {
 public:
  explicit SearchMeasuring(const SearchOptions& options)
      : options_(options),
        server_(options.server, /*is_echo=*/false),
        explained_(options.explained_server, /*is_echo=*/false),
        bare_(bare_answers_.address(), /*is_echo=*/true),
        publisher_(db::IdsOf(LargeCatalogue(1, options.publishers).MakePublisher(0).name())[0]) {}

  absl::Status Run() {
    absl::Status status = CheckIndexes(options_.database_url);
    if (status.ok()) Settle();
    if (status.ok() && IsWanted("filters")) {
      const std::string today =
          Rows("select to_char(catalogue_now() at time zone 'UTC', 'YYYY-MM-DD')").front().front();
      status = Queries("Filters, pages of 50", FilterQueries(publisher_, today));
    }
    if (status.ok() && IsWanted("searches")) status = Queries("Searches, pages of 20", TextQueries(publisher_));
    if (status.ok() && IsWanted("pages")) status = Print("Pages", MeasurePages(server_.datasets(0), Pages()));
    if (status.ok() && IsWanted("sizes")) status = Print("Sizes", MeasureSizes(options_.database_url));
    if (status.ok() && IsWanted("writes")) {
      status = Print("Updates, 64 in flight", MeasureWriteCost(server_, WriteCost()));
    }
    if (!status.ok()) return status;
    std::printf("## Plans\n\n%s", plans_.c_str());
    if (scans_.empty()) return absl::OkStatus();
    return absl::InternalError(absl::StrCat("whole tables are read: ", absl::StrJoin(scans_, ", ")));
  }

 private:
  bool IsWanted(const std::string& part) const {
    return options_.only.empty() || std::find(options_.only.begin(), options_.only.end(), part) != options_.only.end();
  }

  // Lets PostgreSQL end what the filling of the catalogue left to it.
  void Settle() const {
    std::fprintf(stderr, "waiting for checkpoint and autovacuum\n");
    pqxx::connection connection(options_.database_url);
    pqxx::nontransaction work(connection);
    work.exec("checkpoint");
    const absl::Time end = absl::Now() + kLongestSettling;
    while (absl::Now() < end &&
           !work.exec("select from pg_stat_activity where backend_type = 'autovacuum worker'").empty()) {
      absl::SleepFor(absl::Seconds(1));
    }
  }

  PagesOptions Pages() const {
    return {.last_page = static_cast<int>(std::min<int64_t>(10'000, options_.datasets / 100)),
            .calls = options_.quick ? 20 : 200};
  }

  WriteCostOptions WriteCost() const {
    return {.database_url = options_.database_url,
            .processes = {.server = options_.server_pid, .postmaster = options_.postmaster_pid},
            .duration = absl::Seconds(options_.quick ? 2 : 12),
            .datasets = options_.datasets,
            .publishers = options_.publishers};
  }

  static absl::Status Print(const std::string& title, const absl::StatusOr<std::string>& table) {
    if (!table.ok()) return absl::Status(table.status().code(), absl::StrCat(title, ": ", table.status().message()));
    std::printf("## %s\n\n%s\n", title.c_str(), table->c_str());
    std::fflush(stdout);
    return absl::OkStatus();
  }

  absl::Status Queries(const std::string& title, const std::vector<SearchQuery>& queries) {
    std::string table =
        absl::StrFormat("    %-26s %8s %8s %8s %8s %8s %8s %8s %7s\n    %-26s %8s %8s %8s %8s %8s %8s %8s %7s\n", "",
                        "", "API", "", "psql", "", "gRPC", "to psql", "to both", "", "found", "p50 ms", "p99 ms",
                        "p50 ms", "p99 ms", "p50 ms", "ratio", "ratio");
    for (const SearchQuery& query : queries) {
      std::fprintf(stderr, "measuring %s\n", query.what.c_str());
      const auto row = Measure(query);
      if (!row.ok()) return absl::Status(row.status().code(), absl::StrCat(query.what, ": ", row.status().message()));
      table += *row;
    }
    return Print(title, table);
  }

  absl::StatusOr<std::string> Measure(const SearchQuery& query) {
    const auto answer = Ask(server_.datasets(0), query);
    if (!answer.ok()) return answer.status();
    const int64_t found = std::stoll(Rows(HandCounted(query, *answer)).front().front());
    const std::string sql = HandWritten(query, *answer, found <= kMostRanked);
    if (absl::Status same = CheckSame(*answer, sql); !same.ok()) return same;
    bare_answers_.Set(answer->bytes);
    std::vector<double> ours, hand_written, bare;
    for (int turn = 0; turn < kTurns; ++turn) {
      const size_t before = ours.size();
      if (absl::Status status = Often(server_, query, options_.quick ? 0.1 : 0.6, &ours); !status.ok()) return status;
      const auto by_hand = TimePsql(options_.bin_directory, options_.database_url, sql,
                                    static_cast<int>(ours.size() - before), options_.work_directory);
      if (!by_hand.ok()) return by_hand.status();
      hand_written.insert(hand_written.end(), by_hand->begin(), by_hand->end());
      if (absl::Status status = Often(bare_, query, 0.04, &bare); !status.ok()) return status;
    }
    if (absl::Status planned = AddPlans(query); !planned.ok()) return planned;
    const double api = Quantile(ours, 0.5);
    const double psql = Quantile(hand_written, 0.5);
    const double grpc = Quantile(bare, 0.5);
    return absl::StrFormat("    %-26s %8d %8.2f %8.2f %8.2f %8.2f %8.2f %8.2f %7.2f\n", query.what, found, api,
                           Quantile(ours, 0.99), psql, Quantile(hand_written, 0.99), grpc, api / psql,
                           api / (psql + grpc));
  }

  // Adds how long each call takes, in milliseconds.
  static absl::Status Often(const Server& server, const SearchQuery& query, double seconds,
                            std::vector<double>* times) {
    const double end = Now() + seconds;
    for (int i = 0; i < kWarmUp + kFewest || (Now() < end && i < kWarmUp + kMost); ++i) {
      const auto answer = Ask(server.datasets(0), query);
      if (!answer.ok()) return answer.status();
      if (i >= kWarmUp) times->push_back(answer->milliseconds);
    }
    return absl::OkStatus();
  }

  absl::Status CheckSame(const Answer& answer, const std::string& sql) const {
    std::vector<std::string> names;
    for (const auto& row : Rows(sql)) names.push_back(absl::StrCat("publishers/", row[0], "/datasets/", row[1]));
    if (names.empty()) return absl::InternalError(absl::StrCat("nothing is found by ", sql));
    if (names == answer.names) return absl::OkStatus();
    return absl::InternalError(absl::StrCat("the API answers ", absl::StrJoin(answer.names, " "), "\nand SQL ",
                                            absl::StrJoin(names, " "), "\nby ", sql));
  }

  absl::Status AddPlans(const SearchQuery& query) {
    // Once before, lest the making of its plan is measured.
    if (const auto first = Ask(explained_.datasets(0), query); !first.ok()) return first.status();
    const auto plans = RecordPlans(options_.postgres_log, [&] { return Ask(explained_.datasets(0), query).status(); });
    if (!plans.ok()) return plans.status();
    absl::StrAppend(&plans_, "### ", query.what, "\n\n");
    for (const std::string& said : {query.query, query.filter, query.order_by}) {
      if (!said.empty()) absl::StrAppend(&plans_, "`", said, "`\n");
    }
    absl::StrAppend(&plans_, "\n");
    for (const Plan& plan : *plans) {
      absl::StrAppend(&plans_, ToText(plan), "\n");
      if (HasSequentialScan(plan)) scans_.push_back(query.what);
    }
    return absl::OkStatus();
  }

  std::vector<std::vector<std::string>> Rows(const std::string& sql) const {
    pqxx::connection connection(options_.database_url);
    pqxx::nontransaction work(connection);
    work.exec("set jit = off");
    std::vector<std::vector<std::string>> rows;
    for (const pqxx::row& row : work.exec(sql)) {
      rows.emplace_back();
      for (const pqxx::field& field : row) rows.back().emplace_back(field.c_str());
    }
    return rows;
  }

  const SearchOptions options_;
  BareAnswers bare_answers_;
  const Server server_;
  const Server explained_;
  const Server bare_;
  // The largest.
  const std::string publisher_;
  std::string plans_;
  // Where a whole table is read.
  std::vector<std::string> scans_;
};

}  // namespace

absl::Status MeasureSearch(const SearchOptions& options) {
  if (absl::Status loaded = db::LoadHanVariants(); !loaded.ok()) return loaded;
  try {
    return SearchMeasuring(options).Run();
  } catch (const pqxx::failure& error) {
    return absl::InternalError(error.what());
  }
}

}  // namespace almanac::bench
