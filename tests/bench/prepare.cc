#include "tests/bench/prepare.h"

#include <filesystem>
#include <fstream>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/bench/pgbench.h"
#include "tests/bench/promises.h"
#include "tests/bench/statements.h"
#include "tests/bench/workloads.h"

namespace almanac::bench {
namespace {

// Picks a dataset, as DatasetName does.
const std::string& Pick() {
  static const std::string* const pick =
      new std::string(absl::StrCat("\\set i random(0, ", kPublishers * kDatasetsEach - 1, ")\n\\set p ",
                                   kFirstPublisher, " + :i % ", kPublishers, "\n\\set d ", kFirstDataset, " + :i\n"));
  return *pick;
}

// Makes another message of a dataset's by a field that is there twice, of which the last counts: its revision.
constexpr char kOwnMessage[] = "message = message || '\\x980101'";

class Preparation {
 public:
  explicit Preparation(const PrepareOptions& options)
      : options_(options),
        server_(options.server, /*is_echo=*/false),
        log_(options.database_url, options.postgres_log) {}

  absl::Status Run() {
    std::filesystem::create_directories(options_.work_directory + "/answers");
    if (absl::Status filled = Fill(server_); !filled.ok()) return filled;
    if (absl::Status promised = FillPromises(server_); !promised.ok()) return promised;
    if (const auto analysed = Psql("vacuum analyze"); !analysed.ok()) return analysed.status();
    for (const auto step :
         {&Preparation::KeepGet, &Preparation::KeepList, &Preparation::KeepProgress, &Preparation::KeepUpdate}) {
      if (absl::Status kept = (this->*step)(); !kept.ok()) return kept;
    }
    return absl::OkStatus();
  }

 private:
  absl::Status KeepGet() {
    Gets gets(server_, 1);
    const auto statements = log_.Record("from datasets", [&] { return Once(gets); });
    if (!statements.ok()) return statements.status();
    Answer("GetDataset", gets.answer(0));
    const std::string sql = Inline(statements->back(), IdsOf(gets.answer(0).name()));
    Write("get.sql", Pick() + sql + ";\n");
    return Check("get", Pick() + sql + " \\gset\n");
  }

  absl::Status KeepList() {
    Lists lists(server_, 1);
    const auto statements = log_.Record("from datasets", [&] { return Once(lists); });
    if (!statements.ok()) return statements.status();
    Answer("ListDatasets", lists.answer(0));
    const std::string sql = Inline(statements->back(), IdsOf(lists.answer(0).datasets(0).name()));
    Write("list.sql", Pick() + sql + ";\n");
    // Divides by zero unless all are there.
    return Check("list", absl::StrCat(Pick(), "select 1 / (count(*) = ", kDatasetsEach, ")::int as right_count from (",
                                      sql, ") as list \\gset\n"));
  }

  absl::Status KeepProgress() {
    Accounts accounts(server_, 1);
    const auto statements = log_.Record("from judged", [&] { return Once(accounts); });
    if (!statements.ok()) return statements.status();
    std::string script;
    for (const Statement& statement : *statements) absl::StrAppend(&script, Inline(statement), ";\n");
    Write("progress.sql", script);
    // Divides by zero unless each publisher has its row, and all together have one.
    return Check("progress", absl::StrCat("select 1 / (count(*) = ", kPublishers + 1, ")::int as right_count from (",
                                          Inline(statements->back()), ") as account \\gset\n"));
  }

  absl::Status KeepUpdate() {
    almanac::v1::WatchRequest watch;
    Call<almanac::v1::WatchRequest, almanac::v1::WatchResponse> call;
    const auto stream = server_.changes().Watch(call.Renew(), watch);
    almanac::v1::WatchResponse bookmark, event;
    if (!stream->Read(&bookmark) || !bookmark.has_bookmark()) return absl::InternalError("Watch did not begin");
    Updates updates(server_, 1);
    if (absl::Status loaded = updates.Load(server_); !loaded.ok()) return loaded;
    const auto statements = log_.Record("for update", [&] { return Once(updates); });
    if (!statements.ok()) return statements.status();
    if (!stream->Read(&event) || !event.has_change()) return absl::InternalError("Watch did not bring the change");
    call.context->TryCancel();
    Answer("UpdateDataset", updates.answer(0));
    Answer("Bookmark", bookmark);
    Answer("Watch", event);
    return WriteUpdateScripts(*statements, updates.answer(0));
  }

  absl::Status WriteUpdateScripts(const std::vector<Statement>& statements, const almanac::v1::Dataset& dataset) {
    std::vector<Substitution> substitutions = IdsOf(dataset.name());
    substitutions.push_back({absl::StrCat("'", dataset.revision(), "'"), ":next"});
    substitutions.push_back({absl::StrCat("'{", dataset.revision(), "}'"), "array[:next::bigint]"});
    const std::string name = "array['publishers/' || :p || '/datasets/' || :d]";
    substitutions.push_back({absl::StrCat("'{", dataset.name(), "}'"), name});
    substitutions.push_back({absl::StrCat("'{\"", dataset.name(), "\"}'"), name});
    std::string script = Pick(), check = Pick(), plain;
    for (const Statement& statement : statements) {
      const std::string sql = WithOwnMessage(Inline(statement, substitutions));
      const bool locks = absl::StrContains(sql, "for update");
      const bool selects = absl::StartsWith(sql, "select");
      const bool updates = absl::StartsWith(sql, "update");
      if (absl::StartsWith(sql, "update datasets")) plain = WithOwnMessage(Inline(statement, IdsOf(dataset.name())));
      absl::StrAppend(&script, sql, locks ? " \\gset\n\\set next :revision + 1\n" : ";\n");
      absl::StrAppend(&check, sql, updates ? " returning 1 as one" : "", selects || updates ? " \\gset\n" : ";\n");
      if (locks) absl::StrAppend(&check, "\\set next :revision + 1\n");
    }
    if (!absl::StrContains(plain, kOwnMessage))
      return absl::InternalError("the log of PostgreSQL shows no update of the dataset");
    Write("update.sql", script);
    Write("plain_update.sql", Pick() + plain + ";\n");
    if (absl::Status right = Check("update", check); !right.ok()) return right;
    return Check("plain_update", Pick() + plain + " returning 1 as one \\gset\n");
  }

  // With the message of the dataset that is updated, not of the one that was when the statement was recorded.
  static std::string WithOwnMessage(std::string sql) {
    constexpr std::string_view kBegin = "message = '";
    const size_t begin = sql.find(kBegin);
    const size_t end = sql.find('\'', begin + kBegin.size());
    if (begin != std::string::npos && end != std::string::npos) sql.replace(begin, end + 1 - begin, kOwnMessage);
    return sql;
  }

  template <typename Workload>
  absl::Status Once(Workload& workload) {
    return RunLoad(1, {.operations = 1}, [&](int slot, Done done) { workload.Start(slot, std::move(done)); }).status();
  }

  // The two ids of a dataset, each to be replaced by pgbench's variable.
  static std::vector<Substitution> IdsOf(const std::string& name) {
    constexpr size_t kPublisherAt = sizeof("publishers/") - 1;
    const std::string publisher = name.substr(kPublisherAt, name.find('/', kPublisherAt) - kPublisherAt);
    const std::string dataset = name.substr(name.rfind('/') + 1);
    return {{absl::StrCat("'", publisher, "'"), ":p"}, {absl::StrCat("'", dataset, "'"), ":d"}};
  }

  absl::StatusOr<std::string> Psql(const std::string& sql) {
    return RunCommand(absl::StrCat(Quoted(options_.bin_directory + "/psql"), " -X -q -v ON_ERROR_STOP=1 ",
                                   Quoted(options_.database_url), " -c ", Quoted(sql)));
  }

  void Write(const std::string& file, const std::string& text) {
    std::ofstream(options_.work_directory + "/" + file, std::ios::binary) << text;
  }

  void Answer(const std::string& name, const google::protobuf::Message& message) {
    Write("answers/" + name, message.SerializeAsString());
  }

  absl::Status Check(const std::string& name, const std::string& script) {
    const std::string file = absl::StrCat("check_", name, ".sql");
    Write(file, script);
    return RunPgbench(options_.bin_directory, options_.database_url, options_.work_directory + "/" + file, 4,
                      absl::Seconds(1), options_.work_directory)
        .status();
  }

  const PrepareOptions options_;
  const Server server_;
  StatementLog log_;
};

}  // namespace

absl::Status Prepare(const PrepareOptions& options) { return Preparation(options).Run(); }

}  // namespace almanac::bench
