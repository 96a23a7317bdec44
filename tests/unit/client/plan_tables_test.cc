#include "client/plan_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "client/app.h"
#include "client/errors.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace almanac::client {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kCsv[] = ALMANAC_TEST_DATA "/open-data-plans.csv";
constexpr char kXlsx[] = ALMANAC_TEST_DATA "/open-data-plans.xlsx";
constexpr char kMapping[] = ALMANAC_TEST_DATA "/open-data-plans.yaml";

struct Outcome {
  int code;
  std::string out;
  std::string err;
};

Outcome RunWith(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "almanac");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  std::ostringstream out;
  std::ostringstream err;
  const int code = Run(static_cast<int>(argv.size()), argv.data(), out, err);
  return {code, out.str(), err.str()};
}

// A file with this content, gone with the object. Its path is this process's own: every test is one, and several run at
// a time.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& name, const std::string& content)
      : path_(::testing::TempDir() + "/" + std::to_string(getpid()) + "-" + name) {
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~TemporaryFile() { std::remove(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(PlanParse, PrintsThePlansOfATable) {
  const Outcome table = RunWith({"plan", "parse", kCsv, "--mapping", kMapping});
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_EQ(table.err, "");
  EXPECT_THAT(table.out, AllOf(StartsWith("Social Welfare Department, 2022-2023, published (not said)\n"),
                               HasSubstr("\n\nHighways Department, 2022-2023, "),
                               HasSubstr("2022               other        CSV      privacy       6\n"),
                               HasSubstr("\n\ntotal: 2 plans, 5 lines, 0 warnings\n")));
  const Outcome csv = RunWith({"plan", "parse", kXlsx, "--mapping", kMapping, "-o", "csv"});
  EXPECT_EQ(csv.code, 0) << csv.err;
  EXPECT_THAT(csv.out, AllOf(StartsWith("publisher,section,number,category,title,"),
                             HasSubstr("\nHighways Department,A,2,,Slope records,2022,,other,One Time,CSV,,,false,,,"
                                       "privacy,Contains personal data,5\n")));
}

TEST(PlanParse, PrintsATableAsAListOfDocuments) {
  const Outcome json = RunWith({"plan", "parse", kCsv, "--mapping", kMapping, "-o", "json"});
  EXPECT_EQ(json.code, 0) << json.err;
  const auto documents = nlohmann::json::parse(json.out);
  ASSERT_EQ(documents.size(), 2u);
  EXPECT_EQ(documents[1]["publisherTitle"], "Highways Department");
  EXPECT_EQ(documents[1]["commitments"][1]["cancellation"]["reason"], "PRIVACY");
  const Outcome yaml = RunWith({"plan", "parse", kCsv, "--mapping", kMapping, "-o", "yaml"});
  EXPECT_THAT(yaml.out, StartsWith("- publisherTitle: Social Welfare Department\n"));
}

TEST(PlanParse, NamesFileLineAndColumnOfWarnings) {
  const TemporaryFile csv("almanac-tables.csv", "Who,What,When,Else\nP,a,TBC,\nP,b\x1B[2J,2022,\nP,c,mid-2022,\n");
  const TemporaryFile mapping("almanac-tables.yaml", "columns: {publisher: Who, title: What, target: When}\n");
  const Outcome parse = RunWith({"plan", "parse", csv.path(), "--mapping", mapping.path()});
  EXPECT_EQ(parse.code, 0);
  EXPECT_EQ(parse.err, csv.path() + ":2:3: left out: the target \"TBC\" is no date yet\n" + csv.path() +
                           ":4:3: the target \"mid-2022\" has no exact meaning; taken as the year 2022\n" + csv.path() +
                           ": the mapping does not name these columns, and they are not read: Else\n");
  EXPECT_THAT(parse.out, Not(HasSubstr("\x1B")));
  // An import stops there, before it needs a server.
  const Outcome import =
      RunWith({"plan", "import", csv.path(), "--mapping", mapping.path(), "--server", "127.0.0.1:1"});
  EXPECT_EQ(import.code, 1);
  EXPECT_THAT(import.err, HasSubstr("almanac: 2 lines were not understood, so nothing was imported"));
}

// Its plan would go to a new publisher, and not to the one that was meant.
TEST(PlanParse, TellsThePublishersWhomOnlyTheMappingNames) {
  const TemporaryFile csv("almanac-tables.csv", "Who,What,When\nWelfare Department,a,2022\n");
  const TemporaryFile mapping(
      "almanac-tables.yaml",
      "columns: {publisher: Who, title: What, target: When}\npublishers: {Welfare Dept: swd, P: p}\n");
  EXPECT_EQ(RunWith({"plan", "parse", csv.path(), "--mapping", mapping.path()}).err,
            csv.path() + ": the mapping has ids for these publishers, whom the table does not name: P, Welfare Dept\n");
}

TEST(PlanImport, ShowsAMappingToBeginWithWhereNoneIsGiven) {
  for (const char* verb : {"parse", "import"}) {
    const Outcome outcome = RunWith({"plan", verb, kCsv});
    EXPECT_EQ(outcome.code, kUsage);
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, StartsWith(std::string("almanac: ") + kCsv +
                                        " is a table: say in a file what its columns "
                                        "mean, and name it with --mapping. "));
    EXPECT_THAT(outcome.err, HasSubstr("\ncolumns:\n  publisher: \"Department\"\n  title: \"Dataset Name\"\n"
                                       "  description: \"Description\"\n  target: \"Planned Release\"\n"
                                       "  release: \"Release Date\"\n  frequency: \"Update Frequency\"\n"
                                       "  formats: \"Formats\"\n  status: \"Status\"\n  reason: \"Reason\"\n"
                                       "  link: \"Link\"\nlanguage: en\n"));
  }
}

TEST(PlanImport, SaysWhatIsWrongWithItsFiles) {
  Outcome outcome = RunWith({"plan", "import", "plan.txt", "--mapping", kMapping});
  EXPECT_EQ(outcome.code, kUsage);
  EXPECT_THAT(outcome.err, HasSubstr("--mapping is for tables, and plan.txt ends with none of .csv, .tsv and .xlsx"));
  outcome = RunWith({"plan", "import", kCsv, "--mapping", "/nonexistent.yaml"});
  EXPECT_EQ(outcome.code, kUsage);
  EXPECT_THAT(outcome.err, HasSubstr("/nonexistent.yaml cannot be read: No such file or directory"));
  outcome = RunWith({"plan", "import", "-", "--mapping", "-"});
  EXPECT_EQ(outcome.code, kUsage);
  EXPECT_THAT(outcome.err, HasSubstr("only one of the table and its mapping can be standard input"));
  outcome = RunWith({"plan", "import", kCsv, "--mapping", kMapping, "--publisher", "swd"});
  EXPECT_EQ(outcome.code, kUsage);
  EXPECT_THAT(outcome.err, HasSubstr("the table has plans of 2 publishers, and --publisher names one: leave it out"));
  outcome = RunWith({"plan", "import", kCsv, "--mapping", kCsv});
  EXPECT_EQ(outcome.code, kRefused);
  EXPECT_THAT(outcome.err, HasSubstr(std::string("almanac: ") + kCsv + ":1: "));
}

v1::BatchImportPlansRequest TwoPlans() {
  v1::BatchImportPlansRequest request;
  for (const char* publisher : {"Welfare", "Highways"}) {
    v1::PlanDocument& document = *request.add_requests()->mutable_document();
    document.set_publisher_title(publisher);
    document.add_commitments()->set_line(10);
    document.add_commitments()->set_line(11);
    document.mutable_commitments(1)->set_column(3);
  }
  return request;
}

TEST(NameBatchLines, PutsFileLineAndColumnInPlaceOfTheField) {
  google::rpc::BadRequest bad;
  for (const char* field :
       {"parent", "requests[1].document.commitments[1].number", "requests[0].document.commitments[0] (line 10).title",
        "requests[1].document.period", "requests[2].document.period", "requests[0].parent"}) {
    auto* violation = bad.add_field_violations();
    violation->set_field(field);
    violation->set_description("is wrong");
  }
  google::rpc::Status details;
  details.add_details()->PackFrom(bad);
  const absl::Status status =
      FromGrpc(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "6 faults", details.SerializeAsString()), "host:1");
  EXPECT_EQ(Explain(NameBatchLines(status, "t.csv", TwoPlans())),
            "6 faults\n  parent: is wrong\n  t.csv:11:3: number: is wrong\n  t.csv:10: title: is wrong\n"
            "  t.csv: the plan of Highways: document.period: is wrong\n  requests[2].document.period: is wrong\n"
            "  t.csv: the plan of Welfare: parent: is wrong");
}

v1::BatchImportPlansResponse Imported() {
  v1::BatchImportPlansResponse response;
  for (const char* publisher : {"swd", "hyd"}) {
    v1::ImportPlanResponse& one = *response.add_responses();
    one.mutable_release_plan()->set_name(std::string("publishers/") + publisher + "/plans/2022");
    v1::ImportedLine& line = *one.add_lines();
    line.set_action(v1::ImportedLine::ADDED);
    line.set_commitment(one.release_plan().name() + "/commitments/a-1");
    line.set_title("Homes");
    line.set_line(2);
    one.set_added_count(1);
    one.set_unchanged_count(4);
  }
  response.mutable_responses(0)->set_revision(7);
  response.mutable_responses(1)->set_revision(9);
  return response;
}

std::string Print(const v1::BatchImportPlansResponse& response, bool dry_run, Format format) {
  std::ostringstream out;
  PrintBatchImport(response, dry_run, Printer(out, format, Language(), 0));
  return out.str();
}

TEST(PrintBatchImport, ListsEachPlanAndTheTotal) {
  EXPECT_EQ(Print(Imported(), false, Format::kTable),
            "+ swd/2022/a-1  Homes  (line 2)\n"
            "publishers/swd/plans/2022: 1 added, 0 changed, 0 removed, 4 unchanged; revision 7\n"
            "+ hyd/2022/a-1  Homes  (line 2)\n"
            "publishers/hyd/plans/2022: 1 added, 0 changed, 0 removed, 4 unchanged; revision 9\n"
            "total of 2 plans: 2 added, 0 changed, 0 removed, 8 unchanged; revision 9\n");
  EXPECT_THAT(Print(Imported(), true, Format::kTable),
              ::testing::EndsWith(
                  "dry run, nothing was changed: total of 2 plans: 2 added, 0 changed, 0 removed, 8 unchanged\n"));
}

TEST(PrintBatchImport, HasOneTableInCsv) {
  EXPECT_EQ(Print(Imported(), false, Format::kCsv),
            "action,commitment,dataset,title,line,field,before,after\n"
            "added,publishers/swd/plans/2022/commitments/a-1,,Homes,2,,,\n"
            "added,publishers/hyd/plans/2022/commitments/a-1,,Homes,2,,,\n");
  EXPECT_EQ(Print(Imported(), false, Format::kName),
            "publishers/swd/plans/2022/commitments/a-1\npublishers/hyd/plans/2022/commitments/a-1\n");
  EXPECT_EQ(nlohmann::json::parse(Print(Imported(), false, Format::kJson))["responses"].size(), 2u);
}

}  // namespace
}  // namespace almanac::client
