#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "db/errors.h"
#include "google/rpc/error_details.pb.h"
#include "service/validation.h"

namespace almanac::service {
namespace {

using almanac::v1::Publisher;

constexpr std::string_view kSettable = "titles time_zone homepage";

google::protobuf::FieldMask Mask(const std::vector<std::string>& paths) {
  google::protobuf::FieldMask mask;
  for (const std::string& path : paths) mask.add_paths(path);
  return mask;
}

Publisher Current() {
  Publisher publisher;
  publisher.set_name("publishers/swd");
  (*publisher.mutable_titles())["en"] = "Old";
  publisher.set_time_zone("Asia/Hong_Kong");
  publisher.set_homepage("https://old.example");
  publisher.set_etag("\"1\"");
  return publisher;
}

Publisher Patch() {
  Publisher publisher;
  publisher.set_name("publishers/other");
  (*publisher.mutable_titles())["en"] = "New";
  publisher.set_homepage("https://new.example");
  publisher.set_etag("\"2\"");
  publisher.set_revision(99);
  return publisher;
}

TEST(ApplyMaskTest, SetsTheNamedFieldsOnly) {
  Publisher publisher = Current();
  ASSERT_TRUE(ApplyMask(Mask({"homepage"}), Patch(), kSettable, &publisher).ok());
  EXPECT_EQ(publisher.homepage(), "https://new.example");
  EXPECT_EQ(publisher.titles().at("en"), "Old");
}

TEST(ApplyMaskTest, ANamedFieldWithoutAValueIsCleared) {
  Publisher publisher = Current();
  ASSERT_TRUE(ApplyMask(Mask({"time_zone"}), Patch(), kSettable, &publisher).ok());
  EXPECT_EQ(publisher.time_zone(), "");
  EXPECT_EQ(publisher.homepage(), "https://old.example");
}

TEST(ApplyMaskTest, APathNamedTwiceCountsOnce) {
  Publisher publisher = Current();
  ASSERT_TRUE(ApplyMask(Mask({"homepage", "homepage"}), Patch(), kSettable, &publisher).ok());
  EXPECT_EQ(publisher.homepage(), "https://new.example");
}

TEST(ApplyMaskTest, AnEmptyMaskTakesWhatIsSet) {
  Publisher publisher = Current();
  ASSERT_TRUE(ApplyMask({}, Patch(), kSettable, &publisher).ok());
  EXPECT_EQ(publisher.titles().at("en"), "New");
  EXPECT_EQ(publisher.homepage(), "https://new.example");
  EXPECT_EQ(publisher.time_zone(), "Asia/Hong_Kong");
  EXPECT_EQ(publisher.name(), "publishers/swd");
  EXPECT_EQ(publisher.etag(), "\"1\"");
}

TEST(ApplyMaskTest, AStarReplacesAllThatCanBeSet) {
  Publisher publisher = Current();
  ASSERT_TRUE(ApplyMask(Mask({"*"}), Patch(), kSettable, &publisher).ok());
  EXPECT_EQ(publisher.titles().at("en"), "New");
  EXPECT_EQ(publisher.time_zone(), "");
  EXPECT_EQ(publisher.name(), "publishers/swd");
  EXPECT_EQ(publisher.revision(), 0);
}

TEST(ApplyMaskTest, OtherPathsAreRefused) {
  for (const char* path : {"nonsense", "revision", "name", "etag", "update_time", "titles.en", "", "Titles",
                           "homepage ", "titles,homepage"}) {
    Publisher publisher = Current();
    const absl::Status status = ApplyMask(Mask({"homepage", path}), Patch(), kSettable, &publisher);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << path;
    EXPECT_EQ(db::Detail<google::rpc::BadRequest>(status).field_violations(0).field(), "update_mask") << path;
  }
  Publisher publisher = Current();
  EXPECT_TRUE(absl::IsInvalidArgument(ApplyMask(Mask({"*", "homepage"}), Patch(), kSettable, &publisher)));
}

}  // namespace
}  // namespace almanac::service
