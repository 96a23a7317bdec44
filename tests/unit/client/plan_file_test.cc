#include "client/plan_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "client/errors.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace almanac::client {
namespace {

v1::ImportPlanResponse Imported() {
  v1::ImportPlanResponse response;
  response.mutable_release_plan()->set_name("publishers/swd/plans/2022-2024");
  v1::ImportedLine* added = response.add_lines();
  added->set_action(v1::ImportedLine::ADDED);
  added->set_commitment("publishers/swd/plans/2022-2024/commitments/d-81");
  added->set_title("名单");
  added->set_line(119);
  v1::ImportedLine* changed = response.add_lines();
  changed->set_action(v1::ImportedLine::CHANGED);
  changed->set_commitment("publishers/swd/plans/2022-2024/commitments/b-2");
  changed->set_title("统计");
  changed->set_line(20);
  v1::FieldChange* field = changed->add_fields();
  field->set_field("target_date");
  field->set_before("2024-06");
  field->set_after("2024-09");
  response.set_added_count(1);
  response.set_changed_count(1);
  response.set_unchanged_count(86);
  response.set_revision(130);
  return response;
}

std::string Print(bool dry_run, Format format) {
  std::ostringstream out;
  PrintImport(Imported(), dry_run, Printer(out, format, Language(), 0));
  return out.str();
}

TEST(PrintImport, ListsWhatDiffersAndCounts) {
  EXPECT_EQ(Print(false, Format::kTable),
            "+ swd/2022-2024/d-81  名单  (line 119)\n"
            "~ swd/2022-2024/b-2  统计  (line 20)\n"
            "    target_date: 2024-06 -> 2024-09\n"
            "publishers/swd/plans/2022-2024: 1 added, 1 changed, 0 removed, 86 unchanged; revision 130\n");
}

TEST(PrintImport, LetsNoTitleOrValueSteerTheTerminal) {
  v1::ImportPlanResponse response = Imported();
  response.mutable_lines(0)->set_title("名\x1B[2J单");
  response.mutable_lines(1)->mutable_fields(0)->set_before("\x1B]0;x\x07");
  response.mutable_lines(1)->mutable_fields(0)->set_after("1\n+ 2");
  std::ostringstream out;
  PrintImport(response, false, Printer(out, Format::kTable, Language(), 0));
  EXPECT_THAT(out.str(), ::testing::StartsWith("+ swd/2022-2024/d-81  名\uFFFD[2J单  (line 119)\n"
                                               "~ swd/2022-2024/b-2  统计  (line 20)\n"
                                               "    target_date: \uFFFD]0;x\uFFFD -> 1 + 2\n"));
}

TEST(PrintDocument, LetsNoPublisherSteerTheTerminal) {
  v1::PlanDocument document;
  document.set_publisher_title("社\x1B[2J");
  std::ostringstream out;
  PrintDocument(document, Printer(out, Format::kTable, Language(), 0));
  EXPECT_THAT(out.str(), ::testing::StartsWith("社\uFFFD[2J, "));
}

TEST(ReadPlan, LetsNoLineOfTheFileSteerTheTerminal) {
  const std::string file = ::testing::TempDir() + "/" + std::to_string(getpid()) + "-steering-plan.txt";
  std::ofstream(file) << "社\n2022至2024年的开放数据计划\n\x1B[2J\nA. 甲\n不适用\n";
  std::ostringstream notes;
  ASSERT_TRUE(ReadPlan(file, notes).ok());
  std::remove(file.c_str());
  EXPECT_EQ(notes.str(), file + ":3: a line above the first section: \uFFFD[2J\n");
}

TEST(ReadPlanFile, TakesUpTo16MiB) {
  const std::string file = ::testing::TempDir() + "/" + std::to_string(getpid()) + "-large-plan.pdf";
  std::ofstream(file) << std::string(16 << 20, ' ');
  EXPECT_TRUE(ReadPlanFile(file).ok());
  std::ofstream(file, std::ios::app) << ' ';
  EXPECT_EQ(ReadPlanFile(file).status().message(), file + " is larger than 16 MiB: that is no plan");
  std::remove(file.c_str());
}

TEST(PrintImport, SaysThatADryRunChangedNothing) {
  EXPECT_THAT(Print(true, Format::kTable), ::testing::HasSubstr("dry run, nothing was changed: publishers/swd/plans"));
}

TEST(PrintImport, HasARecordForEachFieldInCsv) {
  EXPECT_EQ(Print(false, Format::kCsv),
            "action,commitment,dataset,title,line,field,before,after\n"
            "added,publishers/swd/plans/2022-2024/commitments/d-81,,名单,119,,,\n"
            "changed,publishers/swd/plans/2022-2024/commitments/b-2,,统计,20,target_date,2024-06,2024-09\n");
}

TEST(NameLines, PutsFileAndLineInPlaceOfTheField) {
  google::rpc::BadRequest bad;
  for (const char* field : {"document.commitments[1].number", "document.commitments[0] (line 10).title",
                            "document.period", "document.commitments[9]"}) {
    auto* violation = bad.add_field_violations();
    violation->set_field(field);
    violation->set_description("is wrong");
  }
  google::rpc::Status details;
  details.add_details()->PackFrom(bad);
  v1::PlanDocument document;
  document.add_commitments()->set_line(10);
  document.add_commitments()->set_line(11);
  const absl::Status status =
      FromGrpc(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "3 faults", details.SerializeAsString()), "host:1");
  EXPECT_EQ(Explain(NameLines(status, "plan.txt", document)),
            "3 faults\n  plan.txt:11: number: is wrong\n  plan.txt:10: title: is wrong\n  document.period: is wrong\n"
            "  document.commitments[9]: is wrong");
}

}  // namespace
}  // namespace almanac::client
