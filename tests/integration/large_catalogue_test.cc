#include "tests/bench/large_catalogue.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>

#include "absl/strings/str_cat.h"
#include "tests/bench/catalogue_loader.h"
#include "tests/integration/catalogue_fixture.h"

// A catalogue that was loaded around almanacd is one that almanacd could have left.
namespace almanac::testing {
namespace {

using almanac::v1::Dataset;
using google::protobuf::util::MessageDifferencer;

constexpr int kPublishers = 20;
constexpr int kDatasets = 3000;
constexpr int kHead = kPublishers + kDatasets;

class LargeCatalogueTest : public CatalogueTest {
 protected:
  absl::Status Load() {
    return bench::LoadCatalogue(
        {.database_url = database_.url(), .datasets = kDatasets, .publishers = kPublishers, .seed = 3});
  }

  const bench::LargeCatalogue made_{3, kPublishers};
};

TEST_F(LargeCatalogueTest, ReadsAsItWasMade) {
  ASSERT_TRUE(Load().ok());
  for (int i = 0; i < kPublishers; ++i) {
    const auto publisher = made_.MakePublisher(i);
    EXPECT_TRUE(MessageDifferencer::Equals(GetPublisher(publisher.name()), publisher));
  }
  for (int i = 0; i < kDatasets; i += 7) {
    const Dataset made = made_.MakeDataset(i);
    Dataset read = GetDataset(made.name());
    EXPECT_TRUE(read.has_freshness());
    read.clear_freshness();
    EXPECT_TRUE(MessageDifferencer::Equals(read, made)) << read.DebugString() << made.DebugString();
  }
}

TEST_F(LargeCatalogueTest, UpdatesAreCounted) {
  ASSERT_TRUE(Load().ok());
  EXPECT_THAT(database_.Sql("select count(*) from datasets d where update_count <>"
                            " (select count(*) from dataset_updates u where u.publisher_id = d.publisher_id"
                            "  and u.dataset_id = d.dataset_id and u.data_time <= d.last_update_time)"),
              ::testing::ElementsAre("0"));
}

TEST_F(LargeCatalogueTest, IsFound) {
  ASSERT_TRUE(Load().ok());
  EXPECT_THAT(database_.Sql("select count(*) from datasets d join dataset_search s using (publisher_id, dataset_id)"
                            " where s.vector <> ''"),
              ::testing::ElementsAre(absl::StrCat(kDatasets)));
  EXPECT_THAT(database_.Sql("select count(*) > 100 and bool_or(word = 'statistics') from search_words"),
              ::testing::ElementsAre("t"));
  EXPECT_THAT(database_.Sql("select to_regclass('dataset_search_vector') is not null"), ::testing::ElementsAre("t"));
}

TEST_F(LargeCatalogueTest, TheLogGoesOnBehindIt) {
  ASSERT_TRUE(Load().ok());
  EXPECT_EQ(HeadRevision(), kHead);
  EXPECT_EQ(AddPublisher("swd").revision(), kHead + 1);
  const auto changes = ChangesAfter(kHead);
  ASSERT_EQ(changes.size(), 1);
  EXPECT_EQ(changes[0].resource(), "publishers/swd");
  almanac::v1::ReportUpdateRequest update;
  update.set_name(made_.MakeDataset(0).name());
  EXPECT_EQ(Do(update).revision(), kHead + 2);
}

TEST_F(LargeCatalogueTest, IsNotLoadedOverAnother) {
  AddPublisher("swd");
  EXPECT_EQ(Load().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(HeadRevision(), 1);
  EXPECT_THAT(database_.Sql("select count(*) from datasets"), ::testing::ElementsAre("0"));
}

}  // namespace
}  // namespace almanac::testing
