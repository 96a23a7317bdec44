#include <gmock/gmock.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "db/dataset_search.h"
#include "service/list_request.h"
#include "tests/integration/catalogue_fixture.h"
#include "tests/integration/dataset_rows.h"

namespace almanac::testing {
namespace {

using almanac::v1::CountFacetsRequest;
using almanac::v1::CountFacetsResponse;
using almanac::v1::CreateDatasetRequest;
using almanac::v1::Dataset;
using almanac::v1::DatasetHit;
using almanac::v1::SearchDatasetsRequest;
using almanac::v1::SearchDatasetsResponse;
using almanac::v1::TextMatch;
using almanac::v1::UpdateDatasetRequest;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

Dataset Titled(const std::string& english, const std::string& chinese = "") {
  Dataset dataset;
  if (!english.empty()) (*dataset.mutable_titles())["en"] = english;
  if (!chinese.empty()) (*dataset.mutable_titles())["zh-Hant-HK"] = chinese;
  return dataset;
}

class SearchTest : public CatalogueTest {
 protected:
  SearchTest() {
    AddPublisher("emsd");
    AddPublisher("td");
  }

  void Add(const std::string& id, Dataset dataset, const std::string& publisher = "emsd") {
    CreateDatasetRequest request;
    request.set_parent("publishers/" + publisher);
    request.set_dataset_id(id);
    *request.mutable_dataset() = std::move(dataset);
    Do(request);
  }

  static SearchDatasetsRequest Query(const std::string& query, const std::string& filter = "") {
    SearchDatasetsRequest request;
    request.set_parent("publishers/-");
    request.set_query(query);
    request.set_filter(filter);
    return request;
  }

  // The ids of what is found, the best first, in pages of two.
  std::vector<std::string> Find(SearchDatasetsRequest request) {
    std::vector<std::string> ids;
    request.set_page_size(2);
    do {
      const SearchDatasetsResponse page = Do(request);
      for (const DatasetHit& hit : page.hits()) {
        ids.push_back(hit.dataset().name().substr(hit.dataset().name().rfind('/') + 1));
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty() && ids.size() < 1000);
    return ids;
  }
  std::vector<std::string> Find(const std::string& query, const std::string& filter = "") {
    return Find(Query(query, filter));
  }
};

// A match with its hits in brackets.
std::string Marked(const TextMatch& match) {
  std::string text = match.field() + ": ";
  for (const auto& piece : match.pieces()) {
    absl::StrAppend(&text, piece.is_match() ? "[" : "", piece.text(), piece.is_match() ? "]" : "");
  }
  return text;
}

std::vector<std::string> Marked(const DatasetHit& hit) {
  std::vector<std::string> texts;
  for (const TextMatch& match : hit.matches()) texts.push_back(Marked(match));
  return texts;
}

TEST_F(SearchTest, FindsChineseByAnyPartInEitherScript) {
  Add("lifts", Titled("Lifts", "升降機維修信息"));
  Add("homes", Titled("Homes", "安老院舍名單"));
  for (const char* query : {"維修", "维修", "维修信息", "維", "修信", "升降机维修信息", "升降機　維修"}) {
    EXPECT_THAT(Find(query), ElementsAre("lifts")) << query;
  }
  for (const char* query : {"修維", "升機", "維修名單", "維修 名單"}) EXPECT_THAT(Find(query), IsEmpty()) << query;
  EXPECT_THAT(Find("裏"), IsEmpty());
}

TEST_F(SearchTest, FindsPinyinWhereIdsAreMadeOfTitles) {
  Add("", Titled("", "長者地區中心名單"));
  Add("lifts", Titled("Lifts", "升降機"));
  EXPECT_THAT(Find("zhang zhe"), ElementsAre("zhang-zhe-de-qu-zhong-xin-ming-dan"));
  EXPECT_THAT(Find("zhang-zhe"), ElementsAre("zhang-zhe-de-qu-zhong-xin-ming-dan"));
}

TEST_F(SearchTest, FindsLatinWordsWhateverTheirCaseWidthAccentsAndInflection) {
  Add("lifts", Titled("Maintenance of Lifts, Café Züri"));
  for (const char* query : {"maintenance", "MAINTENANCE", "ｌｉｆｔｓ", "lift", "cafe", "CAFÉ", "zuri",
                            "lifts maintenance", "mainten", "maintenances"}) {
    EXPECT_THAT(Find(query), ElementsAre("lifts")) << query;
  }
  for (const char* query : {"intenance", "maint lifts", "lifts escalators"})
    EXPECT_THAT(Find(query), IsEmpty()) << query;
}

TEST_F(SearchTest, ForgivesOneTypingError) {
  Add("lifts", Titled("Maintenance of lifts"));
  for (const char* query :
       {"mainenance", "maintennance", "maintemance", "miantenance", "maintenacne lifts", "lits x lifts"}) {
    const SearchDatasetsResponse found = Do(Query(query));
    if (std::string(query) == "lits x lifts") {
      EXPECT_EQ(found.hits_size(), 0) << "a word of one letter is none that is mistyped";
      continue;
    }
    ASSERT_EQ(found.hits_size(), 1) << query;
    ASSERT_EQ(found.corrections_size(), 1) << query;
    EXPECT_THAT(found.corrections(0).replacements(), ::testing::Contains("maintenance"));
    EXPECT_EQ(Marked(found.hits(0))[0].find("titles.en: [Maintenance] of "), 0U) << Marked(found.hits(0))[0];
  }
  EXPECT_EQ(Do(Query("maintenance")).corrections_size(), 0);
  EXPECT_EQ(Do(Query("mintenence")).hits_size(), 0) << "two errors";
}

TEST_F(SearchTest, EveryTextCountsTitlesMost) {
  Dataset remark = Titled("Roads");
  (*remark.mutable_remarks())["en"] = "With lifts beside them";
  Add("in-remark", remark);
  Dataset category = Titled("Bridges");
  (*category.mutable_categories())["en"] = "Lifts";
  Add("in-category", category);
  Dataset former = Titled("Hoists");
  former.add_former_titles()->set_text("Lifts");
  former.mutable_former_titles(0)->set_language("en");
  Add("in-former-title", former);
  Add("in-title", Titled("Lifts"));
  Add("long-title", Titled("Of everything that goes up and down the lifts by registration number"));
  EXPECT_THAT(Find("lifts"), ElementsAre("in-title", "long-title", "in-former-title", "in-category", "in-remark"));
  EXPECT_THAT(Find("lifts", "titles:lifts"), ElementsAre("in-title", "long-title"));
  EXPECT_THAT(Find("emsd long"), ElementsAre("long-title"));
}

TEST_F(SearchTest, SaysWhy) {
  Dataset dataset = Titled("Lift repairs", "升降機維修紀錄");
  (*dataset.mutable_remarks())["en"] =
      absl::StrCat(std::string(1000, 'x'), " the repaired lift ", std::string(1000, 'y'));
  Add("emsd-lift", dataset);
  const SearchDatasetsResponse found = Do(Query("lift repair"));
  ASSERT_EQ(found.hits_size(), 1);
  const std::vector<std::string> texts = Marked(found.hits(0));
  ASSERT_EQ(texts.size(), 3U);
  EXPECT_EQ(texts[0], "titles.en: [Lift] [repairs]");
  EXPECT_EQ(texts[1], "dataset: emsd-[lift]");
  EXPECT_NE(texts[2].find(" the [repaired] [lift] "), std::string::npos) << texts[2];
  EXPECT_LT(texts[2].size(), 250U);
  EXPECT_THAT(Marked(Do(Query("机维")).hits(0)), ElementsAre("titles.zh-Hant-HK: 升降[機維]修紀錄"));
}

TEST_F(SearchTest, FollowsWhatChanges) {
  Add("d", Titled("Lifts"));
  UpdateDatasetRequest update;
  update.mutable_dataset()->set_name("publishers/emsd/datasets/d");
  (*update.mutable_dataset()->mutable_titles())["en"] = "Escalators";
  Do(update);
  EXPECT_THAT(Find("lifts"), IsEmpty());
  EXPECT_THAT(Find("escalator"), ElementsAre("d"));
  Do(Named<almanac::v1::DeleteDatasetRequest>("publishers/emsd/datasets/d"));
  EXPECT_THAT(Find("escalator"), IsEmpty());
  Do(Named<almanac::v1::UndeleteDatasetRequest>("publishers/emsd/datasets/d"));
  EXPECT_THAT(Find("escalator"), ElementsAre("d"));
}

TEST_F(SearchTest, InOnePublisherWithAFilter) {
  Add("a", Titled("Lifts"));
  Dataset csv = Titled("Lifts");
  csv.add_formats("CSV");
  Add("b", csv, "td");
  SearchDatasetsRequest request = Query("lifts");
  EXPECT_THAT(Find(request), UnorderedElementsAre("a", "b"));
  request.set_filter("formats:CSV");
  EXPECT_THAT(Find(request), ElementsAre("b"));
  request.set_parent("publishers/emsd");
  EXPECT_THAT(Find(request), IsEmpty());
  request.set_parent("publishers/none");
  EXPECT_EQ(ReasonOf(Refused(request, grpc::StatusCode::NOT_FOUND)), "RESOURCE_NOT_FOUND");
}

// What changes between the pages of a ranked search neither comes twice nor is left out.
TEST_F(SearchTest, AWalkSeesWhatWasThereThroughoutOnce) {
  std::vector<std::string> expected;
  for (int i = 10; i < 20; ++i) {
    Add(absl::StrCat("d", i), Titled("Lifts"));
    expected.push_back(absl::StrCat("d", i));
  }
  SearchDatasetsRequest request = Query("lifts");
  request.set_page_size(4);
  std::vector<std::string> seen;
  for (int i = 0; i < 3; ++i) {
    const SearchDatasetsResponse page = Do(request);
    for (const DatasetHit& hit : page.hits()) seen.push_back(hit.dataset().name().substr(25));
    request.set_page_token(page.next_page_token());
    for (const auto& [id, title] :
         {std::pair("d10", "Lifts lifts lifts"), {"d19", "None"}, {"d15", "Long lifts of all"}}) {
      UpdateDatasetRequest update;
      update.mutable_dataset()->set_name(absl::StrCat("publishers/emsd/datasets/", id));
      (*update.mutable_dataset()->mutable_titles())["en"] = absl::StrCat(title, " ", i);
      Do(update);
    }
  }
  EXPECT_EQ(request.page_token(), "");
  EXPECT_EQ(seen, expected);
}

TEST_F(SearchTest, TheLimitsOfAQuery) {
  const auto field = [&](const std::string& query) {
    return FieldOf(Refused(Query(query), grpc::StatusCode::INVALID_ARGUMENT));
  };
  EXPECT_EQ(field(""), "query");
  EXPECT_EQ(field(" -,。"), "query");
  EXPECT_EQ(field("a a a a a a a a a a a a a a a a a"), "query");
  EXPECT_EQ(Do(Query("a a a a a a a a a a a a a a a a")).hits_size(), 0);
  EXPECT_EQ(field(std::string(201, 'a')), "query");
  EXPECT_EQ(Do(Query(std::string(200, 'a'))).hits_size(), 0);
  EXPECT_EQ(Do(Query("it's \\ ' \" :* | & ! <-> (")).hits_size(), 0);
  SearchDatasetsRequest request = Query("lifts");
  request.set_page_size(-1);
  EXPECT_EQ(FieldOf(Refused(request, grpc::StatusCode::INVALID_ARGUMENT)), "page_size");
  request.set_page_size(0);
  request.set_page_token("bm9uZQ");
  EXPECT_EQ(FieldOf(Refused(request, grpc::StatusCode::INVALID_ARGUMENT)), "page_token");
}

TEST_F(SearchTest, WhatIsDeletedIsFoundByItsTitleIfAskedFor) {
  Add("a", Titled("Lifts"));
  Add("b", Titled("Lifts"));
  Do(Named<almanac::v1::DeleteDatasetRequest>("publishers/emsd/datasets/a"));
  EXPECT_THAT(Find("lifts"), ElementsAre("b"));
  EXPECT_THAT(Find("lifts", "titles:lifts"), ElementsAre("b"));
  almanac::v1::ListDatasetsRequest list;
  list.set_parent("publishers/emsd");
  list.set_filter("titles:lifts");
  EXPECT_EQ(Do(list).datasets_size(), 1);
  list.set_show_deleted(true);
  EXPECT_EQ(Do(list).datasets_size(), 2);
}

TEST_F(SearchTest, TheBestAreFirstUpToABound) {
  // Found by name, `zz` is the last; ranked, the first.
  const auto add = [&](const std::string& ids, const std::string& vector) {
    database_.Sql(AddDatasetsSql("emsd", ids, "Many lifts", vector));
  };
  add(absl::StrCat("select 'd' || n from generate_series(2, ", service::kMaxCounted, ") n"), "'many':1 'lifts':2");
  add("select 'zz'", "'many':1A 'lifts':2A");
  SearchDatasetsRequest request = Query("many lifts ");
  request.set_include_total_size(true);
  SearchDatasetsResponse found = Do(request);
  EXPECT_EQ(found.hits(0).dataset().name(), "publishers/emsd/datasets/zz");
  EXPECT_EQ(found.total_size(), service::kMaxCounted);
  EXPECT_FALSE(found.is_total_size_estimated());
  // On a later page too.
  request.set_page_token(found.next_page_token());
  EXPECT_EQ(Do(request).total_size(), service::kMaxCounted);
  request.clear_page_token();

  add("select 'd1'", "'many':1 'lifts':2");
  for (const bool with_statistics : {false, true}) {
    if (with_statistics) database_.Sql("analyze dataset_search");
    // One that has not read them yet.
    const TestServer server(database_.url());
    client_ = server.NewClient();
    for (const std::string query : {"many lifts ", "many ", "man"}) {
      request.set_query(query);
      found = Do(request);
      EXPECT_EQ(found.hits(0).dataset().name(), "publishers/emsd/datasets/d1") << query;
      EXPECT_EQ(found.hits(1).dataset().name(), "publishers/emsd/datasets/d10") << query;
      EXPECT_TRUE(found.is_total_size_estimated());
      EXPECT_GT(found.total_size(), service::kMaxCounted);
    }
  }
  client_ = server_.NewClient();
  // With a condition that leaves few of them, these are ranked again.
  request.set_query("many lifts ");
  request.set_filter("dataset = zz OR dataset = d1");
  found = Do(request);
  ASSERT_EQ(found.hits_size(), 2);
  EXPECT_EQ(found.hits(0).dataset().name(), "publishers/emsd/datasets/zz");
  EXPECT_EQ(found.total_size(), 2);
}

TEST_F(SearchTest, FrequentWordsAreThoseOfTheStatistics) {
  const auto frequent = [&](int64_t more_than) {
    return *server_.database().ReadAndWait<std::map<std::string, int64_t>>(
        [&](db::Transaction& transaction) { return db::ListFrequentWords(transaction, more_than); });
  };
  EXPECT_THAT(frequent(0), IsEmpty()) << "of a table that was never looked at";
  for (int i = 0; i < 30; ++i) {
    Add(absl::StrCat("d", i), Titled(i % 3 == 0 ? "Lifts" : "Homes", i % 2 == 0 ? "福利" : ""));
  }
  database_.Sql("analyze dataset_search");
  std::map<std::string, int64_t> expected = {{"lifts", 10}, {"lift", 10}, {"homes", 20}, {"home", 20},
                                             {"福", 15},    {"福利", 15}, {"利", 15}};
  EXPECT_THAT(frequent(9), ::testing::IsSupersetOf(expected));
  EXPECT_THAT(frequent(10), ::testing::Not(::testing::Contains(::testing::Key("lifts"))));
  EXPECT_THAT(frequent(14), ::testing::Contains(::testing::Pair("福", 15)));
  EXPECT_THAT(frequent(15), ::testing::Not(::testing::Contains(::testing::Key("福"))));
  EXPECT_THAT(frequent(30), IsEmpty());
}

TEST_F(SearchTest, WhatWasThereBeforeSearchIsMadeSearchable) {
  Add("d", Titled("Lifts"));
  database_.Sql("delete from dataset_search");
  EXPECT_THAT(Find("lifts"), IsEmpty());
  const int64_t head = HeadRevision();
  service::Server::Options options;
  options.search_index_interval = absl::Hours(1);
  const TestServer another(database_.url(), options);
  EXPECT_TRUE(Eventually([&] { return !Find("lifts").empty(); }));
  EXPECT_EQ(HeadRevision(), head);
}

// The values of a facet with their counts.
std::vector<std::string> Counts(const CountFacetsResponse& answer, int facet) {
  std::vector<std::string> counts;
  for (const auto& value : answer.facets(facet).values()) {
    counts.push_back(absl::StrCat(value.value(), "=", value.count()));
  }
  return counts;
}

class FacetTest : public SearchTest {
 protected:
  FacetTest() {
    for (int i = 0; i < 4; ++i) {
      Dataset dataset = Titled(i == 3 ? "Homes" : "Lifts");
      dataset.add_formats("CSV");
      if (i == 0) dataset.add_formats("XML");
      if (i < 2) (*dataset.mutable_categories())["en"] = "Transport";
      if (i < 2) (*dataset.mutable_categories())["zh-Hant-HK"] = "交通";
      dataset.set_frequency(i == 0 ? almanac::v1::DAILY : almanac::v1::MONTHLY);
      Add(absl::StrCat("d", i), dataset, i == 1 ? "td" : "emsd");
    }
  }

  static CountFacetsRequest Facets(const std::string& query = "", const std::string& filter = "") {
    CountFacetsRequest request;
    request.set_parent("publishers/-");
    request.set_query(query);
    request.set_filter(filter);
    return request;
  }
};

TEST_F(FacetTest, CountsEachFieldTheMostFrequentFirst) {
  const CountFacetsResponse all = Do(Facets());
  ASSERT_EQ(all.facets_size(), 5);
  EXPECT_EQ(all.total_size(), 4);
  EXPECT_FALSE(all.is_estimated());
  EXPECT_EQ(all.facets(0).field(), "publisher");
  EXPECT_THAT(Counts(all, 0), ElementsAre("emsd=3", "td=1"));
  EXPECT_THAT(Counts(all, 1), ElementsAre("=2", "Transport=2"));
  EXPECT_THAT(Counts(all, 2), ElementsAre("CSV=4", "XML=1"));
  EXPECT_THAT(Counts(all, 3), ElementsAre("MONTHLY=3", "DAILY=1"));
  EXPECT_THAT(Counts(all, 4), ElementsAre("UNKNOWN=4"));
}

TEST_F(FacetTest, OfASearchAFilterAndALanguage) {
  CountFacetsRequest request = Facets("lifts", "frequency = MONTHLY");
  request.set_language("zh-Hant-HK");
  const CountFacetsResponse some = Do(request);
  EXPECT_EQ(some.total_size(), 2);
  EXPECT_THAT(Counts(some, 1), ElementsAre("=1", "交通=1"));
  request.set_language("pt");
  EXPECT_THAT(Counts(Do(request), 1), ElementsAre("=1", "Transport=1"));
}

TEST_F(FacetTest, SaysThatThereAreMore) {
  CountFacetsRequest request = Facets();
  request.set_max_values(1);
  const CountFacetsResponse first = Do(request);
  EXPECT_THAT(Counts(first, 0), ElementsAre("emsd=3"));
  EXPECT_TRUE(first.facets(0).has_more());
  EXPECT_FALSE(first.facets(4).has_more());
  request.set_max_values(-1);
  EXPECT_EQ(FieldOf(Refused(request, grpc::StatusCode::INVALID_ARGUMENT)), "max_values");
}

TEST_F(FacetTest, OfNone) {
  EXPECT_EQ(Do(Facets("nothing")).total_size(), 0);
  CountFacetsRequest request = Facets();
  request.set_parent("publishers/none");
  EXPECT_EQ(ReasonOf(Refused(request, grpc::StatusCode::NOT_FOUND)), "RESOURCE_NOT_FOUND");
}

}  // namespace
}  // namespace almanac::testing
