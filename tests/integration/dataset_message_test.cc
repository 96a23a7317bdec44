#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <google/protobuf/util/time_util.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "db/migrations.h"
#include "tests/integration/catalogue_fixture.h"

namespace almanac::testing {
namespace {

using almanac::v1::CreateDatasetRequest;
using almanac::v1::Dataset;
using almanac::v1::Frequency;
using almanac::v1::Freshness;
using google::protobuf::FieldDescriptor;
using google::protobuf::util::MessageDifferencer;
using google::protobuf::util::TimeUtil;

constexpr char kWithAll[] = "publishers/swd/datasets/with-all";

// Datasets are answered from the message that is stored beside their columns. PostgreSQL makes it of the columns where
// somebody else than almanacd writes them, and must make the same.
class DatasetMessageTest : public CatalogueTest {
 protected:
  DatasetMessageTest() {
    AddPublisher();
    AddPublisher("td");
    AddDataset("least");
    AddDataset("deleted");
    Do(Named<almanac::v1::DeleteDatasetRequest>("publishers/swd/datasets/deleted"));
    Add("with-all", WithAll());
    Report(kWithAll, "2021-01-01T00:00:00Z");
    Report(kWithAll, "2021-02-01T12:34:56.789012Z");
    Report(kWithAll, "2021-03-04T00:00:00Z");
    for (int value = almanac::v1::Frequency_MIN; value <= almanac::v1::Frequency_MAX; ++value) {
      Dataset dataset;
      (*dataset.mutable_titles())["en"] = "A";
      dataset.set_frequency(static_cast<Frequency>(value));
      (*dataset.mutable_frequency_texts())["en"] = "so";
      Add(absl::StrCat("every-", value), dataset, "td");
    }
    dataset_ages_ = {{"fresh", 3}, {"due", 10}, {"overdue", 15}, {"delinquent", 30}};
    for (const auto& [id, days] : dataset_ages_) {
      Dataset dataset;
      (*dataset.mutable_titles())["en"] = "A";
      dataset.set_frequency(almanac::v1::WEEKLY);
      Add(id, dataset);
      Report("publishers/swd/datasets/" + id,
             TimeUtil::ToString(TimeUtil::GetCurrentTime() - TimeUtil::HoursToDuration(24 * days)));
    }
    Report("publishers/swd/datasets/least", "1969-12-31T23:59:59.000001Z");
  }

  static Dataset WithAll() {
    Dataset dataset;
    (*dataset.mutable_titles())["en"] = "Lifts \"and\" \\escalators\\";
    (*dataset.mutable_titles())["zh-Hant-HK"] = "升降機維修信息𠝹";
    (*dataset.mutable_categories())["en"] = "Housing";
    (*dataset.mutable_remarks())["en"] = std::string(10'000, 'x');
    (*dataset.mutable_remarks())["zh-Hans-HK"] = std::string(127, 'y');
    for (const char* text : {"Lifts", "Hoists"}) {
      almanac::v1::FormerTitle& title = *dataset.add_former_titles();
      title.set_language("en");
      title.set_text(text);
    }
    dataset.set_frequency(almanac::v1::MONTHLY);
    (*dataset.mutable_frequency_texts())["zh-Hans-HK"] = "每月";
    dataset.add_formats("XML");
    dataset.add_formats("CSV");
    dataset.set_landing_page("https://example.org/a");
    dataset.set_release_date("2020-Q2");
    dataset.set_discontinued(true);
    dataset.set_last_update_date("2021-03");
    return dataset;
  }

  void Add(const std::string& id, const Dataset& dataset, const std::string& publisher = "swd") {
    CreateDatasetRequest request;
    request.set_parent("publishers/" + publisher);
    request.set_dataset_id(id);
    *request.mutable_dataset() = dataset;
    Do(request);
  }

  void Report(const std::string& name, const std::string& time) {
    auto request = Named<almanac::v1::ReportUpdateRequest>(name);
    ASSERT_TRUE(TimeUtil::FromString(time, request.mutable_data_time())) << time;
    Do(request);
  }

  almanac::v1::ListDatasetsResponse ListAll() {
    auto request = Named<almanac::v1::ListDatasetsRequest>("publishers/-");
    request.set_show_deleted(true);
    return Do(request);
  }

  std::map<std::string, int> dataset_ages_;
};

void AddFieldsOf(const google::protobuf::Message& message, std::set<std::string>* names) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) names->insert(field->full_name());
}

std::set<std::string> AllFieldsOf(const google::protobuf::Descriptor* type) {
  std::set<std::string> names;
  for (int i = 0; i < type->field_count(); ++i) names.insert(type->field(i)->full_name());
  return names;
}

TEST_F(DatasetMessageTest, ColumnsMakeTheMessageThatWasWritten) {
  const auto before = ListAll();
  ASSERT_EQ(before.datasets_size(), 7 + almanac::v1::Frequency_ARRAYSIZE);
  // Whoever adds a field adds it to what is compared here.
  std::set<std::string> fields, freshness_fields;
  std::set<Freshness::State> states;
  for (const Dataset& dataset : before.datasets()) {
    AddFieldsOf(dataset, &fields);
    AddFieldsOf(dataset.freshness(), &freshness_fields);
    states.insert(dataset.freshness().state());
  }
  EXPECT_EQ(fields, AllFieldsOf(Dataset::descriptor()));
  EXPECT_EQ(freshness_fields, AllFieldsOf(Freshness::descriptor()));
  EXPECT_EQ(states.size(), Freshness::State_descriptor()->value_count() - 1) << "all but the unspecified one";

  database_.Sql("update datasets set message = null");
  const auto after = ListAll();
  ASSERT_EQ(after.datasets_size(), before.datasets_size());
  for (int i = 0; i < before.datasets_size(); ++i) {
    MessageDifferencer differencer;
    std::string differences;
    differencer.ReportDifferencesToString(&differences);
    EXPECT_TRUE(differencer.Compare(before.datasets(i), after.datasets(i))) << before.datasets(i).name() << "\n"
                                                                            << differences;
  }
}

TEST_F(DatasetMessageTest, WhoWritesColumnsByHandNeedNotKnowOfIt) {
  database_.Sql("update datasets set landing_page = 'https://example.org/b' where dataset_id = 'with-all'");
  EXPECT_EQ(GetDataset(kWithAll).landing_page(), "https://example.org/b");
  database_.Sql("update datasets set freshness_state = null where dataset_id = 'with-all'");
  EXPECT_FALSE(GetDataset(kWithAll).has_freshness());
  // A dataset without freshness is written as one.
  almanac::v1::UpdateDatasetRequest request;
  request.mutable_dataset()->set_name(kWithAll);
  request.mutable_dataset()->set_landing_page("https://example.org/c");
  request.mutable_update_mask()->add_paths("landing_page");
  EXPECT_TRUE(Do(request).has_freshness());
  EXPECT_EQ(GetDataset(kWithAll).landing_page(), "https://example.org/c");
}

TEST_F(DatasetMessageTest, ACatalogueOfBeforeItsTimeGetsMessages) {
  const auto before = ListAll();
  database_.Sql(
      "drop function dataset_message, set_dataset_message, proto_freshness, proto_frequency, proto_micros, proto_texts,"
      " proto_text, proto_message, proto_number, proto_varint cascade;"
      "alter table datasets drop column message;"
      "delete from schema_migrations where version >= 6");
  const absl::StatusOr<int> version = db::Migrate(database_.url());
  ASSERT_TRUE(version.ok()) << version.status();
  EXPECT_EQ(*version, db::Migrations().back().version);
  const TestServer server(database_.url());
  client_ = server.NewClient();
  EXPECT_TRUE(MessageDifferencer::Equals(ListAll(), before));
  EXPECT_EQ(GetDataset(kWithAll).titles().at("zh-Hant-HK"), "升降機維修信息𠝹");
}

}  // namespace
}  // namespace almanac::testing
