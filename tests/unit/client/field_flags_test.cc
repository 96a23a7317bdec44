#include "client/field_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "almanac/v1/dataset.pb.h"
#include "almanac/v1/release_plan.pb.h"
#include "client/errors.h"

namespace almanac::client {
namespace {

using ::testing::ElementsAre;

// Parses `arguments` for the flags and applies them to `resource`; returns the mask.
google::protobuf::FieldMask Apply(google::protobuf::Message& resource, const std::vector<FieldFlag>& flags,
                                  std::vector<std::string> arguments) {
  CLI::App app;
  FieldFlags fields(app, *resource.GetDescriptor(), flags);
  std::reverse(arguments.begin(), arguments.end());
  app.parse(arguments);
  google::protobuf::FieldMask mask;
  EXPECT_EQ(fields.Apply(resource, mask), absl::OkStatus());
  return mask;
}

TEST(FieldFlags, SetOnlyWhatWasGiven) {
  v1::Dataset dataset;
  dataset.set_landing_page("https://example.org/");
  const auto mask = Apply(dataset,
                          {{"--title", "titles", ""},
                           {"--frequency", "frequency", ""},
                           {"--discontinued", "discontinued", ""},
                           {"--landing-page", "landing_page", ""}},
                          {"--frequency", "half-yearly", "--discontinued", "true"});
  EXPECT_THAT(mask.paths(), ElementsAre("frequency", "discontinued"));
  EXPECT_EQ(dataset.frequency(), v1::HALF_YEARLY);
  EXPECT_TRUE(dataset.discontinued());
  EXPECT_EQ(dataset.landing_page(), "https://example.org/");
}

TEST(FieldFlags, MergeLanguages) {
  v1::Dataset dataset;
  (*dataset.mutable_titles())["en"] = "Old";
  (*dataset.mutable_titles())["pt"] = "Fim";
  (*dataset.mutable_titles())["zh-Hans-HK"] = "名单";
  Apply(dataset, {{"--title", "titles", ""}}, {"--title", "en=New = better", "--title", "pt="});
  EXPECT_EQ(dataset.titles().size(), 2u);
  EXPECT_EQ(dataset.titles().at("en"), "New = better");
  EXPECT_EQ(dataset.titles().at("zh-Hans-HK"), "名单");
}

TEST(FieldFlags, ReplaceLists) {
  v1::Dataset dataset;
  dataset.add_formats("XLS");
  const std::vector<FieldFlag> flags = {{"--format", "formats", ""}, {"--former-title", "former_titles", ""}};
  Apply(dataset, flags, {"--format", "CSV", "--format", "XML", "--former-title", "en=Before"});
  EXPECT_THAT(dataset.formats(), ElementsAre("CSV", "XML"));
  ASSERT_EQ(dataset.former_titles_size(), 1);
  EXPECT_EQ(dataset.former_titles(0).language(), "en");
  EXPECT_EQ(dataset.former_titles(0).text(), "Before");
  const auto mask = Apply(dataset, flags, {"--format", ""});
  EXPECT_THAT(mask.paths(), ElementsAre("formats"));
  EXPECT_EQ(dataset.formats_size(), 0);
}

TEST(FieldFlags, ReadPeriodsAndSections) {
  v1::ReleasePlan plan;
  const std::vector<FieldFlag> flags = {{"--period", "period", ""}, {"--section", "sections", ""}};
  Apply(plan, flags, {"--period", "2025-2027", "--section", "A/en=Now", "--section", "B", "--section", "A/pt=Agora"});
  EXPECT_EQ(plan.period().start_year(), 2025);
  EXPECT_EQ(plan.period().end_year(), 2027);
  ASSERT_EQ(plan.sections_size(), 2);
  EXPECT_EQ(plan.sections(0).titles().at("en"), "Now");
  EXPECT_EQ(plan.sections(0).titles().at("pt"), "Agora");
  EXPECT_EQ(plan.sections(1).code(), "B");
  Apply(plan, flags, {"--period", "2026"});
  EXPECT_EQ(plan.period().start_year(), 2026);
  EXPECT_EQ(plan.period().end_year(), 2026);
}

TEST(FieldFlags, NameTheFlagOfAWrongValue) {
  CLI::App app;
  v1::Dataset dataset;
  FieldFlags fields(app, *v1::Dataset::descriptor(), {{"--frequency", "frequency", ""}});
  app.parse(std::vector<std::string>{"sometimes", "--frequency"});
  google::protobuf::FieldMask mask;
  const absl::Status status = fields.Apply(dataset, mask);
  EXPECT_EQ(ExitCodeOf(status), kUsage);
  EXPECT_THAT(Explain(status), ::testing::StartsWith("--frequency: \"sometimes\" is none of: continuous, daily"));
}

}  // namespace
}  // namespace almanac::client
