#include "tests/bench/import.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "tests/bench/pgbench.h"

namespace almanac::bench {
namespace {

using almanac::v1::ImportPlanRequest;
using almanac::v1::ImportPlanResponse;

constexpr char kPublisher[] = "imported";
constexpr char kGroup[] = "ImportPlan";

ImportPlanRequest NewRequest(int lines) {
  ImportPlanRequest request;
  request.set_parent(absl::StrCat("publishers/", kPublisher));
  auto& document = *request.mutable_document();
  document.set_publisher_title("社会福利署");
  document.set_title("年度开放数据计划");
  document.mutable_period()->set_start_year(2022);
  document.mutable_period()->set_end_year(2024);
  document.set_published_on("2021-12");
  document.set_language("zh-Hans-HK");
  auto& section = *document.add_sections();
  section.set_code("A");
  section.set_title("将于2022年发放的数据集");
  for (int i = 1; i <= lines; ++i) {
    auto& line = *document.add_commitments();
    line.set_section("A");
    line.set_number(i);
    line.set_category("安老服务");
    line.set_title(absl::StrFormat("资助安老院舍名单及地址 第%d号", i));
    line.set_target_date(absl::StrFormat("2022-%02d", 1 + i % 12));
    line.set_frequency(almanac::v1::AS_NEEDED);
    line.set_frequency_text("在资料更新时");
    line.add_formats("CSV");
    line.set_remark("包括院舍的名称、地址及电话号码");
    line.set_line(i + 10);
  }
  return request;
}

absl::StatusOr<Row> TimedImport(const Server& server, const Processes& processes, const ImportPlanRequest& request,
                                const std::string& what, ImportPlanResponse& response) {
  Call<ImportPlanRequest, ImportPlanResponse> call;
  const CpuTime before = ReadCpuTime(processes);
  const double begin = Now();
  const grpc::Status status = server.plans().ImportPlan(call.Renew(), request, &response);
  Sample sample{.operations = request.document().commitments_size(), .seconds = Now() - begin, .latencies_ms = {}};
  if (!status.ok()) return FromGrpc(status);
  Row row = ToRow(kGroup, what, /*is_floor=*/false, sample, ReadCpuTime(processes) - before);
  row.note = absl::StrFormat("%.2f s", sample.seconds);
  return row;
}

// The tables that an import fills, and which rows are its own.
struct Table {
  const char* name;
  const char* where;
  int per_line;
};
constexpr Table kTables[] = {{"datasets", "publisher_id = 'imported'", 1},
                             {"commitments", "publisher_id = 'imported'", 1},
                             {"changes", "resource like 'publishers/imported/%'", 2}};

// Copies the rows of the import with psql, into tables with the same checks and indexes but no foreign keys.
absl::StatusOr<Row> TimedCopy(const Processes& processes, const ImportOptions& options) {
  const std::string psql =
      absl::StrCat(Quoted(options.bin_directory + "/psql"), " -X -q -v ON_ERROR_STOP=1 ", Quoted(options.database_url));
  std::string prepare = psql + " -c 'create schema copied'", copy = psql + " -1", count = psql + " -At -c 'select 0";
  int64_t expected = 0;
  for (const Table& table : kTables) {
    const std::string file = absl::StrCat(options.work_directory, "/", table.name, ".copy");
    const std::string created =
        absl::StrCat("create table copied.", table.name, " (like ", table.name, " including all)");
    const std::string out = absl::StrCat("\\copy (select * from ", table.name, " where ", table.where, ") to ", file);
    absl::StrAppend(&prepare, " -c ", Quoted(created), " -c ", Quoted(out));
    absl::StrAppend(&copy, " -c ", Quoted(absl::StrCat("\\copy copied.", table.name, " from ", file)));
    absl::StrAppend(&count, " + (select count(*) from copied.", table.name, ")");
    expected += static_cast<int64_t>(table.per_line) * options.lines;
  }
  if (const auto prepared = RunCommand(prepare); !prepared.ok()) return prepared.status();
  const CpuTime before = ReadCpuTime(processes);
  const double begin = Now();
  if (const auto copied = RunCommand(copy); !copied.ok()) return copied.status();
  const Sample sample{.operations = options.lines, .seconds = Now() - begin, .latencies_ms = {}};
  const CpuTime used = ReadCpuTime(processes) - before;
  const auto counted = RunCommand(count + "'");
  if (!counted.ok()) return counted.status();
  int64_t rows = 0;
  // The plan itself lies below the publisher too.
  if (!absl::SimpleAtoi(absl::StripSuffix(*counted, "\n"), &rows) || rows != expected + 1) {
    return absl::InternalError(absl::StrCat("copied ", *counted, " rows in place of ", expected + 1));
  }
  Row row = ToRow(kGroup, "psql COPY of the same rows", /*is_floor=*/true, sample, used);
  row.note = absl::StrFormat("%.2f s, %d rows", sample.seconds, rows);
  return row;
}

}  // namespace

absl::StatusOr<std::vector<Row>> MeasureImport(const Server& server, const Processes& processes,
                                               const ImportOptions& options) {
  const ImportPlanRequest request = NewRequest(options.lines);
  ImportPlanResponse first, second;
  const auto imported =
      TimedImport(server, processes, request, absl::StrCat("almanacd, ", options.lines, " new lines"), first);
  if (!imported.ok()) return imported.status();
  if (first.added_count() != options.lines) return absl::InternalError("the import did not add every line");
  const auto again = TimedImport(server, processes, request, "almanacd, the same document again", second);
  if (!again.ok()) return again.status();
  if (second.unchanged_count() != options.lines || second.revision() != 0) {
    return absl::InternalError("importing the same document again changed something");
  }
  const auto copied = TimedCopy(processes, options);
  if (!copied.ok()) return copied.status();
  return std::vector<Row>{*imported, *again, *copied};
}

}  // namespace almanac::bench
