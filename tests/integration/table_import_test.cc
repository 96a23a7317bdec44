#include <cstdio>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/app.h"
#include "tests/integration/harness.h"

// Tables as an officer imports them with `almanac`, against a real server.
namespace almanac::testing {
namespace {

using almanac::v1::Commitment;
using almanac::v1::GetCommitmentRequest;
using almanac::v1::GetDatasetRequest;
using almanac::v1::GetPublisherRequest;
using almanac::v1::ReleasePlanService;

constexpr char kCsv[] = ALMANAC_TEST_DATA "/open-data-plans.csv";
constexpr char kXlsx[] = ALMANAC_TEST_DATA "/open-data-plans.xlsx";
constexpr char kMapping[] = ALMANAC_TEST_DATA "/open-data-plans.yaml";

struct Result {
  int code;
  std::string out;
  std::string err;

  bool Says(const std::string& words) const { return (out + err).find(words) != std::string::npos; }
};

class TableImportTest : public ServiceTest {
 protected:
  // `almanac plan import FILE --mapping ...`.
  Result Import(const std::string& file, const std::vector<std::string>& flags = {}) {
    std::vector<std::string> arguments = {"almanac",   "plan",   "import",   file,
                                          "--mapping", kMapping, "--server", server_.address()};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    std::ostringstream out;
    std::ostringstream err;
    const int code = client::Run(static_cast<int>(argv.size()), argv.data(), out, err);
    return {code, out.str(), err.str()};
  }

  Commitment Get(const std::string& name) {
    GetCommitmentRequest request;
    request.set_name(name);
    return Call(&*client_->plans, &ReleasePlanService::Stub::GetCommitment, request);
  }

  // A copy of the table with texts replaced.
  static std::string Edited(const std::vector<std::pair<std::string, std::string>>& edits) {
    std::ifstream file(kCsv);
    std::string text((std::istreambuf_iterator<char>(file)), {});
    for (const auto& edit : edits) EXPECT_EQ(absl::StrReplaceAll({edit}, &text), 1) << edit.first;
    const std::string path = absl::StrCat(::testing::TempDir(), "/almanac-table-", getpid(), ".csv");
    std::ofstream(path) << text;
    return path;
  }
};

TEST_F(TableImportTest, ImportsThePlansOfAllPublishersOfATable) {
  Result result = Import(kCsv, {"--dry-run"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_TRUE(result.Says("dry run, nothing was changed: total of 2 plans: 5 added, 0 changed, 0 removed, 0 unchanged"))
      << result.out;
  EXPECT_EQ(HeadRevision(), 0);

  result = Import(kCsv);
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_TRUE(result.Says("+ publishers/swd\n+ publishers/swd/plans/2022-2023\n")) << result.out;
  EXPECT_TRUE(result.Says("total of 2 plans: 5 added, 0 changed, 0 removed, 0 unchanged; revision ")) << result.out;

  const Commitment homes = Get("publishers/swd/plans/2022-2023/commitments/a-1");
  EXPECT_EQ(homes.state(), Commitment::RELEASED);
  EXPECT_EQ(homes.target_date(), "2022-06");
  EXPECT_EQ(homes.release_date(), "2022-06-30");
  EXPECT_EQ(homes.outcome().against_first_target().verdict(), almanac::v1::Slip::ON_TIME);
  GetDatasetRequest dataset;
  dataset.set_name(homes.dataset());
  EXPECT_EQ(Call(&*client_->datasets, &almanac::v1::DatasetService::Stub::GetDataset, dataset).landing_page(),
            "https://www.swd.gov.hk/homes");
  const Commitment slopes = Get("publishers/highways-department/plans/2022-2023/commitments/a-2");
  EXPECT_EQ(slopes.state(), Commitment::CANCELLED);
  EXPECT_EQ(slopes.cancellation().reason(), Commitment::PRIVACY);
  EXPECT_EQ(slopes.cancellation().note(), "Contains personal data");
  GetPublisherRequest publisher;
  publisher.set_name("publishers/highways-department");
  EXPECT_EQ(
      Call(&*client_->publishers, &almanac::v1::PublisherService::Stub::GetPublisher, publisher).titles().at("en"),
      "Highways Department");
}

TEST_F(TableImportTest, ChangesNothingWhenTheSameIsImportedAgain) {
  ASSERT_EQ(Import(kCsv).code, 0);
  const int64_t imported = HeadRevision();
  for (const char* file : {kCsv, kXlsx}) {
    const Result result = Import(file);
    EXPECT_EQ(result.code, 0) << result.err;
    EXPECT_TRUE(result.Says("total of 2 plans: 0 added, 0 changed, 0 removed, 5 unchanged\n")) << result.out;
    EXPECT_EQ(HeadRevision(), imported) << file;
  }
}

TEST_F(TableImportTest, ImportsNothingIfOnePlanIsRefused) {
  ASSERT_EQ(Import(kCsv).code, 0);
  const int64_t imported = HeadRevision();
  // The first plan gets a new line; the second one takes back a line that was cancelled.
  const std::string edited = Edited({{"Day care centres,,Annually,Q3 2022", "Day care centres,,Annually,Q4 2022"},
                                     {"2022,,Removed,Contains personal data", "2022,13/05/2022,Released,"}});
  const Result result = Import(edited);
  EXPECT_EQ(result.code, 1);
  EXPECT_TRUE(result.Says("LINE_CONTRADICTS_HISTORY")) << result.err;
  EXPECT_TRUE(result.Says("Highways Department")) << result.err;
  EXPECT_EQ(HeadRevision(), imported);
  std::remove(edited.c_str());
}

TEST_F(TableImportTest, ImportsWhatIsUnderstoodOnlyIfAsked) {
  const std::string edited = Edited({{"31 December 2023", "TBC"}});
  Result result = Import(edited);
  EXPECT_EQ(result.code, 1);
  EXPECT_TRUE(result.Says(absl::StrCat(edited, ":7:5: left out: the target \"TBC\" is no date yet\n"))) << result.err;
  EXPECT_EQ(HeadRevision(), 0);
  result = Import(edited, {"--allow-warnings"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_TRUE(result.Says("total of 2 plans: 4 added")) << result.out;
  std::remove(edited.c_str());
}

}  // namespace
}  // namespace almanac::testing
